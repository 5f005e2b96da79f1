"""The draft of a layout for a file, made from its columns and some of its rows."""

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.documents.toml_json import toml_text
from kolmisla.errors import choices, named, shown
from kolmisla.tickets.layouts.column_words import LOOKS_LIKE, likeness
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, EVENTS, WHO
from kolmisla.tickets.layouts.layout import NO_TIME
from kolmisla.tickets.layouts.layout_file import LayoutFile, built_in_layouts
from kolmisla.tickets.layouts.words import as_word
from kolmisla.times.instants import micros
from kolmisla.times.reading import read

__all__ = ["guess"]

TIMES_OF = ("opened_at", "answered_at", "resolved_at", "at")
# For each kind of event, the pattern of words for a state that seem to mean it.
MEANS = {
    "resolved": LOOKS_LIKE["resolved_at"],
    "paused": re.compile(r"pend|wait|hold|await|espera|aguard|wart|customer|client", re.IGNORECASE),
    "resumed": re.compile(r"open|new|progress|work|assign|active|abiert|abert|offen", re.IGNORECASE),
}
DATE_FORMATS = (
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d.%m.%Y",
    "%Y/%m/%d",
    "%d/%b/%y",
    "%d %b %Y",
    "%b %d, %Y",
)
CLOCK_FORMATS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p")
COMMON_FORMATS = tuple(f"{date} {time}" for date in DATE_FORMATS for time in CLOCK_FORMATS)
DIGIT = re.compile(r"[0-9]")
THREE_NUMBERS = re.compile(r"(?<![0-9])[0-9]++[^0-9]++[0-9]++[^0-9]++[0-9]")  # in each of these formats
SINCE_1970 = "epoch"
EPOCHS = (micros(datetime(2000, 1, 1, tzinfo=UTC)), micros(datetime(2100, 1, 1, tzinfo=UTC)))
MOST_WORDS = 40  # how many words of a column are listed at most
LEAST_ALIKE = 3  # a built-in layout is named if the file has at least this many of its columns
UNSURE = "unsure"


def guess(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, form: Mapping[str, str], known: Collection[str] = ()
) -> str:
    """Return the draft of a layout for a file with these columns, as TOML.

    `rows` has some rows of the file. `form` has what is known of the file's form, such as its delimiter. `known` has
    the policy's names of priorities.

    >>> print(guess(["Key", "Created"], [["A-1", "03/25/2026 09:30"]], form={}))
    [columns]
    opened_at = "Created"
    id = "Key"
    <BLANKLINE>
    [times]
    format = "%m/%d/%Y %H:%M"
    """
    cells = {name: [row[i] for row in rows if row[i] is not None] for i, name in enumerate(columns)}
    times = {name: formats for name in columns if (formats := _formats(name, cells[name])) is not None}
    found = _columns(columns, cells, times)
    used = {names[0]: None for names in found.values()}
    rest = [name for name in columns if name and name not in used]
    parts = [
        [f"# the file has the columns of the built-in layout {name}" for name in _alike(columns)],
        _file(form, is_audit="at" in found and "value" not in found),
        [
            "[columns]",
            *(f"{fact} = {toml_text(column)}{_unsure(others)}" for fact, (column, *others) in found.items()),
            *_unread(columns, cells, times, found),
            *([f"# not used: {choices(rest)}"] if rest else []),
        ],
        _times([times[name] for name in used if times.get(name)]),
        *_words(cells, _changes(columns, rows, found), found, {folded(name) for name in known}),
    ]
    return "\n\n".join("\n".join(lines) for lines in parts if lines)


def _alike(columns: Sequence[str]) -> list[str]:
    """Return the names of the built-in layouts that fit a file with these columns.

    A layout fits if the file has all columns that the layout requires, and at least three of its columns.
    """
    there = {name.casefold() for name in columns}
    alike = []
    for name in built_in_layouts():
        layout = LayoutFile.load(name)
        of_rows = {fact: given for fact, given in layout.columns.items() if fact not in (EVENTS, *EVENT_COLUMNS, *WHO)}
        must = {given for given in of_rows.values() if isinstance(given, str)}
        listed = [given for given in of_rows.values() if not isinstance(given, str)]
        found = [given for given in listed if any(column.casefold() in there for column in given)]
        if all(column.casefold() in there for column in must) and len(must) + len(found) >= LEAST_ALIKE:
            alike.append(name)
    return alike


def _file(form: Mapping[str, str], *, is_audit: bool) -> list[str]:
    """Return the lines of the draft that say what form the file has."""
    lines = [f"{name} = {toml_text(value)}" for name, value in form.items()]
    lines += [f"audit = true{_unsure(['false'])}"] * is_audit
    return ["[file]", *lines] if lines else []


def _columns(
    columns: Sequence[str], cells: Mapping[str, Sequence[Any]], times: Mapping[str, Sequence[str]]
) -> dict[str, list[str]]:
    """Return the columns that may hold each fact, the likeliest first."""
    found = {fact: _named_like(fact, columns) for fact in LOOKS_LIKE}
    for fact, names in found.items():
        found[fact] = [name for name in names if (name in times) == (fact in TIMES_OF)]
    found["kind"].sort(key=lambda name: all(str(cell).isdecimal() for cell in cells[name]))
    ids = cells[found["id"][0]] if found["id"] else []
    is_log = len(set(ids)) < len(ids) and bool(times)
    at = [name for name in found["at"] if name not in found["opened_at"]] or [*times]
    field, value = found.pop("field"), found.pop("value")
    if is_log and field and value:  # each row has a field and its new value
        return {"event_id": found["id"], "at": at, "kind": field, "value": value}
    if is_log and found["kind"]:
        found["at"] = at
        if found["opened_at"][:1] == at[:1]:
            found["opened_at"] = []
    else:
        found["at"] = found["kind"] = []
    return {fact: names for fact, names in found.items() if names}


def _named_like(fact: str, columns: Sequence[str]) -> list[str]:
    """Return the columns whose names fit a fact, the best fit first."""
    alike = {name: how for name in columns if (how := likeness(fact, name)) is not None}
    return sorted(alike, key=lambda name: alike[name])


def _unread(
    columns: Sequence[str],
    cells: Mapping[str, Sequence[Any]],
    times: Mapping[str, Sequence[str]],
    found: Mapping[str, Sequence[str]],
) -> list[str]:
    """Return comment lines that say why no column was found for the time of opening, or [] if one was found."""
    if "opened_at" in found or "at" in found:
        return []
    lines = [
        f"# {UNSURE}: opened_at may be {named(name)}, but {shown(cells[name][0])} cannot be read as a time"
        for name in _named_like("opened_at", columns)
        if name not in times and cells[name]
    ]
    return lines[:1] or [f"# {UNSURE}: no column looks like the time of opening; write opened_at = the column's name"]


def _formats(name: str, values: Sequence[Any]) -> list[str] | None:
    """Return the time formats that fit all values of the column `name`, or an empty list if they are in ISO 8601.

    Return None if no format fits, or if fewer than half of the values (rounded down) are texts. Words that mean no time
    do not count.
    """
    texts = [value for value in values if isinstance(value, str) and value.casefold() not in NO_TIME]
    if not texts or len(texts) < len(values) // 2 or not all(map(DIGIT.search, texts)):
        return None
    if all(_is_time(text, None) for text in texts):
        return []
    if any(LOOKS_LIKE[fact].search(name) for fact in TIMES_OF) and all(_is_time(text, SINCE_1970) for text in texts):
        return [SINCE_1970]
    if not all(map(THREE_NUMBERS.search, texts)):  # there are many formats, and files with thousands of columns
        return None
    return [form for form in COMMON_FORMATS if all(_is_time(text, form) for text in texts)] or None


def _is_time(text: str, form: str | None) -> bool:
    try:
        at = micros(read(text, pattern=form, zone=UTC, ambiguous="earlier"))
    except ValueError:
        return False
    return form != SINCE_1970 or EPOCHS[0] <= at < EPOCHS[1]


def _times(fitting: Sequence[Sequence[str]]) -> list[str]:
    """Return the lines of the draft that name the time format.

    `fitting` has the formats that fit each column of times.
    """
    every = [form for form in fitting[0] if all(form in forms for forms in fitting)] if fitting else []
    fitting = [every] if every else fitting  # one format for all columns, if there is one
    first = list(dict.fromkeys(forms[0] for forms in fitting))
    others = list(dict.fromkeys(form for forms in fitting for form in forms[1:] if form not in first))
    if not first:
        return []
    written = toml_text(first[0]) if len(first) == 1 else f"[{', '.join(map(toml_text, first))}]"
    return ["[times]", f"format = {written}{_unsure(others)}"]


def _words(
    cells: Mapping[str, Sequence[Any]],
    changes: Sequence[str],
    found: Mapping[str, Sequence[str]],
    known: Collection[str],
) -> list[list[str]]:
    """Return two lists of lines of the draft: one for words for priorities, and one for words for kinds of event.

    `changes` has the field changes in the file, such as `status:solved`.
    """
    priorities = [word for word in _distinct(cells, found, "priority") if folded(word) not in known]
    lines = [f'# {toml_text(as_word(word))} = ""' for word in priorities]
    words = [word for word in changes if LOOKS_LIKE["kind"].search(word)] or _distinct(cells, found, "kind")
    kinds = [
        f"{toml_text(as_word(word))} = {toml_text(_meaning(word.rpartition(':')[2]))}  # {UNSURE}"
        for word in words[:MOST_WORDS]
    ]
    return [
        ["[words.priority]", "# fill in the policy's name for each word, and delete the # before it", *lines]
        if lines
        else [],
        ["[events]", *kinds] if kinds else [],
    ]


def _changes(columns: Sequence[str], rows: Sequence[Sequence[Any]], found: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the different field changes in the rows, each as a field and its new value, such as `status:solved`."""
    if "value" not in found:
        return []
    field, value = columns.index(found["kind"][0]), columns.index(found["value"][0])
    return list(dict.fromkeys(f"{row[field]}:{row[value] or ''}" for row in rows if row[field] is not None))


def _meaning(word: str) -> str:
    return next((kind for kind, pattern in MEANS.items() if pattern.search(word)), "")


def _distinct(cells: Mapping[str, Sequence[Any]], found: Mapping[str, Sequence[str]], fact: str) -> list[str]:
    """Return the different words in the column of a fact, in order of appearance, up to MOST_WORDS."""
    values = cells[found[fact][0]] if fact in found else ()
    return list(dict.fromkeys(map(str, values)))[:MOST_WORDS]


def _unsure(others: Sequence[str]) -> str:
    return f"  # {UNSURE}: or {', '.join(map(named, others))}" if others else ""
