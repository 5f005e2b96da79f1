"""Finds the names by which the time of cycles is split: owners, priorities or reasons of pauses."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from kolmisla.columns.kernel.events import KIND_CODE, Events
from kolmisla.columns.kernel.promises import NameOrNone, Promised
from kolmisla.columns.kernel.reasons import LEADS_TO, TICKET_AS_BEFORE
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.lives.in_order import ASKED_KIND, PAUSED_KIND, REPEATED, RESUMED_KIND, InOrder, InTurn
from kolmisla.columns.lives.roles import readings_of
from kolmisla.documents.names import folded
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import EventKind
from kolmisla.tickets.answers.breakdown import BreakdownBy, waiting_for
from kolmisla.tickets.states import TOGETHER, States

__all__ = ["AT_FIRST", "PartNames", "names_of"]

AT_FIRST = np.iinfo(np.int64).min + 1  # before all instants


class PartNames(NamedTuple):
    """The names by which the time of tickets is split, sorted by ticket: owners, priorities or reasons of pauses.

    A name holds from `since` until the ticket's next name. The earliest name holds from AT_FIRST. `mixed` has the
    tickets that spell one name in several ways.
    """

    ticket: Ints
    since: Ints
    name: Ints  # indexes into `texts`
    texts: list[NameOrNone]
    mixed: Ints


def names_of(told: InOrder, promises: Promised, policy: Policy, metric: str, by: BreakdownBy) -> PartNames:
    """Return the names of tickets, each with the instant from which it holds.

    `by` says what the names are, such as owners. `promises` has what is promised to each ticket when it is opened.
    """
    if by == "reason":
        waits = [frozenset() if one is None else one.waits for one in readings_of(promises, policy, metric)]
        return _reasons(told, promises, waits)
    texts: dict[NameOrNone, int] = {}
    own = np.array([_number(texts, getattr(terms, by)) for terms in promises.terms], np.int64)
    rows = np.flatnonzero(told.events.kind == KIND_CODE[by])
    return _joined(told, rows, own.take(promises.places), _values(told.events, rows, texts), texts)


def _number(texts: dict[NameOrNone, int], name: NameOrNone) -> int:
    return texts.setdefault(name, len(texts))


def _values(events: Events, rows: Ints, texts: dict[NameOrNone, int]) -> Ints:
    """Return the new owner or the new priority in each of the events `rows`, as an index into `texts`.

    Add new names to `texts`.
    """
    special = events.special
    own = np.array([_number(texts, name) for name in events.value.values], np.int64)
    found = own.take(events.value.codes.take(rows)) if len(own) else np.zeros(len(rows), np.int64)
    if special is None:
        return found
    codes = special.codes.take(rows)
    values = np.array([*(_number(texts, moment.value) for moment in special.moments), 0], np.int64)
    return np.where(codes >= 0, values.take(codes), found)


def _joined(told: InOrder, rows: Ints, at_first: Ints, names: Ints, texts: dict[NameOrNone, int]) -> PartNames:
    """Join the names that tickets have before all events with the new names from events.

    `at_first` has a name for each ticket, and `names` has one for each event in `rows`. A name is an index into
    `texts`.
    """
    tickets = len(at_first)
    ticket = np.append(np.arange(tickets), told.events.row.take(rows))
    since = np.append(np.full(tickets, AT_FIRST), told.events.at.take(rows))
    name = np.append(at_first, names)
    order = np.argsort(ticket, kind="stable")
    ticket, since, name = ticket.take(order), since.take(order), name.take(order)
    return PartNames(ticket, since, name, [*texts], _mixed(ticket, name, [*texts]))


def _mixed(ticket: Ints, name: Ints, texts: Sequence[NameOrNone]) -> Ints:
    """Return the tickets that spell one name in several ways, such as `Ann` and `ann`.

    Each row has a `ticket` and a `name`, which is an index into `texts`. None counts as an empty name.
    """
    keys = {key: number for number, key in enumerate(dict.fromkeys(folded(text or "") for text in texts))}
    if len(keys) == len(texts):
        return np.zeros(0, np.int64)
    key_of = np.array([keys[folded(text or "")] for text in texts], np.int64)
    pairs = np.unique(ticket * len(texts) + name)
    owner, own = np.divmod(pairs, len(texts))
    same, number = np.unique(owner * len(keys) + key_of.take(own), return_counts=True)
    return np.unique(same[number > 1] // len(keys))


def _reasons(told: InOrder, promises: Promised, waits: Sequence[frozenset[str]]) -> PartNames:
    """Return names that are made from the reasons of running pauses, each with the instant from which it holds.

    `waits` has, for each of `promises.entitlements`, the reasons of the pauses that a customer's question ends.
    """
    events = told.events
    matters = LEADS_TO != TICKET_AS_BEFORE
    matters[REPEATED], matters[ASKED_KIND] = False, any(waits)
    rows = np.flatnonzero(matters.take(events.kind))
    if not len(rows):
        return _joined(told, rows, np.zeros(len(promises.places), np.int64), rows, {None: 0})
    row, kind = events.row.take(rows), events.kind.take(rows)
    alike = {keys: number for number, keys in enumerate(dict.fromkeys(waits))}
    waiting = np.array([alike[keys] for keys in waits], np.int64).take(promises.places).take(row)
    texts: dict[NameOrNone, int] = {None: 0}
    reason = np.array([_number(texts, text) for text in events.reason.values], np.int64).take(events.reason.codes[rows])
    reason[(kind != PAUSED_KIND) & (kind != RESUMED_KIND)] = 0
    ends_all = np.zeros(len(rows), np.int64) if events.is_state is None else events.is_state[rows].astype(np.int64)
    code = ((waiting * len(texts) + reason) * len(LEADS_TO) + kind) * 2 + ends_all
    distinct, said = np.unique(code, return_inverse=True)
    code, ends = np.divmod(distinct, 2)
    code, kinds = np.divmod(code, len(LEADS_TO))
    whose, reasons = np.divmod(code, len(texts))
    spoken, own = [*texts], [*alike]
    steps = _Steps(
        [
            (TOGETHER[kind - 1], spoken[reason], own[keys], bool(all_end))
            for kind, reason, keys, all_end in np.stack([kinds, reasons, whose, ends], 1).tolist()
        ]
    )
    in_turn = InTurn.of(row, len(promises.places))
    state, states = np.zeros(len(in_turn.order), np.int64), np.zeros(len(rows), np.int64)
    for index in in_turn.turns():
        state[: len(index)] = states[index] = steps.taken(state[: len(index)], said.take(index))
    names: dict[NameOrNone, int] = {}
    name = np.array([_number(names, text) for text in steps.names], np.int64)
    found = _joined(told, rows, np.zeros(len(promises.places), np.int64), name.take(states), names)
    return found._replace(mixed=np.union1d(found.mixed, _mixed(row, reason, spoken)))


# An event: its kind, its value, the reasons of the pauses that a customer's question ends, and whether the event ends
# all earlier pauses. The third entry means nothing for an event that is not a question.
_Said = tuple[EventKind, NameOrNone, frozenset[str], bool]


class _Steps:
    """States of tickets (which pauses run), by number, and the steps from one state to the next.

    The number 0 is the state before all events. `names` has, for each state, one name made from the reasons of the
    running pauses. `said` has each different event once.
    """

    def __init__(self, said: Sequence[_Said]) -> None:
        self._said = said
        self._known: dict[int, int] = {}
        self._numbers: dict[tuple[object, ...], int] = {}
        self._states: list[States] = []
        self.names: list[NameOrNone] = []
        self._place(States())

    def taken(self, states: Ints, said: Ints) -> Ints:
        """Return the state after each of some events. `states` has the state before each event.

        `said` has, for each event, its index in the list of events that this object was made with.
        """
        pairs, place = np.unique(states * len(self._said) + said, return_inverse=True)
        known = self._known
        for pair in pairs.tolist():
            if pair not in known:
                known[pair] = self._after(*divmod(pair, len(self._said)))
        after: Ints = np.array([known[pair] for pair in pairs.tolist()], np.int64)
        return after[place]

    def _after(self, state: int, said: int) -> int:
        kind, value, waits, ends_all = self._said[said]
        before, after = self._states[state], States()
        after.final, after.reasons = before.final, dict(before.reasons)
        if ends_all:
            after.take("resumed", None)
        after.hear(kind, value, waits)
        return self._place(after)

    def _place(self, state: States) -> int:
        """Return the number of a state. A new state gets a new number."""
        key = (state.final, *state.reasons.items())
        if key not in self._numbers:
            self._numbers[key] = len(self._states)
            self._states.append(state)
            self.names.append(waiting_for(state.reasons))
        return self._numbers[key]
