"""The commands that ask about a ticket or a schedule: `kolmisla due`, `status`, `elapsed` and `open`."""

import argparse
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from kolmisla.cli.options import (
    at_of,
    days_chosen,
    fill_terms,
    identified,
    identity,
    policy_of,
    schedules_of,
    sources_of,
    ticket_of,
    time_of,
    zone_of,
    zone_shown,
)
from kolmisla.cli.terminal import (
    EXIT_CLOSED,
    EXIT_DONE,
    EXIT_NO_DUE_TIME,
    EXIT_NOT_COVERED,
    EXIT_REJECTED,
    failed,
    print_json,
    refuse_overwriting,
    say,
    tell,
)
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError
from kolmisla.instants import DAY_NAMES, clock, length, micros, seconds
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.schedules.clock import Clock
from kolmisla.schedules.days.dates import as_date
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.answers.cycle import cycles
from kolmisla.tickets.answers.deadline import Deadline, deadline
from kolmisla.tickets.cycles.cycle_clock import no_due_time
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.zones import zone_named

if TYPE_CHECKING:
    from kolmisla.tickets.answers.explanation import Explanation  # `_explanation` imports it only when needed

__all__ = ["NoDueTimeError", "run_due", "run_elapsed", "run_open", "run_status"]


A_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
STANDARD_INPUT = "-"


class NoDueTimeError(HorizonError):
    """A ticket has a promise, but nobody knows when it is due, as of a paused ticket."""


def run_due(options: argparse.Namespace) -> int:
    """Print when a ticket is due. With `-`, each line of standard input is the time at which a ticket was opened."""
    policy = policy_of(options)
    if options.within is not None:
        return _run_due_within(options, policy)
    fill_terms(options, policy)
    if options.opened_at != STANDARD_INPUT:
        ticket = ticket_of(options, policy, options.opened_at)
        _print_due(
            deadline(ticket, policy=policy, metric=options.metric), options, _explanation(options, policy, ticket, None)
        )
        return EXIT_DONE
    if options.explain:
        raise ValueError("--explain is for one ticket, not for lines of standard input")
    if not (options.event or policy.turns):  # without events and editions, all tickets have one promise
        facts = options.plan or None, options.priority, options.channel or None, options.version or None
        promise = policy.promise(*facts, options.metric, owner=options.owner, schedule=options.schedule)
        if promise.within is None:
            raise NotCoveredError(promise.missing)

    def answer(text: str) -> None:
        _print_due(deadline(ticket_of(options, policy, text), policy=policy, metric=options.metric), options)

    return _of_lines(options, policy, answer)


def _of_lines(options: argparse.Namespace, policy: Policy, answer: Callable[[str], None]) -> int:
    """Answer for each line of standard input. Each line of input gets a line of output."""
    from kolmisla.files.atomic import STANDARD_STREAM
    from kolmisla.files.tables.opening import reading

    refuse_overwriting({"times": STANDARD_STREAM, **sources_of(options)})
    status = EXIT_DONE
    with reading(STANDARD_STREAM, "utf-8-sig") as (stream, _):
        for number, line in enumerate(stream, 1):
            try:
                if line.strip():
                    answer(line.strip())
                else:
                    print(flush=True)
            except (KolmislaError, ValueError) as fault:
                print_json({"error": str(fault), **identity(policy)}) if options.json else print(flush=True)
                status = failed(f"line {number}: {fault}", EXIT_REJECTED)
    return status


def _run_due_within(options: argparse.Namespace, policy: Policy) -> int:
    """Print when a schedule has been open for a duration since a time. No ticket is asked about."""
    of_tickets = ("event", "channel", "version", "releases", "explain", "owner", "opened_by")
    given = [f"--{name}" for name in of_tickets if getattr(options, name)]
    given += ["--metric"] if options.metric != FIRST_RESPONSE else []
    if given:
        raise ValueError(f"--within asks a schedule, but {', '.join(given)} is about a ticket; leave one of them out")

    def answer(text: str) -> None:
        start = time_of(options, policy, text)
        name, turns = schedules_of(options, policy, start)
        counted = turns[0][1] if len(turns) == 1 else Clock.switching(turns)
        zone = zone_named(zone_shown(policy, turns[0][1]))
        due = counted.due(start, options.within).astimezone(zone)
        if not options.json:
            print(due.isoformat(), flush=True)
            if options.opened_at != STANDARD_INPUT:
                tell(f"counted on {name}")
            return
        try:
            breaches: str | None = counted.next_open(due).astimezone(zone).isoformat()
        except HorizonError:
            breaches = None
        found = {"due_at": due.isoformat(), "breaches_after": breaches, "within_s": seconds(length(options.within))}
        print_json({**found, "schedule": name, "timezone": zone_of(options, policy), **identity(policy)})

    if options.opened_at == STANDARD_INPUT:
        return _of_lines(options, policy, answer)
    answer(options.opened_at)
    return EXIT_DONE


def run_status(options: argparse.Namespace) -> int:
    """Print the state of a ticket at an instant."""
    policy = policy_of(options)
    fill_terms(options, policy)
    at = at_of(options, policy)
    ticket = ticket_of(options, policy, options.opened_at).until(at)
    try:
        due = deadline(ticket, policy=policy, metric=options.metric)
    except NotCoveredError as reason:
        return _measured(options, policy, ticket, at, reason)
    now, why = due.status(at), _explanation(options, policy, ticket, at)
    if options.json:
        answer = {**now.to_dict(), **due.to_dict(), "timezone": zone_of(options, policy), **identity(policy)}
        print_json({**answer, **_steps(why)})
        return EXIT_DONE if due.due_at else EXIT_NO_DUE_TIME
    for name, value in (
        ("state", now.state),
        ("elapsed", clock(length(now.elapsed))),
        ("remaining", clock(length(now.remaining))),
        ("due_at", due.due_at and due.due_at.isoformat()),
        ("breaches_after", due.breaches_after and due.breaches_after.isoformat()),
        ("timezone", zone_of(options, policy)),
        ("policy", identified(policy)),
    ):
        print(f"{name:15} {value or 'not known'}")
    if why:
        print(f"\n{why}")
    return EXIT_DONE if due.due_at else EXIT_NO_DUE_TIME


def _measured(
    options: argparse.Namespace, policy: Policy, ticket: Ticket, at: datetime, reason: NotCoveredError
) -> int:
    """Print the time counted in the last cycle, for which nothing is promised. Raise `reason` if there is no cycle."""
    measured = cycles(ticket, metric=options.metric, policy=policy)
    if not measured:
        raise reason
    took, why = measured[-1].elapsed(at), _explanation(options, policy, ticket, at)
    if options.json:
        answer = {"state": "not-covered", "elapsed_s": seconds(length(took)), **measured[-1].to_dict()}
        print_json({**answer, "timezone": zone_of(options, policy), **identity(policy), **_steps(why)})
    else:
        print(f"state           not-covered\nelapsed         {clock(length(took))}")
        print(f"policy          {identified(policy)}", f"\n\n{why}" if why else "", sep="")
    return failed(f"not covered: {reason}", EXIT_NOT_COVERED)


def _steps(why: "Explanation | None") -> dict[str, Any]:
    return {"steps": why.to_dict()["steps"]} if why else {}


def run_elapsed(options: argparse.Namespace) -> int:
    """Print the open time between two instants."""
    policy = policy_of(options)
    start, end = time_of(options, policy, options.start), time_of(options, policy, options.end)
    name, turns = schedules_of(options, policy, min(start, end, key=micros))
    took = (turns[0][1] if len(turns) == 1 else Clock.switching(turns)).elapsed(start, end)
    if options.json:
        answer = {"elapsed_s": seconds(length(took)), "schedule": name, "timezone": zone_of(options, policy)}
        print_json({**answer, **identity(policy)})
    else:
        print(clock(length(took)), flush=True)
        tell(f"counted on {name}")
    return EXIT_DONE


def run_open(options: argparse.Namespace) -> int:
    """Print whether a schedule is open, why, and when it next opens or closes. For a date, print its hours.

    The exit status also says whether the schedule is open.
    """
    policy = policy_of(options)
    if options.instant is not None and options.at is not None:
        raise ValueError("give the time once: as AT or with --at")
    options.at = options.instant if options.at is None else options.at
    if options.at is not None and A_DATE.fullmatch(options.at.strip()):
        return _open_on(options, policy, as_date(options.at.strip(), "a date"))
    at = at_of(options, policy)
    name, turns = schedules_of(options, policy, at)
    schedule = turns[0][1]
    opened = schedule.is_open(at)
    if not options.quiet:
        from kolmisla.schedules.closures import reason_closed

        reason, changes = None if opened else reason_closed(schedule, at), _change(turns, opened)
        next_one = changes.isoformat() if changes else None
        if options.json:
            answer = {"open": opened, "at": at.isoformat(), "schedule": name, "timezone": zone_of(options, policy)}
            answer |= {"reason": reason, "closes_at": next_one if opened else None}
            print_json({**answer, "opens_at": None if opened else next_one, **identity(policy)})
        else:
            why = f"open: {name}" if opened else f"closed: {name}, {reason}"
            what = ("closes", "closing") if opened else ("opens", "opening")
            say(f"{why}, {what[0]} {next_one}" if next_one else f"{why}, no {what[1]} known")
    return EXIT_DONE if opened else EXIT_CLOSED


def _open_on(options: argparse.Namespace, policy: Policy, date: date) -> int:
    """Print the hours of a date. Hours past midnight belong to the date on which they begin."""
    name, zone, [day] = days_chosen(options, policy, date, date)
    if options.json and not options.quiet:
        print_json({"open": bool(day.spans), "schedule": name, "timezone": zone, **day.to_dict(), **identity(policy)})
    elif not options.quiet:
        hours = f" {day.hours}" if day.spans else ""
        reason = f", {day.reason}" if day.reason else ""
        usual = f", usually {day.usual}" if day.differs and day.usual != day.hours else ""
        opened = "open" if day.spans else "closed"
        say(f"{opened}: {name}, {DAY_NAMES[date.weekday()]} {date}{hours}{reason}{usual}")
    return EXIT_DONE if day.spans else EXIT_CLOSED


def _change(turns: Sequence[tuple[datetime, Schedule]], opened: bool) -> datetime | None:
    """Return when the schedule closes if `opened`, else when it opens. Return None if that is unknown."""
    for (start, schedule), following in zip(turns, [*turns[1:], None], strict=True):
        if schedule.is_open(start) != opened:
            return start
        try:
            changes = schedule.next_close(start) if opened else schedule.next_open(start)
        except HorizonError:
            continue
        if following is None or micros(changes) < micros(following[0]):
            return changes
    return None


def _explanation(
    options: argparse.Namespace, policy: Policy, ticket: Ticket, at: datetime | None
) -> "Explanation | None":
    if not options.explain:
        return None
    from kolmisla.tickets.answers.explanation import explain

    return explain(ticket, policy=policy, metric=options.metric, at=at)


def _print_due(due: Deadline, options: argparse.Namespace, why: "Explanation | None" = None) -> None:
    if due.due_at is None:
        if why:
            print_json({**identity(due.policy), **_steps(why)}) if options.json else _print_explanation(why, due.policy)
        raise NoDueTimeError(no_due_time(ticket_clocks(due.ticket, due.policy, due.promise.metric)[due.cycle - 1]))
    if options.json:
        zone = zone_of(options, due.policy)
        print_json({**due.to_dict(), "timezone": zone, **identity(due.policy), **_steps(why)})
    elif why:
        _print_explanation(why, due.policy)
    else:
        print(due.due_at.isoformat(), flush=True)


def _print_explanation(why: "Explanation", policy: Policy) -> None:
    print(why, flush=True)
    say(f"policy {identified(policy)}")
