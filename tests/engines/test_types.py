"""What type checkers are told of frames, columns and arrays, and that it is so when the program runs."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, assert_type

import pytest

pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kolmisla import ALWAYS, columns

pytestmark = pytest.mark.polars

HOUR = timedelta(hours=1)
NOW = datetime(2026, 7, 7, 5, 10, tzinfo=UTC)
OPENED = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
FRAME = pl.DataFrame({"plan": ["premium"], "priority": ["high"], "opened_at": [OPENED], "answered_at": [NOW]})


def test_a_frame_comes_back_with_its_type() -> None:
    log = pl.DataFrame({"id": [1], "at": [NOW], "kind": ["answered"]})
    for found in (
        assert_type(columns.measure(FRAME, at=NOW), pl.DataFrame),
        assert_type(columns.measure(FRAME.with_columns(id=1), at=NOW, events=log), pl.DataFrame),
        assert_type(columns.with_due(FRAME, ALWAYS, HOUR), pl.DataFrame),
        assert_type(columns.with_elapsed(FRAME, ALWAYS), pl.DataFrame),
        assert_type(columns.with_next_open(FRAME, ALWAYS, at="opened_at"), pl.DataFrame),
    ):
        assert type(found) is pl.DataFrame


def test_a_lazy_frame_stays_lazy() -> None:
    lazy = FRAME.lazy()
    for found in (
        assert_type(columns.measure(lazy, at=NOW), pl.LazyFrame),
        assert_type(columns.with_due(lazy, ALWAYS, HOUR), pl.LazyFrame),
        assert_type(columns.with_elapsed(lazy, ALWAYS), pl.LazyFrame),
        assert_type(columns.with_next_open(lazy, ALWAYS, at="opened_at"), pl.LazyFrame),
    ):
        assert type(found) is pl.LazyFrame


def test_a_series_comes_back_with_its_type() -> None:
    opened = FRAME["opened_at"]
    for found in (
        assert_type(columns.due(opened, HOUR, ALWAYS), pl.Series),
        assert_type(columns.elapsed(opened, FRAME["answered_at"], ALWAYS), pl.Series),
        assert_type(columns.next_open(opened, ALWAYS), pl.Series),
    ):
        assert type(found) is pl.Series


def test_an_array_of_instants_comes_back_with_its_type() -> None:
    opened: NDArray[np.datetime64] = np.array(["2026-07-03T13:30"], "M8[s]")
    assert assert_type(columns.due(opened, HOUR, ALWAYS), NDArray[np.datetime64]).dtype.kind == "M"
    assert assert_type(columns.next_open(opened, ALWAYS), NDArray[np.datetime64]).dtype.kind == "M"
    assert assert_type(columns.elapsed(opened, opened, ALWAYS), NDArray[Any]).dtype.kind == "m"


def test_integers_come_back_as_integers_of_64_bits() -> None:
    seconds = np.array([1_783_085_400], np.int32)
    for opened in (seconds.astype(np.int64), seconds.astype(np.uint32)):
        assert columns.due(opened, HOUR, ALWAYS, unit="s").dtype == np.int64
    assert_type(columns.due(seconds.astype(np.int64), HOUR, ALWAYS, unit="s"), NDArray[np.int64])
    assert_type(columns.due(seconds, HOUR, ALWAYS, unit="s"), NDArray[np.int64])
    assert_type(columns.next_open(seconds, ALWAYS, unit="s"), NDArray[np.int64])


def test_of_a_column_of_unknown_type_nothing_is_known() -> None:
    opened: Any = FRAME["opened_at"]
    for found in (
        assert_type(columns.due(opened, HOUR, ALWAYS), Any),
        assert_type(columns.elapsed(opened, opened, ALWAYS), Any),
        assert_type(columns.next_open(opened, ALWAYS), Any),
    ):
        assert type(found) is pl.Series


def test_what_is_no_column_is_an_error() -> None:
    with pytest.raises(TypeError, match="instants must be an array of datetime64"):
        columns.due([OPENED], HOUR, ALWAYS)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]
    with pytest.raises(TypeError, match="instants must be an array of datetime64"):
        columns.elapsed([OPENED], [NOW], ALWAYS)  # type: ignore[call-overload]  # pyright: ignore[reportCallIssue, reportArgumentType]


def test_a_name_of_a_column_that_no_engine_can_hold() -> None:
    with pytest.raises(ValueError, match="prefix must be valid text"):
        columns.measure(FRAME, at=NOW, prefix="\ud800")
    with pytest.raises(ValueError, match="a column's name must be valid text"):
        columns.with_due(FRAME, ALWAYS, HOUR, name="\ud800")


@pytest.mark.parametrize("wrong", [10**5_000, [1, 2], 7], ids=range(3))
def test_options_that_are_no_words(wrong: Any) -> None:
    opened = FRAME["opened_at"]
    for option, told in (("errors", "errors must be 'raise' or 'null'"), ("unit", "unit must be 's', 'ms', 'us' or")):
        asks: list[Callable[..., Any]] = [
            partial(columns.due, opened, HOUR, ALWAYS),
            partial(columns.with_due, FRAME, ALWAYS, HOUR),
        ]
        for ask in asks:
            with pytest.raises(ValueError, match=f"^{told}"):
                ask(**{option: wrong})
    with pytest.raises(ValueError, match="^durations must be 'native' or 'seconds'"):
        columns.measure(FRAME, at=NOW, durations=wrong)


def test_a_package_that_is_installed_but_cannot_be_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        @staticmethod
        def find_spec(*_: object) -> None:
            raise ImportError("libnothing.so: cannot open shared object file")

    path = str(columns.__file__)
    code = compile(Path(path).read_text(encoding="utf-8"), path, "exec")
    monkeypatch.delitem(sys.modules, "numpy")
    monkeypatch.setattr(sys, "meta_path", [Broken])
    with pytest.raises(ImportError, match="^libnothing"):
        exec(code, {"__name__": "kolmisla.columns"})
