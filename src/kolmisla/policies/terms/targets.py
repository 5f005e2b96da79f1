"""Targets: the time that a plan promises for a metric, for all tickets or by priority and owner."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.names import folded
from kolmisla.documents.values import NAME, InvalidError, Kind, one_of, optional, table_of
from kolmisla.errors import Fault, shown
from kolmisla.policies.terms.named_targets import (
    BY,
    CUTOFF,
    WITHIN_DAYS,
    CountsFrom,
    faults_of_days,
    words_of,
)

__all__ = ["AVERAGE", "METRIC_TARGETS", "OWNERS", "Target", "TargetsByName"]


class Target(Entry):
    """The time limit that a plan promises for a metric: a duration, or a number of days, which names an instant.

    `within` is a duration or a number of days. A duration is a timedelta or text such as `PT2H`; only the open time of
    a schedule counts. A number of days names an instant: `2 working days`, or `10 days` for calendar days. `by` is the
    local time of day of this instant, such as `16:00`, or `close` for the end of the day's hours. Without `by`, the
    instant has the time of day of the start. The start is the instant at which the cycle of the ticket starts.

    Calendar days are counted from the date of the start. Working days are counted from a first day: `1 working day` is
    the working day after it. The first day is the working day in whose hours the start lies or, if the schedule is
    closed then, the working day of the next opening. A start at or after the local time `cutoff` counts as a start at
    the opening of the next working day. If `counts_from` is `date`, the first day is always the date of the start, even
    if this date has no hours or the start is after the cutoff.

    `schedule` is the name of one of the policy's schedules. If it is None, time counts on the schedule of the ticket's
    priority.

    >>> from datetime import timedelta
    >>> Target(within=timedelta(hours=2)).within
    datetime.timedelta(seconds=7200)
    >>> str(Target(within="1 working day", by="16:00", cutoff="14:00"))
    'next working day by 16:00, cutoff 14:00'
    """

    within: timedelta | str = field(WITHIN_DAYS)
    by: str | None = field(optional(BY), default=None)
    counts_from: CountsFrom = field(one_of(CountsFrom), default="opening")
    cutoff: str | None = field(optional(CUTOFF), default=None)
    schedule: str | None = field(optional(NAME), default=None)

    def _check(self) -> None:
        if faults := list(faults_of_days(self)):
            raise InvalidError(faults, [])

    def __str__(self) -> str:
        return words_of(self)

    @property
    def duration(self) -> timedelta | None:
        """The promised amount of open time, or None for a target in days."""
        return self.within if isinstance(self.within, timedelta) else None


TARGET = record(Target)
BY_NAME = table_of(TARGET)
OWNERS = "owners"  # the key of a metric's targets by owner; the other keys are priorities

TargetsByName = Mapping[str, "Target | Mapping[str, Target]"]


def _target_or_owners(value: Any) -> Target | Mapping[str, Target]:
    """Read a target, or a mapping from owners to targets."""
    return (BY_NAME if isinstance(value, Mapping) and "within" not in value else TARGET).read(value)


def _targets(value: Any) -> "Target | TargetsByName":
    """Read one target for all tickets, or targets by priority. The key `owners` may have targets by owner."""
    if not isinstance(value, Mapping) or "within" in value:
        return TARGET.read(value)
    by_name: TargetsByName = BY_PRIORITY.read(value)
    for name, promised in by_name.items():
        is_target = isinstance(promised, Target)
        if is_target == (folded(name) == OWNERS):
            text = "must map owners to targets" if is_target else 'must be a target, such as { within = "PT2H" }'
            raise InvalidError([Fault((name,), text)], [])
    return by_name


BY_PRIORITY: Kind[TargetsByName] = table_of(Kind(_target_or_owners, {"anyOf": [TARGET.schema, BY_NAME.schema]}))
TARGETS: Kind["Target | TargetsByName"] = Kind(_targets, {"anyOf": [TARGET.schema, BY_PRIORITY.schema]})
METRIC_TARGETS = table_of(TARGETS)
AVERAGE = Kind(lambda value: _average(TARGET.read(value)), Target)


def _average(target: Target) -> Target:
    if target.duration is None:
        text = f"must be a duration such as PT15M, not {shown(target.within)}; a mean response time is compared with it"
        raise InvalidError([Fault(("within",), text)], [])
    return target
