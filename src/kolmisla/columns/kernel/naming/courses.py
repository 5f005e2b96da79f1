"""Cuts time into ranges, called courses. For all cycles that start in one course, one formula gives the answer.

The answer is the instant that a target in days names, or the open time from the start to that instant.
"""

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Compiled, Ints, Sheet

__all__ = ["Courses", "open_time_in"]


class Courses(NamedTuple):
    """Ranges of starts, called courses, as parallel arrays. In each course, one formula gives the named instant.

    The named instant is `base` plus `grows` times the start, or unknown if `base` is NULL. In the result of
    `open_time_in`, the formula gives the open time up to the named instant.
    """

    since: Ints  # a course goes from this start until the next course begins
    base: Ints
    grows: Ints  # 0 or 1; in the result of `open_time_in` also -1

    @classmethod
    def joined(cls, parts: Iterable["Courses"]) -> "Courses":
        """Join parts that follow each other in time.

        If two neighbouring courses have the same `base` and `grows`, merge them.
        """
        since, base, grows = (np.concatenate(columns) for columns in zip(*parts, strict=True))
        differs = np.append(True, (base[1:] != base[:-1]) | (grows[1:] != grows[:-1]))
        return cls(since[differs], base[differs], grows[differs])


def open_time_in(courses: Courses, last: int, sheet: Sheet) -> Courses:
    """Return courses whose formula gives the open time from a start to its named instant.

    The formulas of the given `courses` return the named instant itself. `last` is the last start. If the schedule does
    not know the named instant, the open time is unknown.
    """
    since, base, grows = courses
    end = sheet.timeline.end
    until = np.append(since[1:] - 1, last)
    known = np.flatnonzero((base != NULL) & (base + grows * since <= end))
    if not len(known):
        return courses
    latest = np.minimum(base + grows * until, end)  # the last instant of each course
    spans = sheet.covering(int(since[known[0]]), min(max(int(latest[known].max()), int(until[known[-1]])), end))
    edges = np.unique(np.append(spans.opens.edges, spans.closes))
    # Cut where a start, or its named instant, reaches an opening or a closing. Between two cuts, the open time is
    # constant, or grows or falls by as much as the start grows.
    cuts = [since, edges]
    for course in known[grows[known] == 1].tolist():
        first, behind = np.searchsorted(edges, [base[course] + since[course], latest[course] + 1]).tolist()
        cuts += [edges[first:behind] - base[course], latest[course : course + 1] + 1 - base[course]]
    since = np.unique(np.concatenate(cuts))
    since = since[(since >= courses.since[0]) & (since <= last)]
    course = np.searchsorted(courses.since, since, "right") - 1
    base, grows = base.take(course), grows.take(course)
    is_known = (base != NULL) & (base + grows * since <= end)
    start = np.where(is_known, since, spans.start)
    instant = np.where(is_known, base + grows * since, spans.start)
    grows = grows * _is_open(spans, instant) - _is_open(spans, start)
    base = spans.counted(instant) - spans.counted(start) - grows * since
    return Courses.joined([Courses(since, np.where(is_known, base, NULL), np.where(is_known, grows, 0))])


def _is_open(spans: Compiled, at: Ints) -> Mask:
    is_open: Mask = at < spans.closes.take(spans.opens.right(at) - 1)
    return is_open
