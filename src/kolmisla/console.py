"""What a command says to whoever called it: its exit status, and lines on standard error."""

import sys
from contextlib import suppress
from typing import IO, Any

from kolmisla.errors import clean

__all__ = [
    "CLOSED",
    "DONE",
    "ForPeople",
    "INTERRUPTED",
    "NOT_COVERED",
    "REJECTED",
    "UNEXPECTED",
    "UNUSABLE",
    "print_json",
    "say",
    "tell",
]

DONE, REJECTED, UNUSABLE, NOT_COVERED, CLOSED = range(5)
UNEXPECTED = 70  # as BSD's sysexits.h has it: an internal software error
INTERRUPTED = 130  # as shells have it: 128 and the signal


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
