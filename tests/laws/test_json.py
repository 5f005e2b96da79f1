"""JSON documents: rows are those that Python's own reader finds, wherever the text is cut into pieces."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.files.tables import JsonDocument, json_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8
)
OBJECTS = st.dictionaries(TEXTS, VALUES, max_size=4)
INDENTS = st.sampled_from([None, 0, 1, "\t"])
ENDS = st.sampled_from(["\n", "\r\n", "\r"])
PIECES = st.integers(1, 40)


@contextmanager
def pieces_of(size: int) -> Iterator[None]:
    """Read so many characters at once, and step over values that are larger."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("PIECE", "LEAST", "STEPPED_OVER"):
            patch.setattr(json_text, name, size)
        yield


def table(text: str, path: str | None = None) -> JsonDocument:
    return JsonDocument(StringIO(text, newline=""), path)


@given(rows=st.lists(OBJECTS, max_size=5), other=VALUES, indent=INDENTS, end=ENDS, piece=PIECES, data=st.data())
def test_the_rows_of_a_document_in_any_form(
    rows: list[Any], other: Any, indent: Any, end: str, piece: int, data: st.DataObject
) -> None:
    forms: list[tuple[str | None, Any]] = [
        (None, rows),
        ("[]", rows),
        ("rows", {"a": other, "rows": rows, "b": other}),
        ("a.rows[]", {"b": other, "a": {"c": other, "rows": rows}}),
        ("a.rows", {"a.rows": rows, "b": other}),
        ("a.*", {"a": {"x": rows, "y": []}}),
        ("*[].rows", {"a": [{"rows": rows}, {"b": other}], "c": []}),
    ]
    path, document = data.draw(st.sampled_from(forms))
    text = json.dumps(document, indent=indent, ensure_ascii=data.draw(st.booleans())).replace("\n", end)
    text = data.draw(st.sampled_from(["", "\ufeff", " ", end])) + text + data.draw(st.sampled_from(["", " ", end]))
    with pieces_of(piece):
        found = list(table(text, path).rows())
    assert [row[1] for _, row, _ in found] == rows
    assert [fault for _, _, fault in found] == [None] * len(rows)
    for _, (written, fields), _ in found:
        assert json.loads(written) == fields
        assert "\n" not in written
        assert "\r" not in written


@pytest.mark.parametrize("piece", range(1, 12))
def test_numbers_and_words_may_be_cut_anywhere(piece: int) -> None:
    row = '{"a": -10000, "b": 1.5e+300}'
    text = f'{{"a": -10000, "b": null, "c": [true, -1.25E-7], "rows": [{row}, 12345, {row}], "d": 12345, "e": -0.5}}'
    with pieces_of(piece):
        found = list(table(text, "rows").rows())
    assert [row[0] for _, row, _ in found] == [row, "12345", row]
    with pieces_of(piece):
        assert [row[0] for _, row, _ in table("12345 -6.5e-7 false 8").rows()] == ["12345", "-6.5e-7", "false", "8"]


@pytest.mark.parametrize("piece", range(1, 6))
def test_a_line_end_of_two_characters_may_be_cut(piece: int) -> None:
    with pieces_of(piece):
        assert [line for line, _, _ in table("\r\n\r\n[\r\n{},\r\n\r\n{}]").rows()] == [4, 6]


@given(rows=st.lists(OBJECTS, min_size=1, max_size=5), end=ENDS, piece=PIECES, blank=st.sampled_from(["", " ", "\t"]))
def test_lines_are_those_on_which_a_row_begins(rows: list[Any], end: str, piece: int, blank: str) -> None:
    texts = [json.dumps(row, indent=1) for row in rows]
    lines = [1 + sum(text.count("\n") + 1 for text in texts[:i]) for i in range(len(rows))]
    with pieces_of(piece):
        found = list(table(f"{blank}\n".join(texts).replace("\n", end)).rows())
    assert [line for line, _, _ in found] == lines


@given(
    rows=st.lists(OBJECTS, max_size=3),
    at=st.integers(0, 10**6),
    gone=st.integers(0, 4),
    new=st.text('[]{}",:\\1eE.-ntN\n\x00 ', max_size=2),
    piece=PIECES,
)
def test_a_mangled_list_has_the_rows_that_python_finds_or_a_fault(
    rows: list[Any], at: int, gone: int, new: str, piece: int
) -> None:
    whole = json.dumps(rows, indent=1)
    at %= len(whole) + 1
    text = whole[:at] + new + whole[at + gone :]
    expected = rows_in(text)
    try:
        with pieces_of(piece):
            found = list(table(text).rows())
    except ValueError as fault:
        assert "\n" not in str(fault)
        assert expected is None
        return
    assert expected is not None
    assert len(found) == len(expected)
    for (_, (_, fields), told), row in zip(found, expected, strict=True):
        if not isinstance(row, dict):
            assert told == "not a JSON object"
        else:
            assert fields == row or "is given twice" in str(told)


def rows_in(text: str) -> list[Any] | None:
    """The rows that Python's own reader finds, or None if it finds a fault."""
    rows: list[Any] = []
    rest = text.strip(" \t\r\n")
    if not rest:
        return None
    while rest:
        try:
            value, end = json.JSONDecoder().raw_decode(rest)
        except ValueError:
            return None
        rows += value if isinstance(value, list) else [value]
        rest = rest[end:].strip(" \t\r\n")
    return rows
