"""Counts those cycles of a frame that decide whether promised shares are kept, many at once.

Also adds the reports of the parts of one table. The operator `+` alone would count their shares as those of several
reports.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import reduce
from itertools import islice
from operator import add
from typing import TypeVar

import numpy as np

from kolmisla.columns.kernel.timeline import Ints
from kolmisla.policies.terms.attainment import Per
from kolmisla.reports.figures.attainment.attained import TicketId
from kolmisla.reports.figures.attainment.shares import SHARE_STATES, ShareCount, ShareKey, Shares, period_start
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.tallies import BREACHED
from kolmisla.reports.judging.arrays import JudgedRows
from kolmisla.reports.judging.shares import SharesInForce
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope
from kolmisla.reports.whole import Report
from kolmisla.times.instants import EPOCH_DAY

__all__ = ["added_reports", "added_shares", "shares_of_rows"]

F = TypeVar("F", bound=Figures)


def shares_of_rows(
    these: JudgedRows, question: Question, scope: Scope, ids_of: Callable[[Ints], Sequence[TicketId]]
) -> Shares | None:
    """Count those cycles in the rows `these` that decide whether promised shares are kept.

    `ids_of` returns the tickets' ids for the indexes of rows. If the policy promises no share, return None.
    """
    in_force = SharesInForce(question.policy, question.metric)
    if not in_force.promised_any:
        return None
    promised = these.tickets.promised
    entitled: dict[tuple[str, int, Per], list[int]] = defaultdict(list)
    for place, (entry, opened) in enumerate(zip(promised.entitlements, promised.eras, strict=True)):
        if entry.promise is not None:
            for known in in_force.of(entry.promise.plan.name, opened):
                entitled[known.plan, known.editions.start, known.promise.per].append(place)
    parts, places_of, states = [], these.places, len(SHARE_STATES)
    judged = np.isin(these.state, SHARE_STATES)
    for (plan, edition, per), places in sorted(entitled.items()):
        rows = np.flatnonzero(judged & np.isin(places_of, places))
        days, day_of = np.unique(these.day.take(rows), return_inverse=True)
        starts = [period_start(date.fromordinal(day + EPOCH_DAY), per) for day in days.tolist()]
        number = {start: place for place, start in enumerate(sorted(set(starts)))}
        periods, period = [*number], np.array([number[start] for start in starts], np.int64).take(day_of)
        state = np.searchsorted(SHARE_STATES, these.state.take(rows))
        counts = np.bincount(period * states + state, minlength=len(periods) * states).reshape(-1, states)
        missed = np.flatnonzero(state == SHARE_STATES.index(BREACHED))
        missed = missed.take(np.argsort(period.take(missed), kind="stable"))
        ids = iter(ids_of(these.rows.take(rows.take(missed))))
        for start, numbers in zip(periods, counts.tolist(), strict=True):
            key = ShareKey(plan, edition, per, start)
            parts.append(ShareCount.of(key, numbers, islice(ids, numbers[SHARE_STATES.index(BREACHED)])))
    return Shares.of(parts, scope.since, scope.until, question.now)


def added_shares(all_of_them: Sequence[Shares]) -> Shares:
    """Return the sum of counts that come from several parts of one report. There must be at least one part.

    Unlike `+`, this function counts the report's pair of dates only once.
    """
    counts: dict[ShareKey, list[int]] = defaultdict(lambda: [0] * len(SHARE_STATES))
    missed: dict[ShareKey, list[TicketId]] = defaultdict(list)
    for part in (part for shares in all_of_them for part in shares.parts):
        counts[part.key] = [mine + more for mine, more in zip(counts[part.key], part.counts, strict=True)]
        missed[part.key] += part.tickets
    parts = (ShareCount.of(key, numbers, missed[key]) for key, numbers in counts.items())
    return Shares(tuple(sorted(parts, key=lambda part: part.key)), all_of_them[0].scopes)


def added_reports(reports: Sequence[Report]) -> Report:
    """Return the report of a whole table: the sum of the reports of its parts. There must be at least one part."""
    made = reduce(add, reports)
    if made.what_if is not None:
        others = [each.what_if.report for each in reports if each.what_if is not None]
        made = replace(made, what_if=made.what_if._replace(report=_with_dates_once(made.what_if.report, others)))
    return _with_dates_once(made, reports)


def _with_dates_once(made: F, parts: Sequence[Figures]) -> F:
    """Return a copy of the report `made` that has the shares that `added_shares` returns for `parts`.

    `made` is the sum of `parts`, which are the parts of one report.
    """
    shares = [each.shares for each in parts if each.shares is not None]
    return replace(made, shares=added_shares(shares)) if shares else made
