"""The queue: the tickets that wait, in the order in which support solves them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Literal, cast

from kolmisla.documents.for_pydantic import Answer
from kolmisla.documents.model import draft_of
from kolmisla.documents.names import folded
from kolmisla.errors import HorizonError, NotCoveredError, PolicyError, expect, expect_iterable, named, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import Plan, Priority, Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in, metrics_of
from kolmisla.policies.terms.metrics import ALL_METRICS, FIRST_RESPONSE, Metric, MetricName
from kolmisla.tickets.answers.json_forms import QueueEntryDict, iso_text
from kolmisla.tickets.answers.status import Status, status_at, status_of
from kolmisla.tickets.cycles.cycle_clock import STATE_OF, CycleClock
from kolmisla.tickets.cycles.cycle_clocks import cycle_clocks, plain_promise, terms_of, uncovered_cycles
from kolmisla.tickets.cycles.cycles import known
from kolmisla.tickets.cycles.naming import sole_amount
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import in_zone, instants_in, micros
from kolmisla.times.zones import zone_named

__all__ = [
    "MetricOrAll",
    "QueueEntry",
    "in_turn",
    "metric_or_all",
    "nearest_entry",
    "queue",
    "queue_entry",
    "rank_of_id",
]

MetricOrAll = MetricName | Metric | Literal["all"]

MADE_WHEN_READ = ("opened_at", "due_at", "breaches_after", "status")
DIGITS = 18  # a text of at most this many digits is compared as a number
QueueRank = tuple[bool, int, int, bool, int, int, tuple[int, int, str]]
EntryTerms = tuple[Priority, Plan | None, str, int]  # the last two: metric, number of the cycle


class _Standing(Answer):
    """The base class of QueueEntry, which makes the attributes in MADE_WHEN_READ when they are first read.

    Sorting does not need these attributes. They are made late only in the entry of a plain ticket (see
    `plain_promise`).
    """

    __slots__ = ("_due", "_now", "_promise")

    if not TYPE_CHECKING:  # pragma: no branch  # type checkers find misspelt names

        def __getattr__(self, name: str) -> Any:
            """Make, set and return an attribute of MADE_WHEN_READ. Raise AttributeError for any other name."""
            if name not in MADE_WHEN_READ:
                raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
            promise = self._promise
            if name == "status":
                elapsed = promise.schedule.timeline.elapsed(self.ticket.opened, self._now)
                made: Any = status_of(STATE_OF[False, False, elapsed > promise.within], elapsed, promise.within)
            else:
                at = {"opened_at": self.ticket.opened, "due_at": self._due, "breaches_after": self.rank[4]}[name]
                made = instants_in(promise.zone)(at)
            object.__setattr__(self, name, made)
            return made


class QueueEntry(_Standing):
    """A ticket that waits in a queue, as known at the instant of the queue.

    `priority` and `plan` are those in force. `plan` is None for a ticket without a plan. When nothing is promised,
    `status` is None and `reason` says why. When a target is promised, `reason` is None.
    `due_at` and `breaches_after` are the same as in a Deadline. Instants are in the policy's zone.
    """

    __slots__ = (  # noqa: RUF023  # in the order of the constructor
        "ticket",
        "priority",
        "plan",
        "metric",
        "cycle",
        "opened_at",
        "due_at",
        "breaches_after",
        "status",
        "reason",
        "rank",
    )

    ticket: Ticket
    """The ticket that waits."""
    priority: str
    """The priority in force at the instant of the queue."""
    plan: str | None
    """The plan in force at the instant of the queue, in the policy's spelling, or None for a ticket without a plan."""
    metric: str
    """The metric for which the ticket waits."""
    cycle: int
    """The number of the metric's cycle that waits. The first is 1."""
    opened_at: datetime
    """The instant at which the ticket was opened, in the policy's zone."""
    due_at: datetime | None
    """The earliest instant at which the target is used up, as in a Deadline."""
    breaches_after: datetime | None
    """The latest instant that still keeps the target, as in a Deadline."""
    status: Status | None
    """The status at the instant of the queue, or None when nothing is promised."""
    reason: str | None
    """The reason why nothing is promised, or None when there is a promise."""
    rank: QueueRank
    """The key by which entries are sorted: the entry with the lowest key is solved first."""

    def __repr__(self) -> str:
        state = self.status.state if self.status else "not-covered"
        return f"QueueEntry({shown(self.ticket.id)} {named(self.plan or '-')} {named(self.priority)}, {state})"

    def to_dict(self) -> QueueEntryDict:
        """Return a dict ready for JSON.

        Keys: id, priority, plan, metric, cycle, opened_at, due_at, breaches_after, state, elapsed_s, remaining_s,
        reason.
        """
        status = None if self.status is None else self.status.to_dict()
        return {
            "id": self.ticket.id,
            "priority": self.priority,
            "plan": self.plan,
            "metric": self.metric,
            "cycle": self.cycle,
            "opened_at": self.opened_at.isoformat(),
            "due_at": iso_text(self.due_at),
            "breaches_after": iso_text(self.breaches_after),
            "state": status["state"] if status else "not-covered",
            "elapsed_s": status["elapsed_s"] if status else None,
            "remaining_s": status["remaining_s"] if status else None,
            "reason": self.reason,
        }


def queue(
    tickets: Iterable[Ticket],
    at: datetime,
    *,
    policy: Policy = KOLMISOFT,
    metric: MetricOrAll = FIRST_RESPONSE,
) -> list[QueueEntry]:
    """Return the tickets that wait at an instant, in the order in which support solves them.

    Tickets are sorted by severity of the priority, then by rank of the plan, then by `breaches_after`. Tickets with no
    known `breaches_after`, such as paused tickets, come after the other tickets of the same priority and plan. Ties are
    broken by `opened_at`, then by `id`. Tickets to which nothing is promised come last, sorted by priority, then by
    `opened_at`, then by `id`.

    A ticket does not wait if the metric's last cycle had ended at the instant, or if no cycle had begun. For
    `first-response`, for example, answered tickets do not wait. Events after the instant do not count. Errors are the
    same as for `deadline`.

    With the metric `all`, each ticket has one entry: the entry for the promise that is breached first. A ticket to
    which nothing is promised is in the queue only if it waits for the metric that the policy lists first.

    >>> facts = {"plan": "premium", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> tickets = [Ticket(id=n, priority=name, **facts) for n, name in enumerate(["low", "blocker", "high"], 1)]
    >>> [entry.ticket.id for entry in queue(tickets, datetime.fromisoformat("2026-07-03T17:00+03:00"))]
    [2, 3, 1]
    """
    check_policy(policy)
    now, asked, entries = micros(at), metric_or_all(policy, metric), []
    expect_iterable("tickets", tickets)
    entry_of = nearest_entry if asked == ALL_METRICS else queue_entry
    for ticket in tickets:
        if not isinstance(ticket, Ticket):
            expect("ticket", ticket, Ticket)
        entries.append(entry_of(ticket, now, policy, asked))
    return in_turn(entries)


def metric_or_all(policy: Policy, metric: object) -> str:
    """Return the name of a metric of a policy, or `all`. Raise PolicyError for an unknown name."""
    if isinstance(metric, str) and folded(metric) == ALL_METRICS:
        return ALL_METRICS
    try:
        return metric_in(policy, metric)
    except PolicyError as error:
        raise PolicyError(f"{error}, {ALL_METRICS}") from None


def in_turn(entries: Iterable[QueueEntry | None]) -> list[QueueEntry]:
    """Return the entries that are not None, sorted by rank. Entries of equal rank keep their order."""
    return sorted((entry for entry in entries if entry), key=attrgetter("rank"))


def queue_entry(ticket: Ticket, now: int, policy: Policy, metric: str) -> QueueEntry | None:
    """Return the entry of one ticket, or None when the ticket does not wait. Events after `now` do not count."""
    opened = ticket.opened
    if opened > now:
        return None
    moments = ticket.moments and known(ticket.moments, now)
    promise = None if moments else plain_promise(ticket, policy, metric, ())
    if promise and (plain := _plain(ticket, now, policy, promise)):
        return plain
    try:
        clocks = cycle_clocks(policy, terms_of(ticket), opened, moments, metric)
    except NotCoveredError as reason:
        return _not_covered(ticket, now, policy, metric, str(reason))
    if not clocks or clocks[-1].ended is not None:
        return None
    return _covered(ticket, now, clocks)


def nearest_entry(ticket: Ticket, now: int, policy: Policy, metric: str) -> QueueEntry | None:
    """Return the entry of a ticket for a metric, or for `all`, the entry of the promise that is breached first.

    If nothing is promised, return the entry of the metric that the policy lists first, or None.
    """
    if metric != ALL_METRICS:
        return queue_entry(ticket, now, policy, metric)
    entries = [queue_entry(ticket, now, policy, metric) for metric in metrics_of(policy.nearest(ticket.opened))]
    promised = [entry for entry in entries if entry is not None and entry.reason is None]
    # of promises that are breached at one instant, the one that the policy lists earlier
    return min(promised, key=attrgetter("rank")) if promised else entries[0]


_Draft = draft_of(QueueEntry)


def _plain(ticket: Ticket, now: int, policy: Policy, promise: Promise) -> QueueEntry | None:
    """Return the entry of a plain ticket (see `plain_promise`), or None if there is no target or a year is unknown."""
    timeline, within, opened = promise.schedule.timeline, promise.within, ticket.opened
    if (within is None and promise.target is None) or now > timeline.end:
        return None
    try:
        if within is not None:
            due, breach = timeline.kept(opened, within)
        else:
            promise, due, breach = sole_amount(policy, promise, opened)
    except HorizonError:
        return None
    entry, priority, plan = _Draft(), promise.priority, promise.plan
    entry.ticket, entry.priority, entry.plan, entry.reason = ticket, priority.name, plan.name, None
    entry.metric, entry.cycle = promise.metric, 1
    entry._promise, entry._now, entry._due = promise, now, due
    entry.rank = False, priority.rank, plan.rank, False, breach, opened, rank_of_id(ticket.id)
    entry.__class__ = QueueEntry
    return cast("QueueEntry", entry)


def _covered(ticket: Ticket, now: int, clocks: Sequence[CycleClock]) -> QueueEntry:
    """Return the entry of a ticket whose cycles have the clocks `clocks`. The last cycle may be without a target."""
    cycle_clock, cycle = clocks[-1], len(clocks)
    promise, status = cycle_clock.promise, status_at(now, cycle_clock)
    if status is None:
        terms = promise.priority, promise.plan, promise.metric, cycle
        return _last(ticket, terms, promise.zone, promise.missing)
    entry, (due, breach), instant = _Draft(), cycle_clock.instants(), instants_in(promise.zone)
    priority, plan, opened = promise.priority, promise.plan, ticket.opened
    entry.ticket, entry.priority, entry.plan = ticket, priority.name, plan.name
    entry.metric, entry.cycle = promise.metric, cycle
    entry.opened_at, entry.due_at = instant(opened), None if due is None else instant(due)
    entry.breaches_after = None if breach is None else instant(breach)
    entry.status, entry.reason = status, None
    entry.rank = False, priority.rank, plan.rank, breach is None, breach or 0, opened, rank_of_id(ticket.id)
    entry.__class__ = QueueEntry
    return cast("QueueEntry", entry)


def _not_covered(ticket: Ticket, now: int, policy: Policy, metric: str, reason: str) -> QueueEntry | None:
    """Return the entry of a ticket that is not covered because of `reason`, or None when the ticket does not wait."""
    facts = uncovered_cycles(policy, terms_of(ticket), ticket.opened, known(ticket.moments, now), metric)
    if not facts or facts[-1].ended is not None:
        return None
    policy = policy.nearest(ticket.opened)
    standing = facts[-1].in_force[-1][1]
    terms = policy.priority(standing.priority), policy.plans.get(standing.plan or ""), metric, len(facts)
    return _last(ticket, terms, zone_named(policy.timezone), reason)


def _last(ticket: Ticket, terms: EntryTerms, zone: tzinfo, reason: str) -> QueueEntry:
    """Return the entry of a ticket to which nothing is promised. Such entries come after the entries with a promise."""
    (priority, plan, metric, cycle), opened_at = terms, in_zone(ticket.opened_at, zone)
    rank = (True, priority.rank, 0, True, 0, ticket.opened, rank_of_id(ticket.id))
    name = None if plan is None else plan.name
    return QueueEntry(ticket, priority.name, name, metric, cycle, opened_at, None, None, None, reason, rank)


def rank_of_id(id: str | int | None) -> tuple[int, int, str]:
    """Return the key by which ids are sorted.

    Numbers come first. Text that consists of at most 18 digits counts as a number. Other texts come next, and missing
    ids last.
    """
    if isinstance(id, int):
        return 0, id, ""
    if isinstance(id, str):
        return (0, int(id), "") if id.isascii() and id.isdecimal() and len(id) <= DIGITS else (1, 0, id)
    return 2, 0, ""
