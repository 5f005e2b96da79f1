"""Names, ranks, durations, dates and prices as people write them, and frozen models that list every fault."""

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
    """Return whether a value means "missing" in a data library: None, nan, NaT or NA.

    >>> [is_nothing(value) for value in (None, float("nan"), 0, "")]
    [True, True, False, False]
    """
    if given is None:
        return True
    try:
        return bool(given != given)  # nan and NaT do not equal themselves
    except (TypeError, ValueError, ArithmeticError):  # NA and arrays have no truth value; sNaN is not comparable
        return type(given).__name__ == "NAType"


def read_duration(given: object) -> timedelta:
    """Return a duration from its ISO 8601 text in hours, minutes and seconds; a timedelta is returned as it is.

    ValueError for any other value. Days are refused: a day could mean 24 hours of open time, or one working day.

    >>> read_duration("PT8H30M")
    datetime.timedelta(seconds=30600)
    """
    if isinstance(given, timedelta):
        return given
    match = re.fullmatch(DURATION, given) if isinstance(given, str) else None
    if match is None:
        raise ValueError(f"{shown(given)} is not a duration such as PT2H, PT15M or PT8H30M (hours, minutes, seconds)")
    hours, minutes, seconds, fraction = match.groups()
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return duration(whole * SECOND + int((fraction or "0").ljust(6, "0")))


def duration_text(within: timedelta) -> str:
    """Return the ISO 8601 text of a duration that is not negative.

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
        text = duration_text(within) if within >= timedelta(0) else f"minus {duration_text(-within)}"
        raise ValueError(f"a duration must be positive and at most a century, not {text}")
    return within


def _price(value: object) -> object:
    if value == ON_REQUEST:
        return value
    text = str(value) if type(value) in (int, str, Decimal) else ""
    if not re.fullmatch(PRICE, text):
        why = "; a float cannot hold money" if isinstance(value, float) else ""
        raise ValueError(f'{shown(value)} is not a price such as "210", "99.50" or "{ON_REQUEST}"{why}')
    return Decimal(text)


def price_text(price: Decimal) -> str:
    """Return the text of a price, without cents when they are zero.

    >>> price_text(Decimal("210.00")), price_text(Decimal("99.5"))
    ('210', '99.50')
    """
    return str(int(price)) if price == int(price) else f"{price:.2f}"


def _day(value: Any) -> date:
    return as_date(value, "the date")


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
TYPE_FAULTS = {  # where pydantic's message names a type of Python
    "dict_type": "must be a table (a mapping)",
    "mapping_type": "must be a table (a mapping)",
    "model_type": "must be a table (a mapping)",
    "model_attributes_type": "must be a table (a mapping)",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "string_type": "must be a string",
}
MOST_FAULTS = 1_000  # of those that involve more than one field
TAG = "\0"  # begins the tag of an alternative, which pydantic adds to the place of a fault; no document has it


class Model(BaseModel):
    """A frozen record. Invalid data raises the error of its class (`error`), which lists every fault."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        arbitrary_types_allowed=True,
        defer_build=True,  # a command uses few of the models
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
        """Return a copy with some fields replaced, validated again.

        >>> from kolmisla import KOLMISOFT
        >>> list(KOLMISOFT.replace(releases=["X16", "X17", "X18"]).releases)
        ['X16', 'X17', 'X18']
        """
        return type(self)(**{**{field: getattr(self, field) for field in type(self).model_fields}, **changes})

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy as `replace` does: pydantic would not validate it, and would keep cached values."""
        return self.replace(**update) if update else super().model_copy(deep=deep)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; replace({name}=...) returns a changed copy")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; its {name} cannot be deleted")

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:  # noqa: ARG003
        """Yield faults that involve more than one field. `data` is the unvalidated input."""
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
        """Return the keys that a document may have."""
        return list(cls.model_fields)

    @classmethod
    def _faults(cls, fault: ValidationError) -> Iterator[Fault]:
        """Yield each fault with its place, and those of nested records."""
        for detail in fault.errors(include_url=False):
            loc = tuple(part for part in detail["loc"] if not str(part).startswith(TAG))
            cause, form = detail.get("ctx", {}).get("error"), TYPE_FAULTS.get(detail["type"], detail["msg"])
            if isinstance(cause, KolmislaError) and cause.faults:
                yield from (inner.within(*loc) for inner in cause.faults)
            elif detail["type"] == "extra_forbidden" and len(loc) == 1:
                yield Fault(loc, cls._unknown(str(loc[0])))
            else:
                yield Fault(loc, str(cause or PLAIN.get(detail["type"]) or f"{form}, not {shown(detail['input'])}"))


class Entry(Model):
    """A named part of a policy. `line` quotes its source, with line feeds between the quoted lines."""

    line: str = ""


def plain(value: Any) -> Any:
    """Return a value as a document holds it: mappings, lists, strings, numbers and booleans.

    >>> plain({"within": timedelta(hours=2)})
    {'within': 'PT2H'}
    """
    if isinstance(value, Model):
        fields = {name: field for name, field in type(value).model_fields.items() if name != "name"}
        values = ((name, getattr(value, name), field.get_default()) for name, field in fields.items())
        return {name: plain(content) for name, content, default in values if content != default}
    if isinstance(value, Mapping):
        return {name: plain(content) for name, content in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, Decimal):
        return price_text(value)
    return value.isoformat() if isinstance(value, date) else value
