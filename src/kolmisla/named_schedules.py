"""A policy's schedules by name; one may be made of others."""

from collections.abc import Mapping
from typing import Any

from kolmisla.catalogue import Catalogue, folded
from kolmisla.errors import Fault, ScheduleError, shown
from kolmisla.rule_document import names_in
from kolmisla.schedule import Schedule

__all__ = ["named_schedules"]


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
    waiting = {name: {folded(other) for other in names_in(written)} for name, written in there.items()}
    made: dict[str, Schedule] = {}
    faults: list[Fault] = []
    while waiting:
        unmade = {folded(name) for name in waiting}
        ready = [name for name, others in waiting.items() if not others & unmade]
        if not ready:
            faults += [Fault((name,), "is made of itself") for name in waiting]
            break
        for name in ready:
            others = waiting.pop(name)
            unknown = [other for other in names_in(there[name]) if other not in there]
            if unknown:
                faults.append(Fault((name,), f"{shown(unknown[0])} is not one of {', '.join(there)}"))
            elif all(other in Catalogue(made) for other in others):  # else the fault lies in one of those
                try:
                    written = there[name]
                    made[name] = (
                        written if isinstance(written, Schedule) else Schedule.from_dict(written, Catalogue(made))
                    )
                except ScheduleError as error:
                    faults += [fault.within(name) for fault in error.faults or (Fault((), str(error)),)]
    if faults:
        raise ScheduleError.listing(faults)
    return {name: made[name] for name in there}
