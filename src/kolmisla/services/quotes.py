"""What work costs: stretches of it and ordered tasks, priced by a policy's rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

from kolmisla.documents.model import ON_REQUEST, price_text
from kolmisla.errors import PolicyError, TicketError, choices, clean, named, pair, shown
from kolmisla.instants import Span, clock, length, micros, seconds
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.service_catalogue import HOUR, Rate, Task
from kolmisla.schedules.schedule import NEVER
from kolmisla.services.coverage import find, lines_near

__all__ = ["Item", "Quantity", "Quote", "QuoteLine", "quote"]

Quantity = int | timedelta
Item = Span | str | tuple[str, Quantity]

CENT = Decimal("0.01")
MOST_QUANTITY = 1_000_000  # of one task, or hours


# Why a task without a rate cannot be ordered, by its verdict.
NOT_ORDERED: Mapping[str, str] = {
    "included": "it is included in every plan",
    "not-included": "it is not included, and has no rate",
    "never": "it is never done",
}


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a quote: what, by which rate, and how much of it; `line` is the rate's, else the task's or plan's.

    `price` is of one of `quantity`, None where it depends on request, and where nothing is to be paid. `worked` is
    the work behind it, where there is a stretch; `counted` what one of the quantity is.
    """

    task: str
    rate: str | None
    quantity: int
    counted: str
    price: Decimal | None
    line: str | None
    worked: timedelta | None = None

    @property
    def each(self) -> str:
        """The price of one, for people."""
        return "" if self.price is None else price_text(self.price)

    @property
    def told(self) -> str:
        """What it is for, for people."""
        if self.worked is not None:
            return f"{self.task}, {clock(length(self.worked))}"
        return self.task if self.rate in (None, self.task) else f"{self.task}: {self.rate}"

    @property
    def amount(self) -> Decimal | None:
        """The price of all of them."""
        return None if self.price is None else (self.price * self.quantity).quantize(CENT)

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: task, rate, quantity, counted, worked_s, price, amount, line; money as text."""
        return {
            "task": self.task,
            "rate": self.rate,
            "quantity": self.quantity,
            "counted": self.counted,
            "worked_s": None if self.worked is None else seconds(length(self.worked)),
            "price": None if self.price is None else str(self.price.quantize(CENT)),
            "amount": None if self.amount is None else str(self.amount),
            "line": self.line,
        }


@dataclass(frozen=True, slots=True)
class Quote:
    """What is to be paid: `lines` with their amounts add up to `total`, in `currency`.

    `open` are the lines whose price depends on request, `own` those that the plan has already paid for.
    """

    lines: tuple[QuoteLine, ...]
    """What is to be paid, with its amounts."""
    open: tuple[QuoteLine, ...]
    """What is priced on request."""
    own: tuple[QuoteLine, ...]
    """What the plan has already paid for."""
    total: Decimal
    """The sum of the lines' amounts."""
    currency: str | None
    """The currency by ISO 4217; None when the policy has no prices."""

    def __repr__(self) -> str:
        return f"Quote({len(self.lines)} lines, total {self.total} {self.currency or ''}".rstrip() + ")"

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: lines, open, own, total, currency; money as text."""
        listed = {name: [line.to_dict() for line in getattr(self, name)] for name in ("lines", "open", "own")}
        return {**listed, "total": str(self.total), "currency": self.currency}

    def __str__(self) -> str:
        """A line each, and the total."""
        money = self.currency or ""
        rows = [
            *((line, f"{line.each} {money}", f"{line.amount} {money}") for line in self.lines),
            *((line, "", ON_REQUEST) for line in self.open),
            *((line, "", "the plan's own") for line in self.own),
        ]
        table = [
            (
                clean(line.told),
                clean(f"{line.quantity} {line.counted}{'s' * (line.quantity > 1)}"),
                price,
                amount,
            )
            for line, price, amount in rows
        ]
        widths = [max((len(row[i]) for row in table), default=0) for i in range(4)]
        text = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in table]
        total = f"total {self.total} {self.currency or ''}".rstrip()
        return "\n".join([*text, f"{total}, plus what depends on request" if self.open else total])


def quote(
    items: Iterable[Item],
    *,
    policy: Policy = KOLMISOFT,
    at: datetime | None = None,
    plan: str | None = None,
    priority: str | None = None,
) -> Quote:
    """What these items cost: a stretch of work as a Span; a task, or a task and how many of it.

    A stretch is priced in two lines, inside and outside working hours, each started hour in full. It is cut where
    an edition begins; before the first one it is priced by that. A task is found as `coverage` finds it, and priced
    by the edition in force `at` an instant, else the latest; of one priced by time the quantity may be a duration.

    Under a `plan`, work at a time that counts for the ticket's `priority` is the plan's own, and so is a task that
    the plan includes: `own` lists them. PolicyError for a task that cannot be ordered, or a policy that does not
    price work; TicketError for a plan or priority that it does not have, ValueError for a quantity that is none.

    >>> worked = Span(*map(datetime.fromisoformat, ("2026-11-20T17:50+02:00", "2026-11-20T18:10+02:00")))
    >>> print(quote([worked, ("installation", 2)]))
    Hourly rate support, 0:10:00          1 started hour  100 EUR  100.00 EUR
    After working hours support, 0:10:00  1 started hour  100 EUR  100.00 EUR
    Installation                          2 servers       210 EUR  420.00 EUR
    total 620.00 EUR
    """
    check_policy(policy)
    if isinstance(items, str) or not isinstance(items, Iterable):
        raise TypeError(
            f"items must be a list of what is to be quoted, not {shown(items)}; did you mean [{shown(items)}]?"
        )
    found: list[QuoteLine] = []
    own: list[QuoteLine] = []
    currencies: set[str | None] = set()
    if priority is not None and plan is None:
        raise TicketError(f"priority {shown(priority)} is of a ticket under a plan, one of {choices(policy.plans)}")
    if plan is not None and not any(plan in edition.plans for edition in policy.editions):
        raise TicketError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    if priority is not None and not any(priority in edition.priorities for edition in policy.editions):
        raise TicketError(f"priority {shown(priority)} is not one of {choices(policy.priorities)}")
    for item in items:
        for part in _by_edition(item, policy) if isinstance(item, Span) else [item]:
            if isinstance(part, Span):
                edition = policy.nearest(micros(part.start))
                worked, paid = _of_work(part, edition, plan, priority)
                found += worked
                own += paid
            else:
                edition = policy if at is None else policy.nearest(micros(at))
                line, paid_for = _of_task(part, edition, plan)
                (own if paid_for else found).append(line)
            currencies.add(edition.currency)
    if len(currencies) > 1:
        raise PolicyError(f"the editions have several currencies: {choices(sorted(map(str, currencies)))}")
    priced = tuple(line for line in found if line.price is not None)
    total = sum((line.amount or Decimal(0) for line in priced), Decimal(0)).quantize(CENT)
    currency = currencies.pop() if currencies else policy.currency
    return Quote(priced, tuple(line for line in found if line.price is None), tuple(own), total, currency)


def _by_edition(span: Span, policy: Policy) -> list[Span]:
    """A stretch of work cut where an edition begins."""
    start, end = map(micros, span)
    if end < start:
        raise ValueError(f"work from {span.start.isoformat()} ends before that, at {span.end.isoformat()}")
    begins = [edition.begins_at for edition in policy.editions]
    cuts = [at for at in begins if at is not None and start < micros(at) < end]
    return [Span(*pair) for pair in pairwise([span.start, *cuts, span.end])]


def _of_work(span: Span, policy: Policy, plan: str | None, priority: str | None) -> tuple[list[QuoteLine], ...]:
    """The lines of a stretch of work, and what of it the plan has paid for."""
    if policy.work is None:
        raise PolicyError(f"the policy {named(policy.name)} does not price work; its rates: {choices(policy.rates)}")
    start, end = span
    promise = None if plan is None else _promise(policy, plan, priority)
    hours, paid = policy.schedules[policy.work.schedule], promise.schedule if promise else NEVER
    covered, inside = paid.elapsed(start, end), (hours - paid).elapsed(start, end)
    parts = ((policy.work.inside, inside), (policy.work.outside, span.duration - covered - inside))
    lines = [_line(policy.rates[name].name, policy.rates[name], worked, worked) for name, worked in parts if worked]
    if promise is None or not covered:
        return lines, []
    whose = f"{promise.plan.name} {promise.priority.name}"
    return lines, [QuoteLine(whose, None, 1, "stretch", None, promise.plan.line.strip() or None, covered)]


def _promise(policy: Policy, plan: str, priority: str | None) -> Promise:
    """What the plan has for a ticket: work at a time that counts for it is the plan's own."""
    if priority is None:
        raise TicketError(f"work under a plan needs the priority of its ticket, one of {choices(policy.priorities)}")
    return policy.promise(plan, priority, None)


def _of_task(item: str | tuple[str, Quantity], policy: Policy, plan: str | None) -> tuple[QuoteLine, bool]:
    """The line of an ordered task, and whether the plan has paid for it."""
    name, quantity = (
        (item, 1) if isinstance(item, str) else pair("an item is a Span, a task, or a task and how many", item)
    )
    bought = None if plan is None else policy.plans.get(plan)
    if plan is not None and bought is None:
        raise TicketError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    found, _ = find(name, policy)
    if found is None:
        near = lines_near(name, policy)
        hint = f"did you mean {' or '.join(map(shown, near))}?" if near else f"the rates: {choices(policy.rates)}"
        raise PolicyError(f"task {shown(name)} is not known; {hint}")
    if isinstance(found, Task):
        if bought is not None and policy.is_included(found, bought):
            rate = policy.rates[found.rate] if found.rate else None
            number, counted = (_count(quantity, rate.per), rate.counted) if rate else (_count(quantity, None), "piece")
            return QuoteLine(found.name, None, number, counted, None, found.line.strip() or None), True
        if found.rate is None:
            raise PolicyError(f"task {shown(found.name)} cannot be ordered: {NOT_ORDERED[found.verdict]}")
        return _line(found.name, policy.rates[found.rate], quantity, None), False
    return _line(found.name, found, quantity, None), False


def _line(task: str, rate: Rate, quantity: Quantity, worked: timedelta | None) -> QuoteLine:
    price = rate.price if isinstance(rate.price, Decimal) else None
    line = next(iter(rate.line.strip().splitlines()), None)
    return QuoteLine(task, rate.name, _count(quantity, rate.per), rate.counted, price, line, worked)


def _count(quantity: Quantity, per: timedelta | None) -> int:
    """How many are billed: of a duration, each started one in full."""
    if isinstance(quantity, timedelta) and per is not None and timedelta(0) < quantity <= MOST_QUANTITY * HOUR:
        return -(-quantity // per)
    takes = f"a whole number from 1 to {MOST_QUANTITY:,}" + (", or a duration" if per else "")
    if type(quantity) is not int or not 0 < quantity <= MOST_QUANTITY:
        raise ValueError(f"a quantity is {takes}, not {shown(quantity)}")
    return quantity
