"""Compares the answers of a policy with what its examples expect."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from typing import Any, cast, get_args

from kolmisla.documents.names import folded
from kolmisla.errors import Fault, KolmislaError, NotCoveredError, choices, shown
from kolmisla.policies.kolmisoft import check_policy
from kolmisla.policies.notes.effort import MOST_EFFORT, effort_until, targets_in
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in, sole_names
from kolmisla.policies.terms.examples import Example
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, MetricName, Opener
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.answers.deadline import deadline
from kolmisla.tickets.cycles.cycle_clock import DeadlineState
from kolmisla.tickets.event import Event
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.dates import YEARS
from kolmisla.times.durations import duration_text
from kolmisla.times.instants import instants_in, length, micros
from kolmisla.times.reading import read
from kolmisla.times.zones import zone_named

__all__ = ["example_faults"]


def example_faults(policy: Policy) -> tuple[Fault, ...]:
    """Return a fault for each answer of a policy that differs from what one of its examples expects.

    Each fault has a place, such as `examples.3.due_at`; the first example is number 0. Times are shown in the policy's
    zone. An example that does not describe a valid ticket gives a fault too, and so does an example that names
    something that the policy lacks. If all examples hold, there are no faults. Raise TypeError for anything but a
    policy.

    >>> from kolmisla import KOLMISOFT
    >>> example_faults(KOLMISOFT)
    ()
    >>> wrong = {"opened_at": "2026-07-03T16:30", "plan": "PREMIUM", "priority": "HIGH", "due_at": "2026-07-07T09:30"}
    >>> print(*example_faults(KOLMISOFT.replace(examples=[wrong])))
    examples.0.due_at: is 2026-07-07T08:30:00+03:00, not 2026-07-07T09:30:00+03:00
    """
    check_policy(policy)
    if too_far := _too_far(policy):
        return (too_far,)
    return tuple(
        fault.within("examples", number)
        for number, example in enumerate(policy.examples)
        for fault in dict.fromkeys(_faults(policy, example))
    )


def _too_far(policy: Policy) -> Fault | None:
    """Return a fault if the times in the examples are so far apart that comparing them would take too long."""
    years = {min(max(at.year, YEARS[0]), YEARS[-1]) for example in policy.examples for at in _times(example)}
    if not years:
        return None
    span = max(years) - min(years) + 1
    told = {folded(name) for example in policy.examples for name in _names(example) if name}
    told |= {folded(name) for name in sole_names(policy).values()}
    efforts: dict[Schedule, int] = {}
    for edition in policy.editions:
        targets = targets_in(edition)
        things = [*edition.priorities.values(), *edition.owners.values()]
        used = {thing.schedule for thing in things if folded(thing.name) in told}
        for name, schedule in edition.schedules.items():
            if name in used or name in targets or folded(name) in told:
                counted = [*targets.get(None, ()), *targets.get(name, ())]
                efforts[schedule] = max(efforts.get(schedule, 0), effort_until(schedule, counted, span))
    if sum(efforts.values()) <= MOST_EFFORT:
        return None
    text = (
        f"take too long to compare: their times span {span} years, on schedules with many spans, or with long targets"
    )
    return Fault(("examples",), f"{text}; type times that are nearer to each other, or fewer examples")


def _times(example: Example) -> Iterator[datetime]:
    """Yield those times of an example that can be read. Wall times are read as if they were in UTC."""
    dates = [event.value for event in example.events if folded(event.kind) == "due"]
    fields = example.opened_at, example.answered_at, example.due_at, example.breaches_after, example.at
    for text in (*fields, *(event.at for event in example.events), *dates):
        with suppress(ValueError):
            if text:
                yield read(text, zone=UTC)


def _names(example: Example) -> Iterator[str | None]:
    """Yield the names in an example that may decide which schedule counts, such as its priority. A name may be None."""
    yield from (example.priority, example.owner, example.schedule)
    yield from (event.value for event in example.events)


class _UnreadableError(Exception):
    """An example cannot be compared with the policy. `faults` says why."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__()
        self.faults = faults


def _faults(policy: Policy, example: Example) -> Iterator[Fault]:
    try:
        instants = _instants(policy, example)
        metric = _metric(policy, example)
        ticket = _ticket(policy, example, instants)
    except _UnreadableError as unreadable:
        yield from unreadable.faults
        return
    expected: dict[str, datetime] = {name: at for name, at in instants.items() if name in ("due_at", "breaches_after")}
    if example.not_covered is not None or expected:
        yield from _of_deadline(policy, example, ticket, metric, expected)
    if "at" in instants:
        yield from _of_status(policy, example, ticket, metric, instants["at"])


def _instants(policy: Policy, example: Example) -> dict[str, datetime]:
    """Return the times of an example as instants, by their places, such as `opened_at` or `events.0.at`.

    Raise _UnreadableError for a time that cannot be read, such as a wall time that DST skips or repeats.
    """
    fields = ("opened_at", "answered_at", "due_at", "breaches_after", "at")
    texts: dict[tuple[str | int, ...], str | None] = {(name,): getattr(example, name) for name in fields}
    texts |= {("events", number, "at"): event.at for number, event in enumerate(example.events)}
    agreed = [(number, event.value) for number, event in enumerate(example.events) if folded(event.kind) == "due"]
    texts |= {("events", number, "value"): value for number, value in agreed if value}
    zone, faults, instants = zone_named(policy.timezone), [], {}
    for place, text in texts.items():
        try:
            if text is not None:
                instants[".".join(map(str, place))] = read(text, zone=zone)
        except ValueError as fault:
            faults.append(Fault(place, str(fault)))
    if faults:
        raise _UnreadableError(faults)
    return instants


def _metric(policy: Policy, example: Example) -> str:
    try:
        return FIRST_RESPONSE if example.metric is None else metric_in(policy, example.metric)
    except KolmislaError as error:
        raise _UnreadableError([Fault(("metric",), str(error))]) from None


def _ticket(policy: Policy, example: Example, instants: dict[str, datetime]) -> Ticket:
    """Make the ticket that an example describes. Raise _UnreadableError if it is not a valid ticket."""
    faults, events = [], []
    for number, event in enumerate(example.events):
        try:
            value: Any = instants.get(f"events.{number}.value", event.value)
            told = {"kind": event.kind, "value": value, "metric": event.metric, "reason": event.reason}
            events.append(Event.from_dict({**told, "at": instants[f"events.{number}.at"]}))
        except KolmislaError as error:
            faults += [fault.within("events", number) for fault in error.faults]
    sole = sole_names(policy)
    priority = example.priority or sole.get("priority")
    if priority is None:
        faults.append(Fault(("priority",), f"must be given; the priorities are {choices(policy.priorities)}"))
    if example.state is not None and example.state not in get_args(DeadlineState):
        faults.append(Fault(("state",), f"must be {choices(get_args(DeadlineState))}, not {shown(example.state)}"))
    if faults or priority is None:
        raise _UnreadableError(faults)
    opened_at = instants["opened_at"]
    try:
        return Ticket(
            plan=sole.get("plan") if example.plan is None else example.plan,
            priority=priority,
            opened_at=opened_at,
            channel=example.channel or policy.nearest(micros(opened_at)).main_channel,
            version=example.version,
            answered_at=instants.get("answered_at"),
            events=events,
            owner=example.owner,
            schedule=example.schedule,
            opened_by=cast("Opener | None", example.opened_by),
        )
    except KolmislaError as error:
        raise _UnreadableError(list(error.faults) or [Fault((), str(error))]) from None


def _of_deadline(
    policy: Policy, example: Example, ticket: Ticket, metric: str, expected: dict[str, datetime]
) -> Iterator[Fault]:
    """Yield a fault for each instant in `expected` that differs from the policy's answer.

    If the example expects that nothing is promised, yield a fault for a promise, or for another reason.
    """
    told = partial(_told, policy)
    try:
        due = deadline(ticket, policy=policy, metric=cast("MetricName", metric))
    except NotCoveredError as reason:
        if example.not_covered is not None and example.not_covered.casefold() not in str(reason).casefold():
            yield Fault(
                ("not_covered",), f"is {shown(str(reason))}, which does not contain {shown(example.not_covered)}"
            )
        for name, at in expected.items():
            yield Fault((name,), f"is not {told(at)}, because the ticket is not covered: {reason}")
    except KolmislaError as error:
        yield Fault((), str(error))
    else:
        if example.not_covered is not None:
            yield Fault(("not_covered",), f"the ticket is covered, and its due time is {told(due.due_at)}")
        for name, at in expected.items():
            found = getattr(due, name)
            if found is None or micros(found) != micros(at):
                yield Fault((name,), f"is {told(found)}, not {told(at)}")


def _told(policy: Policy, at: datetime | None) -> str:
    return "not known" if at is None else instants_in(zone_named(policy.timezone))(micros(at)).isoformat()


def _of_status(policy: Policy, example: Example, ticket: Ticket, metric: str, at: datetime) -> Iterator[Fault]:
    """Yield a fault if the state or the time elapsed at the instant `at` is not the one that the example expects.

    Events after this instant do not count.
    """
    try:
        status = deadline(ticket.until(at), policy=policy, metric=cast("MetricName", metric)).status(at)
    except NotCoveredError as reason:
        yield Fault(("at",), f"has no state, because the ticket is not covered: {reason}")
    except KolmislaError as error:
        yield Fault((), str(error))
    else:
        if example.state is not None and status.state != example.state:
            yield Fault(("state",), f"is {status.state}, not {example.state}")
        if example.elapsed is not None and length(status.elapsed) != length(example.elapsed):
            yield Fault(("elapsed",), f"is {duration_text(status.elapsed)}, not {duration_text(example.elapsed)}")
