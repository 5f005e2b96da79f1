"""The schedule that options choose, in each edition of a policy from an instant on."""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING

from kolmisla.cli.options import zone_shown
from kolmisla.errors import KolmislaError, PolicyError, choices, named, shown
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.openings import is_whole_week
from kolmisla.schedules.clock import Clock
from kolmisla.schedules.schedule import Schedule
from kolmisla.times.instants import instants_in, micros
from kolmisla.times.zones import midnight, zone_named

if TYPE_CHECKING:
    from kolmisla.reports.calendars.days import CalendarDay  # `days_chosen` imports it only when needed

__all__ = ["ChosenSchedules", "Turn", "days_chosen", "schedules_of"]

Turn = tuple[datetime, Schedule]  # the instant from which a schedule is in force, and that schedule


@dataclass(frozen=True, slots=True)
class ChosenSchedules:
    """The chosen schedule of each edition, from the edition in force at the first instant on.

    If a later edition has no such schedule, `fault` says why, and nothing is known from its start `until` on.
    """

    turns: list[Turn]
    names: list[str]
    until: datetime | None = None
    fault: KolmislaError | None = None

    @property
    def counted(self) -> Schedule | Clock:
        """The schedule, or a clock that counts on one after the other."""
        return self.turns[0][1] if len(self.turns) == 1 else Clock.switching(self.turns)

    def name(self, last: datetime) -> str:
        """Return the names of the schedules in force up to an instant, joined by `and`."""
        there = (name for (since, _), name in zip(self.turns, self.names, strict=True) if micros(since) <= micros(last))
        return " and ".join(dict.fromkeys([self.names[0], *there]))

    def check(self, last: datetime) -> None:
        """Raise the fault if an answer depends on time up to `last`, but it is not known which schedule counts."""
        if self.until is not None and self.fault is not None and micros(last) > micros(self.until):
            raise self.fault


def schedules_of(options: argparse.Namespace, policy: Policy, first: datetime) -> ChosenSchedules:
    """Return the schedules that the options choose, from the instant `first` on.

    Without options, take an edition's only schedule, or the only one beside 24x7. Raise PolicyError if the edition in
    force at `first` has no such schedule.
    """
    priority = getattr(options, "priority", None)
    if options.schedule is not None and priority is not None:
        raise ValueError("give --schedule or --priority, not both")
    if priority is None and getattr(options, "plan", None) is not None:
        raise ValueError("--plan needs --priority, because the schedule depends on both")
    edition = policy.nearest(micros(first))
    names = [_name(options, edition, None)]
    turns = [(first, _named(edition, names[0]))]
    for at, later in _later(policy, edition, first):
        try:
            name = _name(options, later, names[-1])
            schedule = _named(later, name)
        except KolmislaError as fault:
            return ChosenSchedules(turns, names, at, fault)
        names.append(name)
        turns.append((at, schedule))
    return ChosenSchedules(turns, names)


def _later(policy: Policy, edition: Policy, first: datetime) -> Iterator[tuple[datetime, Policy]]:
    """Yield the editions that come into force after the instant `first`, each with the instant at which it does."""
    for other in policy.editions:
        begins_at = other.begins_at
        if other.effective_from != edition.effective_from and begins_at and micros(begins_at) > micros(first):
            yield begins_at, other


def _name(options: argparse.Namespace, edition: Policy, before: str | None) -> str:
    """Return the name of the schedule that the options choose in an edition. `before` is the one in the edition before.

    Without an option, a schedule that keeps its name stays the chosen one.
    """
    if getattr(options, "priority", None) is not None:
        return _promised(options, edition)
    if options.schedule is not None:
        return options.schedule  # type: ignore[no-any-return]  # a text
    return before if before is not None and before in edition.schedules else _only(edition)


def _only(edition: Policy) -> str:
    """Return the name of the only schedule, or of the only one that opens and closes. Otherwise raise PolicyError."""
    names = list(edition.schedules)
    several = (name for name in names if len(names) > 1 and not is_whole_week(edition.schedules[name]))
    changing = list(islice(several, 2))  # two are enough to see that there are several
    if len(changing or names) != 1:
        raise PolicyError(
            f"policy {named(edition.name)} has the schedules {choices(names)}; choose one with --schedule"
            if names
            else f"policy {named(edition.name)} has no schedules"
        )
    return (changing or names)[0]


def _promised(options: argparse.Namespace, edition: Policy) -> str:
    """Return the name of the schedule on which the first response to a ticket of `--priority` counts.

    Without `--plan`, raise PolicyError if the schedules of the plans differ.
    """
    plans = list(edition.plans) if options.plan is None else [options.plan]
    names = {plan: edition.promise(plan, options.priority, None).schedule_name for plan in plans}
    if not names:
        raise PolicyError(f"policy {named(edition.name)} has no plans; choose a schedule with --schedule")
    if len(set(names.values())) > 1:
        differ = " and ".join(f"{named(name)} for {named(plan)}" for plan, name in names.items())
        raise PolicyError(f"the schedule of {shown(options.priority)} depends on the plan ({differ}); add --plan")
    return next(iter(names.values()))


def _named(edition: Policy, name: str) -> Schedule:
    if name not in edition.schedules:
        raise PolicyError(f"schedule {shown(name)} is not one of the schedules: {choices(edition.schedules)}")
    return edition.schedules[name]


def days_chosen(
    options: argparse.Namespace, policy: Policy, first: date, last: date
) -> "tuple[str, str, tuple[CalendarDay, ...]]":
    """Return the name of the chosen schedule, the zone of its dates, and its days from `first` to `last`.

    The zone is the schedule's own, or the policy's for a schedule without a zone.
    """
    from kolmisla.reports.calendars.days import days_in_force

    def begins(day: date, zone: str) -> datetime:
        return instants_in(zone_named(zone))(midnight(zone_named(zone), day.toordinal()))

    zone = zone_shown(policy, schedules_of(options, policy, begins(first, policy.timezone)).turns[0][1])
    chosen = schedules_of(options, policy, begins(first, zone))
    end = begins(last, zone) + timedelta(microseconds=1)
    chosen.check(end)
    in_force = [(micros(since), schedule) for since, schedule in chosen.turns]
    return chosen.name(end), zone, days_in_force(in_force, first, last, zone_named(zone))
