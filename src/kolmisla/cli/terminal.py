"""What a command says to whoever called it: exit status, lines on standard error, a progress bar."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from time import monotonic
from typing import IO, Any, TypeVar

from kolmisla.errors import clean

__all__ = [
    "EXIT_CLOSED",
    "EXIT_DONE",
    "EXIT_INTERRUPTED",
    "EXIT_NOT_COVERED",
    "EXIT_REJECTED",
    "EXIT_UNUSABLE",
    "Bar",
    "ForPeople",
    "failed",
    "print_json",
    "say",
    "tell",
    "with_bar",
]

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


EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE, EXIT_NOT_COVERED, EXIT_CLOSED = range(5)
EXIT_INTERRUPTED = 130  # as shells have it: 128 and the signal


def say(line: str) -> None:
    """Print a line of an answer; what a file or a policy has in it cannot steer the terminal."""
    print(clean(line), flush=True)


def print_json(answer: Any) -> None:
    """Print an answer as one line of JSON."""
    import json  # most commands answer in text, and start sooner without

    print(json.dumps(answer), flush=True)


class ForPeople:
    """A stream of rows, written one at a time, for people: what would steer a terminal is escaped."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, row: str) -> int:
        """Write a row, with a line feed at its end and nowhere else."""
        return self._stream.write(clean(row.removesuffix("\n")) + "\n")


def tell(line: str) -> None:
    """Say something on standard error; when even that cannot be written, the exit status has to do."""
    with suppress(OSError):
        print(clean(line), file=sys.stderr, flush=True)


def failed(text: str, status: int) -> int:
    """Say on standard error why a command ends, and return its exit status."""
    tell(f"kolmisla: {text}")
    return status
