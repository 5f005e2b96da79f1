"""Quotes: what work and ordered tasks cost, by a policy's rates. Work is given as spans of time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from kolmisla.documents.decimals import ON_REQUEST, in_cents, price_text
from kolmisla.documents.for_pydantic import Answer
from kolmisla.errors import PolicyError, TicketError, choices, clean, is_iterable, named, pair, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.services.coverage import find, names_near
from kolmisla.policies.services.json_forms import QuoteDict, QuoteLineDict
from kolmisla.policies.terms.service_catalogue import HOUR, Rate, Task
from kolmisla.schedules.schedule import NEVER
from kolmisla.times.amounts import EXACT
from kolmisla.times.instants import Span, clock, length, micros, seconds

__all__ = ["Item", "Quantity", "Quote", "QuoteLine", "quote"]

Quantity = int | timedelta
Item = Span | str | tuple[str, Quantity]

MOST_QUANTITY = 1_000_000  # the highest quantity of one task, and the highest number of hours


# For each verdict, the reason why a task without a rate cannot be ordered.
NOT_ORDERED: Mapping[str, str] = {
    "included": "it is included in every plan",
    "not-included": "it is not included, and has no rate",
    "never": "it is never done",
}


@dataclass(frozen=True, slots=True)
class QuoteLine(Answer):
    """One line of a quote: a task or a stretch of work (a span of time), its rate and its quantity.

    `counted` is the unit of the `quantity`, and `price` is for one unit. The price is None if it is given only on
    request, or if the plan covers the work. `line` quotes the policy's source.
    """

    task: str
    rate: str | None
    quantity: int
    counted: str
    price: Decimal | None
    line: str | None
    worked: timedelta | None = None  # the time worked, for a stretch of work

    @property
    def each(self) -> str:
        """The price of one unit as text for people. The text is empty if there is no price."""
        return "" if self.price is None else price_text(self.price)

    @property
    def told(self) -> str:
        """The task or the work as text for people.

        The text of work has the time worked. The text of a task has the name of its rate if the two names differ.
        """
        if self.worked is not None:
            return f"{self.task}, {clock(length(self.worked))}"
        return self.task if self.rate in (None, self.task) else f"{self.task}: {self.rate}"

    @property
    def amount(self) -> Decimal | None:
        """The price of the whole quantity, or None if there is no price."""
        return None if self.price is None else in_cents(EXACT.multiply(self.price, self.quantity))

    def to_dict(self) -> QuoteLineDict:
        """Return a dict ready for JSON: task, rate, quantity, counted, worked_s, price, amount, line. Money is text."""
        return {
            "task": self.task,
            "rate": self.rate,
            "quantity": self.quantity,
            "counted": self.counted,
            "worked_s": None if self.worked is None else seconds(length(self.worked)),
            "price": None if self.price is None else str(in_cents(self.price)),
            "amount": None if self.amount is None else str(self.amount),
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Quote(Answer):
    """The price of work and tasks. The amounts of the `lines` add up to the `total`, in the `currency`.

    `open` has the lines whose price is given only on request. `own` has the lines that the plan already covers.
    """

    lines: tuple[QuoteLine, ...]
    """The lines that the customer must pay, with their amounts."""
    open: tuple[QuoteLine, ...]
    """The lines that are priced on request."""
    own: tuple[QuoteLine, ...]
    """The lines that the plan already covers."""
    total: Decimal
    """The sum of the lines' amounts."""
    currency: str | None
    """The currency as a code of ISO 4217, or None if the policy names no currency."""

    def __repr__(self) -> str:
        return f"Quote({len(self.lines)} lines, total {self.total} {self.currency or ''}".rstrip() + ")"

    def to_dict(self) -> QuoteDict:
        """Return a dict ready for JSON: lines, open, own, total, currency. Money is text."""
        return {
            "lines": [line.to_dict() for line in self.lines],
            "open": [line.to_dict() for line in self.open],
            "own": [line.to_dict() for line in self.own],
            "total": str(self.total),
            "currency": self.currency,
        }

    def __str__(self) -> str:
        """Return text for people: a row for each line, and the total."""
        money = self.currency or ""
        rows = [
            *((line, f"{line.each} {money}", f"{line.amount} {money}") for line in self.lines),
            *((line, "", ON_REQUEST) for line in self.open),
            *((line, "", "included in the plan") for line in self.own),
        ]
        table = [
            (
                clean(line.told),
                clean(f"{line.quantity} {line.counted}{'s' * (line.quantity > 1 and line.counted[-1:].isalpha())}"),
                price,
                amount,
            )
            for line, price, amount in rows
        ]
        widths = [max((len(row[i]) for row in table), default=0) for i in range(4)]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
        total = f"total {self.total} {self.currency or ''}".rstrip()
        return "\n".join([*text, f"{total}, plus lines that are priced on request" if self.open else total])


def quote(
    items: Iterable[Item],
    *,
    policy: Policy = KOLMISOFT,
    at: datetime | None = None,
    plan: str | None = None,
    priority: str | None = None,
) -> Quote:
    """Return a quote for work and tasks.

    An item is a stretch of work (a Span), a task, or a pair of a task and its quantity.

    A stretch of work is priced in at most two lines: the part inside working hours, and the part outside them. A unit
    of time that is started, such as an hour, is billed in full. If an edition begins during the work, the work is cut
    at this instant, and the edition in force prices each part. The first edition also prices all earlier work.

    To order a task, give its name, one of its other wordings, or a line that the policy quotes about it. The name of a
    rate, or a line about a rate, is accepted too. The edition in force at the instant `at` gives the price of a task.
    If `at` is None, the latest edition gives the price. If a task is priced by time, its quantity may be a duration.

    With a `plan`, the quote's `own` has the lines that the plan already covers: tasks that the plan includes, and work
    at times at which the clock of a ticket of the given `priority` counts.

    Raise PolicyError for a task that is unknown or cannot be ordered, for a policy without prices for work, and for
    editions in several currencies. Raise TicketError for an unknown or missing plan or priority. Raise ValueError for
    an invalid quantity, and for work that ends before it starts.

    >>> worked = Span(*map(datetime.fromisoformat, ("2026-11-20T17:50+02:00", "2026-11-20T18:10+02:00")))
    >>> print(quote([worked, ("installation", 2)]))
    Hourly rate support, 0:10:00          1 started hour  100 EUR  100.00 EUR
    After working hours support, 0:10:00  1 started hour  100 EUR  100.00 EUR
    Installation                          2 servers       210 EUR  420.00 EUR
    total 620.00 EUR
    """
    check_policy(policy)
    if isinstance(items, str) or not is_iterable(items):
        raise TypeError(f"items must be a list of Spans and tasks, not {shown(items)}; did you mean [{shown(items)}]?")
    of_tasks = policy if at is None else policy.nearest(micros(at))
    lines: list[QuoteLine] = []
    own: list[QuoteLine] = []
    currencies: set[str | None] = set()
    if priority is not None and plan is None:
        raise TicketError(
            f"priority {shown(priority)} must come with the plan of the ticket, one of {choices(policy.plans)}"
        )
    if plan is not None and not any(plan in edition.plans for edition in policy.editions):
        raise TicketError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    if priority is not None and not any(priority in edition.priorities for edition in policy.editions):
        raise TicketError(f"priority {shown(priority)} is not one of {choices(policy.priorities)}")
    for item in items:
        for part in _by_edition(item, policy) if isinstance(item, Span) else [item]:
            if isinstance(part, Span):
                edition = policy.nearest(micros(part.start))
                worked, paid = _of_work(part, edition, plan, priority)
                lines += worked
                own += paid
            else:
                edition = of_tasks
                line, paid_for = _of_task(part, edition, plan)
                (own if paid_for else lines).append(line)
            currencies.add(edition.currency)
    if len(currencies) > 1:
        raise PolicyError(f"a quote must have one currency; the editions have {choices(sorted(map(str, currencies)))}")
    priced = tuple(line for line in lines if line.price is not None)
    total = Decimal(0)
    for line in priced:
        total = EXACT.add(total, line.amount or 0)
    currency = currencies.pop() if currencies else policy.currency
    return Quote(priced, tuple(line for line in lines if line.price is None), tuple(own), in_cents(total), currency)


def _by_edition(span: Span, policy: Policy) -> list[Span]:
    """Cut a stretch of work at each instant at which an edition begins. Return the parts."""
    start, end = map(micros, span)
    if end < start:
        raise ValueError(
            f"work must not end before it starts; it runs from {span.start.isoformat()} to {span.end.isoformat()}"
        )
    beginnings = [edition.begins_at for edition in policy.editions]
    cuts = [at for at in beginnings if at is not None and start < micros(at) < end]
    return [Span(*bounds) for bounds in pairwise([span.start, *cuts, span.end])]


def _of_work(span: Span, policy: Policy, plan: str | None, priority: str | None) -> tuple[list[QuoteLine], ...]:
    """Return two lists of lines for a stretch of work: those to be paid, and those that the plan covers."""
    if policy.work is None:
        raise PolicyError(
            f"the policy {named(policy.name)} has no prices for work by time; its rates are {choices(policy.rates)}"
        )
    start, end = span
    promise = None if plan is None else _promise(policy, plan, priority)
    hours, paid = policy.schedules[policy.work.schedule], promise.schedule if promise else NEVER
    covered, inside = paid.elapsed(start, end), (hours - paid).elapsed(start, end)
    parts = ((policy.work.inside, inside), (policy.work.outside, span.duration - covered - inside))
    lines = [_line(policy.rates[name].name, policy.rates[name], worked, worked) for name, worked in parts if worked]
    if promise is None or not covered:
        return lines, []
    name = f"{promise.plan.name} {promise.priority.name}"
    return lines, [QuoteLine(name, None, 1, "stretch", None, promise.plan.line.strip() or None, covered)]


def _promise(policy: Policy, plan: str, priority: str | None) -> Promise:
    """Return the promise of a plan to tickets of a priority. Raise TicketError if the priority is None.

    The plan covers work that is done in the open time of the promise's schedule.
    """
    if priority is None:
        raise TicketError(
            f"for work under a plan, the priority of the ticket must be given: one of {choices(policy.priorities)}"
        )
    return policy.promise(plan, priority, None)


def _of_task(item: str | tuple[str, Quantity], policy: Policy, plan: str | None) -> tuple[QuoteLine, bool]:
    """Return the line of a quote for an ordered task, and whether the plan covers the task."""
    name, quantity = (
        (item, 1) if isinstance(item, str) else pair("an item must be a Span, a task, or a task and its quantity", item)
    )
    bought_plan = None if plan is None else policy.plans.get(plan)
    if plan is not None and bought_plan is None:
        raise TicketError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    entry, _ = find(name, policy)
    if entry is None:
        near = names_near(name, policy)
        hint = f"did you mean {' or '.join(map(shown, near))}?" if near else f"the rates are {choices(policy.rates)}"
        raise PolicyError(f"task {shown(name)} is not known; {hint}")
    if isinstance(entry, Task):
        if bought_plan is not None and bought_plan.has(entry):
            rate = policy.rates[entry.rate] if entry.rate else None
            number, counted = (_count(quantity, rate.per), rate.counted) if rate else (_count(quantity, None), "piece")
            return QuoteLine(entry.name, None, number, counted, None, entry.line.strip() or None), True
        if entry.rate is None:
            raise PolicyError(f"task {shown(entry.name)} cannot be ordered: {NOT_ORDERED[entry.verdict]}")
        return _line(entry.name, policy.rates[entry.rate], quantity, None), False
    return _line(entry.name, entry, quantity, None), False


def _line(task: str, rate: Rate, quantity: Quantity, worked: timedelta | None) -> QuoteLine:
    """Return the line of a quote for a task or for work at a `rate`. `worked` is the time worked, None for a task."""
    price = rate.price if isinstance(rate.price, Decimal) else None
    line = next(iter(rate.line.strip().splitlines()), None)
    return QuoteLine(task, rate.name, _count(quantity, rate.per), rate.counted, price, line, worked)


def _count(quantity: Quantity, per: timedelta | None) -> int:
    """Return how many units are billed for a quantity. A duration is rounded up to whole units of `per`.

    Raise ValueError for a number that is not from 1 to 1,000,000, for a bad duration, and for any duration if `per` is
    None.
    """
    if isinstance(quantity, timedelta) and per is not None and timedelta(0) < quantity <= MOST_QUANTITY * HOUR:
        return -(-quantity // per)
    valid = f"a whole number from 1 to {MOST_QUANTITY:,}" + (", or a duration" if per else "")
    if type(quantity) is not int or not 0 < quantity <= MOST_QUANTITY:
        raise ValueError(f"a quantity must be {valid}, not {shown(quantity)}")
    return quantity
