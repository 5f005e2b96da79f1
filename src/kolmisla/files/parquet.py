"""The main job on Parquet: a file of tickets in, the same rows with their deadlines and states out, as they stream."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import narwhals as nw
import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla.columns.kernel.deadlines import STATES, Deadlines
from kolmisla.columns.kernel.promises import TicketQuestion
from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall
from kolmisla.columns.tickets import Measured, measured
from kolmisla.errors import brief
from kolmisla.files.averages import Responses, count, responses
from kolmisla.files.measure import Measuring, Summary
from kolmisla.files.tables import Rows, row_writer
from kolmisla.instants import SECOND, micros
from kolmisla.policies.plan import FIRST_RESPONSE

__all__ = ["ParquetJob"]

ROW = "kolmisla row"  # of the file, from 1


class ParquetJob:
    """How a Parquet file is measured: by `measuring`, to `out`, and bad rows to `rejects` with the reason, as CSV.

    `elapsed_s` and `target_s` are seconds, 64-bit floats; the times are in the policy's zone. `watched` is told
    how much is done, from 0 to 1, and how many rows that are.
    """

    def __init__(self, source: str, measuring: Measuring, watched: Callable[[Callable[[], float], int], None]) -> None:
        self._measuring, self._watched = measuring, watched
        layout = measuring.layout
        self._wall = Wall(layout.zone, layout.ambiguous or "refuse")
        with _faults(source):
            self._scan = pl.scan_parquet(source, glob=False)
            self._schema = self._scan.collect_schema()
            self._measured(self._schema.to_frame())  # refuses columns that are missing, or of another kind
            self._total = self._scan.select(pl.len()).collect().item()
        self._added = measuring.added(list(self._schema))
        self._source = source
        self._lock, self._ended = Lock(), False
        self.summary = measuring.summary()

    def run(self, out: Path, rejects: Rows) -> Summary:
        """Measure every row; OSError and ValueError for what cannot be read, or has no tickets."""
        zone, text = self._measuring.policy.timezone, pl.String()
        time, seconds = pl.Datetime("us", zone), pl.Float64()
        kinds = (time, time, seconds, seconds, text, text)
        schema = {**self._schema, **dict(zip(self._added, kinds, strict=True))}
        write = row_writer(rejects)
        write(["row", "reason", *self._schema])

        numbered = self._scan.with_row_index(ROW, offset=1)
        answered = numbered.map_batches(partial(self.batch, reject=write), streamable=True, schema=schema)
        with _faults(self._source), ThreadPoolExecutor(1) as worker:
            done = worker.submit(answered.sink_parquet, out)
            try:
                done.result()  # here a signal is heard; within the engine it would be when all is done
            except BaseException:  # an interrupt too: the batches still to come shall stop
                self._ended = True
                raise
        return self.summary

    def _measured(self, own: pl.DataFrame) -> Measured:
        measuring, frame = self._measuring, nw.from_native(own, eager_only=True)
        question = TicketQuestion(measuring.policy, FIRST_RESPONSE, micros(measuring.at))
        return measured(frame, None, question, measuring.layout, self._wall)

    def batch(self, rows: pl.DataFrame, reject: Callable[[list[Any]], object]) -> pl.DataFrame:
        """Some rows with their answers, counted in the summary; those that are no tickets are handed to `reject`."""
        if self._ended:
            raise InterruptedError
        own = rows.drop(ROW)
        found = self._measured(own)
        deadlines, faulty = found.deadlines, found.deadlines.faulty
        answered = responses(found, ~faulty, micros(self._measuring.at))
        with self._lock:  # batches come from several threads
            self._count(found, faulty, answered)
            reasons = list(deadlines.reasons)
            for number, place in zip(rows[ROW].filter(faulty), np.flatnonzero(faulty).tolist(), strict=True):
                reject([number, reasons[deadlines.reason[place]].text, *own.row(place)])
        added = own.with_columns(self._columns(deadlines))
        return added.filter(~faulty) if faulty.any() else added

    def _columns(self, deadlines: Deadlines) -> list[pl.Series]:
        time = pl.Datetime("us", self._measuring.policy.timezone)
        values = (
            *(_without_null(each, pl.Series(each, dtype=time)) for each in (deadlines.due, deadlines.breach)),
            *(_without_null(each, pl.Series(each / SECOND)) for each in (deadlines.elapsed, deadlines.target)),
            _texts(STATES, deadlines.state),
            _texts([reason.text for reason in deadlines.reasons], deadlines.reason),
        )
        return [each.alias(name) for each, name in zip(values, self._added, strict=True)]

    def _count(self, found: Measured, faulty: Mask, answered: list[Responses]) -> None:
        summary, rejected = self.summary, int(faulty.sum())
        count(summary, found, ~faulty, answered)
        summary.rows += rejected
        summary.rejected += rejected
        self._watched(lambda: summary.rows / self._total, summary.rows)


@contextmanager
def _faults(source: str) -> Iterator[None]:
    """What Polars raises, and what is wrong with the kinds of columns, as ValueError with the file's name."""
    try:
        yield
    except (pl.exceptions.PolarsError, TypeError, ValueError) as fault:
        raise ValueError(f"{source}: {brief(str(fault).splitlines()[0])}") from fault


def _without_null(values: Ints, column: pl.Series) -> pl.Series:
    """The column made of values, with nothing where those are NULL."""
    if not len(values) or values.min() != NULL:
        return column
    said = pl.Series(values != NULL)
    return column.to_frame().select(pl.when(said).then(pl.first())).to_series()


def _texts(texts: Sequence[str | None], places: NDArray[Any]) -> pl.Series:
    """Texts by their places among a few."""
    few = pl.Series(texts, dtype=pl.String)
    return few.gather(pl.Series(places.astype(np.uint32))) if places.any() else few.new_from_index(0, len(places))
