"""Amounts of time for targets in days: how much time counts from a start to the instant that the target names.

Between two turns of a date, such as the opening and the cutoff, the amount is a linear function of the start. So are
the earliest and the latest instant at which this amount has been counted. The three functions are called a line. From
the second question about a date on, its lines are remembered. They count from the beginning of the date, so dates with
equal lines share them.
"""

from bisect import bisect_right

from kolmisla.errors import HorizonError
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline
from kolmisla.times.instants import DAY

__all__ = ["MOST_DATES", "NO_LINE", "NamedAmounts"]

MOST_DATES = 16_384  # the most dates that are remembered for one target: 44 years and more

# A line has six integers. They are three linear functions of the start: the amount, the earliest instant at which it is
# used up, and the latest. Two integers belong to each function: its value for a start at the beginning of the date (in
# UTC), and its slope. Starts and instants count from that beginning. A line is None until it is computed. A line is
# empty if no such functions fit.
Straight = tuple[int, ...]
# The answers for all starts on one date: its turns, and the line from each turn on
LinesOfDate = tuple[tuple[int, ...], tuple[Straight | None, ...]]

ASKED_ONCE: LinesOfDate = (0,), (None,)  # a date that was asked about once: its lines are not computed yet
NO_LINE: Straight = ()


class NamedAmounts:
    """The amounts of time for a target in days, as one schedule counts them.

    Threads may share this object. They may compute the same numbers twice.
    """

    __slots__ = ("_alike", "_dates", "_timeline", "naming")

    def __init__(self, naming: InstantNaming, timeline: Timeline) -> None:
        self.naming, self._timeline = naming, timeline
        self._dates: dict[int, LinesOfDate] = {}
        self._alike: dict[LinesOfDate, LinesOfDate] = {}  # each value once, for all dates that share it

    def of(self, start: int) -> tuple[int, int, int]:
        """Return the time that counts from `start` to the named instant, and two instants.

        The two are the earliest and the latest at which exactly this time has been counted. Raise HorizonError if one
        is not known.
        """
        date = start // DAY
        remembered = self._dates.get(date)
        if remembered is not None:
            turns, lines = remembered
            begin = date * DAY
            time = start - begin
            line = lines[bisect_right(turns, time) - 1]
            if line:
                amount, amount_slope, due, due_slope, last, last_slope = line
                return amount + amount_slope * time, begin + due + due_slope * time, begin + last + last_slope * time
        self._remember(date, start)
        return self._counted(start)

    def _counted(self, start: int) -> tuple[int, int, int]:
        amount = self._timeline.elapsed(start, self.naming.instant(start))
        return amount, *self._timeline.kept(start, amount)

    def _remember(self, date: int, start: int) -> None:
        """Note that a date was asked about. From the second time on, compute and remember the line for `start`."""
        found = self._dates.get(date)
        if found is None:
            if len(self._dates) >= MOST_DATES:
                self._dates.clear()
                self._alike.clear()
            self._dates[date] = ASKED_ONCE
            return
        turns, lines = found = self._turns_of(date) if found is ASKED_ONCE else found
        place = bisect_right(turns, start - date * DAY) - 1
        if lines[place] is None:
            found = self._with_line(found, place, date * DAY)
        self._dates[date] = self._alike.setdefault(found, found)

    def _turns_of(self, date: int) -> LinesOfDate:
        """Return the turns of a date, and None for each turn, as no line is computed yet.

        A turn is a time at which the rule for the amount may change, such as the cutoff.
        """
        start, after, timeline = date * DAY, (date + 1) * DAY, self._timeline
        turns = {start, *self.naming.turns(start, after - 1)}
        for span in timeline.spans(max(start, timeline.start), min(after, timeline.end)):
            turns.update(at + late for at in span for late in (0, 1))
        kept = tuple(sorted(at - start for at in turns if at < after))
        return kept, (None,) * len(kept)

    def _with_line(self, found: LinesOfDate, place: int, begin: int) -> LinesOfDate:
        """Return the turns and lines of a date (`found`), with a line for starts from the turn with the index `place`.

        The date begins at `begin`. If no line fits, add the turns of `_met` instead. If there are none, or if an
        instant is not known, add an empty line.
        """
        turns, lines = found
        first, last = begin + turns[place], begin + (*turns, DAY)[place + 1] - 1
        try:
            line = self._line(first, last, begin)
            met = [] if line else self._met(first, last)
        except HorizonError:  # each start is computed alone
            line, met = NO_LINE, []
        if met:
            more = [at - begin for at in met]
            unknown = [None] * (len(met) + 1)
            return (*turns[: place + 1], *more, *turns[place + 1 :]), (*lines[:place], *unknown, *lines[place + 1 :])
        return turns, (*lines[:place], line, *lines[place + 1 :])

    def _line(self, first: int, last: int, begin: int) -> Straight:
        """Return the line for the starts from `first` to `last`, on the date that begins at `begin`.

        Return NO_LINE if no linear functions fit the first, the last and the middle start.
        """
        middle = (first + last) // 2
        line: list[int] = []
        counted = zip(*map(self._counted, (first, middle, last)), strict=True)
        for (at_first, between, at_last), origin in zip(counted, (0, begin, begin), strict=True):
            slope = (at_last - at_first) // (last - first) if last > first else 0
            if at_first + slope * (last - first) != at_last or at_first + slope * (middle - first) != between:
                return NO_LINE
            line += (at_first - origin - slope * (first - begin), slope)
        return tuple(line)

    def _met(self, first: int, last: int) -> list[int]:
        """Return the starts after `first`, up to `last`, for which hours begin or end at the named instant.

        The result may have a few other starts too. It is empty if the named instant does not move with the start.
        """
        instant, end = self.naming.instant(first), self.naming.instant(last)
        if end - instant != last - first:  # the named instant does not move with the start
            return []
        edges = {at + late for span in self._timeline.spans(instant, end) for at in span for late in (0, 1)}
        return sorted(at - instant + first for at in edges if instant < at <= end)
