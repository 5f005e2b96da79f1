"""Finds how long a ticket may wait for a target in days, whenever it is opened.

A target in days names an instant for each opening of a ticket. The wait of the ticket is the real time from its opening
to the named instant. If no time counts at the named instant, the wait ends when the schedule opens next.

Time is cut into ranges, called courses. In some courses all openings have the same named instant, so a later opening
waits less. In all other courses the time from the opening to the named instant stays the same, and so does the wait.
There is one exception: where the named instant reaches a closing of the schedule, the wait jumps up, because the wait
then ends when the schedule opens next. So only three kinds of openings can have the longest wait of a range of time:
the first opening of the range, the first opening of a course, and an opening whose named instant is a closing.
"""

from collections.abc import Iterator

from kolmisla.errors import HorizonError
from kolmisla.reports.rules.waits import OpeningWaits
from kolmisla.schedules.naming.named_instant import InstantNaming
from kolmisla.schedules.timeline import Timeline

__all__ = ["NamedWaits"]


class NamedWaits(OpeningWaits):
    """How long tickets may wait for a target in days, if they are opened from `start` on and before `end`."""

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
        """Return how long a ticket that is opened at the instant `opened` may wait, in microseconds."""
        return self._timeline.next_open(self._naming.instant(opened)) - opened

    def _candidates(self, first: int, last: int) -> Iterator[int]:
        """Yield, in order, those openings of a ticket from `first` to `last` at which the wait may grow."""
        courses = list(self._naming.courses(first, last))
        for number, (since, instant, grows) in enumerate(courses):
            yield since
            if instant is None or not grows:
                continue
            after = courses[number + 1].since if number + 1 < len(courses) else last + 1
            latest = min(instant + after - since, self._timeline.end)
            yield from (since + close - instant for _, close in self._timeline.spans(instant, latest) if close < latest)
            if latest < instant + after - since:  # the opening whose named instant is the end of the known years
                yield since + latest - instant
