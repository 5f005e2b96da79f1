"""The amounts of time that a target in days becomes on its schedule, remembered for dates that are asked about again.

The turns of a date are times such as the opening and the cutoff. For the starts between two turns, the amount and the
instants at which it is used up are linear functions of the start. So a look-up and a few sums give the answer for a
start near one that is remembered.
"""

from bisect import bisect_right

from kolmisla.errors import HorizonError
from kolmisla.instants import DAY
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline

__all__ = ["MOST_DATES", "NO_LINE", "NamedAmounts"]

MOST_DATES = 1_024  # the most dates that are remembered for one target

# The answers for the starts of one date (in UTC), in two parallel lists: the instants from which a line holds, and the
# lines. A line has six integers: the amount at the turn and its slope, the same for the earliest instant at which the
# amount is used up, and the same for the latest. A line is None before it is computed, and empty where no line fits.
Straight = tuple[int, ...]
LinesOfDate = tuple[list[int], list[Straight | None]]

ASKED_ONCE: LinesOfDate = (
    [-(1 << 62)],
    [None],
)  # the lines of most dates are never used
NO_LINE: Straight = ()


class NamedAmounts:
    """The amounts that a target in days becomes on its own schedule. Threads may share this object.

    Threads that ask at the same time may compute the same numbers twice, and only one of the results is kept.
    """

    __slots__ = ("_dates", "_timeline", "naming")

    def __init__(self, naming: InstantNaming, timeline: Timeline) -> None:
        self.naming, self._timeline = naming, timeline
        self._dates: dict[int, LinesOfDate] = {}

    def of(self, start: int) -> tuple[int, int, int]:
        """Return the amount for a start, and the earliest and the latest instant at which exactly it has been counted.

        Raise HorizonError if the schedule does not know all of these.
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
        """Remember that a date was asked about. The second time, remember the line of the start too."""
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
        """Return the turns of a date (times such as the opening and the cutoff), with no lines yet.

        The times at which hours begin or end are turns too.
        """
        start, after, timeline = date * DAY, (date + 1) * DAY, self._timeline
        turns = {start, *self.naming.turns(start, after - 1)}
        for span in timeline.spans(max(start, timeline.start), min(after, timeline.end)):
            turns.update(at + late for at in span for late in (0, 1))
        kept = sorted(at for at in turns if at < after)
        return kept, [None] * len(kept)

    def _with_line(self, found: LinesOfDate, place: int, last: int) -> LinesOfDate:
        """Return the lines of a date with one more: from the turn at the index `place` to the start `last`.

        If no line fits, return the lines of the date with more turns instead: the starts whose named instants are where
        hours begin or end.
        """
        turns, lines = found
        first = turns[place]
        try:
            line = self._line(first, last)
            met = [] if line else self._met(first, last)
        except HorizonError:  # every start here is answered alone
            line, met = NO_LINE, []
        if met:
            unknown = [None] * (len(met) + 1)
            return [*turns[: place + 1], *met, *turns[place + 1 :]], [*lines[:place], *unknown, *lines[place + 1 :]]
        return turns, [*lines[:place], line, *lines[place + 1 :]]

    def _line(self, first: int, last: int) -> Straight:
        """Return the line from the start `first` to `last`. Return NO_LINE if the start between them is not on it."""
        middle = (first + last) // 2
        line: list[int] = []
        for begin, between, end in zip(*map(self._counted, (first, middle, last)), strict=True):
            slope = (end - begin) // (last - first) if last > first else 0
            if begin + slope * (last - first) != end or begin + slope * (middle - first) != between:
                return NO_LINE
            line += (begin, slope)
        return tuple(line)

    def _met(self, first: int, last: int) -> list[int]:
        """Return the starts after `first`, up to `last`, whose named instants are where hours begin or end."""
        instant, end = self.naming.instant(first), self.naming.instant(last)
        if end - instant != last - first:  # the instant does not grow with the start
            return []
        edges = {at + late for span in self._timeline.spans(instant, end) for at in span for late in (0, 1)}
        return sorted(at - instant + first for at in edges if instant < at <= end)
