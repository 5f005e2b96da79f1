"""The words of a file for one fact, and our word for each."""

from collections.abc import Collection, Mapping
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, shown

__all__ = ["Glossary", "Words", "name_of"]

STAR, WRITTEN_STAR, MARK = "*", "\\*", "\0"
MOST_REMEMBERED = 10_000  # the most words of a file that are remembered


class Glossary:
    r"""Words of a file and what each means. A star in a word is a pattern: any text, or none. `\*` is a star.

    Letters match in any case. A blank word matches no pattern.

    >>> glossary = Glossary({"TI - *": "desk", "*": "other", "a\\*b": "star"})
    >>> glossary.exact("A*B"), glossary.exact("TI - Sistemas"), glossary.pattern("TI - Sistemas")
    ('star', None, 'desk')
    """

    def __init__(self, meanings: Mapping[str, str]) -> None:
        patterns = dict.fromkeys(word for word in meanings if STAR in word.replace(WRITTEN_STAR, ""))
        self._meanings = meanings
        self._exact = {
            word.replace(WRITTEN_STAR, STAR): ours for word, ours in meanings.items() if word not in patterns
        }
        found: dict[str, set[str]] = {}
        for word, ours in self._exact.items():
            found.setdefault(folded(word), set()).add(ours)
        # Two words that differ only in case and disagree are told apart by their case.
        self._folded = {word: next(iter(ours)) for word, ours in found.items() if len(ours) == 1}
        parts = {
            pattern: [part.replace(MARK, STAR).casefold() for part in pattern.replace(WRITTEN_STAR, MARK).split(STAR)]
            for pattern in patterns
        }
        self._parts = dict(sorted(parts.items(), key=lambda item: -_letters(item[1])))

    def __bool__(self) -> bool:
        return bool(self._meanings)

    @property
    def words(self) -> list[str]:
        """The words that are no patterns."""
        return [*self._exact]

    def exact(self, word: str) -> str | None:
        """Return the meaning of a word that is no pattern, or None if there is no such word."""
        return self._exact.get(word, self._folded.get(folded(word)))

    def pattern(self, word: str) -> str | None:
        """Return the meaning of the pattern with most letters that a word matches, or None if it matches none.

        Raise TicketError if two patterns with as many letters match and disagree.
        """
        lowered = word.casefold()
        found: str | None = None
        for pattern, parts in self._parts.items():
            if found is not None and _letters(parts) < _letters(self._parts[found]):
                break
            if not _matches(lowered, parts):
                continue
            if found is not None and self._meanings[pattern] != self._meanings[found]:
                raise TicketError(f"{shown(word)} matches {shown(found)} and {shown(pattern)}, which disagree")
            found = found or pattern
        return None if found is None else self._meanings[found]


def _letters(parts: list[str]) -> int:
    return sum(map(len, parts))


def _matches(word: str, parts: list[str]) -> bool:
    """Tell whether a word is these parts in order, with any text between them."""
    first, *between, last = parts
    if not word or not word.startswith(first) or len(word) < len(first) + len(last) or not word.endswith(last):
        return False
    place, end = len(first), len(word) - len(last)
    for part in between:
        place = word.find(part, place, end)
        if place < 0:
            return False
        place += len(part)
    return True


class Words:
    """The words of a file for one fact, such as the plan or the priority.

    A word is looked up in this order: a word of `meanings` without a star, in any case of letters; a name in `known`,
    which are the names that the policy knows; a pattern; the default. The default is also for blank words. If `known`
    is empty, any other word is its own meaning.

    >>> words = Words({"P1": "blocker", "P*": "low"}, known=["blocker", "low"], default="low")
    >>> [words.ours(word) for word in ("p1", "P7", "Blocker", "?", None)]
    ['blocker', 'low', 'Blocker', 'low', 'low']
    """

    def __init__(self, meanings: Mapping[str, str], *, known: Collection[str] = (), default: str | None = None) -> None:
        self._glossary = Glossary(meanings)
        self._known = {folded(name) for name in known}
        self._default = default
        self._remembered: dict[str, str | None] = {}

    def __bool__(self) -> bool:
        return bool(self._glossary or self._default is not None)

    def ours(self, word: str | None) -> str | None:
        """Return our word for a word of the file, or None for a blank word without a default.

        Raise TicketError if two patterns disagree.
        """
        if word is None:
            return self._default
        if word in self._remembered:
            return self._remembered[word]
        ours = self._looked_up(word)
        if len(self._remembered) < MOST_REMEMBERED:
            self._remembered[word] = ours
        return ours

    def _looked_up(self, word: str) -> str | None:
        ours = self._glossary.exact(word)
        if ours is None and folded(word) not in self._known:
            ours = self._glossary.pattern(word)
            if ours is None and self._known:
                ours = self._default
        return (word if ours is None else ours.strip()) or self._default


def name_of(what: str, value: Any) -> Any:
    """Return a name as text. Return None for None. In JSON, a name such as a version may be a whole number."""
    if value is None or type(value) is str:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise TicketError(f"{what}: {shown(value)} is not a name")
