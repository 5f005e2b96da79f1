"""The shares that a policy promises, and the counts of cycles that decide them. Counts of two reports can be added."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, get_args

from kolmisla.documents.names import folded
from kolmisla.policies.editions import begins
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import starts_with_ticket
from kolmisla.policies.terms.attainment import Attainment, Per
from kolmisla.reports.figures.attainment.attained import Attained, TicketId, Whole
from kolmisla.reports.figures.late import id_order
from kolmisla.reports.figures.periods import following, period_of
from kolmisla.reports.figures.tallies import BREACHED, MET, PAUSED, RUNNING, Counted, added_up

__all__ = ["SHARE_STATES", "PromisedShare", "ShareCount", "ShareKey", "Shares", "period_start", "promised_shares"]

SHARE_STATES = (MET, BREACHED, RUNNING, PAUSED)  # the states in the order of counts; shares leave out other states


class PromisedShare(NamedTuple):
    """A share that a plan promises in one or more editions that follow each other.

    `editions` has their indexes. The promise covers tickets opened from `begins` on and before `ends`. None sets no
    limit.
    """

    plan: str
    promise: Attainment
    editions: range
    begins: date | None
    ends: date | None


def promised_shares(policy: Policy, metric: str | None = None) -> list[PromisedShare]:
    """Return the shares that a policy promises for one metric or, if `metric` is None, for all metrics.

    If a plan has equal promises in editions that follow each other, these promises count as one.
    """
    found: list[PromisedShare] = []
    for number, edition in enumerate(policy.editions):
        for plan in edition.plans.values():
            for promise in plan.attainments:
                if metric is not None and folded(metric) != promise.of:
                    continue
                for place, known in enumerate(found):
                    same = folded(known.plan) == folded(plan.name) and known.promise == promise
                    if same and known.editions.stop == number:
                        found[place] = known._replace(editions=range(known.editions.start, number + 1))
                        break
                else:
                    since = edition.effective_from
                    found.append(PromisedShare(plan.name, promise, range(number, number + 1), since, None))
    dates = [*(edition.effective_from for edition in policy.editions), None]
    return [known._replace(ends=dates[known.editions.stop]) for known in found]


class ShareKey(NamedTuple):
    """Which cycles are counted together for a promised share: of one plan, promise and period.

    `edition` is the index of the first edition with the promise. `per` is the kind of period. `period` is its first
    date as text, or empty for the whole time.
    """

    plan: str
    edition: int
    per: Per
    period: str


def period_start(day: date, per: Per) -> str:
    """Return the first date of the period that contains a date, as text. If `per` is "all", return an empty text."""
    return "" if per == "all" else period_of(day, per).isoformat()


@dataclass(frozen=True, slots=True)
class ShareCount:
    """How many cycles of one promise and one period are met, breached, running and paused.

    `counts` has these four numbers in this order. `tickets` has the ids of the breached tickets, sorted by `id_order`.
    """

    key: ShareKey
    counts: tuple[int, int, int, int]
    tickets: tuple[TicketId, ...]

    @classmethod
    def of(cls, key: ShareKey, counts: Iterable[int], tickets: Iterable[TicketId]) -> "ShareCount":
        """Make a ShareCount from four counts, and from ids of tickets in any order."""
        met, breached, running, paused = counts
        return cls(key, (met, breached, running, paused), tuple(sorted(tickets, key=id_order)))


@dataclass(frozen=True, slots=True)
class Shares:
    """The counts of cycles for all promised shares of a report, which can be added to others.

    `scopes` says which reports were added: how many have the same `since`, `until` and `at`, the instant of judging.
    The dates are text, empty for None.
    """

    parts: tuple[ShareCount, ...]
    scopes: Counted = field(compare=False)

    @classmethod
    def of(cls, parts: Iterable[ShareCount], since: date | None, until: date | None, at: int) -> "Shares":
        """Make the Shares of one report. Its dates are `since` and `until`. It judges tickets at the instant `at`."""
        dates = ("" if day is None else day.isoformat() for day in (since, until))
        return cls(tuple(sorted(parts, key=lambda part: part.key)), (((*dates, at), 1),))

    def __add__(self, other: "Shares") -> "Shares":
        sums = {part.key: part for part in self.parts}
        for part in other.parts:
            mine = sums.get(part.key)
            if mine is not None:
                counts = (one + more for one, more in zip(mine.counts, part.counts, strict=True))
                part = ShareCount.of(part.key, counts, (*mine.tickets, *part.tickets))
            sums[part.key] = part
        return Shares(tuple(sums[key] for key in sorted(sums)), added_up(self.scopes, other.scopes))

    def attained(self, policy: Policy, metric: str) -> Iterator[Attained]:
        """Yield what was attained of each promised share in each period.

        The results are sorted by plan (in the order of the policy), then by the kind of period, then by period.
        """
        promised = promised_shares(policy, metric)
        by_key = {(folded(known.plan), known.editions.start, known.promise.per): known for known in promised}
        plans, pers, with_ticket = [*map(folded, policy.plans)], get_args(Per), starts_with_ticket(policy, metric)

        def place(part: ShareCount) -> tuple[Any, ...]:
            plan, edition, per, period = part.key
            name = folded(plan)
            return name not in plans, plans.index(name) if name in plans else 0, plan, pers.index(per), period, edition

        for part in sorted(self.parts, key=place):
            plan, edition, per, period = part.key
            known = by_key[folded(plan), edition, per]
            start = date.fromisoformat(period) if period else None
            end = None if start is None or per == "all" else following(start, per)
            since, until = known.begins, known.ends
            opened_from = since if since is not None and (start is None or since > start) else None
            opened_before = until if until is not None and (end is None or until < end) else None
            last = opened_before if with_ticket and opened_before is not None else end
            met, breached, running, paused = part.counts
            yield Attained(
                plan=plan,
                period=start,
                promise=known.promise,
                edition=edition,
                opened_from=opened_from,
                opened_before=opened_before,
                met=met,
                breached=breached,
                running=running,
                paused=paused,
                tickets=part.tickets,
                whole=self._whole(policy.timezone, opened_from or start, last),
            )

    def _whole(self, timezone: str, start: date | None, end: date | None) -> Whole:
        """Tell whether the added reports cover the whole time from `start` up to, but without, `end`.

        Return `whole` if each instant is covered by equally many reports. Otherwise return `cut` if this number changes
        at the `since` or `until` of a report, and `goes-on` if it changes only at instants at which reports judge
        tickets.
        """
        steps, limits = Counter[int](), set()
        for (since, until, at), number in self.scopes:
            first, last = (_instant(timezone, text) for text in (since, until))
            if last is None or last >= at:
                last = at
            else:
                limits.add(last)
            if first is not None and first >= last:  # a report of days to come has no tickets
                continue
            if first is not None:
                limits.add(first)
                steps[first] += number
            steps[last] -= number
        low, high = (None if day is None else begins(timezone, day) for day in (start, end))
        inside = {at for at, net in steps.items() if net and (low is None or at > low) and (high is None or at < high)}
        return "whole" if not inside else "cut" if inside & limits else "goes-on"


def _instant(timezone: str, day: str) -> int | None:
    return begins(timezone, date.fromisoformat(day)) if day else None
