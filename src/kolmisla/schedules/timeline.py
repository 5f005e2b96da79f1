"""The open spans of one schedule with their running totals, and the only search through them.

This module knows integers only: no zones and no holidays. The spans are compiled when a question needs them, a
block of about a year at a time, into one immutable table over contiguous blocks. A question reads the table once.
For a question outside the table a larger one is made, and replaces it whole. So one range check provides laziness,
thread safety and the horizon. There is no lock: threads that ask at once may compile the same blocks, and the child
of a process that forks meanwhile has no lock to wait for.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from kolmisla.errors import HorizonError
from kolmisla.instants import Pair, iso, merged

__all__ = ["SpanTable", "Timeline"]

BLOCK_LENGTH = 31_556_952_000_000  # a mean Gregorian year, so that blocks stay in step with calendar years

# lo and hi, the range of the table; then four parallel lists, with one entry for each span: where it opens, where it
# closes, the total open time at its close, and the shift: an instant inside the span less the shift is the total at
# that instant. The first span has zero length and lies at lo, so that every instant from lo on has a span that opened
# at or before it.
SpanTable = tuple[int, int, list[int], list[int], list[int], list[int]]


class Timeline:
    """Open time from `start` to `end`, the horizon; `compile(start, end)` returns the open spans of a part of it.

    Instants and amounts are integer microseconds. Every method raises HorizonError when an instant or the answer
    lies outside the horizon; `known` is the reason for the horizon, in words for the message.
    """

    __slots__ = ("_compile", "_table", "end", "known", "start")

    def __init__(self, compile: Callable[[int, int], list[Pair]], start: int, end: int, known: str) -> None:
        self._compile, self.start, self.end, self.known = compile, start, end, known
        self._table: SpanTable = (1, 0, [], [], [], [])  # lo > hi: an empty range

    def elapsed(self, start: int, end: int) -> int:
        """Return the open time from start to end; negative when end is before start."""
        lo, hi, opens, closes, _, shifts = self._table
        if not (lo <= start <= hi and lo <= end <= hi):
            lo, hi, opens, closes, _, shifts = self._covering(min(start, end), max(start, end))
        i, j = bisect_right(opens, start) - 1, bisect_right(opens, end) - 1
        first, last = closes[i], closes[j]
        return (end if end < last else last) - shifts[j] - (start if start < first else first) + shifts[i]

    def due(self, start: int, amount: int, table: SpanTable | None = None) -> int:
        """Return the earliest instant at which `amount` of open time has been counted since start.

        For a negative amount, return the latest instant from which -amount is counted up to start. The search begins
        in `table` if it is given.
        """
        lo, hi, opens, closes, totals, shifts = table = table or self._table
        if not lo <= start <= hi:
            lo, hi, opens, closes, totals, shifts = table = self._covering(start, start)
        i = bisect_right(opens, start) - 1
        close = closes[i]
        total = (start if start < close else close) - shifts[i] + amount
        if amount > 0:
            j = bisect_left(totals, total, i)
            if j == len(totals):
                return self.due(start, amount, self._later(table))
            return total + shifts[j]
        if amount == 0:
            return start
        if total < 0:
            return self.due(start, amount, self._earlier(table))
        return total + shifts[bisect_right(totals, total)]

    def is_open(self, at: int) -> bool:
        """Tell whether time counts at this instant."""
        lo, hi, opens, closes, _, _ = self._table
        if not lo <= at < hi:
            lo, hi, opens, closes, _, _ = self._covering(at, at + 1)
        return at < closes[bisect_right(opens, at) - 1]

    def next_open(self, at: int) -> int:
        """Return the instant itself when it is open, else the next opening."""
        table = self._around(at)
        while True:
            _, _, opens, closes, _, _ = table
            i = bisect_right(opens, at) - 1
            if at < closes[i]:
                return at
            if i + 1 < len(opens):
                return opens[i + 1]
            table = self._later(table)

    def next_close(self, at: int) -> int:
        """Return the end of the span that contains or follows the instant, strictly after it."""
        table = self._around(at)
        while True:
            _, hi, opens, closes, _, _ = table
            i = bisect_right(opens, at) - 1
            if at >= closes[i]:
                i += 1
            if i < len(opens) and closes[i] < hi:  # a span that ends at hi may go on after it
                return closes[i]
            table = self._later(table)

    def previous_close(self, at: int) -> int:
        """Return the instant itself when time counted just before it, else the last closing before it."""
        table = self._around(at)
        while True:
            _, _, opens, closes, _, _ = table
            i = bisect_left(opens, at) - 1
            if i >= 1:
                return min(at, closes[i])
            table = self._earlier(table)

    def previous_open(self, at: int) -> int:
        """Return the start of the span that contains or precedes the instant, strictly before it."""
        table = self._around(at)
        while True:
            lo, _, opens, _, _, _ = table
            i = bisect_left(opens, at) - 1
            if i >= 1 and opens[i] > lo:  # a span that opens at lo may have begun before it
                return opens[i]
            table = self._earlier(table)

    def spans(self, start: int, end: int) -> list[Pair]:
        """Return the open spans from start up to end, cut at both."""
        if end <= start:
            return []
        _, _, opens, closes, _, _ = self._covering(start, end)
        first, last = bisect_right(closes, start), bisect_left(opens, end)
        pairs = zip(opens[first:last], closes[first:last], strict=True)
        return [(max(a, start), min(b, end)) for a, b in pairs]

    def table(self, start: int, end: int) -> SpanTable:
        """Return a table that covers at least start to end, for code that computes many answers at once."""
        return self._covering(start, end)

    def _around(self, at: int) -> SpanTable:
        table = self._table
        return table if table[0] <= at <= table[1] else self._covering(at, at)

    def _covering(self, start: int, end: int) -> SpanTable:
        for at in (start, end):
            if not self.start <= at <= self.end:
                raise HorizonError(f"{iso(at)} is outside what the schedule knows: {self.range}")
        table = self._table
        if table[0] <= start and end <= table[1]:
            return table
        return self._cover(table, start // BLOCK_LENGTH * BLOCK_LENGTH, (end // BLOCK_LENGTH + 1) * BLOCK_LENGTH)

    def _later(self, table: SpanTable) -> SpanTable:
        """Return a table that covers the given one and goes on to a later instant."""
        lo, hi = table[:2]
        if hi == self.end:
            raise HorizonError(f"the answer is later than what the schedule knows: {self.range}")
        return self._cover(table, lo, hi + max(BLOCK_LENGTH, hi - lo))

    def _earlier(self, table: SpanTable) -> SpanTable:
        """Return a table that covers the given one and begins at an earlier instant."""
        lo, hi = table[:2]
        if lo == self.start:
            raise HorizonError(f"the answer is earlier than what the schedule knows: {self.range}")
        return self._cover(table, lo - max(BLOCK_LENGTH, hi - lo), hi)

    def _cover(self, table: SpanTable, start: int, end: int) -> SpanTable:
        """Return a table that covers the given one and start to end, and keep it for the next question."""
        lo, hi, opens, closes, _, _ = table
        spans = list(zip(opens[1:], closes[1:], strict=True))
        if lo > hi:  # the first table
            lo = hi = max(start, self.start)
        new_lo, new_hi = max(min(start, lo), self.start), min(max(end, hi), self.end)
        if new_lo < lo:
            spans = self._compile(new_lo, lo) + spans
        if hi < new_hi:
            spans = spans + self._compile(hi, new_hi)
        opens, closes, totals, shifts, total = [new_lo], [new_lo], [0], [new_lo], 0
        for open_at, close_at in merged(spans):
            opens.append(open_at)
            closes.append(close_at)
            shifts.append(open_at - total)
            total += close_at - open_at
            totals.append(total)
        wider = (new_lo, new_hi, opens, closes, totals, shifts)
        if new_hi - new_lo > self._table[1] - self._table[0]:  # else another thread has stored a longer one
            self._table = wider
        return wider

    @property
    def range(self) -> str:
        """The horizon for messages: from when to when, and why no further."""
        return f"{iso(self.start)} to {iso(self.end)} ({self.known})"
