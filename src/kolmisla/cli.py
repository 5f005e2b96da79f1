"""The command line: parses, calls, prints. The only place that reads the current time.

Exit status: 0 done; 1 some rows rejected; 2 usage, unreadable input, or beyond the horizon; 3 not covered;
4 closed (`kolmisla open`).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from typing import Any

from kolmisla.arguments import parser
from kolmisla.console import CLOSED, DONE, INTERRUPTED, NOT_COVERED, REJECTED, UNUSABLE, tell
from kolmisla.engine import Deadline, cycles, deadline, reckoned
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError
from kolmisla.event import Event
from kolmisla.explanation import Explanation, explain, reason_closed
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.policy import Policy
from kolmisla.reckoning import no_due_time
from kolmisla.schedule import Schedule
from kolmisla.spans import clock, length, seconds
from kolmisla.ticket import SUPPORT_SYSTEM, Ticket
from kolmisla.zones import read, zone_named

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status; an error is one line on standard error."""
    options = parser().parse_args(argv)
    try:
        ended = COMMANDS[options.command](options)
        sys.stdout.flush()
    except NotCoveredError as reason:
        return _failed(f"not covered: {reason}", NOT_COVERED)
    except BrokenPipeError:  # whoever read our output has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except KeyboardInterrupt:
        return _failed("interrupted", INTERRUPTED)
    except OSError as fault:
        return _failed(f"{fault.filename}: {fault.strerror}" if fault.filename else str(fault), UNUSABLE)
    except (KolmislaError, ValueError) as fault:
        return _failed(str(fault), UNUSABLE)
    return ended


def due(options: argparse.Namespace) -> int:
    """Print by when a ticket is due, or, for each line of standard input, by when that one is."""
    policy = _policy(options)
    if options.opened_at != "-":
        ticket = _ticket(options, options.opened_at)
        _print_due(deadline(ticket, policy, options.metric), options, _explanation(options, policy, ticket, None))
        return DONE
    if options.explain:
        raise ValueError("--explain is for one ticket, not for lines of standard input")
    from kolmisla.files import STANDARD_STREAM, reading

    facts = options.plan or None, options.priority, options.channel or SUPPORT_SYSTEM, options.version
    promise = policy.promise(*facts, options.metric)
    if promise.within is None and not options.event:
        raise NotCoveredError(promise.missing)
    status = DONE
    with reading(STANDARD_STREAM, "utf-8-sig") as (stream, _):
        for number, line in enumerate(stream, 1):
            try:
                if line.strip():
                    _print_due(deadline(_ticket(options, line.strip()), policy, options.metric), options)
                else:
                    print(flush=True)
            except (KolmislaError, ValueError) as fault:  # a line in, a line out
                print(json.dumps({"error": str(fault)}) if options.json else "", flush=True)
                status = _failed(f"line {number}: {fault}", REJECTED)
    return status


def status(options: argparse.Namespace) -> int:
    """Print how a ticket stands."""
    policy, at = _policy(options), _at(options)
    ticket = _ticket(options, options.opened_at).until(at)
    try:
        found = deadline(ticket, policy, options.metric)
    except NotCoveredError as reason:
        return _measured(options, policy, ticket, at, reason)
    now, why = found.status(at), _explanation(options, policy, ticket, at)
    if options.json:
        answer = {**now.to_dict(), **found.to_dict(), "timezone": _zone_name(options)}
        print(json.dumps({**answer, **_steps(why)}))
        return DONE
    for name, value in (
        ("state", now.state),
        ("elapsed", clock(length(now.elapsed))),
        ("remaining", clock(length(now.remaining))),
        ("due_at", found.due_at and found.due_at.isoformat()),
        ("breaches_after", found.breaches_after and found.breaches_after.isoformat()),
        ("timezone", _zone_name(options)),
    ):
        print(f"{name:15} {value or 'not known'}")
    if why:
        print(f"\n{why}")
    return DONE


def _measured(
    options: argparse.Namespace, policy: Policy, ticket: Ticket, at: datetime, reason: NotCoveredError
) -> int:
    """Print the time of a cycle for which nothing is promised; without one, only the reason."""
    found = cycles(ticket, options.metric, policy)
    if not found:
        raise reason
    took, why = found[-1].elapsed(at), _explanation(options, policy, ticket, at)
    if options.json:
        answer = {"state": "not-covered", "elapsed_s": seconds(length(took)), **found[-1].to_dict()}
        print(json.dumps({**answer, "timezone": _zone_name(options), **_steps(why)}))
    else:
        print(
            f"state           not-covered\nelapsed         {clock(length(took))}", f"\n\n{why}" if why else "", sep=""
        )
    return _failed(f"not covered: {reason}", NOT_COVERED)


def _steps(why: Explanation | None) -> dict[str, Any]:
    return {"steps": why.to_dict()["steps"]} if why else {}


def elapsed(options: argparse.Namespace) -> int:
    """Print the open time between two instants."""
    schedule = _schedule(options)
    took = schedule.elapsed(_time(options, options.start), _time(options, options.end))
    if options.json:
        answer = {"elapsed_s": seconds(length(took)), "schedule": options.schedule, "timezone": _zone_name(options)}
        print(json.dumps(answer))
    else:
        print(clock(length(took)))
    return DONE


def is_open(options: argparse.Namespace) -> int:
    """Print whether a schedule is open, why, and when that changes; the exit status tells it too."""
    schedule, at = _schedule(options), _at(options)
    opened = schedule.is_open(at)
    if not options.quiet:
        why = f"open: {options.schedule}" if opened else f"closed: {reason_closed(schedule, at)}"
        try:
            at = schedule.next_close(at) if opened else schedule.next_open(at)
            change = f"{'closes' if opened else 'opens'} {at.isoformat()}"
        except HorizonError:
            change = f"no {'closing' if opened else 'opening'} known"
        print(f"{why}, {change}")
    return DONE if opened else CLOSED


def measure(options: argparse.Namespace) -> int:
    """Measure a file of tickets."""
    from kolmisla import jobs

    return jobs.measure(options, _policy(options), _at(options))


def queue(options: argparse.Namespace) -> int:
    """Print the order in which a file of tickets is solved."""
    from kolmisla import jobs

    return jobs.queue(options, _policy(options), _at(options))


def _failed(text: str, status: int) -> int:
    tell(f"kolmisla: {text}")
    return status


def _zone_name(options: argparse.Namespace) -> str:
    """The zone that times without an offset are read in."""
    return options.timezone or KOLMISOFT.timezone


def _time(options: argparse.Namespace, text: str) -> datetime:
    return read(text, zone_named(_zone_name(options)), options.ambiguous)


def _at(options: argparse.Namespace) -> datetime:
    return datetime.now(UTC) if options.at is None else _time(options, options.at)


def _policy(options: argparse.Namespace) -> Policy:
    """The built-in policy with the releases and closing days of the command line."""
    if not options.closed and not options.releases:
        return KOLMISOFT
    schedules = {name: _less(schedule, options.closed) for name, schedule in KOLMISOFT.schedules.items()}
    return KOLMISOFT.replace(schedules=schedules, releases=options.releases)


def _schedule(options: argparse.Namespace) -> Schedule:
    return _policy(options).schedules[options.schedule]


def _less(schedule: Schedule, days: Sequence[date]) -> Schedule:
    """The schedule without some dates of its zone; 24x7 has no zone and no closing days."""
    if not days or schedule.timezone is None:
        return schedule
    return schedule - Schedule(timezone=schedule.timezone, hours={}, exceptions={day: ["00:00-24:00"] for day in days})


def _ticket(options: argparse.Namespace, opened_at: str) -> Ticket:
    answered_at = getattr(options, "answered_at", None)
    return Ticket(
        plan=options.plan or None,
        priority=options.priority,
        opened_at=_time(options, opened_at),
        channel=options.channel,
        version=options.version,
        answered_at=answered_at and _time(options, answered_at),
        events=[Event(at=_time(options, at), kind=kind, value=value) for at, kind, value in options.event],
    )


def _explanation(
    options: argparse.Namespace, policy: Policy, ticket: Ticket, at: datetime | None
) -> Explanation | None:
    if not options.explain:
        return None
    return explain(ticket, policy, options.metric, at)


def _print_due(found: Deadline, options: argparse.Namespace, why: Explanation | None = None) -> None:
    if found.due_at is None:
        if why:
            print(json.dumps(_steps(why)) if options.json else why, flush=True)
        raise HorizonError(no_due_time(reckoned(found.ticket, found.policy, found.promise.metric)[found.cycle - 1]))
    if options.json:
        print(json.dumps({**found.to_dict(), "timezone": _zone_name(options), **_steps(why)}), flush=True)
    else:
        print(why or found.due_at.isoformat(), flush=True)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "due": due,
    "status": status,
    "elapsed": elapsed,
    "open": is_open,
    "measure": measure,
    "queue": queue,
}
