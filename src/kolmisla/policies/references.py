"""References between the parts of a policy: combined schedules, unknown names, targets whose schedule never opens.

A part is a model, or the mapping that describes the model in a document. A part may itself be invalid. This module does
not report the faults of a single part, because the part's model reports them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from kolmisla.documents.model import plain
from kolmisla.documents.names import Catalogue, by_name, folded
from kolmisla.documents.values import ON_REQUEST, Kind, table_of
from kolmisla.errors import MOST_FAULTS, Fault, ScheduleError, as_text, choices, named, shown
from kolmisla.policies.editions import PolicyDocument
from kolmisla.policies.terms.service_catalogue import key as key_of
from kolmisla.schedules.nesting import SETS, check_nesting, names_in, size_of
from kolmisla.schedules.rules import MOST_PARTS
from kolmisla.schedules.schedule import Schedule, rule_behind, unopened
from kolmisla.schedules.weeks import parts_in

__all__ = ["SCHEDULES", "contradictions", "named_schedules", "table_of_edition", "with_lines_apart"]

MOST_SCHEDULES = 100  # in a policy, and in one combined schedule; to answer, such a schedule needs all its parts


def named_schedules(given: Any) -> Any:
    """Return a mapping from names to schedules made from documents. Raise ScheduleError, which lists every fault.

    Schedules after a thousand faults are not made.

    A value that is not a mapping with names as keys is returned unchanged: validation refuses it later.

    >>> desks = {"day": {"timezone": "UTC", "hours": {"mon": ["08:00-18:00"]}}, "all": {"open": "always"}}
    >>> named_schedules({"rest": {"difference": ["all", "day"]}, **desks})["rest"].to_dict()["difference"][0]
    {'open': 'always'}
    """
    if not isinstance(given, Mapping) or not all(isinstance(name, str) for name in given):
        return given
    documents = Catalogue(given)
    if len(documents) > MOST_SCHEDULES:
        raise ScheduleError.listing(
            [Fault((), f"there must be at most {MOST_SCHEDULES} schedules, not {len(documents):,}")]
        )
    for name, document in documents.items():
        try:
            check_nesting(document)
        except ScheduleError as error:
            raise ScheduleError.listing([Fault((name,), str(error))]) from error
    parts = {folded(name): [*names_in(document)] for name, document in documents.items()}
    turns = TopologicalSorter({name: [folded(other) for other in others] for name, others in parts.items()})
    with suppress(CycleError):  # schedules that refer to each other in a circle never get ready, and are reported below
        turns.prepare()
    schedules: dict[str, Schedule | None] = {}
    sizes: dict[str, int] = {}
    faults: list[Fault] = []
    while names := turns.get_ready():
        for name in names:
            if name in parts:
                sizes[name], schedules[name] = _made(documents, name, parts[name], sizes, schedules, faults)
                if len(faults) >= MOST_FAULTS:
                    raise ScheduleError.listing(faults)
        turns.done(*names)
    faults += [Fault((name,), "must not be made of itself") for name in documents if folded(name) not in schedules]
    if faults:
        raise ScheduleError.listing(faults)
    return {name: schedules[folded(name)] for name in documents}


def _schedules(value: Any) -> Mapping[str, Schedule]:
    checked: Mapping[str, Schedule] = NAMED.read(named_schedules(value))
    return checked


NAMED = table_of(Kind(lambda schedule: schedule, {}))  # `named_schedules` has already checked the values
SCHEDULES = Kind(_schedules, {"type": "object", "additionalProperties": Schedule})


def with_lines_apart(table: Mapping[str, Any]) -> PolicyDocument:
    """Return the table of an edition, ready to be read.

    The `line` of each schedule is moved to the table `schedule_lines`. A schedule without a timezone gets the policy's.
    """
    schedules = table.get("schedules")
    if not isinstance(schedules, Mapping):
        return dict(table)
    tables = {name: dict(schedule) for name, schedule in schedules.items() if isinstance(schedule, Mapping)}
    lines = {name: schedule.pop("line") for name, schedule in tables.items() if "line" in schedule}
    zone = {"timezone": table["timezone"]} if "timezone" in table else {}
    tables = {name: _in_zone(schedule, zone) for name, schedule in tables.items()}
    return {**table, "schedules": {**schedules, **tables}, "schedule_lines": lines}


def _in_zone(schedule: Mapping[str, Any], zone: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of a schedule in which weekly hours without a timezone have one."""
    made = dict(schedule) if {"open", *SETS} & set(schedule) else {**zone, **schedule}
    for key in SETS:
        if isinstance(made.get(key), list):
            made[key] = [_in_zone(part, zone) if isinstance(part, Mapping) else part for part in made[key]]
    return made


def table_of_edition(policy: Any, *, without: tuple[str, ...] = ()) -> PolicyDocument:
    """Return the table that describes one edition of a policy, without some of its fields.

    Each schedule's table has its `line`, if any.
    """
    document = {"name": policy.name, **plain(policy, without=("name", "earlier", *without))}
    lines = Catalogue(document.pop("schedule_lines", {}))
    document["schedules"] = {
        name: {**({"line": lines[name]} if name in lines else {}), **schedule.to_dict(named=policy.schedules)}
        for name, schedule in policy.schedules.items()
    }
    if policy.releases and not all(policy.releases.values()):
        document["releases"] = list(policy.releases)
    return document


def _made(
    documents: Catalogue[Any],
    name: str,
    others: list[str],
    sizes: Mapping[str, int],
    schedules: Mapping[str, Schedule | None],
    faults: list[Fault],
) -> tuple[int, Schedule | None]:
    """Make one schedule. Return how many schedules it combines, and the schedule.

    If the schedule is invalid, add its faults to `faults`, and return 1 and None.
    """
    document, key = documents[name], documents.name(name)
    unknown = [other for other in others if other not in documents]
    if unknown:
        faults += _unknown((key,), unknown[0], "schedules", documents)
        return 1, None
    size = size_of(document, lambda other: sizes[folded(other)])
    if size > MOST_SCHEDULES:
        faults.append(Fault((key,), f"must be made of at most {MOST_SCHEDULES} schedules, not {size:,}"))
        return 1, None
    operands = {other: schedules[folded(other)] for other in others}
    if None in operands.values():  # the fault of this operand is already reported
        return 1, None
    try:
        return size, document if isinstance(document, Schedule) else Schedule.from_dict(document, named=operands)  # type: ignore[arg-type]
    except ScheduleError as error:
        faults += [fault.within(key) for fault in error.faults or (Fault((), str(error)),)]
        return 1, None


NamedParts = Mapping[str, Any]
FieldPath = tuple[str, ...]

LOOK = 5_000  # years to search for open time, shared by all schedules; takes half a second; see `weeks.unopened_rule`


def contradictions(policy: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield each fault that involves several parts of a policy, with its place. `policy` maps fields to values."""
    schedules, priorities, plans = (_table(policy.get(name)) for name in ("schedules", "priorities", "plans"))
    rates, coverage = (_table(policy.get(name, {})) for name in ("rates", "coverage"))
    for what in ("priorities", "plans", "channels", "rates", "coverage"):
        for key, entry in (_table(policy.get(what)) or {}).items():
            name = _get(entry, "name")
            if isinstance(name, str) and name.strip() != key:
                yield Fault((what, key), f"has the name {named(name)}, which is not its key")
    lines = policy.get("schedule_lines")
    for key in lines if isinstance(lines, Mapping) else ():
        yield from _unknown(("schedule_lines", as_text(key)), key, "schedules", schedules)
    for key, priority in (priorities or {}).items():
        yield from _unknown(("priorities", key, "schedule"), _get(priority, "schedule"), "schedules", schedules)
    for key, plan in (plans or {}).items():
        yield from _of_plan(("plans", key), plan, schedules, priorities)
        for task in _list(_get(plan, "includes")):
            yield from _unknown(("plans", key, "includes"), task, "tasks of the coverage", coverage)
            if coverage and _get(coverage.get(task), "verdict") == "never":
                yield Fault(("plans", key, "includes"), f"{shown(task)} is never done, according to the coverage")
    yield from _never_open(policy.get("schedules"), priorities, plans)
    yield from _of_work(policy.get("work"), schedules, rates)
    yield from _of_coverage(coverage or {}, rates)
    priced = [rate for rate in (rates or {}).values() if _get(rate, "price") not in (None, ON_REQUEST)]
    if priced and policy.get("currency") is None:
        yield Fault(("currency",), "is missing; prices need a currency such as EUR")


def _of_plan(
    place: FieldPath, plan: Any, schedules: NamedParts | None, priorities: NamedParts | None
) -> Iterator[Fault]:
    schedule = _get(_get(plan, "average"), "schedule")
    yield from _unknown((*place, "average", "schedule"), schedule, "schedules", schedules)
    for where, priority, target in _targets(plan):
        yield from _unknown((*place, *where, "schedule"), _get(target, "schedule"), "schedules", schedules)
        if priority is not None:
            yield from _unknown((*place, *where), priority, "priorities", priorities)


def _never_open(documents: Any, priorities: NamedParts | None, plans: NamedParts | None) -> Iterator[Fault]:
    """Yield a fault for each target whose schedule never opens, so that no time ever counts towards the target."""
    try:
        schedules = _table(named_schedules(documents))
    except ValueError:  # the validation of the schedules reports this fault
        return
    used = {name: _get(priority, "schedule") for name, priority in (priorities or {}).items()}
    own = [_get(target, "schedule") for plan in (plans or {}).values() for _, _, target in _targets(plan)]
    names = dict.fromkeys(name for name in (*used.values(), *own) if isinstance(name, str))
    on = {name: schedule for name in names if isinstance(schedule := (schedules or {}).get(name), Schedule)}
    parts = sum(parts_in(rule_behind(schedule)) for schedule in on.values())
    if parts > MOST_PARTS:
        text = f"the schedules of all targets must be made of at most {MOST_PARTS:,} schedules, not {parts:,}"
        yield Fault(("schedules",), text)
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
            yield Fault(("work", part), f"must be a rate with a per, such as PT1H; {shown(name)} has none")


def _of_coverage(coverage: NamedParts, rates: NamedParts | None) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for key, task in coverage.items():
        rate, verdict = _get(task, "rate"), _get(task, "verdict")
        yield from _unknown(("coverage", key, "rate"), rate, "rates", rates or {})
        if verdict == "extra" and rate is None:
            valid = f": {choices(rates or {})}"
            yield Fault(("coverage", key, "rate"), f"is missing; an extra task needs one of the rates{valid}", valid)
        if verdict in ("included", "not-included", "never") and rate is not None:
            yield Fault(("coverage", key, "rate"), f"is {shown(rate)}, but only an extra task has a rate")
        for text in (key, *_list(_get(task, "also"))):
            folded_words = key_of(text) if isinstance(text, str) else ""
            if not folded_words and text == key:
                yield Fault(("coverage", key), "must have a letter or a digit")
            elif folded_words and owners.setdefault(folded_words, key) != key:
                owner = named(owners[folded_words])
                yield Fault(("coverage", key), f"{shown(text)} must mean one task, but it means {owner} as well")


def _targets(plan: Any) -> Iterator[tuple[FieldPath, str | None, Any]]:
    """Yield three values for each target of a plan: its place, its priority (None for all), and the target."""
    targets = _get(plan, "targets")
    for metric, promised in targets.items() if isinstance(targets, Mapping) else ():
        if isinstance(promised, Mapping) and "within" not in promised:
            for priority, target in promised.items():
                yield ("targets", as_text(metric), as_text(priority)), as_text(priority), target
        else:
            yield ("targets", as_text(metric)), None, promised


def _unknown(place: FieldPath, name: Any, what: str, known: NamedParts | None) -> Iterator[Fault]:
    """Yield a fault if a name is not in `known`. If `known` is None, the parts are invalid; then yield nothing."""
    if isinstance(name, str) and known is not None and name not in known:
        valid = f": {choices(known)}"
        yield Fault(place, f"{shown(name)} is not one of the {what}{valid}", valid)


def _get(thing: Any, name: str) -> Any:
    """Return a field of an entry (a model or a mapping), or None if the field is missing."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _table(value: Any) -> NamedParts | None:
    """Return a mapping from names to entries. Return None for a value whose entries have no names."""
    try:
        entries = by_name(value)
    except ValueError:
        return None
    if not isinstance(entries, Mapping):
        return None
    first: dict[str, str] = {}  # the first of the keys that differ only in case; validation reports the fault
    for key in entries:
        if isinstance(key, str):
            first.setdefault(folded(key), key)
    return Catalogue({key: entries[key] for key in first.values()})
