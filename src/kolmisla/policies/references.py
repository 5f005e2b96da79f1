"""What a policy's parts say of each other: schedules made of others, names that lead nowhere, promises no clock keeps.

The parts may be made or still be documents, and may be wrong in themselves: that is for others to tell.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from kolmisla.documents.model import ON_REQUEST
from kolmisla.documents.names import Catalogue, by_name, folded
from kolmisla.errors import Fault, ScheduleError, choices, named, shown
from kolmisla.policies.service_catalogue import key as key_of
from kolmisla.schedules.notation import names_in, size_of
from kolmisla.schedules.schedule import Schedule, number_of_parts, unopened

__all__ = ["contradictions", "named_schedules"]

MOST_SCHEDULES = 100  # schedules of a policy, and that one is made of: each of those is looked at for every answer


def named_schedules(given: Any) -> Any:
    """Schedules, some of them still as they are written, as schedules; ScheduleError lists every fault.

    What is no mapping by name comes back as it is, for validation to judge.

    >>> desks = {"day": {"timezone": "UTC", "hours": {"mon": ["08:00-18:00"]}}, "all": {"open": "always"}}
    >>> named_schedules({"rest": {"difference": ["all", "day"]}, **desks})["rest"].to_dict()["difference"][0]
    {'open': 'always'}
    """
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        return given
    there = Catalogue(given)
    if len(there) > MOST_SCHEDULES:
        raise ScheduleError.listing([Fault((), f"are {len(there):,}, more than {MOST_SCHEDULES}")])
    parts = {folded(name): [*names_in(written)] for name, written in there.items()}
    turns = TopologicalSorter({name: [folded(other) for other in others] for name, others in parts.items()})
    with suppress(CycleError):  # what is in a circle never gets its turn
        turns.prepare()
    made: dict[str, Schedule | None] = {}
    sizes: dict[str, int] = {}
    faults: list[Fault] = []
    while names := turns.get_ready():
        for name in names:
            if name in parts:
                sizes[name], made[name] = _made(there, name, parts[name], sizes, made, faults)
        turns.done(*names)
    faults += [Fault((name,), "is made of itself") for name in there if folded(name) not in made]
    if faults:
        raise ScheduleError.listing(faults)
    return {name: made[folded(name)] for name in there}


def _made(
    there: Catalogue[Any],
    name: str,
    others: list[str],
    sizes: Mapping[str, int],
    made: Mapping[str, Schedule | None],
    faults: list[Fault],
) -> tuple[int, Schedule | None]:
    """How many schedules one is made of, and the schedule; None, and a fault more, when it cannot be."""
    written, place = there[name], there.name(name)
    unknown = [other for other in others if other not in there]
    if unknown:
        faults.append(Fault((place,), f"{shown(unknown[0])} is not one of {choices(there)}"))
        return 1, None
    size = size_of(written, lambda other: sizes[folded(other)])
    if size > MOST_SCHEDULES:
        faults.append(Fault((place,), f"is made of {size:,} schedules, more than {MOST_SCHEDULES}"))
        return 1, None
    named = {other: made[folded(other)] for other in others}
    if None in named.values():  # the fault lies in one of those
        return 1, None
    try:
        return size, written if isinstance(written, Schedule) else Schedule.from_dict(written, named=named)  # type: ignore[arg-type]
    except ScheduleError as error:
        faults += [fault.within(place) for fault in error.faults or (Fault((), str(error)),)]
        return 1, None


NamedParts = Mapping[str, Any]
FieldPath = tuple[str, ...]

MOST_PARTS = 1_000  # of schedules that targets are counted on
LOOK = 5_000  # years of single schedules that are looked at for an opening, all together: half a second


def contradictions(policy: Mapping[str, Any]) -> Iterator[Fault]:
    """Every fault between the parts of a policy, given as its fields, each with its place."""
    schedules, priorities, plans = (_table(policy.get(name)) for name in ("schedules", "priorities", "plans"))
    rates, coverage = (_table(policy.get(name, {})) for name in ("rates", "coverage"))
    for what in ("priorities", "plans", "channels", "rates", "coverage"):
        for key, entry in (_table(policy.get(what)) or {}).items():
            name = _get(entry, "name")
            if isinstance(name, str) and name.strip() != key:
                yield Fault((what, key), f"is named {named(name)}")
    lines = policy.get("schedule_lines")
    for key in lines if isinstance(lines, Mapping) else ():
        yield from _unknown(("schedule_lines", str(key)), key, "schedules", schedules)
    for key, priority in (priorities or {}).items():
        yield from _unknown(("priorities", key, "schedule"), _get(priority, "schedule"), "schedules", schedules)
    for key, plan in (plans or {}).items():
        yield from _of_plan(("plans", key), plan, schedules, priorities)
        for task in _list(_get(plan, "includes")):
            yield from _unknown(("plans", key, "includes"), task, "tasks of the coverage", coverage)
            if coverage and _get(coverage.get(task), "verdict") == "never":
                yield Fault(("plans", key, "includes"), f"{shown(task)} is never done, says the coverage")
    yield from _never_open(policy.get("schedules"), priorities, plans)
    yield from _of_work(policy.get("work"), schedules, rates)
    yield from _of_coverage(coverage or {}, rates)
    priced = [rate for rate in (rates or {}).values() if _get(rate, "price") not in (None, ON_REQUEST)]
    if priced and policy.get("currency") is None:
        yield Fault(("currency",), "is missing; prices have one, such as EUR")


def _of_plan(
    place: FieldPath, plan: Any, schedules: NamedParts | None, priorities: NamedParts | None
) -> Iterator[Fault]:
    schedule = _get(_get(plan, "average"), "schedule")
    yield from _unknown((*place, "average", "schedule"), schedule, "schedules", schedules)
    for where, priority, target in _targets(plan):
        yield from _unknown((*place, *where, "schedule"), _get(target, "schedule"), "schedules", schedules)
        if priority is not None:
            yield from _unknown((*place, *where), priority, "priorities", priorities)


def _never_open(given: Any, priorities: NamedParts | None, plans: NamedParts | None) -> Iterator[Fault]:
    """Targets that no time is ever counted towards."""
    try:
        schedules = _table(named_schedules(given))
    except ValueError:  # told where they are read
        return
    used = {name: _get(priority, "schedule") for name, priority in (priorities or {}).items()}
    own = [_get(target, "schedule") for plan in (plans or {}).values() for _, _, target in _targets(plan)]
    names = dict.fromkeys(name for name in (*used.values(), *own) if isinstance(name, str))
    on = {name: schedule for name in names if isinstance(schedule := (schedules or {}).get(name), Schedule)}
    parts = sum(map(number_of_parts, on.values()))
    if parts > MOST_PARTS:
        told = f"that targets are counted on are made of {parts:,} in all, more than {MOST_PARTS:,}"
        yield Fault(("schedules",), told)
        return
    closed = {name: why for name, schedule in on.items() if (why := unopened(schedule, LOOK // len(on)))}
    unopened_priorities = [name for name, schedule in used.items() if isinstance(schedule, str) and schedule in closed]
    for key, plan in (plans or {}).items() if closed else ():
        for where, only, target in _targets(plan):
            every = unopened_priorities if _get(target, "schedule") is None else used
            for name in every if only is None else [only]:
                counted_on = _get(target, "schedule") or _get((priorities or {}).get(name), "schedule")
                if isinstance(counted_on, str) and counted_on in closed:
                    place = ("plans", key, *where)
                    yield Fault(place, f"{named(name)} is counted on {shown(counted_on)}, which {closed[counted_on]}")


def _of_work(work: Any, schedules: NamedParts | None, rates: NamedParts | None) -> Iterator[Fault]:
    yield from _unknown(("work", "schedule"), _get(work, "schedule"), "schedules", schedules)
    for part in ("inside", "outside"):
        name = _get(work, part)
        yield from _unknown(("work", part), name, "rates", rates or {})
        rate = (rates or {}).get(name)
        if rate is not None and _get(rate, "per") is None:
            yield Fault(("work", part), f"{shown(name)} is a rate for pieces; work is priced by one with a per")


def _of_coverage(coverage: NamedParts, rates: NamedParts | None) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for key, task in coverage.items():
        rate, verdict = _get(task, "rate"), _get(task, "verdict")
        yield from _unknown(("coverage", key, "rate"), rate, "rates", rates or {})
        if verdict == "extra" and rate is None:
            yield Fault(("coverage", key, "rate"), f"is missing; an extra has one of {choices(rates or {})}")
        if verdict in ("included", "not-included", "never") and rate is not None:
            yield Fault(("coverage", key, "rate"), f"is {shown(rate)}, but only an extra has one")
        for text in (key, *_list(_get(task, "also"))):
            found = key_of(text) if isinstance(text, str) else ""
            if not found and text == key:
                yield Fault(("coverage", key), "has no words")
            elif found and owners.setdefault(found, key) != key:
                other = owners[found]
                yield Fault(("coverage", key), f"{shown(text)} is {named(other)} as well; a task is found by its words")


def _targets(plan: Any) -> Iterator[tuple[FieldPath, str | None, Any]]:
    """Every target of a plan: its place, the priority it is for or None for all, and the target."""
    targets = _get(plan, "targets")
    for metric, promised in targets.items() if isinstance(targets, Mapping) else ():
        if isinstance(promised, Mapping) and "within" not in promised:
            for priority, target in promised.items():
                yield ("targets", str(metric), str(priority)), str(priority), target
        else:
            yield ("targets", str(metric)), None, promised


def _unknown(place: FieldPath, name: Any, what: str, there: NamedParts | None) -> Iterator[Fault]:
    """The fault of a name that is not there; none when nobody can tell."""
    if isinstance(name, str) and there is not None and name not in there:
        yield Fault(place, f"{shown(name)} is not one of the {what}: {choices(there)}")


def _get(thing: Any, name: str) -> Any:
    """A field of an entry, made or still to be made."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _list(given: Any) -> list[Any]:
    return list(given) if isinstance(given, (list, tuple)) else []


def _table(given: Any) -> NamedParts | None:
    """Entries by name; None for what has none."""
    try:
        named = by_name(given)
    except ValueError:
        return None
    if not isinstance(named, Mapping):
        return None
    first: dict[str, str] = {}  # of names that differ only in case, which is a fault already
    for key in named:
        if isinstance(key, str):
            first.setdefault(folded(key), key)
    return Catalogue({key: named[key] for key in first.values()})
