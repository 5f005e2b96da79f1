"""Converts the promised shares of a report to a part of the report's document for JSON, and back."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Self

from kolmisla.documents.names import folded
from kolmisla.files.summary import SUMMARY_STATES
from kolmisla.policies.policy import Policy
from kolmisla.reports.figures.attainment.shares import (
    SHARE_STATES,
    ShareCount,
    ShareKey,
    Shares,
    period_start,
    promised_shares,
)
from kolmisla.reports.figures.tallies import BREACHED, Tally
from kolmisla.times.instants import instants_in, micros
from kolmisla.times.zones import zone_named

__all__ = ["DamagedError", "document_of_shares", "shares_of_document"]


class DamagedError(ValueError):
    """The error for a document of a report whose parts cannot be read, or do not agree."""

    @classmethod
    def of(cls, fault: str) -> Self:
        """Return the error for a fault. Its message names the fault, and says which dict the caller must give."""
        return cls(f"the report is damaged: {fault}; give the dict that to_dict() has returned, unchanged")


def document_of_shares(shares: Shares | None, policy: Policy, metric: str) -> dict[str, Any] | None:
    """Return what was attained of the promised shares of `metric`, as a dict that JSON can hold.

    If `shares` is None, return None. The key `other_metrics` has the shares that the policy promises for other metrics.
    """
    if shares is None:
        return None
    instant = instants_in(zone_named(policy.timezone))
    return {
        "lines": [attained.to_dict() for attained in shares.attained(policy, metric)],
        "other_metrics": [
            {"plan": known.plan, "promise": known.promise.to_dict()}
            for known in promised_shares(policy)
            if known.promise.of != folded(metric)
        ],
        "scopes": [
            [since or None, until or None, instant(at).isoformat(), number]
            for (since, until, at), number in shares.scopes
        ],
    }


def shares_of_document(
    document: Mapping[str, Any] | None, policy: Policy, metric: str, cells: Sequence[Tally]
) -> Shares | None:
    """Return the counts of promised shares from a dict that `document_of_shares` has returned.

    Return None if `document` is None and the policy promises no share. Raise ValueError if `document` does not agree
    with the policy or with the counts in `cells`.
    """
    promised = promised_shares(policy)
    if document is None and not promised:
        return None
    if document is None:
        raise DamagedError.of("attainment is missing, although the policy promises shares")
    parts = [
        ShareCount.of(
            ShareKey(line["plan"], line["edition"], line["per"], line["begins"] or ""),
            [line[SUMMARY_STATES[state]] for state in SHARE_STATES],
            line["tickets"],
        )
        for line in document["lines"]
    ]
    scopes = [
        ((since or "", until or "", micros(datetime.fromisoformat(at))), number)
        for since, until, at, number in document["scopes"]
    ]
    shares = Shares(tuple(sorted(parts, key=lambda part: part.key)), tuple(sorted(scopes)))
    _check(shares, policy, metric, cells)
    return shares


def _check(shares: Shares, policy: Policy, metric: str, cells: Sequence[Tally]) -> None:
    """Raise ValueError unless `shares` agrees with the policy and with the counts in `cells`.

    A plan's shares of one kind of period add up to the plan's counts. They may add up to less only if an edition
    promises no such share.
    """
    promised = promised_shares(policy, metric)
    keys = {(folded(known.plan), known.editions.start, known.promise.per) for known in promised}
    of_plans, of_shares = Counter[Any](), Counter[Any]()
    for cell in cells:
        for state in SHARE_STATES:
            of_plans[folded(cell.plan or ""), state] += cell.counts[state]
    agree = True
    for (plan, edition, per, period), counts, tickets in (_plain_part(part) for part in shares.parts):
        agree &= (plan, edition, per) in keys and len(tickets) == counts[SHARE_STATES.index(BREACHED)]
        agree &= period == (period_start(date.fromisoformat(period), per) if period else period_start(date.min, per))
        for state, number in zip(SHARE_STATES, counts, strict=True):
            of_shares[plan, per, state] += number
    editions = Counter[Any]()
    for known in promised:
        editions[folded(known.plan), known.promise.per] += len(known.editions)
    for (plan, per), number in editions.items():
        for state in SHARE_STATES:
            told, counted = of_shares[plan, per, state], of_plans[plan, state]
            agree &= told == counted or (told < counted and number < len(policy.editions))
    if not agree:
        raise DamagedError.of("the values of attainment do not agree with the counts in cells")


def _plain_part(part: ShareCount) -> tuple[ShareKey, tuple[int, ...], tuple[Any, ...]]:
    return part.key._replace(plan=folded(part.key.plan)), part.counts, part.tickets
