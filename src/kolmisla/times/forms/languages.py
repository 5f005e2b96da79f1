"""Times with names of months and days in other languages. The names come from the package Babel."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import cache, lru_cache
from typing import Any, NamedTuple

from kolmisla.errors import choices, shown
from kolmisla.names import LOADING

__all__ = ["Language", "has_names", "language_named"]

SHORTEST = 3  # the least number of first letters that may stand for a month, if no other month begins with them
ONE_DIRECTIVE = re.compile(r"%(.)", re.DOTALL)
GAPS = re.compile(r"[.\s]+")
# The directives of strptime that read names, and the kind of name that each one reads.
KIND_OF_NAME = {"a": "day", "A": "day", "b": "month", "B": "month", "h": "month", "p": "half"}
# A loose pattern for what each other directive reads. strptime checks the text strictly, once its names are English.
READS = {
    **dict.fromkeys("deHIjmMSUVWyuw", r"[ ]?\d{1,3}"),
    "Y": r"\d{4}",
    "G": r"\d{4}",
    "f": r"\d{1,6}",
    "z": r"(?:z|[+-]\d\d:?\d\d(?::?\d\d(?:\.\d+)?)?)",
}
SUNDAY = datetime(2001, 7, 1)  # noqa: DTZ001  # only the names of its parts are written


def has_names(pattern: str) -> bool:
    """Return whether a strptime pattern has names of months, days or halves of the day, which depend on a language."""
    return any(directive in KIND_OF_NAME for directive in ONE_DIRECTIVE.findall(pattern))


class Language(NamedTuple):
    """A language, and what its names of months, days and halves of the day mean.

    For each kind (`month`, `day`, `half`), `names` maps a name to a number: the month, the day of the week (0 is
    Sunday), or the hour at which the half begins.
    """

    code: str
    names: Mapping[str, Mapping[str, str]]

    def in_english(self, pattern: str, text: str) -> str:
        """Return `text` with English names of months and days in place of the names in this language.

        strptime can read English names. Raise ValueError for a text that does not have the format `pattern`.
        """
        match = _regex(self.code, pattern).fullmatch(_key(text))
        if match is None:
            raise ValueError
        pieces, values = ONE_DIRECTIVE.split(pattern), iter(match.groups())
        english = [pieces[0]]
        for letter, literal in zip(pieces[1::2], pieces[2::2], strict=True):
            value = "%" if letter == "%" else next(values)
            if letter in KIND_OF_NAME:
                value = _dated(KIND_OF_NAME[letter], self.names, value).strftime(f"%{letter}")
            english += [value.upper(), literal]
        return "".join(english)


def _dated(kind: str, names: Mapping[str, Mapping[str, str]], value: str) -> datetime:
    """Return a datetime in the month, on the day of the week, or in the half of the day that the name `value` means.

    `kind` and `names` are as in `Language`.
    """
    number = int(names[kind][_bare(value)])
    if kind == "month":
        return SUNDAY.replace(month=number)
    return SUNDAY + timedelta(days=number) if kind == "day" else SUNDAY.replace(hour=number)


def _key(text: str) -> str:
    """Return a text in the form in which names are compared. Letter case and the form of Unicode make no difference."""
    with LOADING:
        from unicodedata import normalize
    return normalize("NFKC", normalize("NFKC", text).casefold()).replace("\u0131", "i").replace("i\u0307", "i")


def _bare(name: str) -> str:
    return GAPS.sub("", _key(name))


@lru_cache(maxsize=64)
def _regex(code: str, pattern: str) -> re.Pattern[str]:
    """Return the regular expression for text in the strptime format `pattern`, with names of the language `code`.

    Each directive except %% becomes a group. Raise ValueError for a directive such as %x.
    """
    names = language_named(code).names
    words = {
        kind: "|".join(rf"{'[. ]*'.join(map(re.escape, name))}\.?" for name in sorted(known, key=len, reverse=True))
        for kind, known in names.items()
    }
    pieces = ONE_DIRECTIVE.split(pattern)
    expression = [_literal(pieces[0])]
    for letter, literal in zip(pieces[1::2], pieces[2::2], strict=True):
        if letter != "%" and letter not in KIND_OF_NAME and letter not in READS:
            raise ValueError(
                f"the time format {shown(pattern)} must not have %{letter} with a language;"
                " write the parts that it stands for"
            )
        reads = (
            "%" if letter == "%" else f"({words[KIND_OF_NAME[letter]] if letter in KIND_OF_NAME else READS[letter]})"
        )
        expression += [reads, _literal(literal)]
    return re.compile("".join(expression))


def _literal(text: str) -> str:
    """Return the regular expression for literal text of a strptime format. As in strptime, blanks match any blanks."""
    return r"\s+".join(map(re.escape, re.split(r"\s+", _key(text))))


def _without_doubt(named: Iterable[tuple[str, str]], english: Mapping[str, str]) -> dict[str, str]:
    """Return a mapping from names, as `_bare` gives them, to their meanings. Leave out names with two meanings.

    `named` has pairs of a name and a meaning. Names only in `english` are added.

    >>> _without_doubt([("Mai", "5"), ("May.", "5"), ("ma", "3"), ("Ma", "5")], {"may": "5", "mar": "3", "ma": "3"})
    {'mai': '5', 'may': '5', 'mar': '3'}
    """
    meanings: dict[str, set[str]] = {}
    for name, meaning in named:
        meanings.setdefault(_bare(name), set()).add(meaning)
    known = {name: next(iter(means)) for name, means in meanings.items() if name and len(means) == 1}
    return {**known, **{name: meaning for name, meaning in english.items() if name not in meanings}}


@cache
def language_named(code: str) -> Language:
    """Return the language with a code such as `de` or `pt-BR`, with its names from the package Babel.

    Raise ValueError for an unknown code, or if Babel is not installed.
    """
    with LOADING:  # a fork waits, because Babel has a lock of its own, and reads a language when it is first needed
        return _language_named(code)


def _language_named(code: str) -> Language:
    try:
        with LOADING:
            from babel import Locale, UnknownLocaleError
    except ImportError as error:
        raise ValueError("names in other languages need babel: pip install 'kolmisla[languages]'") from error
    try:
        locale = Locale.parse(code.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        raise ValueError(f"{shown(code)} is not a known language; {_near(code)}") from None
    return Language(code, {kind: _names(locale, kind) for kind in ("month", "day", "half")})


def _names(locale: Any, kind: str) -> dict[str, str]:
    """Return what the names of one kind mean in a locale of Babel: a mapping from names to numbers as text.

    `kind` is `month`, `day` or `half`. The names and numbers are as in `Language`.
    """
    if kind == "half":
        english = {"am": "0", "pm": "12"}
        forms = [names for widths in locale.day_periods.values() for names in widths.values()]
        return _without_doubt(
            ((name, english[half]) for names in forms for half, name in names.items() if half in english), english
        )
    tables = locale.months if kind == "month" else locale.days
    forms = [tables[form][width] for form in ("format", "stand-alone") for width in ("abbreviated", "wide")]
    named = [
        (name, str((number + (kind == "day")) % 7 if kind == "day" else number))
        for names in forms
        for number, name in names.items()
    ]
    if kind == "month":
        wide = {_bare(name): str(number) for number, name in tables["format"]["wide"].items()}
        short = [(name[:length], number) for name, number in wide.items() for length in range(SHORTEST, len(name))]
        own = {_bare(name) for name, _ in named}
        named += [(name, number) for name, number in short if name not in own]
    days = [SUNDAY + timedelta(days=number) for number in range(7)]
    months = [SUNDAY.replace(month=number) for number in range(1, 13)]
    english = {}
    for number, at in enumerate(days if kind == "day" else months, kind == "month"):
        for letter in "aA" if kind == "day" else "bB":
            english[_bare(at.strftime(f"%{letter}"))] = str(number)
    return _without_doubt(named, english)


def _near(code: str) -> str:
    """Return a hint for an unknown language: similar codes, or examples of codes."""
    with LOADING:
        from difflib import get_close_matches

        from babel import Locale
        from babel.localedata import locale_identifiers

    told = {name.casefold(): language for language, name in Locale.parse("en").languages.items()}
    known = {name.replace("_", "-").casefold(): name.replace("_", "-") for name in locale_identifiers()}
    codes = {name: language for name, language in told.items() if language.casefold() in known} | known
    near = [codes[name] for name in get_close_matches(code.replace("_", "-").casefold(), codes, n=3)]
    return f"did you mean {choices(dict.fromkeys(near), ' or ')}?" if near else "use a code such as de, es or pt-BR"
