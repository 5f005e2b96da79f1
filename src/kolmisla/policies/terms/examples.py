"""Examples in a policy: tickets, and what the policy is expected to answer about them.

This file only reads the examples. `reports.rules.examples` compares the expected answers with the policy's answers.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from kolmisla.documents.model import Model, field, record
from kolmisla.documents.values import NAME, TEXT, InvalidError, Kind, is_nothing, list_of, optional
from kolmisla.errors import Fault, shown
from kolmisla.times.durations import DURATION_PATTERN, duration_text, read_duration
from kolmisla.times.reading import read

__all__ = ["EXAMPLE_LISTS", "Example", "ExampleEvent"]


def _time(value: Any) -> str:
    """Read a time as text, with an offset or without. A datetime, such as TOML has, becomes text."""
    if isinstance(value, datetime) and not is_nothing(value):  # NaT is a datetime
        return value.isoformat()
    if isinstance(value, date) and not is_nothing(value):
        raise ValueError(f"is a date without a time of day; write one such as {value}T08:00")
    if not isinstance(value, str):
        raise ValueError(f"must be a time such as 2026-07-03T16:30, not {shown(value)}")
    read(
        value, zone=UTC
    )  # raises for text that is not a time; UTC stands for the policy's zone, which is not known here
    return value


def _elapsed(value: Any) -> timedelta:
    elapsed = read_duration(value)
    if elapsed < timedelta():
        raise ValueError(f"must not be negative, but it is minus {duration_text(-elapsed)}")
    return elapsed


_TIME = Kind(_time, {"type": "string", "examples": ["2026-07-03T16:30", "2026-07-07T08:30:00+03:00"]})
_MAYBE_TEXT, _OPTIONAL_TIME = optional(TEXT), optional(_TIME)
_MAYBE_TIME = Kind(lambda value: None if is_nothing(value) else _time(value), _OPTIONAL_TIME.schema)
_ELAPSED = optional(
    Kind(_elapsed, {"type": "string", "pattern": f"^{DURATION_PATTERN}$", "examples": ["PT1H30M", "PT0S"]})
)


class ExampleEvent(Model):
    """An event of the ticket in an example: its kind and its time, and its value, metric and reason if any.

    >>> ExampleEvent(kind="priority", at="2026-07-04T10:00", value="BLOCKER").value
    'BLOCKER'
    """

    kind: str = field(NAME)
    at: str = field(_TIME)
    value: str | None = field(_MAYBE_TEXT, default=None)
    metric: str | None = field(optional(NAME), default=None)
    reason: str | None = field(_MAYBE_TEXT, default=None)


class Example(Model):
    """A ticket, and what the policy is expected to answer about it.

    `kolmisla policy check` compares the expected answer with the policy's answer.

    Times are text. Times without an offset are wall times in the policy's zone. The ticket has `opened_at`, `plan`,
    `priority`, `channel`, `version`, `answered_at`, `events`, `owner`, `schedule` and `opened_by`. A `plan` or
    `priority` may be left out if the policy has only one. An empty `plan` is a ticket without a plan. `metric` is
    `first-response` if it is left out.

    The expected answer is in `due_at`, in `breaches_after`, or in the `state` and the time `elapsed` at the instant
    `at`. If nothing is promised for the ticket, the expected answer is only in `not_covered`: some words of the reason.
    `note` says what the example shows.

    >>> Example(opened_at="2026-07-03T16:30", priority="HIGH", due_at="2026-07-07T08:30").due_at
    '2026-07-07T08:30'
    """

    note: str = field(TEXT, default="")
    opened_at: str = field(_TIME)
    plan: str | None = field(_MAYBE_TEXT, default=None)
    priority: str | None = field(optional(NAME), default=None)
    channel: str | None = field(optional(NAME), default=None)
    version: str | None = field(optional(NAME), default=None)
    metric: str | None = field(optional(NAME), default=None)
    answered_at: str | None = field(_MAYBE_TIME, default=None)
    events: tuple[ExampleEvent, ...] = field(list_of(record(ExampleEvent)), default=())
    owner: str | None = field(optional(NAME), default=None)
    schedule: str | None = field(optional(NAME), default=None)
    opened_by: str | None = field(optional(NAME), default=None)
    due_at: str | None = field(_MAYBE_TIME, default=None)
    breaches_after: str | None = field(_MAYBE_TIME, default=None)
    at: str | None = field(_MAYBE_TIME, default=None)
    state: str | None = field(optional(NAME), default=None)
    elapsed: timedelta | None = field(_ELAPSED, default=None)
    not_covered: str | None = field(optional(NAME), default=None)

    def _check(self) -> None:
        if faults := list(self._incomplete()):
            raise InvalidError(faults, [])

    def _incomplete(self) -> Iterator[Fault]:
        """Yield a fault for each field that needs another field, or that contradicts another field.

        Also yield a fault if no answer is expected.
        """
        at_instant = [name for name in ("state", "elapsed") if getattr(self, name) is not None]
        instants = [name for name in ("due_at", "breaches_after") if getattr(self, name) is not None]
        if at_instant and self.at is None:
            yield Fault(("at",), f"is missing; write the instant for which {' and '.join(at_instant)} must be right")
        if self.at is not None and not at_instant:
            yield Fault(("at",), "must come with the state or the time elapsed that is expected at this instant")
        if self.not_covered is None:
            if not (at_instant or instants or self.at is not None):
                text = "must expect something: due_at, breaches_after, state or elapsed (with at), or not_covered"
                yield Fault((), text)
            return
        for name in (*instants, *at_instant):
            yield Fault((name,), "must be left out if not_covered is given, because then nothing is promised")


EXAMPLE_LISTS = list_of(record(Example))
