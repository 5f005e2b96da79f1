"""The events of an export.

A row of an export often gives only the state of a ticket at a time, such as `paused`.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from kolmisla.policies.terms.metrics import CHANGES
from kolmisla.tickets.event import Moment
from kolmisla.tickets.states import BETWEEN, LEADS_TO, States, reason_key

__all__ = ["as_states", "asks_while_paused", "at_opening", "descends"]


def descends(times: Sequence[int]) -> bool:
    """Tell whether an export begins with its newest row: the times never rise from row to row, and fall at least once.

    >>> descends([3, 3, 1]), descends([1, 1]), descends([3, 1, 2])
    (True, False, False)
    """
    return len(times) > 1 and times[-1] < times[0] and all(after <= before for before, after in pairwise(times))


def as_states(moments: Iterable[Moment], *, dropped: list[Moment] | None = None) -> list[Moment]:
    """Return the events of an export, sorted by time.

    A row often gives a state. So an event that changes neither the state nor the reasons for pauses is dropped. An
    event `resumed` for a reason without a pause is also added to `dropped`, if that is a list.
    """
    states, events = States(), []
    asked: set[str | None] = set()  # reasons for pauses that a question of the customer may have ended
    ended: tuple[int, str | None] | None = None  # if the only pause has just ended: when, and its reason
    place = -1  # the index in `events` of the event that ended it
    for moment in sorted(moments, key=lambda moment: moment.at):
        at, kind, value = moment[:3]
        after, before, reasons = LEADS_TO.get(kind), states.state, list(states.reasons)
        changed, key = states.take(kind, value), reason_key(value)
        # a question may have ended the pause, although no row says so
        is_again = before != "withdrawn" and after == "paused" and key in asked
        if not changed and after is not None and not is_again:  # the event is dropped
            if dropped is not None and before != "withdrawn" and kind == "resumed" and value is not None:
                dropped.append(moment)
            continue
        just_ended, ended = ended, ended if kind in CHANGES else None
        if after is None:
            asked.update(reasons if kind == "asked" else ())
            events.append(moment)
        elif after == "paused":
            # the only pause ends and begins again at one instant, for one reason
            goes_on = just_ended == (at, key)
            if goes_on:  # the event that ended the pause is removed
                del events[place]
            if key in asked or not goes_on:
                path = BETWEEN[before, after] if before != after else (kind,)
                events += [Moment(at, step, value if step == "paused" else None) for step in path]
            asked.discard(key)
        elif kind == "resumed" and value is not None:
            events.append(moment)
        else:
            events += [moment if step == kind else Moment(at, step) for step in BETWEEN[before, after]]
            if after == "running" and len(reasons) == 1 and reasons[0]:
                ended, place = (at, reasons[0]), len(events) - 1
    return events


def asks_while_paused(moments: Iterable[Moment]) -> bool:
    """Tell whether the customer asks during a pause that has a reason. `moments` must be in order of time."""
    states = States()
    for _, kind, value, *_ in moments:
        if kind == "asked" and any(states.reasons):
            return True
        states.take(kind, value)
    return False


def at_opening(opened: int, moments: Sequence[Moment]) -> Sequence[Moment]:
    """Return the events of a ticket, changed so that no pause begins before the ticket was opened.

    A pause that goes on at the opening begins at the opening instead. `moments` must be the result of `as_states`, with
    only events of the kinds in AT_OPENING before the opening.
    """
    early = [moment for moment in moments if moment.at < opened]
    if all(moment.kind in CHANGES for moment in early):
        return moments
    states = States()
    for _, kind, value, *_ in early:
        states.take(kind, value)
    paused = [Moment(opened, "paused", reason) for reason in states.reasons.values()]
    return [*(moment for moment in early if moment.kind in CHANGES), *paused, *moments[len(early) :]]
