"""Single values as people write them: names, ranks, durations, dates, prices."""

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints, WithJsonSchema

from kolmisla.errors import shown
from kolmisla.holiday_calendar import as_date
from kolmisla.spans import SECOND, duration, length

__all__ = [
    "ON_REQUEST",
    "Day",
    "Duration",
    "Name",
    "Price",
    "Rank",
    "duration_text",
    "is_nothing",
    "price_text",
    "read_duration",
]

ON_REQUEST: Literal["depends on request"] = "depends on request"  # a price that nobody knows before asking

CENTURY = timedelta(days=36_525)
DURATION = r"PT(?=[0-9])(?:([0-9]{1,6})H)?(?:([0-9]{1,8})M)?(?:([0-9]{1,10})(?:\.([0-9]{1,6}))?S)?"
PRICE = r"[0-9]{1,9}(\.[0-9]{1,2})?"


def is_nothing(given: object) -> bool:
    """Whether a value stands for none, as it does in libraries of data: None, nan, NaT and NA.

    >>> [is_nothing(each) for each in (None, float("nan"), 0, "")]
    [True, True, False, False]
    """
    if given is None:
        return True
    try:
        return bool(given != given)  # what is none equals nothing
    except (TypeError, ValueError, ArithmeticError):  # NA, which compares to neither; an array; a signalling NaN
        return type(given).__name__ == "NAType"


def read_duration(given: object) -> timedelta:
    """A duration, or its text by ISO 8601 in hours, minutes and seconds; ValueError for what is none.

    Days are refused: nobody could tell whether one is 24 hours of open time or a working day.

    >>> read_duration("PT8H30M")
    datetime.timedelta(seconds=30600)
    """
    if isinstance(given, timedelta):
        return given
    match = re.fullmatch(DURATION, given) if isinstance(given, str) else None
    if match is None:
        raise ValueError(f"{shown(given)} is not a duration such as PT2H, PT15M or PT8H30M, of hours, minutes, seconds")
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return duration(whole * SECOND + int((fraction or "0").ljust(6, "0")))


def duration_text(within: timedelta) -> str:
    """The text of a duration that is not negative.

    >>> duration_text(timedelta(hours=30, seconds=1.5))
    'PT30H1.5S'
    """
    minutes, rest = divmod(length(within), 60 * SECOND)
    second, fraction = divmod(rest, SECOND)
    parts = [(minutes // 60, "H"), (minutes % 60, "M")]
    text = "".join(f"{number}{unit}" for number, unit in parts if number)
    if rest or not text:
        text += f"{second}" + f".{fraction:06}".rstrip("0") * bool(fraction) + "S"
    return f"PT{text}"


def _positive(within: timedelta) -> timedelta:
    if not timedelta(0) < within <= CENTURY:
        told = duration_text(within) if within >= timedelta(0) else f"minus {duration_text(-within)}"
        raise ValueError(f"{told} is out of range; a duration is more than nothing and at most a century")
    return within


def _price(given: object) -> object:
    if given == ON_REQUEST:
        return given
    text = str(given) if type(given) in (int, str, Decimal) else ""
    if not re.fullmatch(PRICE, text):
        why = "; a float cannot hold money" if isinstance(given, float) else ""
        raise ValueError(f'{shown(given)} is not a price such as "210", "99.50" or "{ON_REQUEST}"{why}')
    return Decimal(text)


def price_text(price: Decimal) -> str:
    """The text of a price, without cents where there are none.

    >>> price_text(Decimal("210.00")), price_text(Decimal("99.5"))
    ('210', '99.50')
    """
    return str(int(price)) if price == int(price) else f"{price:.2f}"


def _day(given: Any) -> date:
    return as_date(given, "the date")


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Rank = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]
Duration = Annotated[
    timedelta,
    AfterValidator(_positive),
    BeforeValidator(read_duration),
    WithJsonSchema({"type": "string", "pattern": f"^{DURATION}$", "examples": ["PT2H", "PT15M"]}),
]
Day = Annotated[
    date, BeforeValidator(_day), WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-31"]})
]
Price = Annotated[
    Decimal | Literal["depends on request"],
    BeforeValidator(_price),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "string", "pattern": f"^{PRICE}$"},
                {"type": "integer", "minimum": 0},
                {"const": ON_REQUEST},
            ],
            "examples": ["210", "99.50", ON_REQUEST],
        }
    ),
]
