"""Opening the files to read: text, compressed text, and one sentence for what is neither."""

import gzip
import os
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BufferedReader, TextIOWrapper
from typing import IO, Any, TextIO

from kolmisla.errors import brief
from kolmisla.files.atomic import STANDARD_STREAM

__all__ = ["UTF_8", "reading"]

GZIP, ZSTANDARD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
# How files begin that are not text, and what to type instead.
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
    """Open a file as text (`-` is standard input). Yield the stream, and a function that returns the progress.

    Files that are compressed with gzip are unpacked, and with Zstandard if this Python can do it. The progress is the
    share of the file read so far, from 0 to 1. If the size is unknown, the function is None. Raise ValueError when
    standard input is closed, and for a file that is not text. Errors of opening the file pass through.
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
    """Return a stream of the bytes of a text. Raise ValueError if the first bytes are not those of a text."""
    begin = raw.peek(4)[:4] if hasattr(raw, "peek") else b""
    if begin.startswith(GZIP):
        return gzip.GzipFile(fileobj=raw)
    if begin == ZSTANDARD:
        return _zstandard(raw)
    for magic, told in NOT_TEXT.items():
        if begin.startswith(magic) and (len(magic) > 2 or encoding == UTF_8):
            raise ValueError(told)
    return raw


def _zstandard(raw: IO[bytes]) -> Any:
    try:
        from compression import zstd  # type: ignore[import-not-found]  # from Python 3.14
    except ImportError:
        told = "is compressed with Zstandard, which Python reads from 3.14 on; unpack it first: zstd -d FILE"
        raise ValueError(told) from None
    return zstd.ZstdFile(raw)  # pragma: no cover  # Python 3.14


@contextmanager
def _whole() -> Iterator[None]:
    """Raise ValueError if compressed text is cut or damaged."""
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise ValueError(f"the compressed file is damaged: {brief(fault)}") from fault
