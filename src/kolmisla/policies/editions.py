"""Editions of a policy. An edition is a complete set of rules that comes into force on a date.

One document has all editions, in a list. Fields outside this list hold for each edition that does not change them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, Protocol, Self, TypeVar

from kolmisla.documents.names import folded
from kolmisla.errors import MOST_FAULTS, Fault, NotCoveredError, PolicyError, as_text, choices, shown
from kolmisla.names import LOADING
from kolmisla.times.instants import Pair, told
from kolmisla.times.zones import midnight, zone_named

__all__ = [
    "EDITIONS",
    "EVER",
    "PolicyDocument",
    "begins",
    "begun",
    "editions_in_order",
    "eras_of",
    "in_force",
    "read_editions",
    "together",
    "turning_points",
]

EDITIONS = "editions"
COMPLETE = ("name", "timezone", "schedules", "priorities", "plans")  # what a policy must have
MOST_EDITIONS = 100  # how many editions one document may have
EVER = (-(1 << 62), 1 << 62)  # from before until after all instants
MOST_VALUES = 50_000  # how many values all editions of one document may have

PolicyDocument = dict[str, Any]


class Edition(Protocol):
    """A complete set of rules, in force from the beginning of `effective_from` in `timezone`."""

    @property
    def timezone(self) -> str:
        """The name of the time zone."""

    @property
    def effective_from(self) -> date | None:
        """The date from which the rules are in force, or None if they were in force from the start."""

    @property
    def releases(self) -> Mapping[str, date | None]:
        """The product's releases. Each has the date on which it came out, or None if there are no dates."""

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some fields replaced."""


E = TypeVar("E", bound=Edition)


def _since(edition: Edition) -> date:
    """Return the date from which an edition is in force, or `date.min` if it has no date."""
    return edition.effective_from or date.min


def begins(timezone: str, day: date) -> int:
    """Return the instant (in UTC microseconds) at which a date begins in a time zone."""
    return midnight(zone_named(timezone), day.toordinal())


def editions_in_order(editions: Iterable[E], latest: Edition, shared: Mapping[str, Any]) -> list[E]:
    """Return `editions` in order of time, each with the values in `shared`, which maps fields to values.

    `latest` is not returned. Raise ValueError if dates are equal, if `latest` is not the latest, or if time zones or
    spellings of a name differ.
    """
    earlier = sorted(editions, key=_since)
    ordered: list[Edition] = [*earlier, latest]
    for before, after in pairwise(ordered):
        if after.effective_from == before.effective_from:
            raise ValueError(
                f"editions must have different dates, but two are effective from {after.effective_from or 'the start'}"
            )
        if _since(before) > _since(after):
            given = after.effective_from or "missing"
            raise ValueError(
                f"effective_from must be later than {_since(before)}, the date of an earlier edition, not {given}"
            )
    with LOADING:
        from kolmisla.policies.laid_over import check_spellings
    check_spellings(ordered)
    zones = sorted({edition.timezone for edition in earlier} - {latest.timezone})
    if zones:
        raise ValueError(f"editions must share one timezone, not have {choices([latest.timezone, *zones])}")
    return [
        edition if all(getattr(edition, name) == value for name, value in shared.items()) else edition.replace(**shared)
        for edition in earlier
    ]


def in_force(policy: Any, at: int, eras: dict[int, Any]) -> Any:
    """Return the edition of a policy in force at an instant, without releases that come out after the instant.

    Raise NotCoveredError if the instant is before the first edition. `eras` stores the results by the number of the
    era, a time in which neither rules nor releases change.
    """
    turn = sum(turning <= at for turning in policy.turns)
    if turn not in eras:
        edition = begun(policy.editions, at)
        to_come = {name: day for name, day in policy.releases.items() if day and begins(policy.timezone, day) > at}
        eras[turn] = _before(edition, to_come) if to_come else edition
    return eras[turn]


def _before(edition: Any, to_come: Mapping[str, date]) -> Any:
    """Return a copy of an edition without some releases, which are not out yet.

    `to_come` maps these releases to the dates on which they come out. The copy stores the dates in `_to_come`.
    """
    known = edition.replace(releases={name: day for name, day in edition.releases.items() if name not in to_come})
    known.__dict__["_to_come"] = {folded(name): day for name, day in to_come.items()}
    return known


def turning_points(editions: Iterable[Edition]) -> tuple[int, ...]:
    """Return the instants at which an edition comes into force or a release comes out, in order of time."""
    days = {
        (edition.timezone, day) for edition in editions for day in (edition.effective_from, *edition.releases.values())
    }
    return tuple(sorted(begins(timezone, day) for timezone, day in days if day))


def eras_of(editions: Sequence[E]) -> list[tuple[E, Pair]]:
    """Return each edition of a policy with its era: the instants from which and until which it is in force.

    `editions` must be in order of time. Instants are in UTC microseconds. An edition without a date is in force from
    the start of EVER on, and the last edition until its end.
    """
    dates = [(edition.timezone, edition.effective_from) for edition in editions]
    starts = [EVER[0] if day is None else begins(timezone, day) for timezone, day in dates]
    return list(zip(editions, zip(starts, [*starts[1:], EVER[1]], strict=True), strict=True))


def begun(editions: Sequence[E], at: int) -> E:
    """Return the edition in force at an instant. Raise NotCoveredError for an instant before the first edition."""
    for edition in reversed(editions):
        if edition.effective_from is None or begins(edition.timezone, edition.effective_from) <= at:
            return edition
    opened, first = told(at, zone_named(editions[0].timezone)), editions[0].effective_from
    raise NotCoveredError(f"{opened} is before the first edition of the policy, effective from {first}")


def read_editions(
    document: Mapping[str, Any],
    shared: Sequence[str],
    unknown: tuple[Sequence[str], Callable[[str], str]],
    read: Callable[[PolicyDocument], E],
) -> tuple[list[E], list[Fault]]:
    """Return two lists: the editions of a document in order of time, and every fault with its place.

    `read` makes an edition from its table. Fields in `shared` must be outside the list. `unknown` has refused fields,
    and a function that returns their message. Raise PolicyError for an invalid list.
    """
    with LOADING:
        from kolmisla.documents.toml_json import check_plain
    check_plain(document)
    (hidden, tell), (tables, faults) = unknown, _apart(document, shared)
    common = {name: value for name, value in document.items() if name != EDITIONS}
    editions: list[E] = []
    for number, table in tables:
        found = [Fault((name,), tell(name)) for name in hidden if name in table]
        try:
            editions.append(read({name: value for name, value in table.items() if name not in hidden}))
        except PolicyError as error:
            found += error.faults
        own = {} if number is None else document[EDITIONS][number]
        of_base = _faults_of(common, read) if found and number is not None else None
        for fault in found:
            is_caused = of_base is not None and fault not in of_base
            of_edition = number is not None and (is_caused or _is_own(fault, own, common))
            faults.append(fault.within(EDITIONS, number) if of_edition else fault)  # type: ignore[arg-type]  # not None
        if len(faults) >= MOST_FAULTS:
            break
    return sorted(editions, key=_since), faults


def _is_own(fault: Fault, own: PolicyDocument, common: PolicyDocument) -> bool:
    """Return whether a fault is in the table of an edition (`own`), and not in `common`, the fields outside the list.

    The fault is in the table that has more of the keys in its place. If both have equally many, it is in `own`, unless
    neither has any.
    """
    with LOADING:
        from kolmisla.policies.laid_over import depth_reached
    depth = depth_reached(own, fault.place)
    return depth > 0 and depth >= depth_reached(common, fault.place)


def _faults_of(common: PolicyDocument, read: Callable[[PolicyDocument], Edition]) -> tuple[Fault, ...] | None:
    """Return the faults of `common`, which has the fields outside the list of editions.

    Return None if `common` lacks a field that every policy must have.
    """
    if not all(name in common for name in COMPLETE):
        return None
    try:
        read(common)
    except PolicyError as error:
        return error.faults
    return ()


NumberedTable = tuple[int | None, PolicyDocument]  # an edition's number in the list, and its complete document


def _apart(document: Mapping[str, Any], for_all: Sequence[str]) -> tuple[list[NumberedTable], list[Fault]]:
    """Return two lists: the number and the complete table of each edition, and the faults that were found.

    The number is the index in the document's list, or None for an edition outside it. `for_all` has the fields that
    must be outside. Raise PolicyError for an invalid list.

    >>> _apart({"name": "desk", "editions": [{"rank": 1}, {"rank": 2}]}, ())[0]
    [(0, {'name': 'desk', 'rank': 1}), (1, {'name': 'desk', 'rank': 2})]
    """
    if EDITIONS not in document:
        return [(None, dict(document))], []
    editions = document[EDITIONS]
    if not isinstance(editions, list) or not editions or not all(isinstance(edition, Mapping) for edition in editions):
        text = f"must be a list of tables, each with an effective_from, not {shown(editions)}"
        raise PolicyError.listing([Fault((EDITIONS,), text)])
    if len(editions) > MOST_EDITIONS:
        raise PolicyError.listing(
            [Fault((EDITIONS,), f"there must be at most {MOST_EDITIONS} editions, not {len(editions):,}")]
        )
    common = {name: value for name, value in document.items() if name != EDITIONS}
    with LOADING:
        from kolmisla.documents.toml_json import values_in
    values = values_in(common) * len(editions) + values_in(editions)
    if values > MOST_VALUES:
        text = f"must have at most {MOST_VALUES:,} values in all, not {values:,}"
        text += "; each value before the editions counts once for each edition"
        raise PolicyError.listing([Fault((EDITIONS,), text)])
    with LOADING:  # most policies have no editions
        from kolmisla.policies.laid_over import laid_over
    faults: list[Fault] = []
    tables: list[NumberedTable] = []
    for number, edition in enumerate(editions):
        own = {name: value for name, value in edition.items() if name not in for_all}
        text = "must be set before the editions, because all editions share it"
        faults += [Fault((EDITIONS, number, name), text) for name in edition if name in for_all]
        table, found = laid_over(common, own)
        faults += [fault.within(EDITIONS, number) for fault in found]
        tables.append((number, table))
    # The fields outside the list are an edition too, if they are complete, if the list changes one of them, and if each
    # edition in the list has a date.
    changes = any(name in common for edition in editions for name in edition if name not in for_all)
    if changes and all(name in common for name in COMPLETE) and all("effective_from" in table for _, table in tables):
        tables.insert(0, (None, common))
    faults += _dates(tables)
    return tables, faults


def _dates(tables: Sequence[NumberedTable]) -> Iterator[Fault]:
    """Yield a fault for each edition that has the same date as an edition above it in the document.

    Also yield a fault if an edition outside the list is not the earliest.
    """
    dates = [as_text(table.get("effective_from", "")) for _, table in tables]
    for index, (number, table) in enumerate(tables):
        place = ("effective_from",) if number is None else (EDITIONS, number, "effective_from")
        if dates[index] in dates[:index]:
            text = f"is {dates[index]}" if "effective_from" in table else "is missing"
            yield Fault(place, f"{text} in two editions; each edition must have a date of its own")
        elif number is None and dates[index] > min(dates):
            yield Fault(
                place, f"must be earlier than the date of every edition, such as {min(dates)}, not {dates[index]}"
            )


def together(editions: Sequence[PolicyDocument]) -> PolicyDocument:
    """Return one document for several editions. It has a list of editions, with the fields that differ between them.

    The document of a single edition is returned unchanged.

    >>> together([{"name": "desk", "rank": 1}, {"name": "desk", "rank": 2}])
    {'name': 'desk', 'editions': [{'rank': 1}, {'rank': 2}]}
    """
    first, *others = editions
    if not others:
        return first
    same = [
        name
        for name, value in first.items()
        if all(name in other and repr(other[name]) == repr(value) for other in others)  # repr, because order counts too
    ]
    own = [{name: value for name, value in edition.items() if name not in same} for edition in editions]
    return {**{name: first[name] for name in same}, EDITIONS: own}
