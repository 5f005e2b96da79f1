"""Finds how long a ticket may wait for a target in days, whenever it is opened.

For each opening of a ticket, a target in days names an instant. The wait ends at this instant or, if no time counts
then, when the schedule opens next.

Within a course, the wait falls or stays the same, except where the named instant reaches a closing. So the longest wait
is that of the first opening, of the start of a course, or of an opening whose named instant is a closing.
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
        """Yield, in order, the instants at which a ticket may wait longer than one that is opened shortly before.

        Only instants from `first` to `last` are looked at.
        """
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
