"""The schedules of a policy by name. A schedule may combine others by name.

In a document, the `line` of a schedule quotes the published rules. A Policy has these quotes in `schedule_lines`.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from kolmisla.documents.model import plain
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.values import Kind, table_of
from kolmisla.errors import MOST_FAULTS, Fault, ScheduleError, choices, shown
from kolmisla.names import LOADING
from kolmisla.schedules.nesting import SETS, check_nesting, names_in, size_of
from kolmisla.schedules.schedule import Schedule

__all__ = ["SCHEDULES", "named_schedules", "table_of_edition", "with_lines_apart"]

MOST_SCHEDULES = 100  # the most schedules in a policy, and the most that one schedule may combine


def named_schedules(given: Any) -> Any:
    """Make the schedules of a policy from their documents. Return the schedules by name.

    Raise ScheduleError, which lists every fault. A value that is no mapping from names is returned unchanged, because
    the validation of the policy refuses it later.

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
    schedules: dict[str, Schedule | None] = {}
    sizes: dict[str, int] = {}
    faults: list[Fault] = []
    for name in _parts_first(parts):
        if name in parts:
            sizes[name], schedules[name] = _made(documents, name, parts[name], sizes, schedules, faults)
            if len(faults) >= MOST_FAULTS:
                raise ScheduleError.listing(faults)
    faults += [
        Fault((name,), "must not refer to itself or to a schedule that does so, not even through others")
        for name in documents
        if folded(name) not in schedules
    ]
    if faults:
        raise ScheduleError.listing(faults)
    return {name: schedules[folded(name)] for name in documents}


def _parts_first(parts: Mapping[str, list[str]]) -> Iterator[str]:
    """Yield the names of schedules in such an order that each comes after the schedules that it combines.

    `parts` has the names that each schedule combines; unknown names are yielded as well. A circle of schedules is left
    out, and what combines one of them.
    """
    if not any(parts.values()):
        yield from parts
        return
    with LOADING:  # most policies combine no schedules
        from graphlib import CycleError, TopologicalSorter
    turns = TopologicalSorter({name: [folded(other) for other in others] for name, others in parts.items()})
    with suppress(CycleError):
        turns.prepare()
    while names := turns.get_ready():
        yield from names
        turns.done(*names)


def _schedules(value: Any) -> Mapping[str, Schedule]:
    checked: Mapping[str, Schedule] = NAMED.read(named_schedules(value))
    return checked


NAMED = table_of(Kind(lambda schedule: schedule, {}))  # `named_schedules` has already checked the values
SCHEDULES = Kind(_schedules, {"type": "object", "additionalProperties": Schedule})


def with_lines_apart(table: Mapping[str, Any]) -> dict[str, Any]:
    """Return the table of an edition in the form from which a Policy is made.

    The `line` of each schedule is moved to `schedule_lines`. A schedule without a timezone gets the policy's.
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
    """Return a copy of a schedule's table, in which weekly hours without a timezone get the timezone in `zone`."""
    made = dict(schedule) if {"open", *SETS} & set(schedule) else {**zone, **schedule}
    for key in SETS:
        if isinstance(made.get(key), list):
            made[key] = [_in_zone(part, zone) if isinstance(part, Mapping) else part for part in made[key]]
    return made


def table_of_edition(policy: Any, *, without: tuple[str, ...] = ()) -> dict[str, Any]:
    """Return the table that describes one edition of a policy, without the fields in `without`.

    A schedule's quote in `schedule_lines` becomes the field `line` in the table of this schedule.
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
    """Make the schedule `name`. Return how many schedules it is made of, and the schedule.

    If its document is invalid, add the faults to `faults`, and return 1 and None. `others` are the schedules that it
    combines. `sizes` and `schedules` have the results for them.
    """
    document, key = documents[name], documents.name(name)
    unknown = [other for other in others if other not in documents]
    if unknown:
        valid = f": {choices(documents)}"
        faults.append(Fault((key,), f"{shown(unknown[0])} is not one of the schedules{valid}", valid))
        return 1, None
    size = size_of(document, lambda other: sizes[folded(other)])
    if size > MOST_SCHEDULES:
        faults.append(Fault((key,), f"must be made of at most {MOST_SCHEDULES} schedules, not {size:,}"))
        return 1, None
    operands = {other: schedules[folded(other)] for other in others}
    if None in operands.values():  # the fault of this part is already reported
        return 1, None
    try:
        return size, document if isinstance(document, Schedule) else Schedule.from_dict(document, named=operands)  # type: ignore[arg-type]
    except ScheduleError as error:
        faults += [fault.within(key) for fault in error.faults or (Fault((), str(error)),)]
        return 1, None
