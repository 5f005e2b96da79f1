"""How long a ticket may wait for a target in days, for every instant of opening.

The wait of an opening is the real time to the named instant or, if no time counts then, to the next opening after it.
The named instants of successive openings run in courses: in a course the instant stays, so that the wait falls, or it
grows as fast as the opening. Then the wait stays, but for closed time: where the named instant reaches a closing, the
wait grows at once. So the longest wait of a stretch of openings is that of its first opening, that of the beginning of
a course, or that of an opening whose named instant is a closing.
"""

from collections.abc import Iterator

from kolmisla.errors import HorizonError
from kolmisla.reports.rules.waits import OpeningWaits
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline

__all__ = ["NamedWaits"]


class NamedWaits(OpeningWaits):
    """The waits for a target in days of openings from `start` up to but not including `end`."""

    def __init__(self, naming: InstantNaming, timeline: Timeline, start: int, end: int) -> None:
        self._naming, self._timeline = naming, timeline
        first, stop = max(start, timeline.start), min(end, timeline.end)
        self._growths = []
        for at in self._candidates(first, stop - 1):
            try:
                self._growths.append((at, self.of(at)))
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
