"""What the options of a command choose: the policy, a schedule of it, a channel, how times are read."""

import argparse
from collections.abc import Sequence
from datetime import date, datetime

from kolmisla.errors import PolicyError
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.policy import Policy
from kolmisla.schedule import Schedule
from kolmisla.spans import micros
from kolmisla.ticket import SUPPORT_SYSTEM
from kolmisla.zones import read, zone_named

__all__ = ["channel_of", "policy_of", "schedule_of", "time_of", "zone_of"]


def policy_of(options: argparse.Namespace) -> Policy:
    """The policy, with the releases and closing days of the command line."""
    policy = KOLMISOFT if options.policy is None else Policy.load(options.policy)
    releases, closed = getattr(options, "releases", None), getattr(options, "closed", None)
    if releases is not None:
        policy = policy.replace(releases=releases)
    if closed:
        *earlier, latest = (_less(edition, closed) for edition in policy.editions)
        policy = latest.replace(earlier=earlier)
    return policy


def schedule_of(options: argparse.Namespace, policy: Policy, at: datetime) -> tuple[str, Schedule]:
    """The schedule of that name, or the first one, and its name; of the edition in force at an instant."""
    schedules = policy.nearest(micros(at)).schedules
    name = next(iter(schedules), "none") if options.schedule is None else options.schedule
    if name not in schedules:
        raise PolicyError(f"schedule {name!r} is not one of {', '.join(schedules) or 'none'}")
    return name, schedules[name]


def channel_of(options: argparse.Namespace, policy: Policy) -> str:
    """How a ticket came in; one that does not say came by the policy's first channel."""
    return options.channel or next(iter(policy.channels), SUPPORT_SYSTEM)


def zone_of(options: argparse.Namespace, policy: Policy) -> str:
    """The zone that times without an offset are read in."""
    return options.timezone or policy.timezone


def time_of(options: argparse.Namespace, policy: Policy, text: str) -> datetime:
    """A time as it was written on the command line."""
    return read(text, zone_named(zone_of(options, policy)), options.ambiguous)


def _less(edition: Policy, days: Sequence[date]) -> Policy:
    """The edition without some dates of each schedule's zone; 24x7 has no zone and no closing days."""
    return edition.replace(schedules={name: _without(each, days) for name, each in edition.schedules.items()})


def _without(schedule: Schedule, days: Sequence[date]) -> Schedule:
    if schedule.timezone is None:
        return schedule
    return schedule - Schedule(timezone=schedule.timezone, hours={}, exceptions={day: ["00:00-24:00"] for day in days})
