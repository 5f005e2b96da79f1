"""A policy's schedules by name; one may be made of others."""

from collections.abc import Mapping
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from kolmisla.catalogue import Catalogue, folded
from kolmisla.errors import Fault, ScheduleError, choices, shown
from kolmisla.rule_document import names_in, size_of
from kolmisla.schedule import Schedule

__all__ = ["named_schedules"]

MOST = 100  # schedules of a policy, and that one is made of: each of those is looked at for every answer


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
    if len(there) > MOST:
        raise ScheduleError.listing([Fault((), f"are {len(there):,}, more than {MOST}")])
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
    if size > MOST:
        faults.append(Fault((place,), f"is made of {size:,} schedules, more than {MOST}"))
        return 1, None
    named = {other: made[folded(other)] for other in others}
    if None in named.values():  # the fault lies in one of those
        return 1, None
    try:
        return size, written if isinstance(written, Schedule) else Schedule.from_dict(written, named)  # type: ignore[arg-type]
    except ScheduleError as error:
        faults += [fault.within(place) for fault in error.faults or (Fault((), str(error)),)]
        return 1, None
