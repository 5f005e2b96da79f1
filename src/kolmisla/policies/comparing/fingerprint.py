"""The hash of a policy's answers in some years. Policies with the same hash give equal deadlines in these years.

Fields that change no deadline are left out, such as texts and prices. The letter case of names and the order of tables
do not count. The order of releases counts, and also which channel comes first.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kolmisla.documents.model import Model, plain
from kolmisla.documents.names import folded
from kolmisla.documents.toml_json import digest, hexadecimal
from kolmisla.errors import shown
from kolmisla.policies.promises import metric_of, metrics_of
from kolmisla.policies.terms.metrics import RESOLUTION
from kolmisla.schedules.freezing import known_part, open_in
from kolmisla.schedules.naming.working_days import working_days
from kolmisla.schedules.schedule import ALWAYS, Schedule
from kolmisla.times.dates import YEARS, first_day, last_day
from kolmisla.times.zones import zone_named

__all__ = ["USUAL_YEARS", "checked_years", "fingerprint_of"]

USUAL_YEARS = range(2020, 2041)  # the usual years to compare, as far as the schedules know them

LEFT_OUT = {"name", "source", "line", "label", "meaning", "schedule_lines"}  # texts for people
LEFT_OUT |= {
    "coverage",
    "rates",
    "work",
    "currency",
    "includes",
    "average",
    "attain",
    "credits",
    "cap",
    "warnings",
}  # without effect on deadlines
LEFT_OUT |= {
    "schedules",
    "plans",
    "targets",
    "releases",
    "earlier",
    "examples",
    "pausing",
    "pauses",
}  # these keys go into the hash in another form
# Lists of names, or of events such as owner=L2, whose order and letter case mean nothing.
TRIGGERS = {"starts", "after", "ends", "cancels"}
SETS_OF_NAMES = {"waits_for_customer", *TRIGGERS}


def checked_years(years: Iterable[int]) -> tuple[int, int]:
    """Return the first and the last year of `years`: a range without gaps, or a pair of the first and the last year.

    Raise TypeError for anything else. Raise ValueError for years in the wrong order, or outside 1900 to 2200.
    """
    if isinstance(years, range) and years.step == 1 and years:
        first, last = years.start, years.stop - 1
    elif isinstance(years, tuple) and len(years) == 2 and all(type(year) is int for year in years):
        first, last = years
    else:
        raise TypeError(f"years must be a range of years or a pair such as (2020, 2040), not {shown(years)}")
    if not (first <= last and first in YEARS and last in YEARS):
        raise ValueError(
            f"years must be in order, from {YEARS.start} to {YEARS.stop - 1}, not {shown(first)} to {shown(last)}"
        )
    return first, last


def fingerprint_of(policy: Any, years: Iterable[int]) -> str:
    """Return the hash of a policy's answers in `years`, which is a range, or a pair of the first and the last year."""
    first, last = checked_years(years)
    hashes: dict[Schedule, str] = {}

    def hash_of(schedule: Schedule) -> str:
        if schedule not in hashes:
            known = known_part(schedule, policy.timezone, first, last)
            pairs = [known, *open_in(schedule, policy.timezone, first, last)]
            hashes[schedule] = hexadecimal(
                b"".join(at.to_bytes(8, "big", signed=True) for pair in pairs for at in pair)
            )
        return hashes[schedule]

    def hash_of_days(schedule: Schedule) -> str:
        """Return a hash of the hours that begin on each date, and of the schedule's zone.

        The deadline of a target in days depends on these hours and on the zone.
        """
        zone = zone_named(schedule.timezone or policy.timezone)
        dates = range(first_day(first), last_day(last) + 1)
        days = working_days(schedule, zone).covering(dates[0], dates[-1])
        hours = [list(numbers) for numbers in days.hours if numbers[0] in dates]
        return digest({"zone": zone.key, "hours": hours})

    editions = [
        {
            **_answers(edition),
            "channel": folded(edition.main_channel),
            "releases": [[folded(name), plain(day)] for name, day in edition.releases.items()],  # their order counts
            "schedules": {folded(name): hash_of(schedule) for name, schedule in edition.schedules.items()},
            "plans": {folded(name): _of_plan(plan, edition) for name, plan in edition.plans.items()},
            **(
                {"days": {folded(name): hash_of_days(schedule) for name, schedule in edition.schedules.items()}}
                if any(_is_in_days(plan.targets) for plan in edition.plans.values())
                else {}
            ),
        }
        for edition in policy.editions
    ]
    return digest(_in_order({"years": [first, last], "editions": editions}))


def _of_plan(plan: Any, edition: Any) -> dict[str, Any]:
    """Return what goes into the hash for a plan: its targets for priorities and owners, its pauses and other fields."""
    targets = {}
    for metric in plan.targets:
        for priority in edition.priorities.values():
            target = plan.target(metric, priority.name)
            if target is not None:
                on = target.schedule or priority.schedule
                own = target.schedule is not None and edition.schedules[on] != ALWAYS
                kept = (
                    {"for_all": True} if own else {}
                )  # the schedule of a ticket or of its owner does not replace the target's
                targets[f"{metric} {folded(priority.name)}"] = {**_answers(target), "schedule": folded(on), **kept}
        for owner, target in plan.owner_targets(metric).items():
            targets[f"{metric} owner {folded(owner)}"] = _answers(target)
    paused = {folded(metric): _paused(plan, edition, metric) for metric in metrics_of(edition)}
    pauses = {metric: by for metric, by in paused.items() if by != ("all" if metric == RESOLUTION else "none")}
    return {**_answers(plan), "targets": targets, **({"pauses": pauses} if pauses else {})}


def _is_in_days(promised: Any) -> bool:
    """Return whether a target is in days. For a mapping of targets, return whether at least one target is in days."""
    if isinstance(promised, Mapping):
        return any(map(_is_in_days, promised.values()))
    return promised.duration is None


def _paused(plan: Any, edition: Any, metric: str) -> str | list[str]:
    """Return which pauses stop the clock of a metric: `all`, `none`, or a list of reasons."""
    by = plan.paused_by(metric_of(edition, metric), own=metric in edition.metrics)
    return by if isinstance(by, str) else sorted(map(folded, by))


def _answers(value: Any) -> Any:
    """Return a value as plain values, without the fields in LEFT_OUT and those that have their default value."""
    if isinstance(value, Model):
        fields = ((name, getattr(value, name), declared) for name, declared in type(value).fields.items())
        return {
            name: _named(name, content)
            for name, content, declared in fields
            if name not in LEFT_OUT and content != declared.default
        }
    if isinstance(value, Mapping):
        return {folded(key): _answers(content) for key, content in value.items()}
    return plain(value)


def _named(name: str, content: Any) -> Any:
    """Return the content of the field `name` in the form that goes into the hash.

    Names of schedules are folded. A field in SETS_OF_NAMES becomes a sorted list of folded names.
    """
    if name in SETS_OF_NAMES:
        if isinstance(content, Mapping):  # what starts a clock may depend on who opened the ticket
            parts = {key: _named(name, part) for key, part in content.items()}
            one, *others = parts.values()
            return parts if any(other != one for other in others) else one
        names = {folded(each) for each in content}
        if name in TRIGGERS:  # beside `owner`, `owner=L2` means nothing more
            names = {each for each in names if "=" not in each or each.partition("=")[0] not in names}
        return sorted(names)
    return folded(content) if name == "schedule" and isinstance(content, str) else _answers(content)


def _in_order(value: Any) -> Any:
    """Return a copy of a value, with the keys of all its tables sorted."""
    if isinstance(value, Mapping):
        return {key: _in_order(value[key]) for key in sorted(value)}
    return [_in_order(item) for item in value] if isinstance(value, list) else value
