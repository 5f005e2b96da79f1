"""The words of a file for kinds of event.

In a history, each row has a field and its new value in place of such a word.
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, choices, clean, shown
from kolmisla.policies.terms.metrics import EVENT_KINDS, EventKind
from kolmisla.tickets.event import WITH_VALUE
from kolmisla.tickets.layouts.words import Glossary, name_of

__all__ = ["MOST_EVENTS", "Kinds", "Meaning", "ToldEvent", "acts_of", "is_one"]


BY_REQUESTER, BY_OTHERS = "by requester", "by others"
PUBLIC, INTERNAL = "public", "internal"
MOST_EVENTS = 8  # the most events that a word may stand for
SAYS_MORE = (*WITH_VALUE, "withdrawn", "waived")  # kinds of event for which a word may give a value or a reason
ACTS = (BY_REQUESTER, BY_OTHERS, PUBLIC, INTERNAL)
ACT_ENDS = tuple(folded(f"- {act}")[1:] for act in ACTS)
# How systems write yes and no in a column that says whether a comment is public, or whether it is internal.
FLAGS = {**dict.fromkeys(("true", "1", "yes"), True), **dict.fromkeys(("false", "0", "no"), False)}


def acts_of(actor: object, requester: object, public: object, internal: object) -> list[str]:
    """Return the texts that say who acted in an event, and who could see the event, the most exact text first.

    `public` and `internal` are booleans or texts such as `true`. Raise TicketError if there is an actor but no
    requester, or if `public` or `internal` cannot be read.

    >>> acts_of("ann", "bob", False, None)
    ['by others internal', 'internal', 'by others']
    """
    acted, asked = name_of("actor", actor), name_of("requester", requester)
    if acted is not None and asked is None:
        raise TicketError("requester is missing, but the layout needs it to tell who acted")
    by = None if acted is None else BY_REQUESTER if is_one(acted, asked) else BY_OTHERS
    seen = _flag("public", public)
    if seen is None:
        hidden = _flag("internal", internal)
        seen = None if hidden is None else not hidden
    sight = None if seen is None else PUBLIC if seen else INTERNAL
    return [*([f"{by} {sight}"] if by and sight else []), *filter(None, (sight, by))]


def is_one(actor: str, requester: str) -> bool:
    """Tell whether two names name the same person. The case of letters does not count."""
    return actor.casefold() == requester.casefold()


def _flag(what: str, given: object) -> bool | None:
    if given is None:
        return None
    flag = FLAGS.get(str(given).strip().casefold())
    if flag is None:
        raise TicketError(f"{what}: must be true or false, not {shown(given)}")
    return flag


class ToldEvent(NamedTuple):
    """An event that a word of a file means. `value` is the value or the reason that the word gives, if any."""

    kind: EventKind
    value: str | None = None


class Meaning(NamedTuple):
    """What a word for a kind of event means: the events that the row tells, if any."""

    events: tuple[ToldEvent, ...] = ()
    is_state: bool = False  # the layout translates the word, so it means the ticket's state after the event
    takes_value: bool = True  # the value in the row belongs to the events
    reason: str | None = None  # the word, for a pause, a withdrawal or a waiver that has no other reason
    field: str | None = None  # the name of the changed field, if the layout has no words for it


class Kinds:
    """The words of a file for kinds of event.

    A word may mean several kinds, with commas between them, or none. If `is_history` is True, the word `status:solved`
    stands for the field `status` with the new value `solved`. The end of a word may say who acted: `comment by others`.

    >>> kinds = Kinds({"status:solved": "resolved", "status:*": ""}, is_history=True)
    >>> kinds.meaning("status", "solved").events, kinds.meaning("status", "new").events
    ((ToldEvent(kind='resolved', value=None),), ())
    """

    def __init__(self, words: Mapping[str, str], *, is_history: bool = False) -> None:
        self.is_history = is_history and any(":" in word for word in words)
        self._means = words
        self._events = {ours: tuple(_step(part) for part in ours.split(",") if part.strip()) for ours in words.values()}
        for ours, events in self._events.items():
            if len(events) > MOST_EVENTS:
                told = f"a word must stand for at most {MOST_EVENTS} events, not {len(events)}"
                raise TicketError(f"{told}: {shown(ours)}")
        # The column of kinds may hold the whole word `status:solved`. A pattern such as `status:*` matches only new
        # values.
        self._words = Glossary({word: ours for word, ours in words.items() if not (self.is_history and _is_rest(word))})
        if vague := [word for word in words if "*" in word.replace("\\*", "") and folded(word).endswith(ACT_ENDS)]:
            raise TicketError(f"{shown(vague[0])} must not have a *, because it says who acted; write each word out")
        fields: dict[str, dict[str, str]] = {}
        for word, ours in words.items():
            name, colon, value = word.partition(":")
            if colon and self.is_history:
                fields.setdefault(folded(name), {})[value.strip()] = ours
        self._fields = {name: Glossary(values) for name, values in fields.items()}

    @property
    def told(self) -> Iterable[EventKind]:
        """The kinds of event that the words of the file mean. Without such words, these are all kinds."""
        kinds = [step.kind for events in self._events.values() for step in events]
        return kinds if self._events else EVENT_KINDS

    def values_of(self, kind: EventKind) -> list[tuple[str, str]]:
        """Return each word that means this kind of event with a value, and the value.

        >>> Kinds({"Escalated": "priority:P1", "Solved": "resolved"}).values_of("priority")
        [('Escalated', 'P1')]
        """
        told = [(word, step) for word, ours in self._means.items() for step in self._events[ours] if step.kind == kind]
        return [(word, step.value) for word, step in told if step.value is not None]

    @property
    def ask_who(self) -> bool:  # pragma: no cover  # tests/engines
        """Whether the meaning of a word depends on who acted in the event, or on who could see the event."""
        return any(folded(word).endswith(ACT_ENDS) for word in self._words.words)

    def uses_value(self, word: str) -> bool:  # pragma: no cover  # tests/engines
        """Tell whether the meaning of a word depends on the value in its row. For an unknown word, return False."""
        if self._fields.get(folded(word)):
            return True
        try:
            meaning = self.meaning(word)
        except TicketError:
            return False
        return any(step.value is None and step.kind in SAYS_MORE for step in meaning.events)

    def meaning(self, word: str, value: Any = None, acts: Iterable[str] = ()) -> Meaning:
        """Return the meaning of a word, in a row with the value `value`.

        The word is looked up first with each of `acts` at its end, such as `by others`, and then alone. Raise
        TicketError if the word or the value is unknown.
        """
        whole = (self._words.exact(f"{word} {act}") for act in acts)
        ours = next((ours for ours in (*whole, self._words.exact(word)) if ours is not None), None)
        if ours is not None:
            return Meaning(self._events[ours], True, reason=word)
        if values := self._fields.get(folded(word)):
            return Meaning(self._events[_of_value(word, values, value)], True, takes_value=False)
        kind = next((kind for kind in EVENT_KINDS if kind == folded(word)), None)
        if kind is not None:
            return Meaning((ToldEvent(kind),))
        ours = self._words.pattern(word)
        if ours is not None:
            return Meaning(self._events[ours], True, reason=word)
        if self.is_history:
            return Meaning(field=word)
        raise TicketError(_unknown(word))


def _of_value(field: str, values: Glossary, value: Any) -> str:
    """Return the kinds of event that the new value of a field means.

    Raise TicketError if the layout has no meaning for the value.
    """
    text = ("false", "true")[value] if isinstance(value, bool) else name_of("value", value) or ""
    ours = values.exact(text)
    ours = values.pattern(text) if ours is None else ours
    if ours is None:
        what = f"the value {shown(text)} of {shown(field)}" if text else f"a blank value of {shown(field)}"
        only = f", which names {choices(values.words)}" if values.words else ""
        rest = f"{clean(field)}:* would name all other values" if text else f"{clean(field)}: would name it"
        raise TicketError(f"{what} is not in the layout{only}; {rest}")
    return ours


def _is_rest(word: str) -> bool:
    """Tell whether a word names a field and a pattern for its new values, such as `status:*`."""
    return "*" in word.partition(":")[2].replace("\\*", "")


def _step(text: str) -> ToldEvent:
    name, colon, value = text.partition(":")
    kind = next((kind for kind in EVENT_KINDS if kind == folded(name)), None)
    if kind is None:
        raise TicketError(_unknown(text))
    if colon and (kind not in SAYS_MORE or not value.strip()):
        kinds = ", ".join(SAYS_MORE)
        raise TicketError(f"kind {shown(text)}: only {kinds} may have a colon, and a value must follow it")
    return ToldEvent(kind, value.strip() or None)


def _unknown(text: str) -> str:
    return f"kind {shown(text)} is not one of {', '.join(EVENT_KINDS)}"
