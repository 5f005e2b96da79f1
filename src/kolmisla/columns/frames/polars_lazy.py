"""Handles lazy frames of Polars: Polars passes the rows in batches, and each batch is handled as a frame in memory."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

import polars as pl

from kolmisla.columns.frames.tickets import ROWS_AT_ONCE, batch

__all__ = ["Drain", "drained", "streamed"]

FEW_ROWS = ROWS_AT_ONCE // 2  # smaller batches are gathered

# For each kind of column: a function from the zone of the column's times to the column's type in Polars.
DTYPES: Mapping[str, Callable[[str], pl.DataType]] = {
    "instant": lambda zone: pl.Datetime("us", zone),
    "seconds": lambda _: pl.Float64(),
    "duration": lambda _: pl.Duration("us"),
    "text": lambda _: pl.String(),
}


def streamed(frame: Any, change: Callable[[Any], Any], added: Mapping[str, str], zone: str) -> Any:
    """Return a lazy frame that will apply the function `change` to each batch of rows.

    `change` adds columns. `added` has the kind of each new column, by name. New instants are in the zone `zone`.
    """
    schema = {**frame.collect_schema(), **{name: DTYPES[kind](zone) for name, kind in added.items()}}
    # No pushdown: a later step may drop columns that `change` reads, or filter by columns that `change` adds.
    optimizations: dict[str, Any] = {"projection_pushdown": False, "predicate_pushdown": False}
    return frame.map_batches(partial(batch, change), streamable=True, schema=schema, **optimizations)


def drained(frame: Any, take: Callable[[Any], None]) -> None:
    """Pass all rows of a lazy frame to the function `take`, batch by batch, in any order and from several threads.

    `take` gets at least one batch, which may be empty. If `take` raises an error, raise this error.
    """
    drain, optimizations = Drain(take), {"projection_pushdown": False, "predicate_pushdown": False}
    query: Any = frame.map_batches(drain.passed, streamable=True, **optimizations)
    with ThreadPoolExecutor(1) as worker:
        done = worker.submit(query.collect, engine="streaming")
        try:
            done.result()  # a signal interrupts this wait, but could not interrupt Polars
        except BaseException as fault:  # also an interrupt, because the remaining batches must stop
            drain.faults.append(fault)
            raise drain.faults[0] from None
    if drain.waiting or not drain.taken:
        take(pl.concat(drain.waiting, rechunk=True) if drain.waiting else frame.collect_schema().to_frame())


class Drain:
    """A collector of small batches of rows. It joins them into larger batches, and passes these to the function `take`.

    Each call of `take` costs time, and larger batches need fewer calls.
    """

    def __init__(self, take: Callable[[Any], None]) -> None:
        self._take, self._lock = take, Lock()
        self.waiting: list[Any] = []
        self.taken = False  # whether a batch was passed
        self.faults: list[BaseException] = []

    def passed(self, rows: Any) -> Any:
        """Store a batch of rows. Once the stored batches have enough rows, pass them all to `take` as one batch.

        Return an empty batch with the columns of `rows`, because Polars expects a batch.
        """
        try:
            ready = self._gathered(rows)
            if ready is not None:
                self._take(ready)
        except BaseException as fault:  # also an interrupt: whoever asked for the frame raises it again
            self.faults.append(fault)
            raise
        return rows.clear()

    def _gathered(self, rows: Any) -> Any:
        """Store a batch of rows, and return None. Once there are enough rows, remove and return them all as one batch.

        Raise InterruptedError if another batch has failed.
        """
        with self._lock:
            if self.faults:
                raise InterruptedError
            self.waiting.append(rows)
            if sum(map(len, self.waiting)) < FEW_ROWS:
                return None
            ready, self.taken = pl.concat(self.waiting, rechunk=True), True
            self.waiting.clear()
        return ready
