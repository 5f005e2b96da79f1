"""The layout that the options of a command choose: a layout by name or file, and the options that change it."""

import argparse
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TypeVar

from kolmisla.cli.inputs import format_read, table_read
from kolmisla.cli.options import sources_of
from kolmisla.cli.terminal import EXIT_DONE, EXIT_UNUSABLE, refuse_overwriting, say, tell
from kolmisla.documents.names import folded
from kolmisla.errors import LayoutError, choices, listing, named, shown, told_once
from kolmisla.files.outputs.streams import is_ordinary
from kolmisla.files.tables.csv_table import SEP_LINE
from kolmisla.files.tables.opening import UTF_8, reading
from kolmisla.files.tables.paths import value_names
from kolmisla.files.tables.table import decoding, format_of
from kolmisla.names import repeated
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, sole_names
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, FACTS
from kolmisla.tickets.layouts.file_form import FileForm
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.tickets.layouts.layout_file import LayoutFile, built_in_layouts, layout_text

__all__ = ["fill_form", "layout_of", "run_layout"]

T = TypeVar("T")
MOST_SAMPLED = 200  # the most rows from which a layout is proposed
PLURAL = {"plan": "plans", "priority": "priorities"}  # the facts whose names must be in the policy
LONGEST_HEADER = 2**16  # the most characters of the first line that are looked at


def run_layout(options: argparse.Namespace, policy: Callable[[], Policy]) -> int:
    """Run `kolmisla layout show`, `check` or `guess`: print a layout, list its faults, or propose one for a file.

    If `show` or `check` is given no layout, list the built-in layouts. Only `guess` needs the policy.
    """
    if options.act == "guess":
        refuse_overwriting({"file": options.file, **sources_of(options)})
        if options.file is None:
            raise ValueError("name a file of tickets or of events: kolmisla layout guess FILE")
        return _say_lines(_guessed(options, policy()).splitlines())
    if options.file is None:
        return _say_lines(f"{name:20}{LayoutFile.load(name).about}" for name in built_in_layouts())
    is_built_in = options.file in built_in_layouts()
    if not is_built_in:
        refuse_overwriting({"file": options.file})
    try:
        layout = LayoutFile.load(options.file)
    except LayoutError as error:
        if options.act == "show" or not error.faults:
            raise
        for text in told_once(error.faults):
            say(text)
        tell(f"kolmisla: {options.file}: {len(error.faults)} fault{'s' * (len(error.faults) > 1)}")
        return EXIT_UNUSABLE
    if options.act == "check":
        say(f"{options.file}: no faults" + f", {layout.name}" * bool(layout.name))
        return EXIT_DONE
    text = layout_text(options.file) if is_built_in else Path(options.file).read_text(encoding=UTF_8)
    return _say_lines(text.splitlines())


def _say_lines(lines: Iterable[str]) -> int:
    for line in lines:
        say(line)
    return EXIT_DONE


def _guessed(options: argparse.Namespace, policy: Policy) -> str:
    """Return the draft of a layout for a file, as TOML. It is made from the valid rows among the file's first 200."""
    form = {name: given for name in ("format", "rows", "encoding") if (given := getattr(options, name)) is not None}
    options.tickets, options.events, options.event_rows = options.file, None, None
    kind = format_read(options)
    if kind == "parquet":
        raise ValueError(f"a layout is for CSV, JSON and XES; {options.file} is Parquet")
    if kind == "csv":
        options.delimiter = options.delimiter or _delimiter(options)
        form |= {"delimiter": options.delimiter} if options.delimiter != "," else {}
    with table_read(options, kind) as (table, _):
        rows = [row for _, row, fault in islice(table.rows(), MOST_SAMPLED) if fault is None]
        columns = table.columns
        if columns is None:
            columns = list(dict.fromkeys(name for _, fields in rows for name in value_names(fields)))
        twice = set(repeated(columns))
        once = [column for column in columns if column not in twice]
        pick = table.picker(once)
        cells = [[None if cell is None else str(cell) for cell in pick(row)] for row in rows]
    from kolmisla.tickets.layouts.guess import guess  # no other command needs it

    return guess(once, cells, form=form, known=known_names(policy)["priority"])


def _delimiter(options: argparse.Namespace) -> str:
    """Return the delimiter of a CSV file: the most frequent of comma, semicolon, tab and bar in its first line.

    A first line such as `sep=;`, which Excel understands, names the delimiter. Errors name the file.
    """
    if not is_ordinary(options.file) and not Path(options.file).is_dir():
        raise ValueError(f"give --delimiter, because {options.file} is no ordinary file, and is read only once")
    try:
        with reading(options.file, options.encoding or UTF_8) as (stream, _), decoding(stream, lambda: 0):
            first = stream.readline(LONGEST_HEADER)
    except ValueError as fault:
        raise ValueError(f"{options.file}: {fault}") from fault
    if match := SEP_LINE.fullmatch(first):
        return match[1]
    return max(",;\t|", key=first.count)


def fill_form(options: argparse.Namespace) -> None:
    """Set the options about the form of the files, such as the delimiter, to what the layout says.

    Options that the user has given do not change. The layout of an audit log makes the file of tickets the file of
    events.
    """
    form = FileForm() if options.layout is None else options.layout.layout.file
    if form.audit and options.events is None:
        options.events = options.tickets
    kind = options.format or format_of(options.tickets, packed=True) or form.format
    useful = {"format": True, "rows": kind == "json", "event_rows": options.events is not None, "encoding": True}
    useful["delimiter"] = kind in (None, "csv")
    for name in [name for name, is_useful in useful.items() if is_useful and getattr(options, name) is None]:
        setattr(options, name, kind if name == "format" else getattr(form, name))


def layout_of(options: argparse.Namespace, policy: Policy) -> Layout:
    """Return the layout that the options choose. Options are used before the layout of `--layout`.

    Raise ValueError for options that contradict each other, and if the user names a plan or a priority that the policy
    does not have.
    """
    base = LayoutFile() if options.layout is None else options.layout.layout
    values: dict[str, dict[str, str]] = {}
    for name, (theirs, ours) in (*options.value, *options.event_kind):
        if theirs in values.setdefault(name, {}):
            raise ValueError(f"{shown(theirs)} must be translated once for {name}, not twice")
        values[name][theirs] = ours
    columns, constants = _once("--map", options.map), _once("--set", options.set)
    known = known_names(policy)
    words = dict(base.words)
    if (own := _own_file(options)) is None:
        # A built-in layout is for any policy. Its words for names that this policy lacks are left out.
        words = {name: _with_known(words, known.get(name)) for name, words in base.words.items()}
    words["kind"] = base.events
    formats = list(map(_named_format, options.time_format))
    every = [text for name, text in formats if name is None]
    single = {fact: [text for name, text in formats if name == fact] for fact, _ in formats if fact is not None}
    layout = Layout(
        columns={**_without(base.first_columns, constants), **columns},
        others=_without(base.other_columns, {**constants, **columns}),
        constants={**_without(base.constants, columns), **constants},
        values={name: _replaced(words.get(name, {}), values.get(name, {})) for name in {**words, **values}},
        timezone=options.timezone or base.times.timezone or policy.timezone,
        channel=None,
        ambiguous=options.ambiguous or base.times.ambiguous,
        pattern=every or base.times.format or None,
        formats={**({} if every else base.times.formats), **single},
        none=(*base.times.none, *options.none),
        defaults={**base.defaults, **_once("--default", options.default)},
        sole=sole_names(policy),
        known=known,
        tolerance=base.times.tolerance or timedelta() if options.tolerance is None else options.tolerance,
        language=options.time_language or base.times.language,
    )
    _check_names(layout, options, own, policy)
    return layout


def _own_file(options: argparse.Namespace) -> str | None:
    """Return the path of a layout that the user has written. Return None for a built-in layout, and for no layout."""
    chosen = options.layout
    return None if chosen is None or chosen.given in built_in_layouts() else chosen.given


def _check_names(layout: Layout, options: argparse.Namespace, own: str | None, policy: Policy) -> None:
    """Raise ValueError, with every fault, if the user named a plan or a priority that the policy does not have.

    `own` is the path of the user's own layout, or None. The names of a built-in layout are not checked.
    """
    faults = []
    for fact in PLURAL:
        known = {folded(name): name for name in layout.known[fact]}
        for table, word, name in _names_in(layout, fact):
            place = None if folded(name) in known else _place(options, own, table, fact, word)
            if place:
                must = f"must be a {fact} of policy {named(policy.name)}, not {shown(name)}"
                faults.append(f"{place} {must}; {_meant(name, known, fact)}")
    if faults:
        raise ValueError(listing(faults))


def _names_in(layout: Layout, fact: str) -> Iterator[tuple[str, str | None, str]]:
    """Yield each name of a plan or a priority in a layout, with its place.

    An item is the table, the word translated to the name (or None), and the name: `("words", "P1", "BLOCKER")`. `fact`
    is `plan` or `priority`.
    """
    yield from (("words", word, ours) for word, ours in layout.values.get(fact, {}).items() if ours.strip())
    if default := layout.defaults.get(fact, "").strip():
        yield "defaults", None, default
    given: list[tuple[str, str | None, str]] = [("constants", None, layout.constants.get(fact, "").strip())]
    if fact == "priority":
        given += [("events", word, name) for word, name in layout.kinds.values_of("priority")]
    for table, of_word, name in given:
        if name and (translated := layout.words(fact).ours(name)):
            yield table, of_word, translated


def _place(options: argparse.Namespace, own: str | None, table: str, fact: str, word: str | None) -> str | None:
    """Return where the user wrote a name: an option, or a place in the layout file `own`.

    Return None for a name of a built-in layout. `table` is the layout's table with the name, such as `words`. `fact` is
    `plan` or `priority`. `word` is what the layout translates to the name, or None.
    """
    if word is None:
        option, given = ("--default", options.default) if table == "defaults" else ("--set", options.set)
        if fact in dict(given):
            return f"{option} {fact}"
        return None if own is None else f"{own}: {table}.{fact}"
    told, option = ("kind", "--event-kind ") if table == "events" else (fact, f"--value {fact}:")
    if any(name == told and theirs == word for name, (theirs, _) in (*options.value, *options.event_kind)):
        return f"{option}{named(word)}"
    of_fact = table if table == "events" else f"{table}.{fact}"
    return None if own is None else f"{own}: {of_fact}.{named(word)}"


def _meant(name: str, known: Mapping[str, str], fact: str) -> str:
    """Return the end of a message, with the known name that is most like `name`.

    If no known name is like `name`, the message ends with all known names.
    """
    from difflib import get_close_matches  # only for a message

    near = get_close_matches(folded(name), known, n=1)
    return f"did you mean {named(known[near[0]])}?" if near else f"its {PLURAL[fact]} are {choices(known.values())}"


def _without(of_layout: Mapping[str, T], replaced: Mapping[str, str]) -> dict[str, T]:
    return {name: given for name, given in of_layout.items() if name not in replaced}


def _replaced(of_layout: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return the words of a layout together with the words in `given`, which come from options.

    A word in `given` replaces an equal word of the layout. Letter case does not matter, nor blanks beside a colon.
    """

    def key(word: str) -> tuple[str, ...]:
        name, *value = word.split(":", 1)  # such as the field and the new value of a row in a history
        return folded(name), *map(folded, value)

    again = set(map(key, given))
    return {**{word: ours for word, ours in of_layout.items() if key(word) not in again}, **given}


def _with_known(words: Mapping[str, str], known: Sequence[str] | None) -> Mapping[str, str]:
    names = None if known is None else {"", *map(folded, known)}
    return {theirs: ours for theirs, ours in words.items() if names is None or folded(ours) in names}


def _named_format(text: str) -> tuple[str | None, str]:
    """Read `NAME=FORMAT`, such as `opened_at=excel`. Return the name of the fact, and the format of its times.

    If the text does not begin with the name of a fact and `=`, return None and the whole text.
    """
    name, _, rest = text.partition("=")
    return (name, rest) if rest and name in (*FACTS, *EVENT_COLUMNS) else (None, text)


def _once(option: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    if twice := repeated(name for name, _ in pairs):
        raise ValueError(f"{option} is given twice for {choices(sorted(twice))}")
    return dict(pairs)
