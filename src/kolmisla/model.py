"""What people write, validated once at the door: frozen pydantic models with kolmisla's own errors."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from kolmisla import LOADING
from kolmisla.errors import LONGEST, Fault, KolmislaError, PolicyError, shown
from kolmisla.remembered import remembered
from kolmisla.values import duration_text, price_text

__all__ = ["TAG", "Entry", "Model", "plain"]

PLAIN = {"missing": "is missing", "string_too_short": "is empty"}
FORMS = {  # what pydantic calls by the names of Python
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

        >>> from kolmisla.kolmisoft import KOLMISOFT
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
        if len(name) > LONGEST:
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
            cause, form = each.get("ctx", {}).get("error"), FORMS.get(each["type"], each["msg"])
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
