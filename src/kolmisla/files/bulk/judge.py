"""Judges rows of text in batches, many rows at once, and writes them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import narwhals as nw
import numpy as np
import polars as pl

from kolmisla.columns.given import read_rows
from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.events import Events
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.cycles import cycles_of, has_plain_cycles
from kolmisla.columns.lives.in_order import InOrder, asked_while_paused, no_events, told_in_order
from kolmisla.columns.tickets import Measured, judged_rows
from kolmisla.errors import TicketError
from kolmisla.files.bulk.counts import count, responses
from kolmisla.files.bulk.logs.log import ColumnLog
from kolmisla.files.bulk.logs.order import NO_ID
from kolmisla.files.bulk.rows import Batch
from kolmisla.files.bulk.times import instants_of
from kolmisla.files.bulk.written import (
    cell_form,
    instants_written,
    is_plain,
    seconds_written,
    suffixes,
    texts_written,
)
from kolmisla.files.job import Job
from kolmisla.files.measure import Measuring
from kolmisla.files.reader import RowFacts
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.table import Rows, Table
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from kolmisla.tickets.layouts.fact_names import ENDS, TERMS
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.words import Words
from kolmisla.times.instants import micros
from kolmisla.times.zones import zone_named

__all__ = ["Judge"]

TIME_FACTS = ("opened_at", "answered_at", *ENDS)


class Alone(Protocol):
    """Judges rows one by one: those that might get a wrong result if many rows were judged at once."""

    def expect(self, places: Sequence[int], rows: Sequence[tuple[int, Any, str | None]]) -> None:
        """Get ready to judge some rows of a batch. `places` has their positions in the batch."""

    def judge(self, place: int, line: int, row: Any, fault: str | None) -> None:
        """Judge one of the rows that `expect` was called for, and write or reject it."""


class _Answer:
    """The answers for one metric, with an entry for each cycle.

    `place` has the position of the cycle's ticket in the batch. `number` has the number of the cycle within its ticket.
    """

    def __init__(self, metric: str, tickets: Measured, place: Ints, number: Ints) -> None:
        self.metric, self.tickets, self.place, self.number = metric, tickets, place, number


class Judge:
    """Judges the rows of a table in batches, counts them, and writes them."""

    def __init__(
        self, measuring: Measuring, table: Table, job: Job, read: RowFacts, out: Rows, log: ColumnLog | None
    ) -> None:
        self._measuring, self._table, self._job = measuring, table, job
        self._read, self._out, self._log = read, out, log
        self.added = measuring.added(table.columns or ())
        self._form = (cell_form(table) if isinstance(table, (CsvTable, JsonTable)) else None) or str
        self._zone = zone_named(measuring.policy.timezone)
        self._opened = np.zeros(0, np.int64), pl.Series([], dtype=pl.String)  # the last openings, and their texts
        self._turns = bool(measuring.policy.turns)

    def take(self, batch: Batch, numbers: Ints | None, alone: Alone) -> None:
        """Judge the rows of a batch, count them, and write them.

        `numbers` has the number of each ticket in the log, if there is one. `alone` judges rows that must be judged one
        by one.
        """
        if batch.odd.all():
            self._one_by_one(batch, range(len(batch.odd)), alone)
            return
        log, summary = self._log, self._job.summary
        frame, certain = self._frame(batch)
        happened: Events | None = None
        if log is not None and numbers is not None:
            certain &= batch.cells["id"].is_not_null().to_numpy() & ~log.alone(numbers)
            happened = log.events(np.where(certain, numbers, NO_ID))
        answers, alone_there = self._answers(frame, happened)
        has_cycle = np.zeros(len(certain), np.bool_)  # a ticket without a cycle has a row too
        certain &= ~alone_there
        for answer in answers:
            has_cycle[answer.place] = True
            deadlines = answer.tickets.deadlines
            certain[answer.place[deadlines.faulty | ~_plain(deadlines, turns=self._turns)]] = False
        if (idle := np.flatnonzero(certain & ~has_cycle)).size:
            answers.append(self._without_cycle(idle, answers))
        for answer in answers:
            selected = certain[answer.place]
            given = responses(answer.tickets, selected) if answer.metric == FIRST_RESPONSE else ()
            count(summary, answer.tickets, selected, answer.metric, given)
        summary.rows += int(certain.sum())
        if log is not None and numbers is not None and happened is not None:
            log.ask(numbers[certain])
            if self._job.asks:
                summary.asked_while_paused += int(certain[asked_while_paused(happened)].sum())
        self._write(batch, answers, certain, alone)

    def _frame(self, batch: Batch) -> tuple[pl.DataFrame, Mask]:
        """Return the facts of the rows in a batch, and a mask of the rows that can be judged at once."""
        layout, blank = self._read.layout, self._job.summary.endings.blank
        columns, odd = _names_of_rows(batch, layout)
        certain = ~odd
        for name in TIME_FACTS:
            if name not in batch.cells:
                continue
            values, is_read = instants_of(batch.cells[name], layout, name)
            certain &= is_read
            columns[name] = pl.Series(values.view("M8[us]")).dt.replace_time_zone("UTC")
            # For odd rows, `alone` notes this.
            if name in blank and (batch.cells[name].is_not_null().to_numpy() & ~odd).any():
                blank.discard(name)
        if "reopened_at" in columns:
            certain &= columns["reopened_at"].is_null().to_numpy()  # the first resolution may be missing
        return pl.DataFrame(columns), certain

    def _answers(self, frame: pl.DataFrame, happened: Events | None) -> tuple[list[_Answer], Mask]:
        """Judge the cycles of each metric. Return the answers, and a mask of the tickets to judge one by one.

        `frame` has the facts of the tickets, and `happened` the events in the log.
        """
        policy, now = self._measuring.policy, micros(self._measuring.at)
        words = Layout(columns={name: name for name in ENDS if name in frame.columns})
        tickets, rows = read_rows(nw.from_native(frame, eager_only=True), happened, words, None), np.arange(len(frame))
        told: InOrder | None = None
        log = no_events() if tickets.happened is None else tickets.happened
        answers, alone = [], np.zeros(len(frame), np.bool_)
        for metric in self._measuring.measured:
            question = TicketQuestion(policy, metric, now)
            if has_plain_cycles(policy, metric, log):
                answers.append(
                    _Answer(metric, judged_rows(tickets, question, None), rows, np.ones(len(rows), np.int64))
                )
                continue
            told = told or told_in_order(tickets.facts, log, now)
            found = cycles_of(tickets.facts, told, question)
            cycles = Measured(found.facts, found.promised, found.deadlines, found.answered, "", None, found.withdrawn)
            answers.append(_Answer(metric, cycles, found.ticket, found.number))
            alone |= found.alone
        return answers, alone

    def _without_cycle(self, idle: Ints, answers: Sequence[_Answer]) -> _Answer:
        """Return answers that say "no cycle" for the tickets that have no cycle of any metric.

        `idle` has the positions of these tickets in the batch.
        """
        metric, nothing = self._measuring.measured[0], np.full(len(idle), NULL)
        out = Deadlines.of(len(idle))
        out.state[:] = NOT_COVERED
        out.give_reason(np.arange(len(idle)), no_cycle(metric))
        facts = answers[0].tickets.facts._replace(opened=nothing, answered=nothing)
        promised = answers[0].tickets.promised._replace(places=np.zeros(len(idle), np.int64))
        return _Answer(metric, Measured(facts, promised, out, nothing, "", None), idle, nothing)

    def _write(self, batch: Batch, answers: Sequence[_Answer], certain: Mask, alone: Alone) -> None:
        """Write the rows in order, with a line for each cycle.

        `certain` is a mask of the rows that were judged at once. `alone` judges and writes all other rows.
        """
        lines = [
            suffixes(_at(batch.texts, answer.place), self._table, self.added, self._values(answer))
            for answer in answers
        ]
        texts, place = lines[0], answers[0].place
        if len(lines) > 1:
            place = np.concatenate([answer.place for answer in answers])
            order = np.argsort(place, kind="stable")
            texts, place = pl.concat(lines).gather(pl.Series(order)), place[order]
        if certain.all():
            self._out.write(f"{texts.str.join(chr(10)).item()}\n")
            return
        written, begun = texts.to_list(), 0

        def write_until(row: int) -> None:
            nonlocal begun
            end = int(np.searchsorted(place, row))
            if end > begun:
                self._out.write("\n".join([*written[begun:end], ""]))
            begun = int(np.searchsorted(place, row, "right"))

        self._one_by_one(batch, np.flatnonzero(~certain).tolist(), alone, write_until)
        write_until(len(certain))

    def _one_by_one(
        self, batch: Batch, places: Sequence[int], alone: Alone, before: Callable[[int], None] = lambda _: None
    ) -> None:
        """Let `alone` judge and write the row at each position in `places`. First call `before` with this position."""
        rows = [batch.row(place) for place in places]
        alone.expect(places, rows)
        for place, taken in zip(places, rows, strict=True):
            before(place)
            alone.judge(place, *taken)

    def _values(self, answer: _Answer) -> list[tuple[pl.Series, bool]]:
        """Return the added columns as texts.

        For each column, also tell whether JSON must write its values in quotes.
        """
        tickets, deadlines, form = answer.tickets, answer.tickets.deadlines, self._form

        def instants(values: Ints) -> tuple[pl.Series, bool]:
            return instants_written(values, self._zone), True

        reasons = [reason.text for reason in deadlines.reasons]
        due, ended = instants(deadlines.due), instants(deadlines.ended)
        values = [
            due,
            due if np.array_equal(deadlines.due, deadlines.breach) else instants(deadlines.breach),
            (seconds_written(deadlines.elapsed), False),
            (seconds_written(deadlines.target), False),
            (texts_written(STATES, deadlines.state, form), False),
            (texts_written(reasons, deadlines.reason, form), False),
        ]
        response = (seconds_written(deadlines.response), False)
        if self._measuring.metrics is None:
            return [*values, ended, response]
        opened = tickets.facts.opened
        if not np.array_equal(opened, self._opened[0]):  # often the same openings as for the metric before
            self._opened = opened, instants_written(opened, self._zone)
        name = pl.Series([form(answer.metric)]).new_from_index(0, len(deadlines.due))
        number = pl.Series(answer.number)
        if (none := answer.number == NULL).any():
            number = number.set(pl.Series(none), None)
        return [(name, False), (number.cast(pl.String), False), (self._opened[1], True), ended, *values, response]


def _names_of_rows(batch: Batch, layout: Layout) -> tuple[dict[str, pl.Series], Mask]:
    """Return the plan, priority, channel and version of each row, in the policy's words.

    Also return a mask of the rows that must be judged one by one.
    """
    terms, odd = {name: batch.cells[name] for name in TERMS}, batch.odd.copy()
    for name in TERMS if not batch.is_translated else ():
        words = layout.words(name)
        if words:
            terms[name], wrong = _translated(terms[name], words)
            odd |= wrong
    if layout.channel is not None:
        terms["channel"] = terms["channel"].fill_null(layout.channel)
    return terms, odd


def _translated(cells: pl.Series, words: Words) -> tuple[pl.Series, Mask]:
    """Translate a column of words from a file to the policy's words.

    Also return a mask of the words that match two patterns with different translations.
    """
    ours: dict[str | None, str | None] = {}
    wrong: list[str | None] = []
    for word in cells.unique().to_list():
        try:
            ours[word] = words.ours(word)
        except TicketError:
            ours[word] = None
            wrong.append(word)
    known, told = (pl.Series(list(texts), dtype=pl.String) for texts in (ours, ours.values()))
    return cells.replace_strict(known, told), cells.is_in(wrong).fill_null(False).to_numpy()


def _at(texts: pl.Series, place: Ints) -> pl.Series:
    """Return the texts at the positions in `place`."""
    return texts if np.array_equal(place, np.arange(len(texts))) else texts.gather(pl.Series(place))


def _plain(deadlines: Deadlines, *, turns: bool) -> Mask:
    """Return a mask of the cycles for which judging one by one is certain to give the same values.

    `turns` is True if an edition or a release changes the rules at some instant.
    """
    covered = deadlines.state != NOT_COVERED
    plain: Mask = np.where(covered, deadlines.due != NULL, not turns)
    for amounts in (deadlines.elapsed, deadlines.target, deadlines.response):
        plain &= is_plain(amounts)
    return plain
