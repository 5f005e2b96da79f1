"""Step functions as tables to join on: for engines that look things up by equal keys.

A function that is constant between its steps becomes rows by bucket: the key of a value is its bucket, and each
bucket has a row for each step that reaches into it. With steps where buckets begin, one row is all there is.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from kolmisla.columns.lookup import Ints
from kolmisla.timeline import Timeline

__all__ = ["Steps", "counted", "reached", "steps"]

MOST = 1 << 18  # buckets: beyond, a join costs more than several rows in each
BEGINNING, UNTIL = "since", "until"  # of a step, where a bucket has several


class Steps(NamedTuple):
    """The buckets from `start` to `end`, each `width` wide, and by column what holds in each."""

    start: int
    end: int
    width: int
    bucket: Ints
    columns: Mapping[str, Ints]
    single: bool  # each bucket has one row; else a row holds from its `since` up to its `until`


def steps(starts: Ints, columns: Mapping[str, Ints], start: int, end: int, width: int) -> Steps:
    """The function that from each of `starts` on has the values of that place in `columns`; the first is at `start`."""
    ends = np.append(starts[1:], end + 1)
    first, last = ((each - start) // width for each in (starts, ends - 1))
    number = np.where(ends > starts, last - first + 1, 0)
    place = np.repeat(np.arange(len(starts)), number)
    bucket = np.arange(len(place)) - np.repeat(np.cumsum(number) - number, number) + first[place]
    single = len(bucket) == (end - start) // width + 1
    bounds = {} if single else {BEGINNING: starts[place], UNTIL: ends[place]}
    return Steps(start, end, width, bucket, {**{name: each[place] for name, each in columns.items()}, **bounds}, single)


def counted(timeline: Timeline) -> Steps:
    """What has been counted at each instant that a timeline knows: that between `opens` and `closes`, less `shift`."""
    opens, closes, shifts, _ = _spans(timeline)
    gaps = opens[1:] - closes[:-1]
    width = _width(timeline.end - timeline.start + 1, int(gaps.min()) if len(gaps) else None, len(opens))
    # Between two spans either will do; the later one from the first bucket on, so that this has one row.
    shut = closes[:-1] + (timeline.start - closes[:-1]) % width
    starts = np.append(timeline.start, np.where(shut <= opens[1:], shut, opens[1:]))
    return steps(starts, {"opens": opens, "closes": closes, "shift": shifts}, timeline.start, timeline.end, width)


def reached(timeline: Timeline) -> Steps:
    """When so much is counted, by one less: that plus `shift`; when it is `total`, no more is until `reopens`."""
    opens, closes, shifts, totals = _spans(timeline)
    lengths = closes - opens
    most = int(totals[-1])
    if most == 0:  # never open
        nothing = np.zeros(0, np.int64)
        return Steps(0, -1, 1, nothing, dict.fromkeys(("shift", "total", "reopens"), nothing), single=True)
    width = _width(most, int(np.gcd.reduce(lengths)), len(opens))
    reopens = np.append(opens[1:], timeline.end + 1)  # the last one never does, as far as is known
    return steps(totals - lengths, {"shift": shifts, "total": totals, "reopens": reopens}, 0, most - 1, width)


def _spans(timeline: Timeline) -> tuple[Ints, Ints, Ints, Ints]:
    """Where spans open and close, the totals at their ends and what to take off; an empty one when there is none."""
    table = timeline.table(timeline.start, timeline.end)
    opens, closes, totals, shifts = (np.array(each, np.int64) for each in table[2:])
    first = min(1, len(opens) - 1)
    return opens[first:], closes[first:], shifts[first:], totals[first:]


def _width(extent: int, natural: int | None, number: int) -> int:
    """Of a bucket: the natural one, unless there were too many; then there are some two to a step."""
    if natural is None:
        return extent
    return natural if extent // natural < MOST else max(extent // (2 * number), 1)
