"""What must be true before Parquet can be read or written: polars is installed, and can open the name of the file."""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kolmisla.cli.signals import ignore_as_before
from kolmisla.errors import shown
from kolmisla.files.outputs.streams import is_replaced

__all__ = [
    "check_parquet_name",
    "check_parquet_output",
    "need_little_memory",
    "parquet_engine",
    "parquet_written",
    "text_held",
]


def parquet_written(options: argparse.Namespace) -> Any:
    """Return the class that writes rows as Parquet.

    Raise ValueError if Parquet cannot be written to OUT, or if polars is not installed.
    """
    check_parquet_output(options.out)
    need_little_memory()
    with parquet_engine():
        from kolmisla.files.bulk.as_parquet import AsParquet
    ignore_as_before()
    return AsParquet


def text_held(out: str) -> Any:
    """Return an open text file without a name, in the folder of the path `out`. Closing the file deletes it."""
    folder = Path(os.path.realpath(out)).parent
    return tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n", dir=folder)


def check_parquet_output(path: str) -> None:
    """Raise ValueError if Parquet cannot be written to a path: it must be an ordinary file, and be valid UTF-8."""
    if not is_replaced(path):
        raise ValueError("Parquet must go to a file, not to standard output or a pipe; name the file with -o")
    check_parquet_name(path)


def check_parquet_name(path: str) -> None:
    """Raise ValueError if the path of a file is not valid UTF-8. Polars cannot open a file with such a path."""
    if path != path.encode(errors="replace").decode():
        raise ValueError(f"the name of a Parquet file must be valid UTF-8, not {shown(path)}")


@contextmanager
def parquet_engine() -> Iterator[None]:
    """Turn an ImportError in the `with` block into a ValueError that says what to install.

    Also set an environment variable that lets polars read times whose zone is an offset, such as +03:00.
    """
    os.environ.setdefault("POLARS_IGNORE_TIMEZONE_PARSE_ERROR", "1")
    try:
        yield
    except ImportError as error:
        if error.name is None:  # the engine is installed, but cannot be loaded
            raise
        raise ValueError(f"Parquet needs {error.name}: pip install 'kolmisla[polars]'") from error


def need_little_memory() -> None:
    """Keep OpenBLAS, which numpy loads, from reserving memory for its threads. Kolmisla does not use OpenBLAS."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
