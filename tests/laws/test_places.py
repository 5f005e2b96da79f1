"""Where values stand in a text: each place has a text that reads as the value at that place, in TOML and in JSON."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given, reject
from hypothesis import strategies as st

from kolmisla.documents.places import written_values

LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
DOCUMENTS = st.dictionaries(
    st.text(),
    st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)),
    max_size=4,
)


def places(value: Any, place: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Every value inside a document, by its place."""
    found = {place: value}
    for key, part in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found |= places(part, (*place, key))
    return found


@given(DOCUMENTS, st.sampled_from([None, 1, "\t"]), st.booleans())
def test_the_values_of_json(document: dict[str, Any], indent: Any, plain: bool) -> None:
    text = json.dumps(document, indent=indent, ensure_ascii=plain)
    found = {each.place: json.loads(text[each.start : each.end]) for each in written_values(text, toml=False)}
    assert found == places(document)


TOML_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"])).map(lambda text: text.replace("\x7f", ""))


def quoted(text: str, form: int) -> str:
    """A text as TOML writes it, in one of four forms."""
    if form == 1 and "'" not in text:
        return f"'{text}'"
    if form == 2 and "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"""\n{escaped}"""' if form == 3 else f'"{escaped}"'


@st.composite
def written(draw: st.DrawFn, depth: int = 2) -> str:
    """A value as TOML writes it."""
    kind = draw(st.sampled_from(["text", "text", "other", "list", "table"] if depth else ["text", "other"]))
    if kind == "text":
        return quoted(draw(TOML_TEXT), draw(st.integers(0, 3)))
    if kind == "other":
        return draw(st.sampled_from(["1", "-1.5e3", "true", "2026-12-24", "2026-12-24 10:00:00Z", "08:30:00", "inf"]))
    if kind == "list":
        gap = draw(st.sampled_from([" ", "\n", ' # "a comment", ] }\n', "\r\n\t"]))
        items: list[str] = draw(st.lists(written(depth - 1), max_size=3))
        last: bool = draw(st.booleans())
        return f"[{gap}" + f"{gap},{gap}".join(items) + (f"{gap},{gap}" if items and last else gap) + "]"
    keys = draw(st.lists(TOML_TEXT, max_size=3, unique=True))
    return "{ " + ", ".join(f"{quoted(key, 0)} = {draw(written(depth - 1))}" for key in keys) + " }"


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A text in TOML, with tables, lists of tables, keys with dots, and comments that look like keys."""
    lines = []
    for number in range(draw(st.integers(1, 4))):
        header = draw(
            st.sampled_from(["", f"[t{number}]", f'[ t{number} . "a.b" ]', "[[several]]", "[[several.inner]]"])
        )
        if header == "[[several.inner]]" and "[[several]]" not in lines:
            header = "[[several]]"
        lines.append(header)
        for key in draw(st.lists(TOML_TEXT, max_size=3, unique=True)):
            dots = str(draw(st.sampled_from(["", f"k{number}.", f"k{number} . 'x y'."])))
            prefix = quoted(f"{number}{len(lines)}{key}", draw(st.integers(0, 1)))
            comment = draw(st.sampled_from(["", "  # holidays = 'LT'", "#"]))
            lines.append(f"{draw(st.sampled_from(['', '  ']))}{dots}{prefix}  = {draw(written())}{comment}")
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


@given(texts())
def test_the_values_of_toml(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        reject()  # a key with dots in a table that is already there
    everywhere = places(document)
    found = written_values(text, toml=True)
    assert len({each.place for each in found}) == len(found)
    for each in found:
        assert tomllib.loads(f"x = {text[each.start : each.end]}")["x"] == everywhere[each.place]
    leaves = {place for place, value in everywhere.items() if not isinstance(value, (dict, list))}
    assert leaves <= {each.place for each in found}  # tables and lists with headers have no text of their own


def test_lists_of_tables_in_tables() -> None:
    text = '[[a]]\n[[a.b]]\nx = 1\n[a.b.c]\ny = 2\n[[a.b]]\nx = 3\n[[a]]\n[[a.b]]\n"x" = 4 # x = 5\n'
    assert {each.place: text[each.start : each.end] for each in written_values(text, toml=True)} == {
        ("a", 0, "b", 0, "x"): "1",
        ("a", 0, "b", 0, "c", "y"): "2",
        ("a", 0, "b", 1, "x"): "3",
        ("a", 1, "b", 0, "x"): "4",
    }


@pytest.mark.parametrize("text", ['a = """"quotes""""" ', "a = ''''quotes''''' ", 'a = "\\"" #"', "a = '\\' #'"])
def test_quotes_in_texts(text: str) -> None:
    (each,) = written_values(text, toml=True)
    assert tomllib.loads(f"x = {text[each.start : each.end]}")["x"] == tomllib.loads(text)["a"]
