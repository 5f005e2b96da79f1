"""Words of a file: what a pattern matches, and in which order a word is looked up."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.documents.names import folded
from kolmisla.errors import TicketError
from kolmisla.tickets.layouts.kinds import Kinds
from kolmisla.tickets.layouts.words import Glossary, Words

LETTERS = st.text("aAb -*\\", max_size=6)
NAMES = st.text("aAb -", max_size=5)
OURS = st.sampled_from(["high", "low", ""])


def expression(word: str) -> "re.Pattern[str] | None":
    """A word as a regular expression, or None if it is no pattern. The slow oracle of patterns."""
    parts = re.split(r"(\\\*|\*)", word)
    if "*" not in parts:
        return None
    return re.compile(
        "".join({"*": ".*", "\\*": r"\*"}.get(part, re.escape(part)) for part in parts), re.IGNORECASE | re.DOTALL
    )


@given(st.dictionaries(LETTERS, OURS, max_size=5), NAMES.map(str.strip))
def test_the_longest_pattern_that_fits(meanings: dict[str, str], word: str) -> None:
    fitting = [
        (len(pattern.replace("\\*", "s").replace("*", "")), meanings[pattern])
        for pattern in meanings
        if (found := expression(pattern)) and word and found.fullmatch(word)
    ]
    best = {ours for letters, ours in fitting if letters == max(fitting)[0]}
    if len(best) > 1:
        with pytest.raises(TicketError, match="different meanings"):
            Glossary(meanings).pattern(word)
    else:
        assert Glossary(meanings).pattern(word) == (best.pop() if best else None)


@pytest.mark.parametrize(
    ("word", "ours"),
    [("axbxc", "high"), ("abc", "high"), ("abac", "high"), ("acbc", "high"), ("axxc", ""), ("ab", None)],
)
def test_a_pattern_of_several_parts(word: str, ours: str | None) -> None:
    assert Glossary({"a*b*c": "high", "a*c": ""}).pattern(word) == ours


@given(
    st.dictionaries(NAMES, OURS, max_size=4),
    st.dictionaries(st.sampled_from(["*", "a*", "*b"]), OURS, max_size=2),
    st.lists(NAMES.map(str.strip).filter(bool), max_size=3),
    st.sampled_from([None, "normal"]),
    NAMES.map(str.strip),
)
def test_the_order_in_which_a_word_is_looked_up(
    plain: dict[str, str], patterns: dict[str, str], known: list[str], default: str | None, word: str
) -> None:
    alike = {ours for other, ours in plain.items() if folded(other) == folded(word)}
    fitting = sorted((len(text), text) for text in patterns if word and (e := expression(text)) and e.fullmatch(word))
    if len(fitting) > 1 and fitting[-1][0] == fitting[-2][0] and patterns["a*"] != patterns["*b"]:
        return  # an error, by the law above
    if word in plain:
        ours: str | None = plain[word]
    elif len(alike) == 1:
        ours = alike.pop()
    elif folded(word) in map(folded, known):
        ours = word
    elif fitting:
        ours = patterns[fitting[-1][1]]
    else:
        ours = default if known and default else word
    words = Words({**plain, **patterns}, known=known, default=default)
    assert words.ours(word) == (ours or default)
    assert words.ours(None) == default
    assert bool(words) == bool(plain or patterns or default)


def test_words_are_remembered_only_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.tickets.layouts.words.MOST_REMEMBERED", 1)
    words = Words({"P*": "low"})
    assert [words.ours(word) for word in ("P1", "P2", "P1", "P2")] == ["low"] * 4
    assert len(words._remembered) == 1


def test_kinds_with_values_of_their_own() -> None:
    (paused,) = Kinds({"Wait": "paused:vendor"}).meaning("WAIT").events
    assert (paused.kind, paused.value) == ("paused", "vendor")
    for wrong in ("solved", "answered:x", "paused:", "paused: "):
        with pytest.raises(TicketError, match="kind '"):
            Kinds({"Wait": wrong})
