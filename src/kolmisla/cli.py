"""The command line: parses, calls, prints. The only place that reads the current time.

Exit status: 0 done; 1 some rows rejected; 2 usage, unreadable input, or beyond the horizon; 3 not covered;
4 closed (`kolmisla open`).
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime

from kolmisla.arguments import parser
from kolmisla.engine import Deadline, deadline, no_due_time
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.policy import Policy
from kolmisla.schedule import Schedule
from kolmisla.spans import clock, length, seconds
from kolmisla.ticket import SUPPORT_SYSTEM, Ticket
from kolmisla.zones import read, zone_named

__all__ = ["main"]

DONE, REJECTED, UNUSABLE, NOT_COVERED, CLOSED = range(5)
INTERRUPTED = 130  # as shells have it: 128 and the signal


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
        _print_due(_deadline(options, policy, options.opened_at), options)
        return DONE
    from kolmisla.files import STANDARD_STREAM, reading

    policy.promise(options.plan or None, options.priority, options.channel or SUPPORT_SYSTEM, options.version)
    status = DONE
    with reading(STANDARD_STREAM, "utf-8-sig") as (stream, _):
        for number, line in enumerate(stream, 1):
            try:
                if line.strip():
                    _print_due(_deadline(options, policy, line.strip()), options)
                else:
                    print(flush=True)
            except (KolmislaError, ValueError) as fault:  # a line in, a line out
                print(json.dumps({"error": str(fault)}) if options.json else "", flush=True)
                status = _failed(f"line {number}: {fault}", REJECTED)
    return status


def status(options: argparse.Namespace) -> int:
    """Print how a ticket stands."""
    found = _deadline(options, _policy(options), options.opened_at)
    now = found.status(_at(options))
    if options.json:
        print(json.dumps({**now.to_dict(), **found.to_dict(), "timezone": _zone_name(options)}))
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
    return DONE


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
        from kolmisla.explanation import reason_closed

        why = f"open: {options.schedule}" if opened else f"closed: {reason_closed(schedule, at)}"
        try:
            at = schedule.next_close(at) if opened else schedule.next_open(at)
            change = f"{'closes' if opened else 'opens'} {at.isoformat()}"
        except HorizonError:
            change = f"no {'closing' if opened else 'opening'} known"
        print(f"{why}, {change}")
    return DONE if opened else CLOSED


def measure(options: argparse.Namespace) -> int:
    """Measure a file of tickets; the summary goes to standard error."""
    import csv
    from contextlib import nullcontext
    from functools import partial

    from kolmisla.files import CsvTable, JsonTable, format_of, is_ordinary, reading, whole
    from kolmisla.measuring import Measuring
    from kolmisla.progress import with_bar

    measuring = Measuring(
        at=_at(options),
        policy=_policy(options),
        columns=_once("--map", options.map),
        constants=_once("--set", options.set),
        timezone=options.timezone,
        ambiguous=options.ambiguous,
        pattern=options.time_format,
        prefix=options.prefix,
    )
    kind = options.format or format_of(options.tickets) or format_of(options.out) or "csv"
    if format_of(options.out) not in (None, kind):
        raise ValueError(f"{options.out} would not be what its name says: rows are written as they came, {kind}")
    rejects = options.rejects or (f"{options.out}.rejects.csv" if is_ordinary(options.out) else None)
    files = [os.path.realpath(path) for path in (options.tickets, options.out, rejects) if path and is_ordinary(path)]
    if len(set(files)) < len(files) or rejects == options.out:
        raise ValueError("the tickets, the output and the rejects are not three files")
    csv.field_size_limit(2**31 - 1)  # what a C long holds everywhere
    try:
        with (
            reading(options.tickets, options.encoding) as (stream, done),
            whole(options.out) as out,
            whole(rejects) if rejects else nullcontext(sys.stderr) as rejected,
        ):
            table = CsvTable(stream, options.delimiter) if kind == "csv" else JsonTable(stream)
            watched = partial(with_bar, done=done, stream=sys.stderr) if done and sys.stderr.isatty() else iter
            summary = measuring.run(table, out, rejected, watched)
    except ValueError as fault:
        raise ValueError(f"{options.tickets}: {fault}") from fault
    zone = _zone_name(options)
    judged = f"unanswered tickets judged at {measuring.at.astimezone(zone_named(zone)).isoformat(timespec='seconds')}"
    for line in (*summary.lines(measuring.policy, rejects), f"times without an offset read in {zone}; {judged}"):
        _tell(line)
    return REJECTED if summary.rejected else DONE


def _failed(text: str, status: int) -> int:
    _tell(f"kolmisla: {text}")
    return status


def _tell(line: str) -> None:
    """Say something on standard error; when even that cannot be written, the exit status has to do."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)


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


def _deadline(options: argparse.Namespace, policy: Policy, opened_at: str) -> Deadline:
    answered_at = getattr(options, "answered_at", None)
    ticket = Ticket(
        plan=options.plan or None,
        priority=options.priority,
        opened_at=_time(options, opened_at),
        channel=options.channel,
        version=options.version,
        answered_at=answered_at and _time(options, answered_at),
    )
    return deadline(ticket, policy)


def _print_due(found: Deadline, options: argparse.Namespace) -> None:
    if found.due_at is None:
        raise HorizonError(no_due_time(found.promise))
    print(
        json.dumps({**found.to_dict(), "timezone": _zone_name(options)}) if options.json else found.due_at.isoformat(),
        flush=True,
    )


def _once(option: str, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    names = [name for name, _ in pairs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"{option} is given twice for {', '.join(twice)}")
    return dict(pairs)


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "due": due,
    "status": status,
    "elapsed": elapsed,
    "open": is_open,
    "measure": measure,
}
