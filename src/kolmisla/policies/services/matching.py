"""Which tasks and rates of a policy a question may mean.

The words of the question are compared with the words in the names, other wordings and lines of tasks and rates.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from itertools import takewhile

from kolmisla.policies.policy import Policy
from kolmisla.policies.services.wording import (
    GENERAL_STEMS,
    NEGATION_STEMS,
    kinds_of,
    meaning,
    related_to,
    split,
    stem,
    stems,
)
from kolmisla.policies.terms.service_catalogue import Rate, Task, key

__all__ = ["Entries", "Known", "Near", "TaskQuestion", "chosen", "entries_of"]

LONGEST_LINE = 15  # words; a longer line is a paragraph about more than its task
LONGEST_TEXT = 10_000  # characters; a longer question is not split into words
LONGEST_QUESTION = 40  # words; a longer question cannot be the name of a task
IN_PARENTHESES = re.compile(r"\(([^()]*)\)")
SHORTEST_COMPARED = 5  # letters; shorter words are alike by chance
ALIKE = 0.82  # from 0 to 1; words that are at least this similar may be one word, misspelled
EXCEPTIONS = frozenset(stems("than except without excluding besides"))  # words after them do not name the task
NEAR_ENOUGH = 2  # suggestions have at least one half of the highest score
SPECIFIC, GENERAL_WORD = 10, 3  # the weight of a specific word and of a general word (see GENERAL), in tenths
SAME_WORD, AN_EXAMPLE, OF_A_KIND, MISSPELLED, RELATED_WORD = 10, 8, 8, 6, 5  # the points for a shared word


class TaskQuestion:
    """A question about a task: the stems of its words, the meanings of the words, and the words as they are written.

    A meaning is one stem for a word and all its synonyms. A question that is too long counts as having no words.
    """

    def __init__(self, text: str) -> None:
        text = text if len(text) <= LONGEST_TEXT else ""
        found = stems(text)
        self.wording = tuple(sorted(found))
        self.words = tuple(dict.fromkeys(map(meaning, found)))
        self.written = {meaning(stem(word)): word for word in split(text)}
        self.is_general = GENERAL_STEMS.issuperset(self.words)
        self.is_short = 0 < len(self.words) <= LONGEST_QUESTION


@dataclass(frozen=True, slots=True)
class Known:
    """A task or rate of a policy, with the words by which it is found.

    A meaning is a stem that stands for a word and for all synonyms of the word (see `wording.meaning`).
    """

    entry: Task | Rate
    wordings: frozenset[tuple[str, ...]]
    """The sorted stems of each name, other wording and short line."""
    names: tuple[frozenset[str], ...]
    """The meanings of the words in the name, and in each other wording: a set for each."""
    words: frozenset[str]
    """The meanings in all names and other wordings. Words after `than`, `except` and the like are left out."""
    examples: frozenset[str]
    """The meanings in the parentheses of the lines."""
    beside: frozenset[str]
    """The meanings in all names and short lines, with the words after `than`, `except` and the like."""
    hints: frozenset[str]
    """The meanings in all texts about the entry."""

    def fits(self, question: TaskQuestion) -> bool:
        """Return whether this task has, for each word of a question, the word itself or a word for its kind.

        For example, phone is the kind of `softphone`. A question that has only general words, such as `server`, fits no
        task.
        """
        return not question.is_general and all(
            not (self.words | self.examples).isdisjoint((word, *kinds_of(word))) for word in question.words
        )

    def says(self, question: TaskQuestion) -> bool:
        """Return whether a question has exactly the words of a name of this task, or synonyms of them."""
        return frozenset(question.words) in self.names

    def hinted_at(self, question: TaskQuestion) -> bool:
        """Return whether a word of a question, or a word for its kind, is in the texts about this task.

        For example, the word phone is enough for the question `softphone`.
        """
        return any(not self.hints.isdisjoint((word, *kinds_of(word))) for word in question.words)

    def part(self, words: frozenset[str]) -> int:
        """Return the percentage of the words of this task's name that are in `words`.

        If the task has several names, return the highest percentage.
        """
        return max((100 * len(name & words) // len(name) for name in self.names if name), default=0)

    def points(self, word: str, meant: str | None) -> int:
        """Return the points that this task gets for a word of a question, or 0 if it has no related word.

        `meant` is the policy's most similar word if `word` may be misspelled, else None.
        """
        if word in self.words:
            return SAME_WORD
        if word in self.examples:
            return AN_EXAMPLE
        if not (self.words | self.examples).isdisjoint(kinds_of(word)):
            return OF_A_KIND
        if meant in self.beside:
            return MISSPELLED
        if word in self.beside:
            return RELATED_WORD
        related = len(related_to(word) & (self.beside | self.examples))
        return RELATED_WORD + related - 1 if related else 0


@dataclass(frozen=True, slots=True)
class Near:
    """A task or rate that shares words with a question, and the points for each shared word."""

    known: Known
    points: dict[str, int]

    @property
    def score(self) -> int:
        """How near the task is to the question: the sum of its points. General words weigh less than other words."""
        weights = (
            (GENERAL_WORD if word in GENERAL_STEMS else SPECIFIC, points) for word, points in self.points.items()
        )
        return sum(weight * points for weight, points in weights)


def chosen(nearest: Sequence[Near], question: TaskQuestion, said: Callable[[Known], object]) -> list[Near]:
    """Return the tasks and rates to suggest, the best first.

    `nearest` has the highest score first. `said` returns the verdict and price of a task or rate. The result has the
    best for each word of the question, and all with at least half of the highest score.
    """
    first = list(nearest[:1])
    for word in sorted(question.words, key=GENERAL_STEMS.__contains__):
        if not any(word in near.points for near in first):
            first += [near for near in nearest if word in near.points][:1]
    # Of those with the highest score, one for each verdict and price comes before the rest.
    others: dict[object, Near] = {}
    for near in nearest:
        if near.score == nearest[0].score:
            others.setdefault(said(near.known), near)
    enough = [near for near in nearest if NEAR_ENOUGH * near.score >= nearest[0].score]
    return [*{id(near): near for near in (*first, *others.values(), *enough)}.values()]


class Entries:
    """All tasks and rates of a policy, with their words. A rate is left out if its name is also a name of a task."""

    def __init__(self, policy: Policy) -> None:
        tasks = [*policy.coverage.values()]
        named = {key(text) for task in tasks for text in (task.name, *task.also)}
        rates = [rate for rate in policy.rates.values() if key(rate.name) not in named]
        self.known = (*map(_known, tasks), *map(_known, rates))
        entries = [known.entry for known in self.known]
        texts = [text for entry in entries for text in (*_names(entry), *_short_lines(entry))]
        self._written = {word: meaning(stem(word)) for text in texts for word in split(text)}
        self._words = frozenset(self._written.values())

    def with_wording(self, question: TaskQuestion) -> list[Known]:
        """Return the tasks and rates that have a name or a short line with exactly the words of a question.

        The order of the words does not matter.
        """
        return [known for known in self.known if question.wording and question.wording in known.wordings]

    def fitting(self, question: TaskQuestion) -> list[Known]:
        """Return the tasks and rates that have all words of a question: see `Known.fits`.

        Return nothing for a question without words, or with more than 40 words.
        """
        return [known for known in self.known if question.is_short and known.fits(question)]

    def nearest(self, question: TaskQuestion) -> list["Near"]:
        """Return the tasks and rates that share a word with a question, the nearest first.

        A word may be misspelled. Return nothing for a question that is empty or too long, or that has other words, but
        shares only general words such as `server`.
        """
        if not question.is_short:
            return []
        alike = {word: self._alike(word, question.written.get(word, "")) for word in question.words}
        meant = {word: self._written[near[0]] for word, near in alike.items() if near}
        asked = frozenset((*question.words, *meant.values()))
        near = [
            Near(known, {word: points for word in question.words if (points := known.points(word, meant.get(word)))})
            for known in self.known
        ]
        found = [entry for entry in near if entry.points]
        if not question.is_general and all(GENERAL_STEMS.issuperset(entry.points) for entry in found):
            return []
        return sorted(found, key=lambda entry: (entry.score, entry.known.part(asked)), reverse=True)

    def _alike(self, word: str, written: str) -> Sequence[str]:
        known = word in self._words or kinds_of(word) or related_to(word) or len(written) < SHORTEST_COMPARED
        return () if known else get_close_matches(written, self._written, n=1, cutoff=ALIKE)


@lru_cache(maxsize=16)
def entries_of(policy: Policy) -> Entries:
    """Return all tasks and rates of a policy, with the words by which they are found."""
    return Entries(policy)


def _known(entry: Task | Rate) -> Known:
    names, lines = _names(entry), _short_lines(entry)
    texts = [*names, *entry.line.strip().splitlines(), *([entry.description] if isinstance(entry, Rate) else ())]
    return Known(
        entry=entry,
        wordings=frozenset(tuple(sorted(stems(text))) for text in (*names, *lines)),
        names=tuple(_meanings(stems(name)) for name in names),
        words=_meanings(_task_itself(names)),
        examples=_meanings(_task_itself(IN_PARENTHESES.findall(entry.line))),
        beside=_meanings(word for text in (*names, *lines) for word in stems(text)) - NEGATION_STEMS,
        hints=_meanings(word for text in texts for word in stems(text)) - NEGATION_STEMS,
    )


def _names(entry: Task | Rate) -> list[str]:
    return [entry.name, *(entry.also if isinstance(entry, Task) else ())]


def _short_lines(entry: Task | Rate) -> list[str]:
    return [line for line in entry.line.strip().splitlines() if len(stems(line)) <= LONGEST_LINE]


def _meanings(words: Iterable[str]) -> frozenset[str]:
    return frozenset(map(meaning, words))


def _task_itself(texts: Iterable[str]) -> Iterator[str]:
    """Yield the stems of each text up to a word such as `except`. Leave out negations.

    The words after `except` are about other tasks.
    """
    for text in texts:
        for word in takewhile(lambda word: word not in EXCEPTIONS, stems(text)):
            if word not in NEGATION_STEMS:
                yield word
