"""The main job on a large text file: CSV and JSON Lines, many rows at once.

A row is judged in columns only if the result is certain to be the same as for the row alone. All other rows are judged
one by one: invalid tickets, and rows with a time in another form than the first, a wall time that DST skips or repeats,
or events. The output is therefore the same, byte for byte, as if every row were judged alone.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl

from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.tickets import Measured, measured
from kolmisla.errors import KolmislaError
from kolmisla.files.bulk.counts import count, responses
from kolmisla.files.bulk.rows import Batch, batches, cell_form, names_of_rows, suffixes
from kolmisla.files.bulk.times import instants_of
from kolmisla.files.bulk.written import instants_written, is_plain, seconds_written, texts_written
from kolmisla.files.endings import Endings
from kolmisla.files.facts import TicketFacts
from kolmisla.files.measure import Job, Measuring
from kolmisla.files.reader import RowFacts
from kolmisla.files.summary import Summary
from kolmisla.files.tables.csv_table import CsvTable
from kolmisla.files.tables.json_table import JsonTable
from kolmisla.files.tables.table import Reject, Rows, Table
from kolmisla.files.tickets import reason_of
from kolmisla.instants import micros
from kolmisla.policies.plan import FIRST_RESPONSE, RESOLUTION, MetricName
from kolmisla.tickets.layouts.layout import COLUMNS, ENDS, EVENTS, Layout
from kolmisla.times.zones import zone_named

__all__ = ["measure_text"]

ONE_CYCLE = (FIRST_RESPONSE, RESOLUTION)  # without events, every ticket has one cycle of each, and none of others
TIME_FACTS = ("opened_at", "answered_at", *ENDS)


def measure_text(
    measuring: Measuring,
    table: Table,
    out: Rows,
    rejects: Rows | Reject,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Summary:
    """Measure every row, as `Measuring.run` does without a log. The output is the same, byte for byte."""
    if not isinstance(table, (CsvTable, JsonTable)):
        return measuring.run(table, out, rejects, watched=watched)
    endings = Endings()
    read = RowFacts(measuring.layout, table, endings=endings)
    metrics = [metric for metric in measuring.metrics or (FIRST_RESPONSE,) if metric in ONE_CYCLE]
    form = cell_form(table)
    odd = measuring.bounded or read.layout.others or not set(read.names) <= {*COLUMNS, *ENDS, EVENTS}
    if form is None or odd or not metrics:
        return measuring.run(table, out, rejects, watched=watched)
    job = measuring.job(table, out, rejects)
    job.summary.endings = endings
    added = measuring.added(table.columns or ())
    judge = _Judge(measuring, table, added, metrics, form)
    keys = () if isinstance(table, CsvTable) else added
    for batch in watched(batches(table, read, read.layout, keys)):
        judge.take(batch, job, read, out)
    return job.summary


class _Judge:
    """Judges batches of rows, and writes them."""

    def __init__(
        self,
        measuring: Measuring,
        table: CsvTable | JsonTable,
        added: Sequence[str],
        metrics: Sequence[MetricName],
        form: Callable[[str], str],
    ) -> None:
        self._measuring, self._table, self._added = measuring, table, added
        self._metrics, self._form = metrics, form
        self._zone = zone_named(measuring.policy.timezone)
        self._turns = bool(measuring.policy.turns)

    def take(self, batch: Batch, job: Job, read: RowFacts, out: Rows) -> None:
        """Judge a batch, count it, and write its rows. The rows that are not certain go one by one."""
        frame, certain = self._frame(batch, read.layout, job.summary.endings)
        answers = [(metric, self._measured(frame, batch, read.layout, metric)) for metric in self._metrics]
        for _, tickets in answers:
            certain &= ~tickets.deadlines.faulty & _plain(tickets.deadlines, turns=self._turns)
        summary = job.summary
        for metric, tickets in answers:
            count(summary, tickets, certain, metric, responses(tickets, certain) if metric == FIRST_RESPONSE else ())
        summary.rows += int(certain.sum())
        self._write(batch, answers, certain, job, read, out)

    def _frame(self, batch: Batch, layout: Layout, endings: Endings) -> tuple[pl.DataFrame, Mask]:
        """Return the facts of a batch, and a mask of the rows in which all facts are read."""
        certain = ~batch.odd
        columns: dict[str, pl.Series] = names_of_rows(batch, layout.channel)
        for name in TIME_FACTS:
            if name not in batch.cells:
                continue
            values, is_read = instants_of(batch.cells[name], layout, name)
            certain &= is_read
            columns[name] = pl.Series(values.view("M8[us]")).dt.replace_time_zone("UTC")
            if name in endings.blank and batch.cells[name].null_count() < len(values):
                endings.blank.discard(name)
        if "reopened_at" in columns:
            certain &= columns["reopened_at"].is_null().to_numpy()  # the first resolution may be missing
        return pl.DataFrame(columns), certain

    def _measured(self, frame: pl.DataFrame, batch: Batch, layout: Layout, metric: MetricName) -> Measured:
        words = Layout(
            values={} if batch.is_translated else {k: v for k, v in layout.values.items() if k != "kind"},
            known=layout.known,
            defaults={} if batch.is_translated else layout.defaults,
        )
        question = TicketQuestion(self._measuring.policy, metric, micros(self._measuring.at))
        return measured(nw.from_native(frame, eager_only=True), None, question, words, None)

    def _write(
        self,
        batch: Batch,
        answers: Sequence[tuple[MetricName, Measured]],
        certain: Mask,
        job: Job,
        read: RowFacts,
        out: Rows,
    ) -> None:
        """Write the rows in order. A row has a line for each metric."""
        lines = [
            suffixes(batch, self._table, self._added, self._values(tickets, metric)) for metric, tickets in answers
        ]
        texts = lines[0] if len(lines) == 1 else pl.select(pl.concat_str(*lines, separator="\n")).to_series()
        if certain.all():
            out.write(f"{texts.str.join(chr(10)).item()}\n")
            return
        written, begun = texts.to_list(), 0
        for place in [*np.flatnonzero(~certain).tolist(), len(written)]:
            if place > begun:
                out.write("\n".join([*written[begun:place], ""]))
            if place < len(written):
                self._alone(batch.row(place), job, read)
            begun = place + 1

    def _alone(self, taken: tuple[int, Any, str | None], job: Job, read: RowFacts) -> None:
        """Judge one row as `Measuring.run` does."""
        line, row, fault = taken
        facts: TicketFacts | None = None
        try:
            facts = read.of_row(row) if fault is None else None
        except KolmislaError as error:
            fault = reason_of(error, self._table)  # `take` rejects the row with this reason
        job.take(line, row, facts, fault)

    def _values(self, tickets: Measured, metric: MetricName) -> list[tuple[pl.Series, bool]]:
        """Return the columns to add, each with whether JSON writes it in quotes."""
        deadlines = tickets.deadlines

        def instants(values: Ints) -> tuple[pl.Series, bool]:
            return instants_written(values, self._zone), True

        reasons = [reason.text for reason in deadlines.reasons]
        due, ended = instants(deadlines.due), instants(deadlines.ended)
        values = [
            due,
            due if np.array_equal(deadlines.due, deadlines.breach) else instants(deadlines.breach),
            (seconds_written(deadlines.elapsed), False),
            (seconds_written(deadlines.target), False),
            (texts_written(STATES, deadlines.state, self._form), False),
            (texts_written(reasons, deadlines.reason, self._form), False),
        ]
        response = (seconds_written(deadlines.response), False)
        if self._measuring.metrics is None:
            return [*values, ended, response]
        rows = len(deadlines.due)
        name, number = (pl.Series([text]).new_from_index(0, rows) for text in (self._form(metric), "1"))
        return [(name, False), (number, False), instants(tickets.facts.opened), ended, *values, response]


def _plain(deadlines: Deadlines, *, turns: bool) -> Mask:
    """Return a mask of the rows that are written as they are for a row alone, with the same reason."""
    covered = deadlines.state != NOT_COVERED
    plain: Mask = np.where(covered, deadlines.due != NULL, not turns)
    for amounts in (deadlines.elapsed, deadlines.target, deadlines.response):
        plain &= is_plain(amounts)
    return plain
