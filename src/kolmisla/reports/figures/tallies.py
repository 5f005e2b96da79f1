"""A tally: how many cycles are in each state, and how much time was counted in the ended ones."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Literal

from kolmisla.files.summary import RARE_STATES, SUMMARY_STATES, percent_of
from kolmisla.reports.figures.amounts import Amounts
from kolmisla.times.instants import duration, seconds

__all__ = [
    "BREACHED",
    "IS_WAIVED",
    "IS_WITHDRAWN",
    "MET",
    "NOT_MEASURED",
    "PAUSED",
    "PERCENTILES",
    "RUNNING",
    "WITHOUT_VERDICT",
    "Counted",
    "Tally",
    "added_up",
    "pooled",
    "sorted_counts",
]

# The index of each state in SUMMARY_STATES.
MET, BREACHED, RUNNING, PAUSED, NOT_MEASURED, IS_WITHDRAWN, IS_WAIVED = range(len(SUMMARY_STATES))
WITHOUT_VERDICT = (NOT_MEASURED, IS_WITHDRAWN, IS_WAIVED)  # states of cycles without a verdict that counts
NO_AMOUNTS = Amounts()
NONE_YET = (0,) * len(SUMMARY_STATES)
PERCENTILES = (50, 90, 95, 99)

Of = Literal["total", "period", "plan", "split", "cell"]
Key = tuple[date | None, str | None, str | None, str | None]
Counted = tuple[tuple[Any, int], ...]  # sorted pairs of a key and a number


@dataclass(frozen=True, slots=True)
class Tally:
    """The figures of some cycles of a report, such as those of one period.

    `of` says which cycles these are; a `cell` is one period, plan and priority. `counts` has a number for each state. A
    waived cycle counts only as waived. `waiting` is the number of breached cycles that have not ended. `amounts` has
    the times of the ended cycles with a target, except withdrawn and waived ones.
    """

    of: Of
    period: date | None = None  # the first date of the period
    plan: str | None = None
    priority: str | None = None
    split: str | None = None
    counts: tuple[int, ...] = NONE_YET
    waiting: int = 0
    amounts: Amounts = NO_AMOUNTS

    @property
    def key(self) -> Key:
        """The period, plan, priority and split of the cycles. A value that differs among the cycles is None."""
        return self.period, self.plan, self.priority, self.split

    @property
    def place(self) -> list[tuple[bool, str]]:
        """The value by which tallies are sorted: the parts of `key` as texts. A part that is None is sorted last."""
        return [(value is None, str(value or "")) for value in self.key]

    @property
    def tickets(self) -> int:
        """The number of cycles.

        For the built-in metrics first-response and resolution, the number of cycles is also that of tickets, because
        each ticket has one cycle.
        """
        return sum(self.counts)

    @property
    def met(self) -> int:
        """How many cycles ended within their target."""
        return self.counts[MET]

    @property
    def breached(self) -> int:
        """How many cycles exceeded their target, ended or not."""
        return self.counts[BREACHED]

    @property
    def running(self) -> int:
        """How many cycles are running: they have not ended, are not paused, and are within their target."""
        return self.counts[RUNNING]

    @property
    def paused(self) -> int:
        """How many cycles are paused now and are within their target."""
        return self.counts[PAUSED]

    @property
    def not_covered(self) -> int:
        """How many cycles have no promise."""
        return self.counts[NOT_MEASURED]

    @property
    def withdrawn(self) -> int:
        """How many cycles were withdrawn before they ended, such as those of duplicates."""
        return self.counts[IS_WITHDRAWN]

    @property
    def waived(self) -> int:
        """How many cycles have a verdict that does not count, because it was waived."""
        return self.counts[IS_WAIVED]

    @property
    def judged(self) -> int:
        """How many cycles have a promise and were neither withdrawn nor waived."""
        return self.tickets - sum(self.counts[state] for state in WITHOUT_VERDICT)

    @property
    def decided(self) -> int:
        """How many cycles are met or breached. `share` is the part of these cycles that is met."""
        return self.met + self.breached

    @property
    def share(self) -> float | None:
        """The share of cycles that are met: met / (met + breached). It is None if no cycle is met or breached."""
        return self.met / self.decided if self.decided else None

    @property
    def percent(self) -> str | None:
        """The share in percent as text, rounded to one decimal. It is None if no cycle is met or breached.

        It is "100.0 %" only if all these cycles are met, and "0.0 %" only if none is.
        """
        return percent_of(self.met, self.decided) if self.decided else None

    @property
    def n(self) -> int:
        """How many cycles with a target have ended, except withdrawn and waived ones.

        `mean` and `percentile` are about these cycles.
        """
        return self.amounts.n

    @property
    def mean(self) -> timedelta | None:
        """The mean time counted in ended cycles, rounded down to a microsecond. It is None if no cycle has ended."""
        return _duration(self.amounts.mean)

    def percentile(self, q: int) -> timedelta | None:
        """Return the least time within which at least `q` percent of the ended cycles ended.

        The result is the time of one of these cycles (nearest rank). If no cycle has ended, return None.
        """
        return _duration(self.amounts.percentile(q))

    @property
    def median(self) -> timedelta | None:
        """The least time within which at least half of the ended cycles ended. It is None if no cycle has ended."""
        return self.percentile(50)

    def states(self) -> dict[str, int]:
        """Return how many cycles are in each state. A rare state (RARE_STATES) is left out if no cycle is in it."""
        states = zip(SUMMARY_STATES, self.counts, strict=True)
        return {state: number for state, number in states if number or state not in RARE_STATES}

    def to_dict(self) -> dict[str, Any]:
        """Return the figures as a dict that JSON can hold: counts by state, the share, and durations in seconds."""
        amounts = self.amounts
        percentiles = {f"p{q}_s": _seconds(amounts.percentile(q)) for q in PERCENTILES}
        return {
            "tickets": self.tickets,
            **self.states(),
            "waiting": self.waiting,
            "share": self.share,
            "ended": amounts.n,
            "mean_s": _seconds(amounts.mean),
            "median_s": percentiles.pop("p50_s"),
            **percentiles,
        }

    def __add__(self, other: "Tally") -> "Tally":
        counts = tuple(mine + theirs for mine, theirs in zip(self.counts, other.counts, strict=True))
        waiting, amounts = self.waiting + other.waiting, self.amounts + other.amounts
        return replace(self, counts=counts, waiting=waiting, amounts=amounts)


def _duration(us: int | None) -> timedelta | None:
    return None if us is None else duration(us)


def _seconds(us: int | None) -> int | float | None:
    return None if us is None else seconds(us)


def pooled(tallies: Iterable[Tally], of: Of, *kept: str) -> tuple[Tally, ...]:
    """Add up the tallies that have equal values in the fields `kept`, and return the sums.

    `of` says what a sum is about, such as "period". The sums are sorted by the fields in `kept`, None last.
    """
    sums: dict[tuple[Any, ...], Tally] = {}
    for tally in tallies:
        names = {name: getattr(tally, name) for name in kept}
        key = tuple((value is None, value or "") if not isinstance(value, date) else value for value in names.values())
        alone = replace(Tally(of, **names), counts=tally.counts, waiting=tally.waiting, amounts=tally.amounts)
        sums[key] = sums[key] + alone if key in sums else alone
    return tuple(sums[key] for key in sorted(sums))


def added_up(one: Counted, other: Counted) -> Counted:
    """Return the sum of two lists of counts, sorted by key. A key in both lists gets the sum of its two numbers."""
    sums = dict(one)
    for key, number in other:
        sums[key] = sums.get(key, 0) + number
    return sorted_counts(sums)


def sorted_counts(counts: Mapping[Any, int]) -> Counted:
    """Return counts as pairs of a key and its number, sorted by key. Keys with 0 are left out."""
    return tuple(sorted((key, number) for key, number in counts.items() if number))
