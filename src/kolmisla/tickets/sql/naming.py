"""Targets in days, such as the next working day by 16:00, as rows of a table.

Such a target names an instant for each opening. The clock counts some open time by that instant. This open time is a
function of the opening, and it has the same form as the open time counted by the opening itself. So its rows have the
same columns, and a database finds them in the same way.
"""

from collections.abc import Iterator
from itertools import pairwise

from kolmisla.policies.plan import Promise
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.schedules.naming.named_instant import Course, naming_of
from kolmisla.schedules.timeline import Timeline
from kolmisla.tickets.sql.buckets import Buckets, CountedPiece, clipped_rows, open_pieces

__all__ = ["NAMED_BEYOND", "named_rows"]

NAMED_BEYOND = "the target names an instant outside the years that the schedule knows"


def named_rows(promise: Promise, start: int, end: int) -> Buckets:
    """Return the step function from an opening to the open time counted by the instant that the target names.

    The target of the promise must be in days. Openings from `start` up to and including `end` have a row if the
    schedule knows the year of the named instant. Open time is counted from `start`.
    """
    timeline = promise.schedule.timeline
    courses = naming_of(named_by(promise.target), promise.schedule, promise.zone).courses(start, end)
    return clipped_rows(_pieces([*courses, Course(end + 1, None, grows=False)], timeline, start), start, end)


def _pieces(courses: list[Course], timeline: Timeline, start: int) -> Iterator[CountedPiece]:
    """Yield the open time counted by the named instants of courses. The last course only ends the one before."""
    for (since, instant, grows), later in pairwise(courses):
        if instant is None:
            yield CountedPiece(since, None, grows=False)
            continue
        total = timeline.elapsed(start, instant)
        if not grows:
            yield CountedPiece(since, total, grows=False)
            continue
        # the named instant moves with the opening, through open and closed time
        ahead = instant - since
        last = min(later.since - 1 + ahead, timeline.end)
        spans = timeline.spans(instant, min(last + 1, timeline.end))
        for piece in open_pieces(spans, instant, last, total):
            yield piece._replace(since=piece.since - ahead)
        if last - ahead + 1 < later.since:
            yield CountedPiece(last - ahead + 1, None, grows=False)
