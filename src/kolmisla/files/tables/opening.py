"""Opens files of text and of compressed text. Opening any other file raises an error that says what to do."""

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from io import BufferedReader, TextIOWrapper
from typing import IO, Any, TextIO

from kolmisla.errors import brief
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.names import LOADING

__all__ = ["UTF_8", "reading"]

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
SKIPPABLE = b"\x2a\x4d\x18"  # after a byte from 0x50 to 0x5f: a skippable frame of Zstandard (RFC 8878, 3.1.2)
ZSTANDARD_MODULES = ("compression", "backports")  # in Python 3.14, and in the extra zst; both have the module zstd
# The first bytes of files that are not text, and what to do about such a file.
NOT_TEXT = {
    b"PK\x03\x04": "is a workbook or an archive, not text; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "is a workbook of an old Excel, not text; save the sheet as CSV",
    b"PAR1": "is Parquet; give --format parquet",
    b"\xff\xfe": "begins like UTF-16; give --encoding utf-16",
    b"\xfe\xff": "begins like UTF-16; give --encoding utf-16",
}
UTF_8 = "utf-8-sig"


@contextmanager
def reading(path: str, encoding: str) -> Iterator[tuple[TextIO, Callable[[], float] | None]]:
    """Open a file as text (`-` is standard input). Yield the stream, and a function for the share read (0 to 1).

    If the size is unknown, yield None in place of the function. Raise ValueError for a file that is damaged or not
    text.
    """
    if path == STANDARD_STREAM:
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        source: Any = sys.stdin.buffer
        stdin = TextIOWrapper(_unpacked(source, encoding), encoding=encoding, newline="")
        try:
            with _whole():
                yield stdin, None
        finally:
            stdin.detach()  # standard input stays open
        return
    with open(path, "rb") as raw:
        size = os.fstat(raw.fileno()).st_size
        with TextIOWrapper(_unpacked(raw, encoding), encoding=encoding, newline="") as stream, _whole():
            yield stream, (lambda: os.lseek(raw.fileno(), 0, os.SEEK_CUR) / size) if size else None


def _unpacked(raw: BufferedReader, encoding: str) -> Any:
    """Return a stream of the bytes of a text, unpacked.

    Raise ValueError if the first bytes show that the file is not text, or if nothing installed can unpack it.
    """
    begin = raw.peek(4)[:4] if hasattr(raw, "peek") else b""
    if begin.startswith(GZIP):
        return gzip.GzipFile(fileobj=raw)
    if begin == ZSTANDARD or (begin[1:] == SKIPPABLE and begin[0] & 0xF0 == 0x50):
        return _zstandard(raw)
    for magic, told in NOT_TEXT.items():
        if begin.startswith(magic) and (len(magic) > 2 or encoding == UTF_8):
            raise ValueError(told)
    return raw


def _zstandard(raw: IO[bytes]) -> Any:
    zstd = _zstandard_module()
    if zstd is None:
        told = "is compressed with Zstandard; reading it needs backports.zstd: pip install 'kolmisla[zst]'"
        raise ValueError(f"{told}, or unpack it first: zstd -d FILE")
    return zstd.ZstdFile(raw)


def _zstandard_module() -> Any:
    """Return the Python module that reads Zstandard. If none is installed, return None."""
    for name in ZSTANDARD_MODULES:
        with LOADING, suppress(ImportError):
            return import_module(f"{name}.zstd")
    return None


@contextmanager
def _whole() -> Iterator[None]:
    """Convert errors about compressed text that is cut or damaged to ValueError."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise ValueError(f"the compressed file is damaged: {brief(fault)}") from fault
    except Exception as fault:
        zstd = _zstandard_module()
        if zstd is None or not isinstance(fault, zstd.ZstdError):
            raise
        raise ValueError(f"the compressed file is damaged: {brief(fault)}") from fault
