"""The words of a file for one fact, such as its priorities, and our word for each."""

from collections.abc import Collection, Mapping
from typing import Any

from kolmisla.documents.names import folded
from kolmisla.errors import TicketError, shown

__all__ = ["Glossary", "Words", "as_word", "name_of"]

STAR, WRITTEN_STAR, MARK = "*", "\\*", "\0"
MOST_REMEMBERED = 10_000  # how many words of a file are remembered at most


def as_word(text: str) -> str:
    r"""Return a text of a file as a layout must write it, so that it is not read as a pattern: a star becomes `\*`.

    >>> as_word("A*")
    'A\\*'
    """
    return text.replace(STAR, WRITTEN_STAR)


class Glossary:
    r"""Words of a file, each with its meaning.

    In a word, a star stands for any text, and `\*` for the star itself. Letter case does not matter. A blank word
    matches no word with a star.

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
        # If two words differ only in case and have different meanings, case decides between them.
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
        """The words that are not patterns."""
        return [*self._exact]

    def exact(self, word: str) -> str | None:
        """Return the meaning of `word` if it is one of the words that are not patterns. Else, return None."""
        return self._exact.get(word, self._folded.get(folded(word)))

    def pattern(self, word: str) -> str | None:
        """Return the meaning of the pattern that matches a word, or None if no pattern matches it.

        The pattern with the most letters counts. Raise TicketError if there are two of them, with different meanings.
        """
        lowered = word.casefold()
        found: str | None = None
        for pattern, parts in self._parts.items():
            if found is not None and _letters(parts) < _letters(self._parts[found]):
                break
            if not _matches(lowered, parts):
                continue
            if found is not None and self._meanings[pattern] != self._meanings[found]:
                patterns = f"{shown(found)} and {shown(pattern)}"
                raise TicketError(f"{shown(word)} matches {patterns}, which have different meanings")
            found = found or pattern
        return None if found is None else self._meanings[found]


def _letters(parts: list[str]) -> int:
    return sum(map(len, parts))


def _matches(word: str, parts: list[str]) -> bool:
    """Tell whether a word consists of the parts of a pattern in their order, with any text between them."""
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

    A word is looked up first among the words without a star, then in `known`, then among the patterns. If it is
    nowhere, it means itself, or the `default` if `known` has names.

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

        Raise TicketError if a word matches two patterns with different meanings: see `Glossary.pattern`.
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
    """Return a name as text, or None for None.

    A whole number becomes text. Raise TicketError for a value of any other type. The message begins with `what`.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, int) and not isinstance(value, bool):  # JSON may write a version as a number
        return str(value)
    raise TicketError(f"{what}: must be text or a whole number, not {shown(value)}")
