"""Explanations: how a deadline or a status follows from each stretch of a cycle, as data and as text."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import NamedTuple

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, NotCoveredError, clean
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in, metric_of
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.schedules.closures import hours
from kolmisla.tickets.answers.json_forms import ExplanationDict, iso_text
from kolmisla.tickets.answers.steps import (
    Happened,
    Step,
    Stretch,
    change_text,
    cut_at,
    happened_in,
    headings_of,
    joined_stretches,
    schedule_text,
    step_lines,
    target_text,
    with_happened,
)
from kolmisla.tickets.cycles.cycle_clock import CycleClock, Piece, no_due_time, unknown_beyond
from kolmisla.tickets.cycles.cycle_clocks import check_arguments, cycle_facts_of, no_cycle, terms_of, ticket_clocks
from kolmisla.tickets.cycles.cycles import TermsInForce, known
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import duration, instants_in, length, micros, seconds, time_of_day, wall

__all__ = ["Explanation", "explain", "explanation_of"]

MOST_STRETCHES = 2_000  # the most stretches that are listed one by one; these are 200 KB of text
AGREED_CAUSE = "as agreed with the customer"
NOT_LISTED = f"not listed: an explanation has at most {MOST_STRETCHES:,} stretches"


@dataclass(frozen=True, slots=True)
class Explanation(Answer):
    """The proof of a deadline or a status: how much time counted in each stretch of a cycle, and why.

    The `steps` follow one another without a gap. Their counted times add up to `elapsed`. If the steps go as far as
    `due_at`, one step ends there. If `cause` is None, the total of this step is the target. Otherwise `cause` says what
    made the ticket due: an agreed due time, a change to a target that was already used up at the change, or an earlier
    target that was used up before a change replaced it. After 2,000 steps, one step covers the rest up to `due_at`, and
    one step covers the rest after it. `unknown` says why `due_at` or `breaches_after` is None. `str()` returns text for
    people. Instants are in the policy's zone.
    """

    promise: Promise
    """The promise of the policy: plan, priority, metric, target and schedule."""
    steps: tuple[Step, ...]
    """The stretches of the cycle, in order of time."""
    due_at: datetime | None
    """The earliest instant at which the target is used up, as in a Deadline."""
    breaches_after: datetime | None
    """The latest instant that still keeps the target, as in a Deadline."""
    cause: str | None
    """What made the ticket due. It is None if the target of `promise` did, or if `due_at` is unknown. See the class."""
    unknown: str | None
    """The reason why `due_at` or `breaches_after` is None, or None when both instants are known."""

    def __repr__(self) -> str:
        due_at = self.due_at and self.due_at.isoformat()
        return f"Explanation({self.promise}, {len(self.steps)} steps, {due_at=})"

    @property
    def elapsed(self) -> timedelta:
        """The open time counted in all steps."""
        return self.steps[-1].total if self.steps else timedelta()

    def to_dict(self) -> ExplanationDict:
        """Return a dict ready for JSON: elapsed_s, target_s, due_at, breaches_after, cause, unknown and steps."""
        within = self.promise.within
        return {
            "elapsed_s": seconds(length(self.elapsed)),
            "target_s": None if within is None else seconds(within),
            "due_at": iso_text(self.due_at),
            "breaches_after": iso_text(self.breaches_after),
            "cause": self.cause,
            "unknown": self.unknown,
            "steps": [
                {
                    "start": step.start.isoformat(),
                    "end": iso_text(step.end),
                    "counted_s": seconds(length(step.counted)),
                    "total_s": seconds(length(step.total)),
                    "why": step.why,
                }
                for step in self.steps
            ],
        }

    def __str__(self) -> str:
        """Return text with a line for each step. A long row of ordinary days and nights has three lines."""
        promise = self.promise
        instants = [at for step in self.steps for at in step[:2] if at] + [self.due_at, self.breaches_after]
        offset = len({at.utcoffset() for at in instants if at}) > 1  # an offset that all instants share is left out
        head = target_text(promise) if promise.named_from is None else str(promise.target)
        text = [f"{promise.plan.name} {promise.priority.name}, {promise.metric} {head}, times of {promise.zone.key}"]
        if promise.named_from is not None:
            name, start = schedule_text(promise), instants_in(promise.zone)(promise.named_from)
            alone = all(step.why.startswith(name) for step in self.steps if step.counted)
            on = name if alone else "open time"
            text.append(f"{target_text(promise)} of {on} from {wall(start, offset=offset)}")
        text += [headings_of(wall(self.steps[0].start, offset=offset))] if self.steps else []
        text += step_lines(self.steps, self.due_at, offset=offset)
        if self.due_at:
            text.append(f"due {wall(self.due_at, offset=offset)}" + _told(self.cause))
            if self.breaches_after is None:
                text.append(f"kept until an unknown time: {self.unknown}")
            elif self.breaches_after != self.due_at:
                text.append(f"kept until {wall(self.breaches_after, offset=offset)}")
        return "\n".join(map(clean, text))


def explain(
    ticket: Ticket,
    *,
    policy: Policy = KOLMISOFT,
    metric: MetricName | Metric = FIRST_RESPONSE,
    at: datetime | None = None,
) -> Explanation:
    """Return the proof of a ticket's deadline. With `at`, return the proof of the status at that instant.

    The proof explains the metric's last cycle. With `at`, it explains the last cycle that had begun at that instant,
    even if nothing is promised for the cycle. Errors are the same as for `deadline`. With `at`, raise TicketError if no
    cycle had begun. Raise HorizonError for a stretch in years that the schedule does not know.

    >>> ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
    >>> print(explain(ticket))
    PREMIUM HIGH, first-response within 2:00:00, times of Europe/Vilnius
    from                   until                  counted     total  why
    Fri 2026-07-03 16:30 - Fri 2026-07-03 18:00   1:30:00   1:30:00  working hours
    Fri 2026-07-03 18:00 - Sat 2026-07-04 00:00         -   1:30:00  closed: outside the day's hours
    Sat 2026-07-04 00:00 - Mon 2026-07-06 00:00         -   1:30:00  closed: weekend
    Mon 2026-07-06 00:00 - Tue 2026-07-07 00:00         -   1:30:00  closed: Statehood Day
    Tue 2026-07-07 00:00 - Tue 2026-07-07 08:00         -   1:30:00  closed: outside the day's hours
    Tue 2026-07-07 08:00 - Tue 2026-07-07 08:30   0:30:00   2:00:00  working hours
    due Tue 2026-07-07 08:30
    """
    check_arguments(ticket, policy)
    return explanation_of(ticket, policy, metric_in(policy, metric), None if at is None else micros(at))


def explanation_of(ticket: Ticket, policy: Policy, metric_name: str, now: int | None, place: int = -1) -> Explanation:
    """Return what `explain` returns, for valid arguments. `place` is the index of the cycle, by default of the last."""
    then = ticket_clocks(ticket, policy, metric_name, now)
    clocks = then or ticket_clocks(ticket, policy, metric_name)
    if not clocks or not (then or now is None or now < clocks[-1].started):  # an event after `now` began the cycle
        raise NotCoveredError(no_cycle(metric_name))
    due, last = (cycle_clock := clocks[place]).instants()
    if now is None:
        if cycle_clock.promise.within is None:
            raise NotCoveredError(cycle_clock.promise.missing)
        end = due if last is None else last
    else:
        cycle_clock.elapsed(now)  # raises TicketError if `now` is before the cycle began
        end = now if cycle_clock.ended is None else min(now, cycle_clock.ended)
    instant, promise = instants_in(cycle_clock.promise.zone), cycle_clock.promise
    unknown = promise.missing if promise.within is None else unknown_beyond(cycle_clock)
    edition, name = policy.in_force(ticket.opened), promise.priority.name
    moments = ticket.moments if now is None else known(ticket.moments, now)
    facts = cycle_facts_of(policy, terms_of(ticket), ticket.opened, moments, metric_name)
    as_if = edition.priority_change == "retroactive" and folded(facts[place].in_force[0][1].priority) != folded(name)
    agreed, verdict = happened_in(facts[place], moments, metric_of(edition, metric_name), promise.zone)
    told = _Told(cycle_clock, facts[place].in_force, f", as if {name} from the start" * as_if, agreed, verdict)
    return Explanation(
        promise=promise,
        steps=tuple(_steps(told, end, due)),
        due_at=None if due is None else instant(due),
        breaches_after=None if last is None else instant(last),
        cause=None if due is None else _cause(cycle_clock),
        unknown=unknown if due is None or last is None else None,
    )


class _Told(NamedTuple):
    """What an explanation is made from: the clock of a cycle, and the texts of what happened in the cycle.

    `suffix` is added to each reason why time counts. `agreed` and `verdict` are the two lists of `happened_in`.
    """

    cycle_clock: CycleClock
    in_force: tuple[tuple[int, TermsInForce], ...]
    suffix: str
    agreed: list[Happened]
    verdict: list[Happened]

    @property
    def beginning(self) -> str:
        """Text for the event from which time counts: the ticket got its first plan, or a change restarted the clock."""
        since, promise = self.cycle_clock.steps[0]
        index = max(index for index, (at, _) in enumerate(self.in_force) if at <= since)
        before, now = self.in_force[index - 1][1], self.in_force[index][1]
        if before.plan is None:
            return f"plan {promise.plan.name} begins"
        priority = [promise.priority.name] * (before.key[0] != now.key[0])
        plan = [f"plan {promise.plan.name}"] * (before.key[1] != now.key[1])
        return f"restarted by the change to {' and '.join(priority + plan)}"


def _steps(told: _Told, end: int | None, due: int | None) -> Iterator[Step]:
    """Yield the steps up to `end`, or if `end` is None, all known steps and a last step without an end.

    After MOST_STRETCHES steps, one step covers the rest up to `due`, and one step covers the rest after it.
    """
    cycle_clock, zone = told.cycle_clock, told.cycle_clock.promise.zone
    instant, total, at = instants_in(zone), 0, cycle_clock.started
    until, listed = _last_known(cycle_clock) if end is None else end, set[str]()
    stretches = with_happened(cut_at(_stretches(told, until), due), [*told.agreed, *told.verdict], until, zone)
    for start, at, counts, why in islice(joined_stretches(stretches, due), MOST_STRETCHES):
        counted = at - start if counts else 0
        total += counted
        listed.add(why)
        yield Step(instant(start), instant(at), duration(counted), duration(total), why + told.suffix * counts)
    for stop in (until if due is None else min(due, until), until):
        if at < stop:
            counted = cycle_clock.clock.elapsed(at, stop)
            total += counted
            yield Step(instant(at), instant(stop), duration(counted), duration(total), NOT_LISTED)
            at = stop
    for _, _, _, why in with_happened((), told.verdict, until, zone):
        if why not in listed:  # there were too many stretches before it
            yield Step(instant(until), instant(until), timedelta(), duration(total), why)
    if end is None:
        *_, piece = cycle_clock.pieces()
        why = piece.pause.why if piece.pause else no_due_time(cycle_clock)
        yield Step(instant(until), None, timedelta(), duration(total), why)


def _last_known(cycle_clock: CycleClock) -> int:
    """Return the last instant at which the clock is known to start, to stop or to change its schedule."""
    *_, piece = cycle_clock.pieces()
    start = max(piece.start, cycle_clock.started)
    try:
        return max(start, piece.schedule.timeline.previous_close(piece.schedule.timeline.end))
    except HorizonError:  # the schedule is never open
        return start


def _stretches(told: _Told, until: int) -> Iterator[Stretch]:
    """Yield the stretches of a cycle up to `until`. Each has a start, an end, whether time counts, and the reason."""
    cycle_clock, pieces = told.cycle_clock, list(told.cycle_clock.pieces())
    at, counts_from = cycle_clock.started, min(until, pieces[0].start)
    with_plan = next((since for since, standing in told.in_force if standing.plan is not None), until)
    for stop, is_covered in ((min(with_plan, counts_from), False), (counts_from, True)):
        if at < stop:
            yield at, stop, False, f"not counted: {told.beginning if is_covered else 'no support plan'}"
            at = stop
    for piece, next_start in zip(pieces, [*(piece.start for piece in pieces[1:]), until], strict=True):
        start, stop = max(piece.start, cycle_clock.started), min(next_start, until)
        if start >= stop:
            continue
        if piece.pause:
            yield start, stop, False, piece.pause.why
            continue
        for begins, ends, counts, closed in hours(piece.schedule, start, stop):
            yield begins, ends, counts, _why(told, piece, begins) if counts else f"closed: {closed}"


def _why(told: _Told, piece: Piece, start: int) -> str:
    """Return why time counts from `start`: the schedule's name and, if a change began the promise, this change."""
    cycle_clock, promise = told.cycle_clock, piece.promise
    name, since = schedule_text(promise), cycle_clock.steps[piece.step][0]
    if since == cycle_clock.started:
        return name
    changed_at, shown_at = map(instants_in(promise.zone), (since, start))
    day = "" if changed_at.date() == shown_at.date() else f"{changed_at.date()} "
    change = change_text(cycle_clock.steps, piece.step) if piece.step else told.beginning
    return f"{name} since {day}{time_of_day(changed_at)}: {change}"


def _told(cause: str | None) -> str:
    """Return the text that follows the due time in the last line of an explanation. It is empty if `cause` is None."""
    return "" if cause is None else f", {cause}" if cause == AGREED_CAUSE else f", when {cause}"


def _cause(cycle_clock: CycleClock) -> str | None:
    """Return text for what set the due time, or None if the last promise's target did. The due time must be known."""
    if cycle_clock.agreed is not None:
        return AGREED_CAUSE
    decided = cycle_clock.decided()
    if decided is None or (decided.step == len(cycle_clock.steps) - 1 and not decided.at_once):
        return None
    promise = cycle_clock.steps[decided.step][1]
    if decided.at_once:
        return change_text(cycle_clock.steps, decided.step)
    return f"{promise.priority.name} was in force, {target_text(promise)}"
