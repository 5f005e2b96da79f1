"""Files that appear whole or not at all, and together: drafts beside their places, which they take at the end."""

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from errno import EACCES, EBADF, EINVAL, EISDIR, ENOSYS, ENOTSUP, EPERM
from functools import cache
from hashlib import blake2s
from io import TextIOWrapper
from pathlib import Path
from typing import IO, TextIO
from uuid import uuid4

__all__ = ["STANDARD_STREAM", "Drafts", "drafts", "is_ordinary", "is_terminal", "reading"]

STANDARD_STREAM = "-"


def is_ordinary(path: str) -> bool:
    """Whether a path is, or would be, an ordinary file: not a standard stream, a pipe or a device."""
    return path != STANDARD_STREAM and (Path(path).is_file() or not Path(path).exists())


def is_terminal(path: str) -> bool:
    """Whether what is written to a path is shown on a terminal."""
    if path == STANDARD_STREAM:
        return sys.stdout.isatty()
    if is_ordinary(path) or not Path(path).is_char_device():
        return False
    try:
        with open(path, "wb", buffering=0) as device:
            return device.isatty()
    except OSError:  # told where it is written to
        return False


@contextmanager
def reading(path: str, encoding: str) -> Iterator[tuple[TextIO, Callable[[], float] | None]]:
    """A text stream of the file (`-` for standard input), and how far it has been read, from 0 to 1, if known."""
    if path == STANDARD_STREAM:
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        stdin = TextIOWrapper(sys.stdin.buffer, encoding=encoding, newline="")
        try:
            yield stdin, None
        finally:
            stdin.detach()  # it is not ours to close
        return
    with open(path, encoding=encoding, newline="") as stream:
        size = os.fstat(stream.fileno()).st_size
        yield stream, (lambda: os.lseek(stream.fileno(), 0, os.SEEK_CUR) / size) if size else None


CAN_ASK = os.name == "posix"  # whether a process lives: elsewhere os.kill ends the one that it asks about
CANNOT = (EINVAL, ENOSYS, ENOTSUP, EBADF, EACCES, EPERM)  # said where a file, or a folder, cannot be flushed
DRAFT = re.compile(r"\..*\.(?P<mark>[0-9a-f]{16})\.(?P<process>[0-9]+)\.[0-9a-f]{8}\.(part|before)", re.DOTALL)
NAME_PART = 40  # characters of a file's name in its draft's: the longest name that a folder takes must have a draft too


@contextmanager
def drafts() -> Iterator["Drafts"]:
    """Open a set of new files, which take their places when the block ends well and leave nothing when it does not."""
    new = Drafts()
    try:
        try:
            yield new
            new.publish()
        finally:
            new.clear()
    finally:
        new.clear()  # again, for a signal may have broken into the first time


class Drafts:
    """The new files of one run. The one asked for first is the output: it takes its place last."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._all: list[_File | _Copy] = []

    def stream(self, path: str) -> IO[str]:
        """Open a UTF-8 stream that becomes the file at `path`.

        `-` is standard output; it, and what is no ordinary file (a pipe, /dev/null), is written at the end.
        """
        if path != STANDARD_STREAM and Path(path).is_dir():
            raise IsADirectoryError(EISDIR, "Is a directory", path)
        if is_ordinary(path):
            return self._file(path).open()
        copy = _Copy(path)
        self._all.append(copy)
        return copy.stream

    def file(self, path: str) -> Path:
        """Make an empty file that becomes the one at `path`, for those who write by a file's name."""
        file = self._file(path)
        file.open().close()
        return file.part

    def publish(self) -> None:
        """Write all to the disk, then have all take their places; `clear` undoes what was done before a fault."""
        for each in self._all:
            each.finish()
        for each in reversed(self._all):
            if each in self._files[1:]:
                each.set_aside()
            each.take_place()

    def clear(self) -> None:
        """Remove the drafts; unless the output has taken its place, put back what stood in the others'."""
        for each in self._all:
            each.close()
        for file in self._files:
            file.remove()
        for file in self._files[1:]:
            if self._files[0].has_taken_place():
                file.before.unlink(missing_ok=True)
            else:
                file.put_back()
        self._files, self._all = [], []

    def _file(self, path: str) -> "_File":
        file = _File(path)
        file.remove_dead()
        self._files.append(file)  # before it is made: a signal may come just after that
        self._all.append(file)
        return file


class _File:
    """A draft in the folder of the file that it becomes."""

    def __init__(self, path: str) -> None:
        self.path, self.target = path, Path(os.path.realpath(path))
        name = f".{self.target.name[:NAME_PART]}.{_mark(self.target.name)}.{os.getpid()}.{uuid4().hex[:8]}"
        self.part, self.before = (self.target.with_name(f"{name}.{kind}") for kind in ("part", "before"))
        self._close: Callable[[], None] = lambda: None  # there is nothing to close yet
        self._finished: os.stat_result | None = None
        self._in_place = False

    def open(self) -> IO[str]:
        """Make the draft and open it."""
        with _named(self.path):
            stream = open(self.part, "x", encoding="utf-8", newline="")  # noqa: SIM115  # see `finish`, `close`
            self._close = stream.close
        return stream

    def finish(self) -> None:
        """Bring the draft to the disk, with the mode of the file that it replaces."""
        with _named(self.path):
            self._close()
            _flush(self.part, os.O_RDWR)
            with suppress(FileNotFoundError):
                shutil.copymode(self.target, self.part)
            self._finished = self.part.stat()

    def set_aside(self) -> None:
        """Move what stands in the place out of the way."""
        with _named(self.path), suppress(FileNotFoundError):
            self.target.replace(self.before)

    def take_place(self) -> None:
        """Move the draft to its place."""
        with _named(self.path):
            self.part.replace(self.target)
            self._in_place = True
            _flush(self.target.parent, os.O_RDONLY)

    def has_taken_place(self) -> bool:
        """Whether the draft is in its place, or was; a signal may have come before that was noted down."""
        if self._in_place or self._finished is None:
            return self._in_place
        try:
            return os.path.samestat(self.target.stat(), self._finished)
        except OSError:
            return False

    def put_back(self) -> None:
        """Undo what `set_aside` and `take_place` did, as far as they came."""
        try:
            if self.before.exists():
                self.before.replace(self.target)
            elif self.has_taken_place():
                self.target.unlink()
        except OSError as fault:
            raise OSError(fault.errno, f"{fault.strerror}; what was there is in {self.before}", self.path) from fault

    def close(self) -> None:
        """Close the stream; what cannot be written any more is not wanted."""
        with suppress(OSError):
            self._close()

    def remove(self) -> None:
        """Remove the draft if it is there."""
        if os.path.exists(self.part):  # noqa: PTH110  # False too where the folder is none
            self.part.unlink()

    def remove_dead(self) -> None:
        """Remove drafts of the same file that runs on this host have left: those that were killed."""
        if not CAN_ASK:
            return
        with suppress(OSError), os.scandir(self.target.parent) as entries:  # a folder may not be listed, or be none
            for entry in entries:
                found = DRAFT.fullmatch(entry.name)
                if found and found["mark"] == _mark(self.target.name) and not _is_alive(int(found["process"])):
                    with suppress(OSError):  # gone meanwhile, or not ours to remove
                        os.unlink(entry.path)  # noqa: PTH108


class _Copy:
    """A draft out of sight, copied at the end to what cannot be replaced."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._held = tempfile.TemporaryFile()  # noqa: SIM115  # see `close`
        self.stream = TextIOWrapper(self._held, encoding="utf-8", newline="", write_through=True)

    def finish(self) -> None:
        """Write what is still in memory."""
        self.stream.flush()

    def take_place(self) -> None:
        """Copy the draft to where it belongs."""
        self._held.seek(0)
        with nullcontext(sys.stdout.buffer) if self.path == STANDARD_STREAM else open(self.path, "wb") as target:
            shutil.copyfileobj(self._held, target)
            target.flush()

    def close(self) -> None:
        """Close the stream, and with it remove the draft; what cannot be written any more is not wanted."""
        with suppress(OSError):
            self.stream.close()


@cache
def _host() -> bytes:
    """Identify the machine, and on it the processes that this one can ask about: a container has others."""
    name = os.uname().nodename if CAN_ASK else ""
    with suppress(OSError):
        name += os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    return os.fsencode(name)


def _mark(name: str) -> str:
    """Make of a file's name and this host a text that any file system takes."""
    return blake2s(_host() + b"/" + os.fsencode(name), digest_size=8).hexdigest()


def _is_alive(process: int) -> bool:
    """Whether a process of this host lives, or may."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # another user's; no process that there could be
        return True
    return True


def _flush(path: Path, flags: int) -> None:
    """Have the disk hold what a file has, or a folder, where the platform can."""
    try:
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as fault:
        if fault.errno not in CANNOT:
            raise


@contextmanager
def _named(path: str) -> Iterator[None]:
    """Have a fault tell the file that is wanted, not its draft."""
    try:
        yield
    except OSError as fault:
        raise OSError(fault.errno, fault.strerror, path) from fault
