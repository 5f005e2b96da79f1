"""What people write, validated once at the door: single values, and frozen models with kolmisla's own errors.

The values are names, ranks, durations, dates and prices.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from kolmisla import LOADING
from kolmisla.documents.remembered import remembered
from kolmisla.errors import LONGEST_NAME, Fault, KolmislaError, PolicyError, shown
from kolmisla.instants import SECOND, duration, length
from kolmisla.schedules.holidays import as_date

__all__ = [
    "ON_REQUEST",
    "TAG",
    "Day",
    "Duration",
    "Entry",
    "Model",
    "Name",
    "Price",
    "Rank",
    "is_nothing",
    "plain",
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
PLAIN = {"missing": "is missing", "string_too_short": "is empty"}
TYPE_FAULTS = {  # what pydantic calls by the names of Python
    "dict_type": "is a table",
    "mapping_type": "is a table",
    "model_type": "is a table",
    "model_attributes_type": "is a table",
    "tuple_type": "is a list",
    "list_type": "is a list",
    "string_type": "is a text",
}
MOST_FAULTS = 1_000  # between the parts of a record that are told
TAG = "\0"  # begins what pydantic puts into a place for an alternative, and a document does not have


class Model(BaseModel):
    """A frozen record; building one from bad data raises its `error`, which lists every fault."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        defer_build=True,  # a command needs few of them
        ignored_types=(remembered,),
    )

    error: ClassVar[type[KolmislaError]] = PolicyError

    def __init__(self, /, **data: Any) -> None:
        cause: ValidationError | None = None
        faults: list[Fault] = []
        try:
            super().__init__(**data)
        except ValidationError as fault:
            faults, cause = list(self._faults(fault)), fault
        faults += islice(self._contradictions(data), MOST_FAULTS)
        if faults:
            raise self._refusal(faults, cause) from cause

    def replace(self, **changes: Any) -> Self:
        """The same with some of its fields replaced, validated again.

        >>> from kolmisla import KOLMISOFT
        >>> list(KOLMISOFT.replace(releases=["X16", "X17", "X18"]).releases)
        ['X16', 'X17', 'X18']
        """
        return type(self)(**{**{field: getattr(self, field) for field in type(self).model_fields}, **changes})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """As replace: pydantic's own would check nothing, and carry over what was remembered of other fields."""
        return self.replace(**update) if update else super().model_copy(deep=deep)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; replace() makes another with its own {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; {name} stays")

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:  # noqa: ARG003
        """What is wrong between its parts, whatever is wrong within them; `data` may be anything."""
        return ()

    @classmethod
    def _refusal(cls, faults: Iterable[Fault], cause: ValidationError | None) -> KolmislaError:  # noqa: ARG003
        listed = dict.fromkeys(faults)
        return cls.error.listing(listed, cls._heading(len(listed)))

    @classmethod
    def _heading(cls, count: int) -> str:
        return f"{cls.__name__.lower()} with {count} fault{'s' * (count > 1)}: "

    @classmethod
    def _unknown(cls, name: str) -> str:
        if len(name) > LONGEST_NAME:
            return f"is not known here; the keys are {', '.join(cls._keys())}"
        with LOADING:
            from difflib import get_close_matches

        near = get_close_matches(name, cls._keys(), n=1)
        hint = f"did you mean {near[0]}? " if near and near[0] != name else ""
        return f"is not known here; {hint}the keys are {', '.join(cls._keys())}"

    @classmethod
    def _keys(cls) -> list[str]:
        """What it is written with."""
        return list(cls.model_fields)

    @classmethod
    def _faults(cls, fault: ValidationError) -> Iterator[Fault]:
        """Each fault with its place, those of the records in it too."""
        for each in fault.errors(include_url=False):
            loc = tuple(part for part in each["loc"] if not str(part).startswith(TAG))
            cause, form = each.get("ctx", {}).get("error"), TYPE_FAULTS.get(each["type"], each["msg"])
            if isinstance(cause, KolmislaError) and cause.faults:
                yield from (inner.within(*loc) for inner in cause.faults)
            elif each["type"] == "extra_forbidden" and len(loc) == 1:
                yield Fault(loc, cls._unknown(str(loc[0])))
            else:
                yield Fault(loc, str(cause or PLAIN.get(each["type"]) or f"{form}, not {shown(each['input'])}"))


class Entry(Model):
    """What stands in a policy under a name; `line` has the words of its source, a line each."""

    line: str = ""


def plain(value: Any) -> Any:
    """A value as a document holds it: tables, lists, texts, numbers and truth values.

    >>> plain({"within": timedelta(hours=2)})
    {'within': 'PT2H'}
    """
    if isinstance(value, Model):
        fields = {name: field for name, field in type(value).model_fields.items() if name != "name"}
        given = ((name, getattr(value, name), field.get_default()) for name, field in fields.items())
        return {name: plain(each) for name, each, default in given if each != default}
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Decimal):
        return price_text(value)
    return value.isoformat() if isinstance(value, date) else value
