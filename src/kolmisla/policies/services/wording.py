"""The words of a text, reduced to stems, so that `Firewalls, configured` and `configure a firewall` can be compared."""

import re
from collections.abc import Iterator, Sequence

from kolmisla.policies.services.vocabulary import FILLERS, GENERAL, KINDS, NEGATIONS, PHRASES, RELATED, SYNONYMS

__all__ = ["GENERAL_STEMS", "NEGATION_STEMS", "kinds_of", "meaning", "related_to", "split", "stem", "stems"]

APOSTROPHES = dict.fromkeys(map(ord, "'\u2019`\u00b4"))
WORD = re.compile(r"[^\W_]+(?:[-\u2010\u2011][^\W_]+)*")
HYPHENS = re.compile(r"[-\u2010\u2011]")
JOINED = ("re", "set", "pre", "e", "on", "hand")  # joined to what follows a hyphen: re-build is one word, IP-phone two
LEAST_LETTERS = 3  # letters that a stem keeps
PLURALS = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"))
NO_PLURALS = ("ss", "us", "is")
VERBS = ("ing", "ed")
NOUNS = ("ization", "isation", "ation", "ated", "ate", "ion")  # the first that fits is cut off


def stem(word: str) -> str:
    """Return the stem of a word in small letters. Words of one family, such as migrate and migration, share a stem.

    >>> {stem(word) for word in ("configuration", "configure", "configuring", "configured")}
    {'configur'}
    """
    word = _singular(word)
    verb = _without(word, VERBS)
    if verb != word and verb.endswith("at"):  # migrat-ing
        verb = _without(verb, ("at",))
    word = _without(verb, NOUNS)
    word = word[:-1] if word.endswith("e") and len(word) > LEAST_LETTERS else word
    word = f"{word[:-1]}i" if word.endswith("y") and len(word) > LEAST_LETTERS else word
    return word[:-1] if len(word) > LEAST_LETTERS and word[-1] == word[-2] and word[-1].isalpha() else word


def _singular(word: str) -> str:
    if len(word) <= LEAST_LETTERS or not word.endswith("s") or word.endswith(NO_PLURALS):
        return word
    for plural, single in PLURALS:
        if word.endswith(plural):
            return word.removesuffix(plural) + single
    return word[:-1]


def _without(word: str, endings: Sequence[str]) -> str:
    """Return a word without its ending. If no ending can be cut off, return the word unchanged.

    The first of `endings` that leaves at least three letters is cut off.
    """
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= LEAST_LETTERS:
            return word.removesuffix(ending)
    return word


def split(text: str) -> Iterator[str]:
    """Yield the words of a text in small letters. After a syllable such as `re`, a hyphen joins two words to one."""
    for match in WORD.finditer(text.casefold().translate(APOSTROPHES)):
        first, *rest = HYPHENS.split(match[0])
        if rest and first in JOINED:
            yield first + rest[0]
            yield from rest[1:]
        else:
            yield from (first, *rest)


def _stem_of(words: str) -> str:
    return " ".join(map(stem, words.split()))


_PHRASES = {tuple(_stem_of(phrase).split()): stem(word) for phrase, word in PHRASES.items()}
_LENGTHS = sorted({len(phrase) for phrase in _PHRASES}, reverse=True)
_FILLERS = frozenset(FILLERS.split())
_SAME = {stem(word): stem(row.split()[0]) for row in SYNONYMS for word in row.split()}


def stems(text: str) -> tuple[str, ...]:
    """Return the stems of a text's words, in order. A known phrase is one stem. Words such as `please` are left out.

    >>> stems("Can you set up the customer's IP phones?")
    ('setup', 'customer', 'phon')
    """
    written, found, at = list(split(text)), [], 0
    words = list(map(stem, written))
    while at < len(words):
        length = next((length for length in _LENGTHS if tuple(words[at : at + length]) in _PHRASES), 0)
        if length or written[at] not in _FILLERS:
            found.append(_PHRASES.get(tuple(words[at : at + length]), words[at]))
        at += max(length, 1)
    return tuple(found)


def meaning(word: str) -> str:
    """Return the stem that stands for the stem `word` and for all its synonyms. Without synonyms, return `word`."""
    return _SAME.get(word, word)


def _meanings(words: str) -> frozenset[str]:
    return frozenset(meaning(stem(word)) for word in words.split())


GENERAL_STEMS = _meanings(GENERAL)
NEGATION_STEMS = _meanings(NEGATIONS)
_KINDS = {meaning(stem(thing)): meaning(stem(kind)) for thing, kind in KINDS.items()}
_RELATED = {meaning(stem(word)): _meanings(words) for word, words in RELATED.items()}


def kinds_of(word: str) -> tuple[str, ...]:
    """Return the kinds of thing to which a stem belongs, the narrowest first. For example, a softphone is a phone."""
    kinds: list[str] = []
    while (word := _KINDS.get(word, "")) and word not in kinds:
        kinds.append(word)
    return tuple(kinds)


def related_to(word: str) -> frozenset[str]:
    """Return the stems that are related to a stem or to its kinds.

    If the stem is itself a kind, such as phone, add the stems for all things of this kind, such as softphone.
    """
    near = frozenset().union(*(_RELATED.get(each, frozenset()) for each in (word, *kinds_of(word))))
    return near | {thing for thing in _KINDS if word in kinds_of(thing)}
