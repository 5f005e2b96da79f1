"""The policy, the schedule, the ticket and the times that the options of a command choose."""

import argparse
from collections.abc import Sequence
from datetime import UTC, date, datetime

from kolmisla.errors import PolicyError, choices, named, shown
from kolmisla.instants import micros
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.event import Event
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.reading import read
from kolmisla.times.zones import zone_named

__all__ = ["at_of", "policy_of", "schedules_of", "ticket_of", "time_of", "zone_of"]

Turn = tuple[datetime, Schedule]  # the instant from which a schedule is in force, and that schedule


def policy_of(options: argparse.Namespace) -> Policy:
    """Return the policy, to which the releases and closing days of the command line are added."""
    policy = KOLMISOFT if options.policy is None else Policy.load(options.policy)
    released, closed = getattr(options, "releases", None), getattr(options, "closed", None)
    if released is not None:
        policy = policy.replace(releases=released.releases)
    if closed:
        *earlier, latest = (_less(edition, closed) for edition in policy.editions)
        policy = latest.replace(earlier=earlier)
    return policy


def sources_of(options: argparse.Namespace) -> dict[str, str | None]:
    """Return the files from which the policy and its releases are read, under the keys `policy` and `releases`."""
    releases = getattr(options, "releases", None)
    return {"policy": options.policy, "releases": releases and releases.file}


def schedules_of(options: argparse.Namespace, policy: Policy, first: datetime) -> tuple[str, list[Turn]]:
    """Return the name of a schedule, and a list of the schedules that have this name in the policy's editions.

    `--schedule` is the name. Without that option, the name is that of the policy's first schedule. The list begins with
    the schedule in force at `first`. Each edition that begins after `first` adds a schedule.
    """
    edition = policy.nearest(micros(first))
    if options.schedule is None and not edition.schedules:
        raise PolicyError(f"policy {named(policy.name)} has no schedules")
    name = next(iter(edition.schedules)) if options.schedule is None else options.schedule
    begins = ((other.begins_at, other) for other in policy.editions if other.effective_from != edition.effective_from)
    later = [(at, _named(other, name)) for at, other in begins if at and micros(at) > micros(first)]
    return name, [(first, _named(edition, name)), *later]


def _named(edition: Policy, name: str) -> Schedule:
    if name not in edition.schedules:
        raise PolicyError(f"schedule {shown(name)} is not one of the schedules: {choices(edition.schedules)}")
    return edition.schedules[name]


def zone_of(options: argparse.Namespace, policy: Policy) -> str:
    """Return the name of the zone in which times without an offset are read."""
    return options.timezone or policy.timezone


def time_of(options: argparse.Namespace, policy: Policy, text: str) -> datetime:
    """Return the instant of a time written on the command line."""
    return read(text, zone=zone_named(zone_of(options, policy)), ambiguous=options.ambiguous)


def _less(edition: Policy, days: Sequence[date]) -> Policy:
    """Return the edition with schedules that are closed on `days`. A schedule without a zone does not change."""
    return edition.replace(schedules={name: _without(schedule, days) for name, schedule in edition.schedules.items()})


def _without(schedule: Schedule, days: Sequence[date]) -> Schedule:
    if schedule.timezone is None:
        return schedule
    return schedule - Schedule(timezone=schedule.timezone, hours={}, exceptions={day: ["00:00-24:00"] for day in days})


def at_of(options: argparse.Namespace, policy: Policy) -> datetime:
    """Return the instant in `--at`, or the current time without that option."""
    return datetime.now(UTC) if options.at is None else time_of(options, policy, options.at)


def ticket_of(options: argparse.Namespace, policy: Policy, opened_at: str) -> Ticket:
    """Return the ticket that the options describe. `opened_at` is a time as the command line writes it."""
    opened, answered_at = time_of(options, policy, opened_at), getattr(options, "answered_at", None)
    return Ticket(
        plan=options.plan or None,
        priority=options.priority,
        opened_at=opened,
        channel=options.channel or policy.nearest(micros(opened)).main_channel,
        version=options.version,
        answered_at=answered_at and time_of(options, policy, answered_at),
        events=[Event(at=time_of(options, policy, at), kind=kind, value=value) for at, kind, value in options.event],
    )
