"""Adds up the tickets of frames for a report. The tickets may come in any number of frames."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np

from kolmisla.columns.frames.tickets import Frame, read_names
from kolmisla.columns.kernel.promises import Coded, TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.tickets import Measured, check_measured, measured, reject_undated
from kolmisla.files.summary import SUMMARY_STATES, kind_of_reason
from kolmisla.policies.terms.metrics import NEXT_RESPONSE
from kolmisla.reports.figures.answers import Rejected
from kolmisla.reports.figures.attainment.shares import Shares
from kolmisla.reports.figures.figures import WhatIf
from kolmisla.reports.figures.late import MOST_WORST, Late
from kolmisla.reports.figures.openings import Openings
from kolmisla.reports.figures.tallies import NOT_MEASURED, sorted_counts
from kolmisla.reports.judging.arrays import (
    JudgedRows,
    by_cell,
    by_split,
    counts_of,
    judged,
    responses_of,
    worst_rows,
)
from kolmisla.reports.judging.frame_cells import Cells, exact_sum
from kolmisla.reports.judging.frame_rows import (
    AskedOfFrame,
    check_ids_of,
    facts_of_rows,
    ids_of_rows,
    rejects_of,
    report_of_rows,
)
from kolmisla.reports.judging.share_arrays import added_reports, added_shares, shares_of_rows
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import REJECTED, Tallying
from kolmisla.reports.whole import Report
from kolmisla.tickets.cycles.shapes import judged_by_arrays
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.instants import length

__all__ = ["FrameSums"]

MOST_AMOUNTS = 1 << 20  # counts with so many amounts are passed on, and new counts are begun


# One for each policy; or, if the frame is read row by row, a report, and the instant of the last opening or event.
AnswersOfFrame = list[Measured] | tuple[Report, int]


class FrameSums:
    """The counts of the tickets in the frames that were added so far, under each policy.

    The counts of another `FrameSums` can be added too.
    """

    def __init__(self, asked: AskedOfFrame) -> None:
        self._asked = asked
        self._sides = [_Side(asked.question)]
        if asked.what_if is not None:
            self._sides.append(_Side(asked.question._replace(policy=asked.what_if)))
        self._flow = Counter[tuple[str, str]]()
        self._waits = np.zeros(3, object)
        self.rows, self.last = 0, NULL  # the number of rows, and the instant of the last opening, answer or end
        metric = asked.question.metric
        # Rows are read one by one for metrics that arrays do not judge. Without events, next-response is one of them.
        self.by_rows = metric == NEXT_RESPONSE or not all(
            judged_by_arrays(side.question.policy, metric) for side in self._sides
        )
        self._of_rows: list[Report] = []

    def answers(self, frame: Frame, first: int = 0) -> AnswersOfFrame:
        """Judge the tickets of a frame under each policy. Several threads may call this at the same time.

        If `by_rows` is True, return what `report_of_rows` returns. Otherwise, return the answers for each policy. If
        errors are asked for, raise one for the first invalid row. Messages count rows from `first`.
        """
        if self.by_rows:
            return report_of_rows(frame, None, self._asked, audit=False)
        asked, made = self._asked, list[Measured]()
        check_ids_of(frame, asked, "tickets")
        for side in self._sides:
            made.append(measured(frame, None, TicketQuestion(*side.question), asked.layout, asked.wall))
            reject_undated(made[-1], side.question.policy.timezone)
        if asked.raising:
            check_measured(made[0], first)
        return made

    def add(self, frame: Frame, tickets: AnswersOfFrame) -> None:
        """Add the tickets of a frame to the counts. `tickets` is what `answers` has returned for the frame."""
        asked, (side, *others) = self._asked, self._sides
        self.rows += len(frame)
        if isinstance(tickets, tuple):
            self._of_rows.append(tickets[0])
            self.last = max(self.last, tickets[1])
            return
        split = None if asked.scope.split is None else _split_column(frame, asked.scope.split)
        invalid = tickets[0].deadlines.faulty
        facts, ended = tickets[0].facts, tickets[0].deadlines.ended
        for column in (facts.opened, facts.answered, ended):
            self.last = max(self.last, int(column[~invalid].max(initial=NULL)))
        rejects = rejects_of(frame, tickets[0], invalid, asked, side.question)
        these = side.add(frame, tickets[0], split, invalid, rejects, asked)
        for other, answers in zip(others, tickets[1:], strict=True):
            also = answers.deadlines.faulty & ~invalid
            rejects = rejects + rejects_of(frame, answers, also, asked, other.question)
            there = other.add(frame, answers, split, invalid | also, rejects, asked)
            self._flow += _flow(these, there, also)
            self._flow[REJECTED, REJECTED] += int(invalid.sum())
            self._waits += _waits(these, there)

    @property
    def is_large(self) -> bool:
        """Whether the counts need so much memory that they should be passed on, and new counts begun."""
        return any(side.amounts >= MOST_AMOUNTS for side in self._sides)

    def settled(self) -> "FrameSums":
        """Make this object smaller, and return it.

        Each different amount is then stored once, with how often it occurs. Reports that were stored one by one are
        replaced by their sum.
        """
        for side in self._sides:
            side.settle()
        self._of_rows = self._of_rows and [added_reports(self._of_rows)]
        return self

    def absorb(self, other: "FrameSums") -> None:
        """Add the counts of `other`, whose `settled` must have been called."""
        for side, theirs in zip(self._sides, other._sides, strict=True):
            side.absorb(theirs)
        self._flow += other._flow
        self._waits += other._waits
        self.rows += other.rows
        self.last = max(self.last, other.last)
        self._of_rows += other._of_rows

    def report(self) -> Report:
        """Make the report of all tickets. No tickets can be added afterwards."""
        if self._of_rows:
            return added_reports(self._of_rows)
        made, *others = [side.report(self._asked) for side in self._sides]
        for other in others:
            made = replace(made, what_if=WhatIf(other, sorted_counts(self._flow), tuple(self._waits)))
        return made


class _Side:
    """The counts of tickets under one policy.

    `_cells` counts by period, plan and priority, and `_splits` by the values of `split`. `_shares` counts for promised
    shares. `_made` has all other figures.
    """

    def __init__(self, question: Question) -> None:
        self.question = question
        self._cells, self._splits, self._openings = Cells(), Cells(), Openings()
        self._made: Report | None = None
        self._shares: list[Shares] = []

    @property
    def amounts(self) -> int:
        return self._cells.rows + self._splits.rows

    def add(
        self,
        frame: Frame,
        tickets: Measured,
        split: Coded | None,
        invalid: Mask,
        rejects: "Counter[str]",
        asked: AskedOfFrame,
    ) -> JudgedRows:
        """Add the valid tickets of a frame, and return the rows that were opened on the report's dates.

        `invalid` is True for each invalid row. `rejects` has the number of invalid rows by reason.
        """
        these, outside = judged(tickets, TicketQuestion(*self.question), asked.scope, invalid)
        self._cells.add(these, by_cell(these, asked.scope))
        if split is not None:
            self._splits.add(these, by_split(these, split))
        worst = Tallying(self.question, asked.scope)
        few = these.rows.take(worst_rows(these, self._least_over()))
        for row, (facts, fault) in zip(few.tolist(), facts_of_rows(frame, few, asked), strict=True):
            assert facts is not None, fault  # the row is valid
            worst.consider(facts, None if split is None else split.values[split.codes[row]])
        told: dict[str, Rejected] = {}
        for text, number in rejects.items():
            rows, such_as = told.get(kind_of_reason(text), (0, text))
            told[kind_of_reason(text)] = Rejected(rows + number, min(such_as, text))
        shares = shares_of_rows(these, self.question, asked.scope, lambda rows: ids_of_rows(frame, rows, asked))
        self._shares += [] if shares is None else [shares]
        opened, by_plan = these.opened, self.question.metric == "first-response"
        self._take(
            replace(
                self._empty(asked),
                span=(int(opened.min()), int(opened.max())) if len(opened) else None,
                outside=outside,
                rejects=tuple(sorted(told.items())),
                responses=tuple(sorted(responses_of(these).items())) if by_plan else (),
                late=worst.worst(),
                shares=None,
                **{name: sorted_counts(counts) for name, counts in counts_of(these, self._openings).items()},  # type: ignore[arg-type]
            )
        )
        return these

    def _empty(self, asked: AskedOfFrame) -> Report:
        return Tallying(self.question, asked.scope).report()

    def _take(self, more: Report) -> None:
        self._made = more if self._made is None else self._made + more

    def _least_over(self) -> tuple[int, int]:
        """Return how far beyond its target, in microseconds, a ticket must be to be among the worst so far.

        The first value is for tickets that have ended, the second for the others. NULL means that any late ticket is
        among the worst.
        """
        late: tuple[Late, ...] = () if self._made is None else self._made.late
        waiting = [each for each in late if each.ended_at is None]
        kinds = late[len(waiting) :], waiting
        ended, waits = (NULL if len(kind) < MOST_WORST else length(kind[-1].over) for kind in kinds)
        return ended, waits

    def settle(self) -> None:
        self._cells.settle()
        self._splits.settle()
        self._openings = Openings()
        self._shares = self._shares and [added_shares(self._shares)]

    def absorb(self, other: "_Side") -> None:
        self._cells.absorb(other._cells)
        self._splits.absorb(other._splits)
        self._shares += other._shares
        if other._made is not None:
            self._take(other._made)

    def report(self, asked: AskedOfFrame) -> Report:
        made, cells = self._made or self._empty(asked), self._cells.tallies("cell")
        judged_at = tuple((period, made.at) for period in sorted({tally.period for tally in cells if tally.period}))
        shares = added_shares(self._shares) if self._shares else made.shares
        return replace(made, cells=cells, splits=self._splits.tallies("split"), judged=judged_at, shares=shares)


def _split_column(frame: Frame, name: str) -> Coded:
    """Return the column of a frame by which tickets are grouped, as texts."""
    return read_names(frame, Layout(columns={"plan": name}), "plan")


def _flow(these: JudgedRows, there: JudgedRows, rejected: Mask) -> "Counter[tuple[str, str]]":
    """Count rows by two states: the state under the report's policy, and the state under the other policy.

    `rejected` is True for each row that only the other policy rejects. Its second state is REJECTED.
    """
    flow: Counter[tuple[str, str]] = Counter()
    other = np.full(len(rejected), len(SUMMARY_STATES), np.int64)
    other[there.rows] = there.state
    code = these.state.astype(np.int64) * (len(SUMMARY_STATES) + 1) + other.take(these.rows)
    for place, number in enumerate(np.bincount(code).tolist()):
        state, to = divmod(place, len(SUMMARY_STATES) + 1)
        if number:
            flow[SUMMARY_STATES[state], (*SUMMARY_STATES, REJECTED)[to]] += number
    return flow


def _waits(these: JudgedRows, there: JudgedRows) -> Any:
    """Return how many rows have a due time under both policies, and for each policy the sum of their waits.

    A wait is the calendar time from the opening to the due time, in microseconds.
    """
    known = []
    for side in (these, there):
        due = np.full(len(side.tickets.facts.opened), NULL)
        rows = side.rows[side.state != NOT_MEASURED]
        due[rows] = side.tickets.deadlines.due.take(rows)
        known.append(due)
    both = np.flatnonzero((known[0] != NULL) & (known[1] != NULL))
    opened = these.tickets.facts.opened.take(both)
    as_is, other = (exact_sum(due.take(both) - opened) for due in known)
    return np.array([len(both), as_is, other], object)
