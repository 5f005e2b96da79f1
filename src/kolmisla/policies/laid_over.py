"""How the table of an edition changes the fields outside the document's list of editions, key by key.

The edition's keys replace those outside the list, and `false` removes an entry. Tables are changed key by key, except
these, which are replaced as a whole:

- a schedule that, before or after the change, combines other schedules or is always or never open
- the holidays of a country, and frozen holidays
- the hours of eves

Names and days match in any letter case. Keys with a fixed name, such as `rank`, match only in small letters.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from kolmisla.documents.names import by_name, folded
from kolmisla.errors import Fault, as_text, choices, named, shown
from kolmisla.names import LOADING
from kolmisla.schedules.days.hours import DAYS, weekdays_of
from kolmisla.schedules.nesting import SETS

__all__ = ["ENTRIES_BY_NAME", "check_spellings", "laid_over", "depth_reached"]

# tables that may also be written as lists
ENTRIES_BY_NAME = ("priorities", "plans", "channels", "rates", "coverage", "metrics", "owners")
# The fields with names, and what to call a name. Tasks and prices are left out: no ticket is counted under them.
SPELLED = {
    "schedules": "schedule",
    "priorities": "priority",
    "plans": "plan",
    "metrics": "metric",
    "owners": "owner",
    "channels": "channel",
}
ALONE = ("open", *SETS)  # a schedule with one of these keys has no weekly hours

WITHIN = "within"  # the key that each target has
TARGET_KEYS = {WITHIN, "by", "counts_from", "cutoff", "schedule", "line"}  # the keys that a target may have

OF_METRIC = "targets of a metric"
Path = tuple[str | int, ...]


def laid_over(base: Mapping[str, Any], own: Mapping[str, Any]) -> tuple[dict[str, Any], list[Fault]]:
    """Return `base` with the changes in `own`, and a list of faults. `own` is the table of an edition.

    It is a fault if `own` has a key in two spellings, removes an entry that `base` does not have, or removes the time
    of a target.

    >>> base = {"name": "desk", "schedules": {"day": {"hours": {"mon-fri": ["08:00-18:00"]}, "holidays": "LT"}}}
    >>> made, _ = laid_over(base, {"schedules": {"day": {"hours": {"fri": ["08:00-15:00"]}}}})
    >>> made["schedules"]["day"]["hours"]["fri"], made["schedules"]["day"]["hours"]["thu"]
    (['08:00-15:00'], ['08:00-18:00'])
    """
    faults: list[Fault] = []
    names = _priorities(base, own)
    return _together(base, own, (), faults, names), faults


def depth_reached(table: Any, place: Path) -> int:
    """Return how many keys of the path `place` exist in a table, up to the first key that is missing.

    Each key is looked up in the value of the previous key.
    """
    for depth, key in enumerate(place):
        same = _key(key, place[:depth], table)
        keys = {_key(name, place[:depth], table): name for name in table} if isinstance(table, Mapping) else {}
        if same not in keys:
            return depth
        table = table[keys[same]]
    return len(place)


def _priorities(base: Mapping[str, Any], own: Mapping[str, Any]) -> list[str]:
    """Return the names of the priorities that an edition has: those of `base`, changed by the edition's table `own`.

    The spelling of `base` is kept. If `own` has a list of priorities, those of `base` are left out.
    """
    before, after = _named(base.get("priorities", {})), own.get("priorities", {})
    if isinstance(after, list) or not isinstance(before, Mapping):
        before = {}
    after = _named(after)
    names = {folded(name): name for name in before if isinstance(name, str)}
    for name, entry in after.items() if isinstance(after, Mapping) else ():
        if entry is False:
            names.pop(folded(name), None)
        else:
            names.setdefault(folded(name), name)
    return list(names.values())


def _together(
    base: Mapping[Any, Any], own: Mapping[Any, Any], path: Path, faults: list[Fault], names: list[str]
) -> dict[Any, Any]:
    made = dict(base)
    spelled = {_key(key, path, base): key for key in base}
    given: dict[object, object] = {}
    for key, value in own.items():
        same, place = _key(key, path, base), (*path, key)
        here = spelled.get(same, key)
        if given.setdefault(same, key) != key:
            faults.append(Fault(place, f"means the same as {named(as_text(given[same]))}; write only one of the two"))
        elif value is False and key == WITHIN and path[:1] == ("plans",):
            whole = f"{named(as_text(path[-1]))} = false"
            faults.append(Fault(place, f"must not be false, because a target needs it; type {whole} to have no target"))
        elif value is False and not (path and _is_switch(path, key)):
            if made.pop(here, None) is None:
                there = f"; there are {choices(base)}" if base else ""
                faults.append(Fault(place, f"must not be false, because there is no {shown(key)} to remove{there}"))
        else:
            made[here] = _over(made.get(here), value, place, faults, names)
    return made


def _over(base: Any, own: Any, path: Path, faults: list[Fault], names: list[str]) -> Any:
    """Return a value of an edition: `base` with the changes in `own` if both are tables, else `own`.

    `path` is the place of both. Some tables are replaced as a whole: see the top of this file. Add faults to `faults`.
    `names` are the edition's priorities.
    """
    if len(path) == 1 and path[0] in ENTRIES_BY_NAME and isinstance(base, (Mapping, list)) and isinstance(own, Mapping):
        base, own = _named(base), _named(own)
    if not isinstance(base, Mapping) or not isinstance(own, Mapping):
        return own
    form = _form(path)
    if form == "schedule" and (set(own) & set(ALONE) or (set(base) & set(ALONE) and set(own) - {"line"})):
        return own
    if form == "eves":
        return own
    if form == "holidays" and {"country", "frozen"} & {*base, *own}:
        return own
    if form == OF_METRIC:
        if own.get(WITHIN, False) is not False and WITHIN not in base:
            return own
        if WITHIN in base and not TARGET_KEYS & set(own):
            base = dict.fromkeys(names, base)
    if form == "hours":
        days, own_days = _by_day(base), _by_day(own)
        if days is None or own_days is None:  # the fault is reported when the hours are read
            return own if own_days is None else base
        base, own = days, own_days
    return _together(base, own, path, faults, names)


def _form(path: Path) -> str:
    """Return what kind of table is at the place `path`, such as `schedule`, or "" if `_over` has no rule for it."""
    match path:
        case ("schedules", _):
            return "schedule"
        case ("schedules", _, "holidays"):
            return "holidays"
        case ("schedules", _, "eves"):
            return "eves"
        case ("schedules", _, "hours") | ("schedules", _, "seasons", _, "hours"):
            return "hours"
        case ("plans", _, "targets", _):
            return OF_METRIC
    return ""


def _is_switch(path: Path, key: object) -> bool:
    """Return whether `false` is a new value for `key` in the table at `path`, such as for `moved_days`.

    For all other keys, `false` removes the entry.
    """
    return (key == "moved_days" and _form(path) == "holidays") or (key == "repeats" and path[:1] == ("metrics",))


def _key(key: object, path: Path, table: Any) -> object:
    """Return the form in which a key of the table at `path` is compared. Names and days match in any letter case."""
    if not isinstance(key, str):
        return key
    match path:
        case ("schedules", _, "exceptions" | "seasons"):
            with LOADING, suppress(ValueError):
                from kolmisla.schedules.days.other.when import when_of

                return when_of(key).identity
            return key
        case ("schedules", _, "hours") | ("schedules", _, "seasons", _, "hours"):
            return key.strip().lower()
        case ("schedules",) | ("plans", _, "targets" | "pauses") | ("plans", _, "targets", _, "owners"):
            return folded(key)
        case (str(entries),) if entries in ENTRIES_BY_NAME:
            return folded(key)
        case ("plans", _, "targets", _) if isinstance(table, Mapping) and WITHIN not in table:
            return folded(key)
    return key


def _by_day(hours: Mapping[Any, Any]) -> dict[Any, Any] | None:
    """Return weekly hours with single weekdays, such as `mon`, in place of ranges, such as `mon-fri`.

    Return None if a day is invalid or occurs twice.
    """
    try:
        days = [(DAYS[index], texts) for key, texts in hours.items() for index in weekdays_of(key)]
    except ValueError:
        return None
    return dict(days) if len(dict(days)) == len(days) else None


def _named(entries: Any) -> Any:
    """Return a list of entries as a table from names to entries.

    Anything else is returned unchanged, and so is a list with a fault, such as a missing name.
    """
    try:
        return by_name(entries) if isinstance(entries, list) else entries
    except ValueError:  # the fault is reported when the entries are read
        return entries


def check_spellings(editions: Sequence[Any]) -> None:
    """Raise ValueError if two editions spell a name differently, such as `Gold Plan` and `GOLD-PLAN` (see `folded`)."""
    for field, what in SPELLED.items():
        known: dict[str, str] = {}
        for edition in editions:
            names: Mapping[str, Any] = getattr(edition, field)
            for name in names:
                if (other := known.setdefault(folded(name), name)) != name:
                    raise ValueError(
                        f"editions must spell a name alike, but the {what} {shown(other)} is {shown(name)} in the"
                        f" edition effective from {edition.effective_from}; write {shown(other)} there"
                    )
