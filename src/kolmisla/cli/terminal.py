"""What a command prints: answers on standard output, errors on standard error, and a progress bar."""

import os
import stat
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from time import monotonic, sleep
from typing import IO, Any, TypeVar

from kolmisla.errors import clean, number_of

__all__ = [
    "EXIT_BROKEN_PIPE",
    "EXIT_CLOSED",
    "EXIT_DIFFERENT",
    "EXIT_DONE",
    "EXIT_INTERRUPTED",
    "EXIT_NOT_COVERED",
    "EXIT_NO_DUE_TIME",
    "EXIT_REJECTED",
    "EXIT_UNUSABLE",
    "Bar",
    "ForPeople",
    "failed",
    "clear_terminal",
    "columns_asked",
    "file_of",
    "height_of_terminal",
    "print_json",
    "refuse_overwriting",
    "say",
    "tell",
    "wait",
    "width_of_output",
    "with_bar",
    "wrapped",
]

T = TypeVar("T")

WIDTH = 40
WIDTH_OF_PIPES = 100  # columns, unless the variable COLUMNS says more or less
EVERY = 2000  # rows between two updates of a bar
MOST_DIGITS = 6  # of a number of columns
PATIENCE = 1.0  # seconds before a bar appears, so that short files show none


class Bar:
    """A progress bar. It is drawn on a stream once a job has taken more than a second."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream, self._began, self._drawn = stream, monotonic(), False

    def draw(self, share: Callable[[], float], rows: int) -> None:
        """Draw the progress of a job that has read `rows` rows. `share` returns the part that is done, from 0 to 1."""
        if monotonic() - self._began > PATIENCE:
            done = min(share(), 1.0)
            self._stream.write(f"\r[{'#' * int(done * WIDTH):<{WIDTH}}] {done:4.0%} {number_of(rows, 'row')}")
            self._stream.flush()
            self._drawn = True

    def wipe(self) -> None:
        """Erase the bar from the terminal."""
        if self._drawn:
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def with_bar(
    items: Iterable[T], size: Callable[[T], int] | None = None, *, done: Callable[[], float], stream: IO[str]
) -> Iterator[T]:
    """Yield the items, and draw the progress on `stream`.

    `size` returns how many rows an item has; without it, each item is a row. `done` returns which part of the file has
    been read, from 0 to 1.
    """
    bar, rows = Bar(stream), 0
    try:
        if size is None:
            for rows, row in enumerate(items, 1):
                if rows % EVERY == 0:
                    bar.draw(done, rows)
                yield row
        else:
            for batch in items:
                rows += size(batch)
                bar.draw(done, rows)
                yield batch
    finally:
        bar.wipe()


EXIT_DONE, EXIT_REJECTED, EXIT_UNUSABLE, EXIT_NOT_COVERED, EXIT_CLOSED, EXIT_NO_DUE_TIME, EXIT_DIFFERENT = range(7)
EXIT_INTERRUPTED = 130  # as in shells: 128 plus 2, the number of SIGINT
EXIT_BROKEN_PIPE = 141  # 128 plus 13, the number of SIGPIPE


def columns_asked() -> int:
    """Return the number in the environment variable COLUMNS. Return 0 if it has no number, or more than six digits."""
    columns = os.environ.get("COLUMNS", "")
    return int(columns) if columns.isdecimal() and len(columns) <= MOST_DIGITS else 0


def width_of_output() -> int:
    """Return the width of the output, from the variable COLUMNS or else from the terminal. Without both, return 100."""
    if asked := columns_asked():
        return asked
    try:
        return os.get_terminal_size(sys.stdout.fileno()).columns or WIDTH_OF_PIPES
    except (OSError, ValueError):  # no terminal
        return WIDTH_OF_PIPES


def clear_terminal() -> None:
    """Clear the terminal and put the cursor into its first line."""
    print("\x1b[H\x1b[2J", end="", flush=True)


def height_of_terminal() -> int:
    """Return how many lines the terminal of standard output has."""
    return os.get_terminal_size(sys.stdout.fileno()).lines


def wait(seconds: int) -> None:
    """Wait for a number of seconds, or until an interrupt, which raises KeyboardInterrupt."""
    sleep(seconds)


def wrapped(text: str, first: str = "", others: str = "") -> list[str]:
    """Return the lines of a text, broken between words so that they fit on standard output.

    The first line begins with `first`, and all other lines begin with `others`.
    """
    from textwrap import wrap

    return wrap(clean(text), width_of_output(), initial_indent=first, subsequent_indent=others, break_on_hyphens=False)


def say(line: str) -> None:
    """Print a line of an answer. Control characters are escaped, so text from a file cannot control the terminal."""
    print(clean(line), flush=True)


def print_json(answer: Any) -> None:
    """Print an answer as one line of JSON."""
    import json  # most commands answer in text, and start sooner without this import

    print(json.dumps(answer), flush=True)


def file_of(path: str, stream: Any) -> object:
    """Return a value that is equal for two paths to the same ordinary file, or None for anything else.

    The path `-` means the file of `stream`. For a file that does not exist yet, return the resolved path.
    """
    resolved = os.path.realpath(path)  # as in `files.outputs`: missing/../tickets.csv is tickets.csv
    try:
        status = os.fstat(stream.fileno()) if path == "-" else os.stat(resolved)  # noqa: PTH116
    except FileNotFoundError:
        return resolved
    except (AttributeError, OSError):  # the stream is closed, or not a file
        return None
    return (status.st_dev, status.st_ino) if stat.S_ISREG(status.st_mode) else None


def refuse_overwriting(read: Mapping[str, str | None], out: str = "-", rejects: str | None = None) -> None:
    """Raise ValueError if an output is a file that is read, or if both outputs are one file.

    `read` has the path of each file that is read, by a name such as `tickets`. Raise OSError if a path such as
    /dev/fd/3 names a stream that is not open. Call this function first: a file that the program opens may become the
    stream 3.
    """
    _check_open(path for path in (*read.values(), out, rejects) if path and path != "-")
    refused = sys.stderr if rejects is None else sys.stdout
    for name, path, stream in (("output", out, sys.stdout), ("rejects", rejects or "-", refused)):
        file = file_of(path, stream)
        for other, source in read.items():
            if source and file is not None and file == file_of(source, sys.stdin):
                raise ValueError(f"the {other} and the {name} are the same file: {source if path == '-' else path}")
    if rejects is None:
        return
    from kolmisla.files.outputs.streams import descriptor_of  # most commands have no rejects

    written = file_of(out, sys.stdout)
    # two streams that are open already may lead to one log, because neither replaces it
    both_open = all(path == "-" or descriptor_of(path) is not None for path in (out, rejects))
    if rejects == out or (not both_open and written is not None and written == file_of(rejects, refused)):
        raise ValueError(f"the output and the rejects are the same file: {rejects}")


def _check_open(paths: Iterable[str]) -> None:
    """Raise OSError for a path such as /dev/fd/3 that names a stream which is not open."""
    for path in paths:
        from kolmisla.files.outputs.streams import descriptor_of, told_with  # most commands read and write no files

        number = descriptor_of(path)
        if number is not None:
            with told_with(path):
                os.fstat(number)


class ForPeople:
    """A stream for rows that people read, for example on a terminal. Control characters are escaped."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def write(self, row: str) -> int:
        """Write a row as one line. Line feeds within the row are escaped."""
        return self._stream.write(clean(row.removesuffix("\n")) + "\n")


def tell(line: str) -> None:
    """Print a line on standard error. If printing fails, go on: the exit status still tells the result."""
    with suppress(OSError):
        print(clean(line), file=sys.stderr, flush=True)


def failed(text: str, status: int) -> int:
    """Print on standard error why a command fails. Return the exit status `status`."""
    tell(f"kolmisla: {text}")
    return status
