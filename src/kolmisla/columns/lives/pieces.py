"""Splits the time of cycles by names, such as owners, for many tickets at once. Each ticket has one cycle."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from kolmisla.columns.kernel.cycles import KeptPieces
from kolmisla.columns.kernel.promises import Promised
from kolmisla.columns.kernel.questions import Mask
from kolmisla.columns.kernel.timeline import Ints, sheet
from kolmisla.columns.lives.names import PartNames
from kolmisla.schedules.schedule import Schedule

__all__ = ["CycleTimes", "PartRows", "parts_by_name"]


class CycleTimes(NamedTuple):
    """The start and the end of one cycle of each ticket, and whether the target of the cycle ran out."""

    counts: Mask  # whether the ticket's time is to be split
    started: Ints
    end: Ints  # for a cycle that has not ended: the instant up to which time is counted
    is_out: Mask
    out_at: Ints  # the instant at which the target ran out, if `is_out`


class PartRows(NamedTuple):
    """The parts of cycles, in columns. A part is the time of a cycle that has one name, such as an owner."""

    ticket: Ints  # the row of the part's ticket
    name: Ints  # an index into a list of names
    elapsed: Ints  # the open time counted, in microseconds
    paused: Ints  # the open time in which a pause stopped the clock, in microseconds
    ran_out: Mask  # whether the target ran out in the part


class _Clocks(NamedTuple):
    """The time of tickets in pieces, each from one event to the next."""

    ticket: Ints
    start: Ints
    schedule: Ints  # an index into a list of schedules
    runs: Mask  # whether the clock counts
    waits: Mask  # whether a pause stops the clock


def parts_by_name(times: CycleTimes, kept: KeptPieces, names: PartNames, terms: Promised) -> PartRows:
    """Split the time of cycles by `names`, and return the parts, sorted by ticket and by their start.

    `kept` has the time in pieces. A cycle without pieces counts on the schedule of the promise at the opening
    (`terms`).
    """
    clocks, schedules = _clocks(times, kept, terms)
    named = np.flatnonzero(times.counts.take(names.ticket))
    of_name = names.ticket.take(named)
    pieces = len(clocks.ticket)
    ticket = np.append(clocks.ticket, of_name)
    at = np.append(clocks.start, np.maximum(names.since.take(named), times.started.take(of_name)))
    order = np.lexsort((at, ticket))  # rows of one instant stay in order
    ticket, at, is_name = ticket.take(order), at.take(order), order >= pieces
    rows = np.arange(len(order))
    piece = order.take(np.maximum.accumulate(np.where(is_name, 0, rows)))
    name = named.take(np.maximum(order.take(np.maximum.accumulate(np.where(is_name, rows, 0))) - pieces, 0))
    stop = times.end.take(ticket)
    same = ticket[1:] == ticket[:-1]
    stop[:-1] = np.where(same, np.minimum(at[1:], stop[:-1]), stop[:-1])
    lasts = np.flatnonzero(at < stop)  # the rows of one instant, except the last, and those after the end are left out
    ticket, at, stop = ticket.take(lasts), at.take(lasts), stop.take(lasts)
    piece, name = piece.take(lasts), names.name.take(name.take(lasts))
    took = _counted(at, stop, clocks.schedule.take(piece), schedules)
    elapsed, paused = (np.where(marked.take(piece), took, 0) for marked in (clocks.runs, clocks.waits))
    out_at = times.out_at.take(ticket)
    ran_out = times.is_out.take(ticket) & (at < out_at) & (out_at <= stop)
    group = ticket * len(names.texts) + name
    order = np.argsort(group, kind="stable")
    group = group.take(order)
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])[: len(group)])
    first = order.take(starts)
    sums = [np.add.reduceat(column.take(order), starts) for column in (elapsed, paused, ran_out.astype(np.int64))]
    turn = np.argsort(first)
    elapsed, paused, ran_out = (column.take(turn) for column in sums)
    first = first.take(turn)
    return PartRows(ticket.take(first), name.take(first), elapsed, paused, ran_out > 0)


def _clocks(times: CycleTimes, kept: KeptPieces, terms: Promised) -> tuple[_Clocks, list[Schedule]]:
    """Return the time of each ticket's last cycle in pieces, and the schedules on which the pieces count.

    Tickets without `times.counts` are left out. A cycle without pieces in `kept` becomes one piece, which counts on the
    schedule of the promise at the opening (`terms`).
    """
    of_terms, on = terms.on
    schedules = list(dict.fromkeys([*kept.schedules, *of_terms]))
    is_last = np.append(kept.ticket[1:] != kept.ticket[:-1], True)[: len(kept.ticket)]
    parts, without = [], times.counts.copy()
    for rows, pieces in kept.parts:
        row = rows.take(pieces.ticket)
        ticket = kept.ticket.take(row)
        keep = np.flatnonzero(is_last.take(row) & times.counts.take(ticket))
        ticket, schedule = ticket.take(keep), kept.schedule.take(pieces.promise.take(keep))
        without[ticket] = False
        start, runs, waits = pieces.start.take(keep), ~pieces.paused.take(keep), pieces.waits.take(keep)
        parts.append(_Clocks(ticket, start, schedule, runs, waits))
    plain = np.flatnonzero(without)
    place = np.array([schedules.index(schedule) for schedule in of_terms], np.int64)
    schedule = place.take(on.take(terms.places.take(plain)))
    always = np.ones(len(plain), np.bool_)
    parts.append(_Clocks(plain, times.started.take(plain), schedule, always, ~always))
    columns: list[Any] = [np.concatenate(own) for own in zip(*parts, strict=True)]
    return _Clocks(*columns), schedules


def _counted(start: Ints, end: Ints, schedule: Ints, schedules: Sequence[Schedule]) -> Ints:
    """Return, for each row, the open time between its `start` and its `end`.

    `schedule` has, for each row, the index of its schedule in `schedules`.
    """
    counted = np.zeros(len(start), np.int64)
    for number, own in enumerate(schedules):
        rows = np.flatnonzero(schedule == number)
        if len(rows):
            since, until = start.take(rows), end.take(rows)
            spans = sheet(own).covering(int(since.min()), int(until.max()))
            counted[rows] = spans.counted(until) - spans.counted(since)
    return counted
