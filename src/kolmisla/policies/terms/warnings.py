"""Warnings: when a desk wants an alarm, such as at 75 percent of a target or half an hour before its end."""

import re
from functools import lru_cache
from typing import Any, Literal

from kolmisla.documents.values import DURATION, InvalidError, Kind, read_parts
from kolmisla.errors import Fault, is_iterable, shown
from kolmisla.times.durations import DURATION_PATTERN, duration_text, read_duration
from kolmisla.times.instants import length

__all__ = ["BREACH", "WARNINGS", "WITHOUT_WARNINGS", "Threshold", "amount_at", "levels", "threshold_text"]

# A percentage, or text such as `PT30M left` and `PT1H over`, or `breached`, which no policy lists but every target has.
Threshold = int | str

BREACH: Literal["breached"] = "breached"  # more than the target is counted
WITHOUT_WARNINGS: tuple[Threshold, ...] = (100,)

MOST_PERCENT = 10_000
MOST_WARNINGS = 100
_PERCENT_USED = r"(-?[0-9]{1,9}) ?%"
_TIMED = rf"({DURATION_PATTERN})[ \t]+(left|over)"
_FORMS = '75 (percent of the target), "PT30M left" or "PT1H over"'


def _warning(value: Any) -> Threshold:
    """Read a warning. A percentage becomes a whole number; text such as `PT30M left` gets its shortest form."""
    text = value.strip() if isinstance(value, str) else ""
    if whole := re.fullmatch(_PERCENT_USED, text):
        value = int(whole[1])
    if type(value) is int:
        if not 1 <= value <= MOST_PERCENT:
            raise ValueError(f"a percentage of the target must be from 1 to {MOST_PERCENT:,}, such as 75, not {value}")
        return value
    timed = re.fullmatch(_TIMED, text)
    if timed is None:
        raise ValueError(f"{shown(value)} is not a warning such as {_FORMS}")
    within = read_duration(timed[1])
    if not within:
        raise ValueError(f"{shown(value)} is the end of the target itself; for a warning then, type 100")
    return f"{duration_text(DURATION.read(within))} {timed[timed.lastindex or 0]}"


def _warnings(value: Any) -> tuple[Threshold, ...] | None:
    """Read a list of warnings. Return None for None. Raise ValueError if a warning is invalid or occurs twice."""
    if value is None:
        return None
    if isinstance(value, (str, bytes, dict)) or not is_iterable(value):
        raise ValueError(f'must be a list such as [50, 75, "PT30M left", 100], not {shown(value)}')
    warnings = tuple(read_parts(enumerate(value), _warning))
    if len(warnings) > MOST_WARNINGS:
        raise ValueError(f"must have at most {MOST_WARNINGS} warnings, not {len(warnings):,}")
    twice = [place for place, warning in enumerate(warnings) if warning in warnings[:place]]
    if twice:
        raise InvalidError([Fault((place,), f"{shown(warnings[place])} is given twice") for place in twice], [])
    return warnings


WARNINGS: Kind[tuple[Threshold, ...] | None] = Kind(
    _warnings,
    {
        "type": ["array", "null"],
        "maxItems": MOST_WARNINGS,
        "uniqueItems": True,
        "items": {
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": MOST_PERCENT},
                {"type": "string", "pattern": r"^\s*[0-9]{1,9} ?%\s*$"},
                {"type": "string", "pattern": rf"^\s*{DURATION_PATTERN}[ \t]+(left|over)\s*$"},
            ]
        },
        "examples": [[50, 75, "PT30M left", 100, "PT1H over"]],
    },
)


def amount_at(threshold: Threshold, within: int) -> int:
    """Return how many microseconds are counted when a threshold is crossed. `within` is the target in microseconds.

    For text such as `PT30M left`, the result may be 0 or less.

    >>> amount_at(75, 7_200_000_000), amount_at("PT30M left", 7_200_000_000), amount_at("breached", 7_200_000_000)
    (5400000000, 5400000000, 7200000001)
    """
    if isinstance(threshold, int):
        return -(-within * threshold // 100)  # rounded up, to the first microsecond at which this part is used up
    if threshold == BREACH:
        return within + 1
    text, _, word = threshold.partition(" ")
    given = length(read_duration(text))
    return within - given if word == "left" else within + given


@lru_cache(maxsize=1024)
def levels(warnings: tuple[Threshold, ...], within: int) -> tuple[tuple[int, Threshold], ...]:
    """Return a pair for each warning: the amount of time at which the warning is due, and the warning itself.

    The target `within` and the amounts are in microseconds. The pairs are sorted.
    """
    return tuple(sorted(((amount_at(warning, within), warning) for warning in warnings), key=lambda level: level[0]))


def threshold_text(threshold: Threshold) -> str:
    """Return a threshold as text for people, such as `75 %`.

    >>> threshold_text(75), threshold_text("PT30M left")
    ('75 %', 'PT30M left')
    """
    return f"{threshold} %" if isinstance(threshold, int) else threshold
