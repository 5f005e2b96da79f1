"""The main job on a large text file. Rows are read and written one by one, but judged in columns, many at once.

A row is judged in columns only if the result is certain to be the same as for the row alone. All other rows are judged
one by one: invalid tickets, and rows with a time in another form, a wall time that DST skips or repeats, or a fraction
of a second. The output is therefore the same, byte for byte, as if every row were judged alone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime, timezone
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import polars as pl

from kolmisla.columns.kernel.deadlines import NOT_COVERED, STATES, Deadlines
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall, ahead
from kolmisla.columns.tickets import measured
from kolmisla.errors import KolmislaError
from kolmisla.files.endings import Endings
from kolmisla.files.facts import TicketFacts
from kolmisla.files.measure import Measuring
from kolmisla.files.parquet import count, responses
from kolmisla.files.reader import RowFacts
from kolmisla.files.summary import Summary
from kolmisla.files.tables.table import Reject, Rows, Table
from kolmisla.instants import SECOND, duration, micros
from kolmisla.policies.plan import FIRST_RESPONSE
from kolmisla.tickets.layouts.layout import COLUMNS, TERMS, Layout
from kolmisla.times.zones import zone_named

__all__ = ["measure_texts"]

BATCH = 50_000  # rows

YEAR = "([0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"  # 0001 to 9999, because datetime has no year 0
DAY_AND_TIME = f"^{YEAR}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
WITH_OFFSET = DAY_AND_TIME + r"[+-](0[0-9]|1[0-4]):[0-5][0-9]$"
ON_A_CLOCK = DAY_AND_TIME + "$"

Picked = list[Any] | None  # a row's texts in the order of COLUMNS; None for a row of the wrong form


def measure_texts(
    measuring: Measuring,
    table: Table,
    out: Rows,
    rejects: Rows | Reject,
    watched: Callable[[Iterable[Any]], Iterable[Any]] = iter,
) -> Summary:
    """Measure the first response of every row, as `Measuring.run` does without a log."""
    layout = measuring.layout
    endings = Endings()
    read = RowFacts(layout, table, endings=endings)
    if len(read.names) > len(COLUMNS):  # the tickets have events, which are read row by row
        return measuring.run(table, out, rejects, watched=watched)
    job = measuring.job(table, out, rejects)
    job.summary.endings = endings
    for rows in _batches(watched(table.rows())):
        picked = [read.picked(row) if fault is None else None for _, row, fault in rows]
        answers = _answers(measuring, picked, job.summary)
        for (line, row, fault), texts, values in zip(rows, picked, answers, strict=True):
            if values is not None:
                job.write(row, values)
                continue
            facts: TicketFacts | None = None
            try:
                facts = read.of(texts) if texts is not None else None
            except KolmislaError as error:
                fault = str(error)  # `take` rejects the row with this reason
            job.take(line, row, facts, fault)
    return job.summary


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    source = iter(rows)
    while batch := list(islice(source, BATCH)):
        yield batch


def _answers(measuring: Measuring, picked: Sequence[Picked], summary: Summary) -> Sequence[tuple[Any, ...] | None]:
    """Return the added values of each row with a certain result, and None for every other row.

    Rows with a certain result are also counted in the summary.
    """
    empty = [None] * len(COLUMNS)
    texts = dict(zip(COLUMNS, zip(*(values or empty for values in picked), strict=True), strict=True))
    texts["channel"] = tuple(measuring.layout.channel if channel is None else channel for channel in texts["channel"])
    terms = {name: pl.Series(name, texts[name], dtype=pl.String) for name in TERMS}
    opened, answered = (_instants(texts[name], measuring.layout) for name in ("opened_at", "answered_at"))
    times = {"opened_at": opened, "answered_at": answered}
    frame = pl.DataFrame({**terms, **{name: instants.view("M8[us]") for name, instants in times.items()}})
    utc = frame.with_columns(pl.col(*times).dt.replace_time_zone("UTC"))
    now, zone = micros(measuring.at), zone_named(measuring.policy.timezone)
    question = TicketQuestion(measuring.policy, FIRST_RESPONSE, now)
    tickets = measured(nw.from_native(utc, eager_only=True), None, question, Layout(), None)
    deadlines = tickets.deadlines
    read = np.array([text is None for text in texts["answered_at"]]) | (answered != NULL)
    certain = read & (opened != NULL) & ~deadlines.faulty & _plain(deadlines, bool(measuring.policy.turns))
    count(summary, tickets, certain, responses(tickets, certain))
    values = zip(
        _written(deadlines.due, zone),
        _written(deadlines.breach, zone),
        _seconds(deadlines.elapsed),
        _seconds(deadlines.target),
        map(STATES.__getitem__, deadlines.state.tolist()),
        map([reason.text for reason in deadlines.reasons].__getitem__, deadlines.reason.tolist()),
        _written(deadlines.ended, zone),
        _seconds(deadlines.response),
        strict=True,
    )
    return [added if sure else None for added, sure in zip(values, certain.tolist(), strict=True)]


def _instants(texts: Sequence[Any], layout: Layout) -> Ints:
    """Return the instants of times that are written in full. All other times give NULL.

    If any time has an offset, only times with an offset are read. If no time has an offset, wall times are read.
    """
    if (
        layout.pattern is not None
        or layout.formats
        or layout.none
        or any(not isinstance(text, (str, type(None))) for text in texts)
    ):
        return np.full(len(texts), NULL)
    written = pl.Series(texts, dtype=pl.String)
    with_offset = written.str.contains(WITH_OFFSET)
    if with_offset.any():
        known = written.set(~with_offset.fill_null(False), None)
        return _micros(known.str.to_datetime("%Y-%m-%dT%H:%M:%S%z", time_unit="us", strict=False))
    known = written.set(~written.str.contains(ON_A_CLOCK).fill_null(False), None)
    walls = _micros(known.str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False))
    return Wall(layout.zone, layout.ambiguous or "refuse").instants(walls).values


def _micros(times: pl.Series) -> Ints:
    return times.to_numpy().astype("M8[us]").view(np.int64)


def _plain(deadlines: Deadlines, turns: bool) -> Mask:
    """Return a mask of the rows with whole seconds only, and with the same reason as for the row alone."""
    covered = deadlines.state != NOT_COVERED
    due = (deadlines.due != NULL) & (deadlines.breach != NULL) & (deadlines.due % SECOND == 0)
    breach = (deadlines.breach == NULL) | (deadlines.breach % SECOND == 0)
    whole = breach & ((deadlines.elapsed == NULL) | (deadlines.elapsed % SECOND == 0))
    target = (deadlines.target == NULL) | (deadlines.target % SECOND == 0)
    plain: Mask = np.where(covered, due & whole & target, whole & (not turns))
    for values in (deadlines.ended, deadlines.response):
        plain &= (values == NULL) | (values % SECOND == 0)
    return plain


def _written(instants: Ints, zone: ZoneInfo) -> list[str | None]:
    """Return instants of whole seconds as ISO 8601 texts in a zone. NULL gives None.

    The offsets come from Python, because the zone data of Polars rounds offsets and does not cover all years.
    """
    offsets = ahead(zone, instants)
    walls = pl.Series(np.where(instants == NULL, NULL, instants + offsets).view("M8[us]"))
    distinct, places = np.unique(offsets, return_inverse=True)
    endings = pl.Series([_offset(offset) for offset in distinct.tolist()]).gather(pl.Series(places.astype(np.uint32)))
    return (walls.dt.to_string("%Y-%m-%dT%H:%M:%S") + endings).to_list()


def _offset(micros_ahead: int) -> str:
    """Return an offset from UTC as Python writes it."""
    return datetime(2000, 1, 1, tzinfo=timezone(duration(micros_ahead))).isoformat()[19:]


def _seconds(amounts: Ints) -> list[int | None]:
    return [None if amount == NULL else amount // SECOND for amount in amounts.tolist()]
