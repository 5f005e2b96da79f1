"""Targets in days, such as the next working day by 16:00, as rows of a table.

For a time of opening, a row gives the open time that has passed at the named instant. The table has the same columns as
the table `counted`.
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
    """Return rows that give the open time from `start` until the instant that the target of a promise names.

    The target must be in days. Each row is for a range of openings from `start` to `end`. Openings for which the named
    instant is not known have no row.
    """
    timeline = promise.schedule.timeline
    courses = naming_of(named_by(promise.target), promise.schedule, promise.zone).courses(start, end)
    return clipped_rows(_pieces([*courses, Course(end + 1, None, grows=False)], timeline, start), start, end)


def _pieces(courses: list[Course], timeline: Timeline, start: int) -> Iterator[CountedPiece]:
    """Yield ranges of openings, each with the open time from `start` to the instant named for the range's beginning.

    The last of the `courses` only marks the end of the one before.
    """
    for (since, instant, grows), later in pairwise(courses):
        if instant is None:
            yield CountedPiece(since, None, grows=False)
            continue
        total = timeline.elapsed(start, instant)
        if not grows:
            yield CountedPiece(since, total, grows=False)
            continue
        # the named instant moves as fast as the opening, through open and closed time
        ahead = instant - since
        last = min(later.since - 1 + ahead, timeline.end)
        spans = timeline.spans(instant, min(last + 1, timeline.end))
        for piece in open_pieces(spans, instant, last, total):
            yield piece._replace(since=piece.since - ahead)
        if last - ahead + 1 < later.since:
            yield CountedPiece(last - ahead + 1, None, grows=False)
