"""Writes files so that they appear complete and together, or not at all.

A run first writes drafts: files with other names. At the end, the run moves the drafts to their places.
"""

import os
import re
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from errno import EACCES, EBADF, EINVAL, EISDIR, ENOSYS, ENOTSUP, EPERM
from functools import cache
from pathlib import Path
from typing import IO
from uuid import uuid4

from kolmisla.documents.toml_json import hexadecimal
from kolmisla.files.outputs.streams import STANDARD_STREAM, StreamCopy, is_replaced, told_with

__all__ = ["Drafts", "drafts"]


CAN_ASK = os.name == "posix"  # whether os.kill can ask if a process is alive; elsewhere os.kill would end the process
CANNOT = (EINVAL, ENOSYS, ENOTSUP, EBADF, EACCES, EPERM)  # errors of platforms that cannot flush a file or a folder
DRAFT = re.compile(r"\..*\.(?P<mark>[0-9a-f]{16})\.(?P<process>[0-9]+)\.[0-9a-f]{8}\.(part|before)", re.DOTALL)
NEW_FILE = 0o666  # the permissions of a new file, from which the process takes away those in its umask
NAME_PART = 40  # how many characters of a file's name the draft's name repeats, so that the longest names still fit


@contextmanager
def drafts() -> Iterator["Drafts"]:
    """Yield an object that opens new files. If the `with` block succeeds, these files are moved to their paths.

    If the `with` block fails, the new files are removed.
    """
    new = Drafts()
    try:
        try:
            yield new
            new.publish()
        finally:
            new.clear()
    finally:
        new.clear()  # again, because a signal may have interrupted the first call


class Drafts:
    """The new files of one run. The file that is opened first is the output. It is moved to its path last."""

    def __init__(self) -> None:
        self._files: list[_File] = []
        self._all: list[_File | StreamCopy] = []

    def stream(self, path: str) -> IO[str]:
        """Open a UTF-8 stream that becomes the file at `path`. `-` is standard output.

        Text for standard output, a pipe or a device is written last. Errors of opening the file pass through.
        """
        if path != STANDARD_STREAM and Path(path).is_dir():
            raise IsADirectoryError(EISDIR, "Is a directory", path)
        if is_replaced(path):
            return self._file(path).open()
        copy = StreamCopy(path)
        self._all.append(copy)
        return copy.stream

    def file(self, path: str) -> Path:
        """Create an empty draft of the file at `path`. Return the draft's path, so that a writer can open the draft."""
        file = self._file(path)
        file.open().close()
        return file.part

    def publish(self) -> None:
        """Make sure that all drafts are on the disk, and move them to the paths of the wanted files.

        After a fault, `clear` undoes the moves.
        """
        for draft in self._all:
            draft.finish()
        for draft in reversed(self._all):
            if draft in self._files[1:]:
                draft.set_aside()
            draft.take_place()

    def clear(self) -> None:
        """Remove the drafts. If the run did not finish, undo the moves that it made."""
        for draft in self._all:
            draft.close()
        for file in self._files:
            file.remove()
        for file in self._files[1:]:
            if self._files[0].has_taken_place():  # the output is moved last, so the run has finished
                file.before.unlink(missing_ok=True)
            else:
                file.put_back()
        self._files, self._all = [], []

    def _file(self, path: str) -> "_File":
        file = _File(path, self._files[0].mark if self._files else None)
        file.remove_dead()
        self._files.append(file)  # before the draft is created, because a signal may come right after the creation
        self._all.append(file)
        return file


class _File:
    """A draft: a new file with another name, in the folder of the file that the draft will replace."""

    def __init__(self, path: str, mark: str | None) -> None:
        self.path, self.target = path, Path(os.path.realpath(path))
        self.mark = mark or _mark(str(self.target))  # all drafts of a run have the mark of the run's output
        name = f".{self.target.name[:NAME_PART]}.{self.mark}.{os.getpid()}.{uuid4().hex[:8]}"
        self.part, self.before = (self.target.with_name(f"{name}.{kind}") for kind in ("part", "before"))
        self._close: Callable[[], None] = lambda: None  # no stream is open yet
        self._finished: os.stat_result | None = None
        self._in_place = False

    def open(self) -> IO[str]:
        """Create the draft and open it."""
        with told_with(self.path):
            stream = open(  # noqa: SIM115  # see `finish`, `close`
                self.part,
                "x",
                encoding="utf-8",
                newline="",
                opener=lambda path, flags: os.open(path, flags, self._mode()),
            )
            self._close = stream.close
        return stream

    def _mode(self) -> int:
        """Return the permissions for the draft.

        If there is a file at the path already, other users may read the draft only if they may read this file.
        """
        with suppress(OSError):  # there is no such file
            return stat.S_IMODE(self.target.stat().st_mode) & NEW_FILE | stat.S_IRUSR | stat.S_IWUSR
        return NEW_FILE

    def finish(self) -> None:
        """Make sure that the draft is on the disk. Give the draft the permissions of the file that it will replace."""
        with told_with(self.path):
            self._close()
            _flush(self.part, os.O_RDWR)
            with suppress(FileNotFoundError):
                shutil.copymode(self.target, self.part)
            self._finished = self.part.stat()

    def set_aside(self) -> None:
        """Give another name to the file that the draft will replace, if there is such a file."""
        with told_with(self.path), suppress(FileNotFoundError):
            self.target.replace(self.before)

    def take_place(self) -> None:
        """Move the draft to the path of the file that it replaces."""
        with told_with(self.path):
            self.part.replace(self.target)
            self._in_place = True
            _flush(self.target.parent, os.O_RDONLY)

    def has_taken_place(self) -> bool:
        """Tell whether the draft has been moved to the path of the wanted file.

        If a signal interrupts `take_place` just after the move, the move is not noted. Return True then too.
        """
        if self._in_place or self._finished is None:
            return self._in_place
        try:
            return os.path.samestat(self.target.stat(), self._finished)
        except OSError:
            return False

    def put_back(self) -> None:
        """Undo the replacement of a file by the draft, even if a fault or a signal interrupted the replacement."""
        try:
            if self.before.exists():
                self.before.replace(self.target)
            elif self.has_taken_place():
                self.target.unlink()
        except OSError as fault:
            kept = f"; the previous file is now {self.before}" if self.before.exists() else ""
            raise OSError(fault.errno, f"{fault.strerror}{kept}", self.path) from fault

    def close(self) -> None:
        """Close the stream. Ignore an error, because a draft that is still open is not needed any more."""
        with suppress(OSError):
            self._close()

    def remove(self) -> None:
        """Remove the draft if it exists."""
        if os.path.exists(self.part):  # noqa: PTH110  # also False if the parent is not a folder
            self.part.unlink()

    def remove_dead(self) -> None:
        """Remove the drafts in this folder that earlier runs with the same output left because they were killed."""
        if not CAN_ASK:
            return
        with suppress(OSError), os.scandir(self.target.parent) as entries:  # the folder may be unreadable or missing
            for entry in entries:
                parts = DRAFT.fullmatch(entry.name)
                if parts and parts["mark"] == self.mark and not _is_alive(int(parts["process"])):
                    with suppress(OSError):  # the draft is already gone, or this user may not remove it
                        os.unlink(entry.path)  # noqa: PTH108


@cache
def _host() -> bytes:
    """Return bytes that identify this machine or, in a container, this container."""
    name = os.uname().nodename if CAN_ASK else ""
    with suppress(OSError):
        name += os.readlink("/proc/self/ns/pid")  # noqa: PTH115
    return os.fsencode(name)


def _mark(path: str) -> str:
    """Return a hash of a file's path and of this machine, as text that may be part of a file's name."""
    return hexadecimal(_host() + os.fsencode(path))[:16]


def _is_alive(process: int) -> bool:
    """Tell whether a process of this machine is alive. If this is not known, return True."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):  # a process of another user; a number too large for a process
        return True
    return True


def _flush(path: Path, flags: int) -> None:
    """Make sure that a file or a folder is on the disk, if the platform can do so."""
    try:
        descriptor = os.open(path, flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as fault:
        if fault.errno not in CANNOT:
            raise
