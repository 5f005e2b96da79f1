"""Judges the rows of a file, one at a time, and writes or rejects each."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from kolmisla.errors import KolmislaError, TicketError
from kolmisla.files.facts import TicketFacts
from kolmisla.files.responses import PlanAim, Responses
from kolmisla.files.summary import WAIVED, Summary
from kolmisla.files.tables.table import Reject, written
from kolmisla.tickets.exports import asks_while_paused

__all__ = ["Job", "Judged"]


class Judged(NamedTuple):
    """The answers about one cycle."""

    metric: str
    values: tuple[Any, ...]  # what is added to the row of the cycle
    response: tuple[PlanAim, Responses] | None = None  # None if no response counts for the plan's mean
    ended: bool = False  # with a verdict
    cell: tuple[str, str] | None = None  # the names of the plan and the priority; None if no plan covers the cycle
    waived: str | None = None  # the reason why the verdict does not count, if it does not


@dataclass(frozen=True, slots=True)
class Job:
    """Judges rows, one at a time.

    Each row is counted, and is either written with the answers about its cycles or rejected.
    """

    judge: Callable[[TicketFacts], list[Judged]]
    write: Callable[[Any, Sequence[Any]], None]
    reject: Reject
    summary: Summary
    state_place: int  # the index of the state among the added values
    asks: bool  # whether to count questions during pauses: True if the policy does not say which pauses they end

    def take(self, line: int, row: Any, facts: TicketFacts | None, fault: str | None) -> None:
        """Judge and write one row, or reject it.

        `facts` has the facts of the ticket in the row. If the row is invalid, `facts` is None, and `fault` says why.
        """
        summary = self.summary
        summary.rows += 1
        try:
            if facts is None:
                raise TicketError(str(fault))
            judged = self.judge(facts)
        except (KolmislaError, ValueError) as error:
            summary.reject(str(error))
            self.reject(line, str(error), row)
            return
        summary.unmatched += facts.unmatched
        summary.moved += facts.moved
        summary.first_resolutions_missing += facts.first_resolution_missing
        if len(facts.moments) > 1 and self.asks and asks_while_paused(facts.moments):
            summary.asked_while_paused += 1
        for metric, values, response, ended, cell, waived in judged:
            if ended:
                summary.endings.ended[metric] = summary.endings.ended.get(metric, 0) + 1
            state = values[self.state_place] if waived is None else WAIVED
            summary.count(metric, state)
            if waived is not None:
                summary.waivers.setdefault(metric, Counter())[waived] += 1
            if cell:
                summary.judge(metric, *cell, state == "met", state == "breached")
            if response:
                summary.respond(*response)
            written(self.write, line, row, values)
