"""Counts the cycles that decide promised shares, one by one."""

from collections import defaultdict
from datetime import date

from kolmisla.documents.names import folded
from kolmisla.policies.editions import begins
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.attainment.attained import TicketId
from kolmisla.reports.figures.attainment.shares import (
    SHARE_STATES,
    PromisedShare,
    ShareCount,
    ShareKey,
    Shares,
    period_start,
    promised_shares,
)
from kolmisla.reports.figures.tallies import BREACHED

__all__ = ["ShareCounting", "SharesInForce"]


class SharesInForce:
    """Finds the promised shares of a metric, by a ticket's plan and the edition that is in force at its opening."""

    def __init__(self, policy: Policy, metric: str) -> None:
        self.promised_any = bool(promised_shares(policy))
        self._begins = [
            begins(policy.timezone, edition.effective_from)
            for edition in policy.editions
            if edition.effective_from is not None
        ]
        self._first = len(policy.editions) - len(self._begins) - 1  # the index of the edition without a date, or -1
        self._promises: dict[tuple[str, int], list[PromisedShare]] = defaultdict(list)
        for known in promised_shares(policy, metric):
            for edition in known.editions:
                self._promises[folded(known.plan), edition].append(known)

    def of(self, plan: str, opened: int) -> list[PromisedShare]:
        """Return the shares that a plan promises for a ticket that was opened at the instant `opened`."""
        if not self._promises:
            return []
        edition = self._first + sum(at <= opened for at in self._begins)
        return self._promises.get((folded(plan), edition), [])


class ShareCounting:
    """Counts, one by one, the cycles that decide whether promised shares are kept."""

    def __init__(self, policy: Policy, metric: str) -> None:
        self._in_force = SharesInForce(policy, metric)
        self._counts: dict[ShareKey, list[int]] = defaultdict(lambda: [0] * len(SHARE_STATES))
        self._missed: dict[ShareKey, list[TicketId]] = defaultdict(list)

    def take(self, plan: str, opened: int, day: date, state: int, id: TicketId) -> None:
        """Count a cycle that has a target, if its state is one of SHARE_STATES.

        `state` is an index into SUMMARY_STATES. The cycle began on the date `day`. Its ticket was opened at the instant
        `opened`.
        """
        if state not in SHARE_STATES:
            return
        for known in self._in_force.of(plan, opened):
            per = known.promise.per
            key = ShareKey(known.plan, known.editions.start, per, period_start(day, per))
            self._counts[key][SHARE_STATES.index(state)] += 1
            if state == BREACHED:
                self._missed[key].append(id)

    def shares(self, since: date | None, until: date | None, at: int) -> Shares | None:
        """Return the counts for a report with the dates `since` and `until`, which judges at the instant `at`.

        If the policy promises no share for any metric, return None.
        """
        if not self._in_force.promised_any:
            return None
        parts = [ShareCount.of(key, counts, self._missed.get(key, ())) for key, counts in self._counts.items()]
        return Shares.of(parts, since, until, at)
