"""Writes text to targets that a new file cannot replace: standard streams, other open streams, pipes and devices."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path

from kolmisla.errors import clean

__all__ = ["STANDARD_STREAM", "StreamCopy", "descriptor_of", "is_ordinary", "is_replaced", "is_terminal", "told_with"]

STANDARD_STREAM = "-"
ESCAPED = "backslashreplace"  # how to write characters that a terminal's encoding does not have
MOST_LINKS = 40  # that lead to one another
DIGITS_OF_DESCRIPTOR = 9  # no process has descriptors with more; one that is not open is refused when it is written to


def is_ordinary(path: str) -> bool:
    """Tell whether a path is, or will be, an ordinary file: not a standard stream, a pipe or a device."""
    return path != STANDARD_STREAM and (Path(path).is_file() or not Path(path).exists())


def is_replaced(path: str) -> bool:
    """Tell whether an output at a path is a new file that replaces the old one, and not text for an open stream."""
    # /dev/fd/3 may lead to an ordinary file, to which other programs may write too; it must not be replaced
    return is_ordinary(path) and descriptor_of(path) is None


def descriptor_of(path: str) -> int | None:
    """Return the descriptor of the open stream that a path such as /dev/stderr or /dev/fd/3 names, else None."""
    folders = ("/dev/fd", *map(os.path.realpath, ("/dev/fd", "/proc/thread-self/fd")))
    for _ in range(MOST_LINKS):
        folder, name = os.path.split(path)
        if os.path.realpath(folder) in folders and name.isascii() and name.isdecimal():
            return int(name[:DIGITS_OF_DESCRIPTOR])
        if not os.path.islink(path):  # noqa: PTH114
            return None
        path = os.path.join(folder, os.readlink(path))  # noqa: PTH115, PTH118
    return None


def is_terminal(path: str) -> bool:
    """Tell whether text that is written to a path is shown on a terminal."""
    if path == STANDARD_STREAM:
        return sys.stdout.isatty()
    if is_replaced(path) or not Path(path).is_char_device():
        return False
    try:
        with open(path, "wb", buffering=0) as device:
            return device.isatty()
    except OSError:  # writing to the path will raise this error again, with its message
        return False


class StreamCopy:
    """Text for a target that cannot be replaced, such as a pipe. A draft holds the text, which is copied at the end."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._held = tempfile.TemporaryFile()  # noqa: SIM115  # see `close`
        self.stream = TextIOWrapper(self._held, encoding="utf-8", newline="", write_through=True)

    def finish(self) -> None:
        """Write the text that is still in memory to the draft."""
        self.stream.flush()

    def take_place(self) -> None:
        """Copy the draft to its target."""
        self._held.seek(0)
        if self.path == STANDARD_STREAM:
            if sys.stdout.isatty():  # a terminal gets its own encoding, with escapes
                sys.stdout.writelines(map(_shown, self.stream))
            else:
                shutil.copyfileobj(self._held, sys.stdout.buffer)
            sys.stdout.flush()
            return
        if is_terminal(self.path):
            with told_with(self.path), open(self.path, "w", encoding=sys.stdout.encoding, errors=ESCAPED) as terminal:
                terminal.writelines(map(_shown, self.stream))
            return
        number = descriptor_of(self.path)
        with told_with(self.path), open(self.path if number is None else os.dup(number), "wb") as target:
            shutil.copyfileobj(self._held, target)

    def close(self) -> None:
        """Close the stream, which removes the draft. Ignore an error, because the draft is not needed any more."""
        with suppress(OSError):
            self.stream.close()


def _shown(line: str) -> str:
    """Return a line of a file, with escapes for what could control a terminal. Tabs and the line's end are kept."""
    text = line.removesuffix("\n").removesuffix("\r") if line.endswith("\n") else line
    return "\t".join(map(clean, text.split("\t"))) + "\n" * line.endswith("\n")


@contextmanager
def told_with(path: str) -> Iterator[None]:
    """Raise an OSError from the body of the `with` statement again, so that it names `path`.

    Such an error may name a draft, but the user knows only `path`, the name of the wanted file.
    """
    try:
        yield
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, path) from fault
