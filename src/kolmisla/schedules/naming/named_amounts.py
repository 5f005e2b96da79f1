"""Amounts of time for targets in days: how much time counts from a start to the instant that the target names.

At some times of a date, called turns, the rule for the amount changes: for example at the opening and at the cutoff.
For all starts between two turns, the amount is a linear function of the start, and so are the instants at which it is
used up. Such functions, called lines, are remembered for dates that are asked about again. They give the answer for a
start by a look-up and a few sums.
"""

from bisect import bisect_right

from kolmisla.errors import HorizonError
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import DAY

__all__ = ["MOST_DATES", "NO_LINE", "NamedAmounts"]

MOST_DATES = 1_024  # the most dates that are remembered for one target

# The answers for all starts on one date (in UTC). One list has the turns; the other has the line from each turn on. A
# line has six integers: the amount at the turn and its slope, then the same for the earliest instant at which the
# amount is used up, and for the latest. A line is None until it is computed, and empty if no line fits.
Straight = tuple[int, ...]
LinesOfDate = tuple[list[int], list[Straight | None]]

ASKED_ONCE: LinesOfDate = (
    [-(1 << 62)],
    [None],
)  # a date that was asked about once: its lines are not computed yet
NO_LINE: Straight = ()


class NamedAmounts:
    """The amounts of time for a target in days, as one schedule counts them. Threads may share this object.

    Threads that ask at the same time may compute the same numbers twice. Only one of the results is kept.
    """

    __slots__ = ("_dates", "_timeline", "naming")

    def __init__(self, naming: InstantNaming, timeline: Timeline) -> None:
        self.naming, self._timeline = naming, timeline
        self._dates: dict[int, LinesOfDate] = {}

    def of(self, start: int) -> tuple[int, int, int]:
        """Return the time that counts from `start` to the named instant, and two instants.

        The two are the earliest and the latest instant at which exactly this time has been counted since `start`. Raise
        HorizonError if the schedule does not know one of the instants.
        """
        remembered = self._dates.get(start // DAY)
        if remembered is not None:
            turns, lines = remembered
            place = bisect_right(turns, start) - 1
            line = lines[place]
            if line:
                amount, amount_slope, due, due_slope, last, last_slope = line
                later = start - turns[place]
                return amount + amount_slope * later, due + due_slope * later, last + last_slope * later
        self._remember(start // DAY, start)
        return self._counted(start)

    def _counted(self, start: int) -> tuple[int, int, int]:
        amount = self._timeline.elapsed(start, self.naming.instant(start))
        return amount, *self._timeline.kept(start, amount)

    def _remember(self, date: int, start: int) -> None:
        """Note that a date was asked about. From the second time on, compute and remember the line for the start."""
        found = self._dates.get(date)
        if found is None:
            if len(self._dates) >= MOST_DATES:
                self._dates.clear()
            self._dates[date] = ASKED_ONCE
            return
        turns, lines = found = self._turns_of(date) if found is ASKED_ONCE else found
        place = bisect_right(turns, start) - 1
        if lines[place] is None:
            until = turns[place + 1] if place + 1 < len(turns) else (date + 1) * DAY
            found = self._with_line(found, place, until - 1)
        self._dates[date] = found

    def _turns_of(self, date: int) -> LinesOfDate:
        """Return the instants of a date at which the rule for the amount may change, and no lines for them yet.

        Such instants are, for example, the cutoff, and the times at which hours begin or end.
        """
        start, after, timeline = date * DAY, (date + 1) * DAY, self._timeline
        turns = {start, *self.naming.turns(start, after - 1)}
        for span in timeline.spans(max(start, timeline.start), min(after, timeline.end)):
            turns.update(at + late for at in span for late in (0, 1))
        kept = sorted(at for at in turns if at < after)
        return kept, [None] * len(kept)

    def _with_line(self, found: LinesOfDate, place: int, last: int) -> LinesOfDate:
        """Return the turns and lines of a date (`found`), with one more line.

        A line is a linear function that gives the amount for each start of a clock from one turn to the next. The new
        line is for the starts from the turn with the index `place` until `last`. If no linear function fits them, add
        turns instead, at the starts whose named instant is one at which hours begin or end. If there are no such
        starts, the line is empty.
        """
        turns, lines = found
        first = turns[place]
        try:
            line = self._line(first, last)
            met = [] if line else self._met(first, last)
        except HorizonError:  # each start is computed alone
            line, met = NO_LINE, []
        if met:
            unknown = [None] * (len(met) + 1)
            return [*turns[: place + 1], *met, *turns[place + 1 :]], [*lines[:place], *unknown, *lines[place + 1 :]]
        return turns, [*lines[:place], line, *lines[place + 1 :]]

    def _line(self, first: int, last: int) -> Straight:
        """Return the linear function for the starts from `first` to `last`.

        Return NO_LINE if the start in the middle does not fit it.
        """
        middle = (first + last) // 2
        line: list[int] = []
        for begin, between, end in zip(*map(self._counted, (first, middle, last)), strict=True):
            slope = (end - begin) // (last - first) if last > first else 0
            if begin + slope * (last - first) != end or begin + slope * (middle - first) != between:
                return NO_LINE
            line += (begin, slope)
        return tuple(line)

    def _met(self, first: int, last: int) -> list[int]:
        """Return the starts after `first`, up to `last`, for which hours begin or end at the named instant."""
        instant, end = self.naming.instant(first), self.naming.instant(last)
        if end - instant != last - first:  # a later start does not make the instant later by the same time
            return []
        edges = {at + late for span in self._timeline.spans(instant, end) for at in span for late in (0, 1)}
        return sorted(at - instant + first for at in edges if instant < at <= end)
