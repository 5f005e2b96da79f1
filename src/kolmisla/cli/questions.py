"""The commands that ask about a ticket: `kolmisla due` and `status`."""

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from kolmisla.cli.options import (
    at_of,
    fill_terms,
    identified,
    identity,
    policy_of,
    sources_of,
    ticket_of,
    time_of,
    zone_of,
    zone_shown,
)
from kolmisla.cli.terminal import (
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
from kolmisla.errors import HorizonError, KolmislaError, NotCoveredError, clean
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.answers.deadline import Deadline, deadline
from kolmisla.tickets.answers.status import Status
from kolmisla.tickets.cycles.cycle_clock import no_due_time
from kolmisla.tickets.cycles.cycle_clocks import ticket_clocks
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import at_in, clock, instants_in, length, seconds
from kolmisla.times.zones import zone_named

if TYPE_CHECKING:
    from kolmisla.tickets.answers.explanation import Explanation  # `_explanation` imports it only when needed

__all__ = ["NoDueTimeError", "run_due", "run_status"]

STANDARD_INPUT = "-"


class NoDueTimeError(HorizonError):
    """The due time of a ticket is not known although something is promised, for example during a pause."""


def run_due(options: argparse.Namespace) -> int:
    """Print when a ticket is due.

    If the time of opening is `-`, each line of standard input is the time at which a ticket was opened.
    """
    policy = policy_of(options)
    if options.within is not None:
        return _run_due_within(options, policy)
    fill_terms(options, policy)
    if options.explain and options.used:
        raise ValueError("give --used or --explain, not both")
    if options.opened_at != STANDARD_INPUT:
        ticket = ticket_of(options, policy, options.opened_at)
        due = deadline(ticket, policy=policy, metric=options.metric)
        if options.used:
            _print_used(due, options)
        else:
            _print_due(due, options, _explanation(options, policy, ticket, None))
        return EXIT_DONE
    for option in ("explain", "used"):
        if getattr(options, option):
            raise ValueError(f"--{option} is for one ticket, not for lines of standard input")
    if not (options.event or policy.turns):  # without events and editions, all tickets have the same promise
        facts = options.plan or None, options.priority, options.channel or None, options.version or None
        promise = policy.promise(*facts, options.metric, owner=options.owner, schedule=options.schedule)
        if promise.target is None:
            raise NotCoveredError(promise.missing)

    def answer(text: str) -> None:
        _print_due(deadline(ticket_of(options, policy, text), policy=policy, metric=options.metric), options)

    return _of_lines(options, policy, answer)


def _of_lines(options: argparse.Namespace, policy: Policy, answer: Callable[[str], None]) -> int:
    """Answer each line of standard input with a line of output, which the function `answer` prints.

    For a faulty line, print an empty line or, with `--json`, the fault. Report the fault on standard error too.
    """
    from kolmisla.files.outputs.streams import STANDARD_STREAM
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
    """Print when a schedule has been open for the duration `--within`, counted from a time. No ticket is needed."""
    from kolmisla.cli.schedules.chosen import schedules_of

    of_tickets = ("event", "channel", "version", "releases", "explain", "owner", "opened_by", "used")
    given = [f"--{name}" for name in of_tickets if getattr(options, name)]
    given += ["--metric"] if options.metric != FIRST_RESPONSE else []
    if given:
        raise ValueError(
            f"--within asks about a schedule, without a ticket; leave out {', '.join(given)}, or leave out --within"
        )

    def answer(text: str) -> None:
        start = time_of(options, policy, text)
        chosen = schedules_of(options, policy, start)
        zone, counted = zone_named(zone_shown(policy, chosen.turns[0][1])), chosen.counted
        due = at_in(zone, counted.due(start, options.within))
        chosen.check(due)
        name = chosen.name(due)
        if not options.json:
            print(due.isoformat(), flush=True)
            if options.opened_at != STANDARD_INPUT:
                tell(f"counted on {name}")
            return
        try:
            kept = at_in(zone, counted.next_open(due))
            chosen.check(kept)
            breaches: str | None = kept.isoformat()
        except KolmislaError:
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
        which = {"metric": due.promise.metric, "cycle": due.cycle}
        answer = {**now.to_dict(), **which, **due.to_dict(), "timezone": zone_of(options, policy), **identity(policy)}
        print_json({**answer, **_steps(why)})
        return EXIT_DONE if due.due_at else EXIT_NO_DUE_TIME
    for name, value in (
        ("state", now.state),
        ("elapsed", clock(length(now.elapsed))),
        ("remaining", clock(length(now.remaining))),
        ("due_at", due.due_at and due.due_at.isoformat()),
        ("breaches_after", due.breaches_after and due.breaches_after.isoformat()),
        *([("waived", clean(due.waived))] if due.waived else []),
        ("timezone", zone_of(options, policy)),
        ("policy", identified(policy)),
    ):
        print(f"{name:15} {value or 'not known'}")
    if why:
        print(f"\n{why}\n{_verdict(now)}")
    return EXIT_DONE if due.due_at else EXIT_NO_DUE_TIME


def _measured(
    options: argparse.Namespace, policy: Policy, ticket: Ticket, at: datetime, reason: NotCoveredError
) -> int:
    """Print the time counted in a ticket's last cycle, for which nothing is promised.

    `reason` is the error that says why nothing is promised. Raise it if the ticket has no cycle.
    """
    from kolmisla.tickets.answers.cycle import cycles

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
        raise _unknown_due_time(due)
    if options.json:
        zone = zone_of(options, due.policy)
        print_json({**due.to_dict(), "timezone": zone, **identity(due.policy), **_steps(why)})
    elif why:
        _print_explanation(why, due.policy, _ended(due))
    else:
        print(due.due_at.isoformat(), flush=True)


def _print_used(due: Deadline, options: argparse.Namespace) -> None:
    """Print when parts of the target are used up, in order of time. `--used` has the parts, in percent."""
    used = {percent: due.used_at(percent) for percent in options.used}
    if options.json:
        instants = {str(percent): at and at.isoformat() for percent, at in used.items()}
        answer = {**due.to_dict(), "used": instants, "timezone": zone_of(options, due.policy)}
        print_json({**answer, **identity(due.policy)})
    else:
        for percent, at in used.items():
            print(f"{percent:>3}%  {at.isoformat() if at else 'not known'}", flush=True)
    if None in used.values():
        raise _unknown_due_time(due)


def _unknown_due_time(due: Deadline) -> NoDueTimeError:
    return NoDueTimeError(no_due_time(ticket_clocks(due.ticket, due.policy, due.promise.metric)[due.cycle - 1]))


def _ended(due: Deadline) -> Status | None:
    """Return the status at the end of a deadline's cycle, or None while the cycle runs."""
    ended = ticket_clocks(due.ticket, due.policy, due.promise.metric)[due.cycle - 1].ended
    return None if ended is None else due.status(instants_in(due.promise.zone)(ended))


def _verdict(status: Status) -> str:
    """Return the last line of an explanation: the state, the time counted and the target."""
    elapsed, left = length(status.elapsed), length(status.remaining)
    rest = f"{clock(left)} left" if left >= 0 else f"{clock(-left)} too much"
    return f"{status.state}: {clock(elapsed)} counted of {clock(elapsed + left)}, {rest}"


def _print_explanation(why: "Explanation", policy: Policy, ended: Status | None = None) -> None:
    print(why, *([_verdict(ended)] if ended else []), sep="\n", flush=True)
    say(f"policy {identified(policy)}")
