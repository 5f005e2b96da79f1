"""How long a ticket may wait for a target in days, for every instant of opening.

The wait of an opening is the real time to the named instant or, if no time counts then, to the next opening after it.
The named instants of successive openings run in courses: in a course the instant stays, so that the wait falls, or it
grows as fast as the opening. Then the wait stays, but for closed time: where the named instant reaches a closing, the
wait grows at once. So the longest wait of a stretch of openings is that of its first opening, that of the beginning of
a course, or that of an opening whose named instant is a closing.
"""

from collections.abc import Iterable, Iterator

from kolmisla.errors import HorizonError
from kolmisla.instants import Pair
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline

__all__ = ["NamedWaits"]


class NamedWaits:
    """The waits for a target in days of openings from `start` up to but not including `end`.

    The waits are known for the openings from `known[0]` up to but not including `known[1]`.
    """

    def __init__(self, naming: InstantNaming, timeline: Timeline, start: int, end: int) -> None:
        self._naming, self._timeline = naming, timeline
        first, stop = max(start, timeline.start), min(end, timeline.end)
        self._openings: list[Pair] = []  # openings with their waits, in order
        for at in self._candidates(first, stop - 1):
            try:
                self._openings.append((at, self.of(at)))
            except HorizonError:
                stop = at
                break
        self.known = first, max(first, stop)

    def of(self, opened: int) -> int:
        """Return the wait of one opening."""
        return self._timeline.next_open(self._naming.instant(opened)) - opened

    def _candidates(self, first: int, last: int) -> Iterator[int]:
        """Yield, in order, the openings at which the wait may grow."""
        courses = list(self._naming.courses(first, last))
        for number, (since, instant, grows) in enumerate(courses):
            yield since
            if instant is None or not grows:
                continue
            after = courses[number + 1].since if number + 1 < len(courses) else last + 1
            latest = min(instant + after - since, self._timeline.end)
            yield from (since + close - instant for _, close in self._timeline.spans(instant, latest) if close < latest)
            if latest < instant + after - since:  # from where the instant is the end of what is known
                yield since + latest - instant

    def longest(self) -> Pair | None:
        """Return the longest wait and the earliest opening that has it. Return None if no opening is known."""
        if not self._openings:
            return None
        opened, wait = max(self._openings, key=lambda opening: (opening[1], -opening[0]))
        return wait, opened

    def longest_in(self, parts: Iterable[Pair]) -> Iterator[int | None]:
        """Yield the longest wait of the openings in each part, or None if the wait of one of them is not known.

        A part is a first instant and an end. Parts must be in order, must not overlap and must not be empty.
        """
        openings = iter(self._openings)
        opening = next(openings, None)
        for start, end in parts:
            if start < self.known[0] or end > self.known[1]:
                yield None
                continue
            longest = self.of(start)
            while opening and opening[0] < end:
                longest = max(longest, opening[1]) if opening[0] >= start else longest
                opening = next(openings, None)
            yield longest
