"""A progress bar on a terminal."""

from collections.abc import Callable, Iterable, Iterator
from time import monotonic
from typing import IO, TypeVar

__all__ = ["with_bar"]

T = TypeVar("T")

WIDTH = 40
EVERY = 2000  # rows between two looks at the clock
PATIENCE = 1.0  # seconds before a bar appears, so that short files show none


def with_bar(rows: Iterable[T], done: Callable[[], float], stream: IO[str]) -> Iterator[T]:
    """The rows, drawing on `stream` how far they are, `done` from 0 to 1; wiped at the end."""
    began, drawn = monotonic(), False
    try:
        for number, row in enumerate(rows, 1):
            if number % EVERY == 0 and monotonic() - began > PATIENCE:
                share = min(done(), 1.0)
                bar = "#" * int(share * WIDTH)
                stream.write(f"\r[{bar:<{WIDTH}}] {share:4.0%} {number:,} rows")
                stream.flush()
                drawn = True
            yield row
    finally:
        if drawn:
            stream.write("\r\x1b[K")
            stream.flush()
