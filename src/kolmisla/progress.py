"""A progress bar on a terminal."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import IO, TypeVar

__all__ = ["Bar", "with_bar"]

T = TypeVar("T")

WIDTH = 40
EVERY = 2000  # rows between two looks at the clock
PATIENCE = 1.0  # seconds before a bar appears, so that short files show none


class Bar:
    """A bar drawn on a stream, once it is worth it."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._began, self._drawn = stream, monotonic(), False

    def draw(self, share: Callable[[], float], rows: int) -> None:
        """Show how far a job is, `share` from 0 to 1, after so many rows."""
        if monotonic() - self._began > PATIENCE:
            done = min(share(), 1.0)
            self._stream.write(f"\r[{'#' * int(done * WIDTH):<{WIDTH}}] {done:4.0%} {rows:,} rows")
            self._stream.flush()
            self._drawn = True

    def wipe(self) -> None:
        """Take it off the terminal."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def with_bar(rows: Iterable[T], done: Callable[[], float], stream: IO[str]) -> Iterator[T]:
    """The rows, drawing on `stream` how far they are, `done` from 0 to 1; wiped at the end."""
    bar = Bar(stream)
    try:
        for number, row in enumerate(rows, 1):
            if number % EVERY == 0:
                bar.draw(done, number)
            yield row
    finally:
        bar.wipe()
