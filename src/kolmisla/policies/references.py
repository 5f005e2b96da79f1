"""Faults that involve several parts of a policy: unknown names, and targets whose schedule never opens.

A part, such as a plan, is an object or a table of a document. Faults within one part are not reported here, but when
its object is made.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from kolmisla.documents.decimals import ON_REQUEST
from kolmisla.documents.names import Catalogue, by_name, folded
from kolmisla.errors import Fault, as_text, choices, named, shown
from kolmisla.policies.terms.metrics import METRICS
from kolmisla.policies.terms.named_schedules import named_schedules
from kolmisla.policies.terms.named_targets import needs_hours
from kolmisla.policies.terms.service_catalogue import key as key_of
from kolmisla.policies.terms.targets import OWNERS
from kolmisla.schedules.rules import MOST_PARTS, Constant
from kolmisla.schedules.schedule import Schedule, rule_behind, unopened
from kolmisla.schedules.weeks import parts_in

__all__ = ["contradictions"]

NamedParts = Mapping[str, Any]
FieldPath = tuple[str, ...]

ROUND_THE_CLOCK = Constant(True)
LOOK = (
    5_000  # years to search for open time, for all schedules together; takes half a second; see `weeks.unopened_rule`
)


def contradictions(policy: Mapping[str, Any]) -> Iterator[Fault]:
    """Yield each fault that involves several parts of a policy, with its place.

    `policy` has the policy's fields by name.
    """
    schedules, priorities, plans = (_table(policy.get(name)) for name in ("schedules", "priorities", "plans"))
    rates, coverage = (_table(policy.get(name, {})) for name in ("rates", "coverage"))
    for what in ("priorities", "plans", "channels", "rates", "coverage", "metrics", "owners"):
        for key, entry in (_table(policy.get(what)) or {}).items():
            name = _get(entry, "name")
            if isinstance(name, str) and name.strip() != key:
                yield Fault((what, key), f"must have its key as its name, or no name, not {named(name)}")
    lines = policy.get("schedule_lines")
    for key in lines if isinstance(lines, Mapping) else ():
        yield from _unknown(("schedule_lines", as_text(key)), key, "schedules", schedules)
    for what in ("priorities", "owners"):
        for key, entry in (_table(policy.get(what, {})) or {}).items():
            yield from _unknown((what, key, "schedule"), _get(entry, "schedule"), "schedules", schedules)
    metrics = dict.fromkeys(map(folded, [*METRICS, *(_table(policy.get("metrics", {})) or {})]))
    for key, plan in (plans or {}).items():
        yield from _of_plan(("plans", key), plan, schedules, priorities)
        for field in ("targets", "pauses", "pausing"):
            of = _get(plan, field)
            for metric in of if isinstance(of, (Mapping, list, tuple)) else ():
                if not (isinstance(metric, str) and folded(metric) in metrics):
                    yield from _unknown(("plans", key, field, as_text(metric)), metric, "metrics", metrics)
        for task in _list(_get(plan, "includes")):
            yield from _unknown(("plans", key, "includes"), task, "tasks of the coverage", coverage)
            if coverage and _is_word(_get(coverage.get(task), "verdict"), "never"):
                yield Fault(
                    ("plans", key, "includes"),
                    f"must not include {shown(task)}, which has the verdict never in the coverage",
                )
    owners = _table(policy.get("owners", {})) or {}
    yield from _never_open(policy.get("schedules"), priorities, plans, owners)
    yield from _of_work(policy.get("work"), schedules, rates)
    yield from _of_coverage(coverage or {}, rates)
    prices = [_get(rate, "price") for rate in (rates or {}).values()]
    priced = [price for price in prices if price is not None and not _is_word(price, ON_REQUEST)]
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


def _never_open(
    documents: Any, priorities: NamedParts | None, plans: NamedParts | None, owners: NamedParts
) -> Iterator[Fault]:
    """Yield a fault for each target or owner whose schedule never opens, and for each target that cannot be counted.

    A schedule that is always open cannot count working days or a closing time. If the schedules have too many parts to
    search, only this fault is yielded.
    """
    try:
        schedules = _table(named_schedules(documents))
    except ValueError:  # the validation of the schedules reports this fault
        return
    used = {name: _get(priority, "schedule") for name, priority in (priorities or {}).items()}
    own = [_get(target, "schedule") for plan in (plans or {}).values() for _, _, target in _targets(plan)]
    owned = {key: _get(owner, "schedule") for key, owner in owners.items()}
    names = dict.fromkeys(name for name in (*used.values(), *own, *owned.values()) if isinstance(name, str))
    on = {name: schedule for name in names if isinstance(schedule := (schedules or {}).get(name), Schedule)}
    parts = sum(parts_in(rule_behind(schedule)) for schedule in on.values())
    if parts > MOST_PARTS:
        text = f"the schedules of all targets must be made of at most {MOST_PARTS:,} schedules, not {parts:,}"
        yield Fault(("schedules",), text)
        return
    closed = {name: why for name, schedule in on.items() if (why := unopened(schedule, LOOK // len(on)))}
    for name, schedule in owned.items():
        if isinstance(schedule, str) and schedule in closed:
            yield Fault(("owners", name), f"{named(name)} is counted on {shown(schedule)}, which {closed[schedule]}")
    always = [name for name, schedule in on.items() if rule_behind(schedule) == ROUND_THE_CLOCK]
    odd = [name for name, schedule in used.items() if isinstance(schedule, str) and schedule in (*closed, *always)]
    for key, plan in (plans or {}).items() if odd or closed or always else ():
        for where, only, target in _targets(plan):
            every = odd if _get(target, "schedule") is None else used
            for name in every if only is None else [only]:
                wanted = _get(target, "schedule")
                counted_on = _get((priorities or {}).get(name), "schedule") if wanted is None else wanted
                if not isinstance(counted_on, str):
                    continue
                why = closed.get(counted_on) or (needs_hours(target) if counted_on in always else None)
                if why:
                    place = ("plans", key, *where)
                    yield Fault(place, f"{named(name)} is counted on {shown(counted_on)}, which {why}")


def _of_work(work: Any, schedules: NamedParts | None, rates: NamedParts | None) -> Iterator[Fault]:
    yield from _unknown(("work", "schedule"), _get(work, "schedule"), "schedules", schedules)
    for part in ("inside", "outside"):
        name = _get(work, part)
        yield from _unknown(("work", part), name, "rates", rates or {})
        rate = (rates or {}).get(name)
        if rate is not None and _get(rate, "per") is None:
            text = f'must be a rate that is priced by time; type per = "PT1H" in the rate {shown(name)}'
            yield Fault(("work", part), text)


def _of_coverage(coverage: NamedParts, rates: NamedParts | None) -> Iterator[Fault]:
    owners: dict[str, str] = {}
    for key, task in coverage.items():
        rate, verdict = _get(task, "rate"), _get(task, "verdict")
        yield from _unknown(("coverage", key, "rate"), rate, "rates", rates or {})
        if _is_word(verdict, "extra") and rate is None:
            valid = f": {choices(rates or {})}"
            yield Fault(
                ("coverage", key, "rate"),
                f"is missing; a task with the verdict extra needs one of the rates{valid}",
                valid,
            )
        if _is_word(verdict, "included", "not-included", "never") and rate is not None:
            yield Fault(
                ("coverage", key, "rate"),
                f"must be left out, not be {shown(rate)}: only a task with the verdict extra has a rate",
            )
        for text in (key, *_list(_get(task, "also"))):
            folded_words = key_of(text) if isinstance(text, str) else ""
            if not folded_words and _is_word(text, key):
                yield Fault(("coverage", key), "must have a letter or a digit")
            elif folded_words and owners.setdefault(folded_words, key) != key:
                owner = named(owners[folded_words])
                yield Fault(("coverage", key), f"{shown(text)} must mean one task, but it means {owner} as well")


def _targets(plan: Any) -> Iterator[tuple[FieldPath, str | None, Any]]:
    """Yield the place, the priority and the value of each target of a plan.

    The priority is None if the target is for all priorities, or for an owner.
    """
    targets = _get(plan, "targets")
    for metric, promised in targets.items() if isinstance(targets, Mapping) else ():
        if isinstance(promised, Mapping) and "within" not in promised:
            for priority, target in promised.items():
                if isinstance(priority, str) and folded(priority) == OWNERS and isinstance(target, Mapping):
                    for owner, own in target.items():
                        yield ("targets", as_text(metric), OWNERS, as_text(owner)), None, own
                else:
                    yield ("targets", as_text(metric), as_text(priority)), as_text(priority), target
        else:
            yield ("targets", as_text(metric)), None, promised


def _unknown(place: FieldPath, name: Any, what: str, known: NamedParts | None) -> Iterator[Fault]:
    """Yield a fault if `name` is text, but not one of the `known` names. `what` is their kind, such as `schedules`.

    `known` is None if the part that defines these names is invalid. Then yield nothing.
    """
    if isinstance(name, str) and known is not None and name not in known:
        valid = f": {choices(known)}"
        yield Fault(place, f"{shown(name)} is not one of the {what}{valid}", valid)


def _get(thing: Any, name: str) -> Any:
    """Return a field of an object, or of the mapping that describes it. Return None if the field is missing."""
    return thing.get(name) if isinstance(thing, Mapping) else getattr(thing, name, None)


def _is_word(value: Any, *words: str) -> bool:
    """Tell whether a value is one of `words`. Other values than text, such as arrays, are not compared."""
    return isinstance(value, str) and value in words


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else []


def _table(value: Any) -> NamedParts | None:
    """Return a mapping from names to entries. Return None for a value that is not made of entries with names."""
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
