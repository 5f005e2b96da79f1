"""How the text of a policy is frozen: dates replace the country codes of holidays.

The rest of the text does not change: it keeps its comments, its order and its form.
"""

import json
import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from kolmisla.documents.places import ValuePlace, WrittenValue, comments_in, written_values
from kolmisla.documents.toml_json import toml_text
from kolmisla.errors import PolicyError, as_text, named
from kolmisla.policies.editions import EDITIONS
from kolmisla.schedules.days.holiday_notation import holidays_document, holidays_of
from kolmisla.schedules.days.holidays import HolidayCalendar
from kolmisla.schedules.freezing import frozen_of
from kolmisla.schedules.nesting import SETS

__all__ = ["UnwritableError", "countries_in", "frozen_documents", "place_text", "replaced", "with_values"]

TABLE, KEY = "schedules", "holidays"
FIRST_INDENT = re.compile(r"^([ \t]+)\S", re.MULTILINE)

BEHIND = re.compile(r"[ \t]*(?:#[^\r\n]*)?")  # what may follow a value on its line

Edit = tuple[int, int, str]  # the start and the end of a part of a text, and the text that replaces it


class UnwritableError(PolicyError):
    """The error for a value that cannot be replaced in a text, for example because a comment inside it would be lost.

    `place` has the keys and indexes that lead to the value.
    """

    def __init__(self, place: ValuePlace) -> None:
        super().__init__(f"{place_text(place)} cannot be replaced in the text; write it on one line")
        self.place = place


def place_text(place: ValuePlace) -> str:
    """Return a place in a document as text, such as `schedules.day.holidays`."""
    return ".".join(named(as_text(part)) for part in place)


def countries_in(document: Mapping[str, Any], raw: Mapping[str, Any]) -> Iterator[tuple[ValuePlace, Any]]:
    """Yield those holidays in a policy's document that can be replaced by dates: the place and the value of each.

    The places come from `raw`, the document as people write it. The values come from `document`, which has days in
    place of the names of calendar files.
    """
    yield from _in_schedules(document, raw, ())
    editions = raw.get(EDITIONS)
    for number, edition in enumerate(editions if isinstance(editions, list) else ()):
        yield from _in_schedules(document[EDITIONS][number], edition, (EDITIONS, number))


def _in_schedules(document: Any, raw: Mapping[str, Any], place: ValuePlace) -> Iterator[tuple[ValuePlace, Any]]:
    schedules = raw.get(TABLE)
    for name, schedule in schedules.items() if isinstance(schedules, Mapping) else ():
        yield from _in_schedule(document[TABLE][name], schedule, (*place, TABLE, name))


def _in_schedule(document: Any, raw: Any, place: ValuePlace) -> Iterator[tuple[ValuePlace, Any]]:
    for key, value in raw.items() if isinstance(raw, Mapping) else ():
        if key in SETS and isinstance(value, list):
            for number, part in enumerate(value):
                yield from _in_schedule(document[key][number], part, (*place, key, number))
        elif key == KEY and isinstance(value, list):
            for number, part in enumerate(value):
                if _is_country(part):
                    yield (*place, key, number), document[key][number]
        elif key == KEY and _is_country(value):
            yield (*place, key), document[key]


def _is_country(value: Any) -> bool:
    """Return whether dates can replace `value`: a country's code, the name of a file, or a table with a country.

    Text that begins with a digit counts as a date, and any other text as a code or a name.
    """
    return (isinstance(value, str) and not value[:1].isdigit()) or (isinstance(value, Mapping) and "country" in value)


def frozen_documents(found: Mapping[ValuePlace, Any], first: int, last: int, *, around: bool) -> dict[ValuePlace, Any]:
    """Return the tables of dates to write into a document, by place. `found` has the holidays to replace, by place.

    With `around`, a table also has the year before `first` and the year after `last`, if they are known. Raise
    ValueError if `first` or `last` is not known.
    """
    calendars: dict[ValuePlace, HolidayCalendar] = {place: holidays_of(value) for place, value in found.items()}
    return {
        place: holidays_document(frozen_of(calendar, first, last, around=around))
        for place, calendar in calendars.items()
    }


def with_values(text: str, changes: Mapping[ValuePlace, Mapping[str, Any]], *, toml: bool) -> str:
    """Return the text of a document with tables in place of some values. The rest of the text does not change.

    `changes` has the table for each place. Raise UnwritableError if a value cannot be replaced without loss.
    """
    values = written_values(text, toml=toml)
    edits: list[Edit] = []
    for place, table in changes.items():
        exact = next((value for value in values if value.place == place), None)
        if exact is None:
            edits += _edits_of_table(text, [value for value in values if value.is_line], place, table)
        elif exact.is_line:
            edits.append(_lines(text, exact, exact.keys, table))
        elif toml and comments_in(text[exact.start : exact.end]):
            raise UnwritableError(place)
        else:
            edits.append((exact.start, exact.end, _toml(table) if toml else _json(text, exact, table)))
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _edits_of_table(
    text: str, lines: list[WrittenValue], place: ValuePlace, table: Mapping[str, Any]
) -> Iterator[Edit]:
    """Yield the edits that replace the table at `place` by `table`. The old table is written on several lines.

    `lines` has all values with a line of their own. Raise UnwritableError if none is in the old table, or if a part of
    it has its own header.
    """
    inside = [value for value in lines if value.place[: len(place)] == place]
    # For each line, how many keys lead from the table to its value.
    depth = [len(value.place) - len(place) for value in inside]
    if not inside or any(number > len(value.keys) for value, number in zip(inside, depth, strict=True)):
        raise UnwritableError(place)
    first = inside[0]
    yield _lines(text, first, first.keys[: len(first.keys) - depth[0]], table)
    for value in inside[1:]:  # these lines are removed, but their comments stay
        comments = [*comments_in(text[value.start : value.end]), *comments_in(_behind(text, value))]
        begin, after = text.rfind("\n", 0, value.key_at) + 1, text.find("\n", value.end) + 1 or len(text)
        indent = text[begin : value.key_at]
        yield begin, after, "".join(f"{indent}{comment}{_newline(text)}" for comment in comments)


def _behind(text: str, value: WrittenValue) -> str:
    match = BEHIND.match(text, value.end)
    return match[0] if match else ""


def _lines(text: str, value: WrittenValue, keys: tuple[str, ...], table: Mapping[str, Any]) -> Edit:
    """Return the edit that writes a table in place of a value, on several lines that begin with `keys`.

    Comments inside the value go above these lines. A comment behind the value goes to the end of the first line.
    """
    prefix = "".join(f"{key}." for key in keys)
    indent = text[text.rfind("\n", 0, value.key_at) + 1 : value.key_at]
    lines = [
        line
        for name, content in table.items()
        for line in (
            [f"{name}.{key} = {_toml(each)}" for key, each in content.items()]
            if isinstance(content, Mapping) and content
            else [f"{name} = {_toml(content)}"]
        )
    ]
    behind = _behind(text, value)
    lines[0] += behind
    whole = [*comments_in(text[value.start : value.end]), *(f"{prefix}{line}" for line in lines)]
    return value.key_at, value.end + len(behind), f"{_newline(text)}{indent}".join(whole)


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _toml(value: Any) -> str:
    """Return a text, a list or a table in TOML, on one line."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{key} = {_toml(content)}" for key, content in value.items()) + " }" if value else "{}"
    return f"[{', '.join(map(_toml, value))}]" if isinstance(value, list) else toml_text(value)


def _json(text: str, value: WrittenValue, table: Mapping[str, Any]) -> str:
    """Return a table as JSON that can replace `value` in `text`.

    The JSON is indented like the rest of `text`. If `text` has no indents, the JSON is on one line.
    """
    unit = FIRST_INDENT.search(text)
    if unit is None:
        return json.dumps(table, ensure_ascii=False)
    line = text[text.rfind("\n", 0, value.key_at) + 1 : value.key_at]
    written = json.dumps(table, ensure_ascii=False, indent=unit[1])
    return written.replace("\n", _newline(text) + line[: len(line) - len(line.lstrip())])


def replaced(document: Mapping[str, Any], changes: Mapping[ValuePlace, Any]) -> dict[str, Any]:
    """Return a copy of a document with new values.

    `changes` maps a place, which has the keys and indexes that lead to a value, to the new value.
    """
    made: Any = deepcopy(dict(document))
    for place, value in changes.items():
        inside = made
        for part in place[:-1]:
            inside = inside[part]
        inside[place[-1]] = value
    return made  # type: ignore[no-any-return]
