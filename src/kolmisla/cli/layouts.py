"""The layout that the options of a command choose: a layout by name or file, and the options that change it."""

import argparse
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from kolmisla.errors import choices, shown
from kolmisla.files.tables.table import format_of
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import known_names, sole_names
from kolmisla.tickets.layouts.file_form import FileForm
from kolmisla.tickets.layouts.layout import EVENT_COLUMNS, FACTS, Layout
from kolmisla.tickets.layouts.layout_file import LayoutFile

__all__ = ["fill_form", "layout_of"]

T = TypeVar("T")


def fill_form(options: argparse.Namespace) -> None:
    """Fill in what the options do not say about the form of the files, from the layout that they name."""
    form = FileForm() if options.layout is None else options.layout.file
    if form.audit and options.events is None:
        options.events = options.tickets
    kind = options.format or format_of(options.tickets, packed=True) or form.format
    useful = {"format": True, "rows": kind == "json", "event_rows": options.events is not None, "encoding": True}
    useful["delimiter"] = kind in (None, "csv")
    for name in [name for name, is_useful in useful.items() if is_useful and getattr(options, name) is None]:
        setattr(options, name, kind if name == "format" else getattr(form, name))


def layout_of(options: argparse.Namespace, policy: Policy) -> Layout:
    """Return the layout that the options choose. An option replaces what the named layout says about the same thing.

    Raise ValueError for options that contradict each other.
    """
    base = LayoutFile() if options.layout is None else options.layout
    values: dict[str, dict[str, str]] = {}
    for name, (theirs, ours) in (*options.value, *options.event_kind):
        if theirs in values.setdefault(name, {}):
            raise ValueError(f"{shown(theirs)} is translated twice for {name}")
        values[name][theirs] = ours
    columns, constants = _once("--map", options.map), _once("--set", options.set)
    words = {**base.words, "kind": base.events}
    formats = list(map(_named_format, options.time_format))
    every = [text for name, text in formats if name is None]
    single = {fact: [text for name, text in formats if name == fact] for fact, _ in formats if fact is not None}
    return Layout(
        columns={**_without(base.first_columns, constants), **columns},
        others=_without(base.other_columns, {**constants, **columns}),
        constants={**_without(base.constants, columns), **constants},
        values={name: {**words.get(name, {}), **values.get(name, {})} for name in {**words, **values}},
        timezone=options.timezone or base.times.timezone or policy.timezone,
        channel=None,
        ambiguous=options.ambiguous or base.times.ambiguous,
        pattern=every or base.times.format or None,
        formats={**base.times.formats, **single},
        none=(*base.times.none, *options.none),
        defaults={**base.defaults, **_once("--default", options.default)},
        sole=sole_names(policy),
        known=known_names(policy),
        tolerance=options.tolerance or base.times.tolerance or timedelta(),
    )


def _without(of_layout: Mapping[str, T], replaced: Mapping[str, str]) -> dict[str, T]:
    return {name: given for name, given in of_layout.items() if name not in replaced}


def _named_format(text: str) -> tuple[str | None, str]:
    """Return the fact and the format of `NAME=FORMAT`, or None and the format."""
    name, _, rest = text.partition("=")
    return (name, rest) if rest and name in (*FACTS, *EVENT_COLUMNS) else (None, text)


def _once(option: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{option} is given twice for {choices(twice)}")
    return dict(pairs)
