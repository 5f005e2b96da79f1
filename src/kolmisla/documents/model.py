"""Frozen records. A record checks the data from which it is made, and its error lists every fault of the data."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any, ClassVar, NamedTuple, Self, TypeVar, dataclass_transform

from kolmisla.documents.for_pydantic import core_schema_of
from kolmisla.documents.values import TEXT, Kind, add_faults, resolved
from kolmisla.errors import MOST_FAULTS, Fault, KolmislaError, PolicyError, shown
from kolmisla.names import LOADING, did_you_mean
from kolmisla.times.durations import duration_text
from kolmisla.times.instants import EPOCH

__all__ = ["Entry", "Model", "draft_of", "field", "plain", "record", "schema_with_parts"]

T = TypeVar("T")

MISSING: Any = object()


class Field(NamedTuple):
    """A field of a record: how its value is read, and its default. If the default is MISSING, a value must be given."""

    kind: Kind[Any]
    default: Any


def field(kind: Kind[T], *, default: Any = MISSING) -> Any:
    """Declare a field of a record. `kind` reads the values of the field."""
    return Field(kind, default)


class _ModelType(type):
    """The metaclass of records. It makes a slot for each field that a class declares."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> "_ModelType":
        own = {key: value for key, value in namespace.items() if isinstance(value, Field)}
        rest = {key: value for key, value in namespace.items() if key not in own}
        made = super().__new__(cls, name, bases, {**rest, "__slots__": (*own, *rest.get("__slots__", ()))})
        made.fields = {**getattr(made, "fields", {}), **own}
        return made

    fields: dict[str, Field]


class _DataclassFields:
    """The fields of a record as dataclass fields, so that FastAPI reads the record from the body of a request."""

    def __get__(self, record: Any, model: type["Model"]) -> Any:
        with LOADING:
            from dataclasses import make_dataclass  # only when FastAPI or a user asks
        fields: Any = make_dataclass(model.__name__, model.fields)
        return fields.__dataclass_fields__


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(field,))
class Model(metaclass=_ModelType):
    """A frozen record.

    For invalid data, an exception of the class `error` is raised. The exception lists every fault.
    """

    error: ClassVar[type[KolmislaError]] = PolicyError
    _document_schema: ClassVar[Callable[[], Any] | None] = None  # the JSON Schema, if fields do not tell it
    __dataclass_fields__: ClassVar[Any] = _DataclassFields()

    def __init__(self, /, **data: Any) -> None:
        faults: list[Fault] = []
        causes: list[Exception] = []
        fields = type(self).fields
        for name, declared in fields.items():
            if name in data:
                try:
                    object.__setattr__(self, name, declared.kind.read(data[name]))
                except ValueError as error:
                    add_faults(faults, causes, name, error)
            elif declared.default is MISSING:
                faults.append(Fault((name,), "is missing"))
            else:
                object.__setattr__(self, name, declared.default)
        unknown = (name for name in data if name not in fields)
        faults += (Fault((name,), self._unknown(name)) for name in islice(unknown, MOST_FAULTS))
        if not faults:
            try:
                self._check()
            except ValueError as error:
                add_faults(faults, causes, None, error)
        faults += islice(self._contradictions(data), MOST_FAULTS)
        if faults:
            raise self._refusal(faults, causes) from (causes[0] if causes else None)

    def _check(self) -> None:
        """Raise ValueError if valid fields contradict each other. The base class checks nothing; subclasses may."""

    @classmethod
    def from_dict(cls, document: Mapping[Any, Any]) -> Self:
        """Return the record that a table describes. The table has the form that `to_dict` returns.

        For invalid data, raise an exception of the class `error`. The exception lists every fault.

        >>> from kolmisla import Target
        >>> Target.from_dict({"within": "PT2H"}).within
        datetime.timedelta(seconds=7200)
        """
        if not isinstance(document, Mapping):
            raise cls._refusal([Fault((), f"must be a table (a mapping), not {shown(document)}")], ())
        strange = [name for name in document if not isinstance(name, str)]
        if strange:
            raise cls._refusal([Fault((), f"a name must be a string, not {shown(strange[0])}")], ())
        made = cls.__new__(cls)
        Model.__init__(made, **document)  # __init__ of a subclass would raise TypeError for unknown names
        return made

    def to_dict(self) -> dict[str, Any]:
        """Return a dict ready for JSON.

        Instants and dates are written as ISO 8601 text, and durations as text such as `PT2H`.
        """
        return {name: plain(value) for name, value in self._as_dict().items()}

    def replace(self, **changes: Any) -> Self:
        """Return a validated copy with some fields replaced.

        >>> from kolmisla import KOLMISOFT
        >>> list(KOLMISOFT.replace(releases=["X16", "X17", "X18"]).releases)
        ['X16', 'X17', 'X18']
        """
        return type(self)(**{**self._as_dict(), **changes})

    def _as_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).fields}

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; replace({name}=...) returns a changed copy")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; its {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values)

    @property
    def _values(self) -> tuple[Any, ...]:
        values = [getattr(self, name) for name in type(self).fields]
        # two wall times of one zone are equal to Python if only their fold differs
        return tuple([value - EPOCH if isinstance(value, datetime) else value for value in values])

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._as_dict().items())})"

    def __getstate__(self) -> dict[str, Any]:
        """Return what a pickle holds: the fields, without values that were computed from them."""
        return self._as_dict()

    def __setstate__(self, state: Mapping[str, Any]) -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)

    @classmethod
    def _contradictions(cls, data: Mapping[str, Any]) -> Iterable[Fault]:  # noqa: ARG003
        """Return the faults that involve several fields. `data` has the given values of the fields, by name.

        The base class returns no faults. Subclasses may override this method.
        """
        return ()

    @classmethod
    def _read(cls, name: str, value: Any) -> Any:
        """Read a value of the field `name`. Raise the error of the class, with all faults, if the value is invalid."""
        try:
            return cls.fields[name].kind.read(value)
        except ValueError as error:
            faults: list[Fault] = []
            causes: list[Exception] = []
            add_faults(faults, causes, name, error)
            raise cls._refusal(faults, causes) from error

    @classmethod
    def _refusal(cls, faults: Iterable[Fault], causes: Iterable[Exception]) -> KolmislaError:  # noqa: ARG003
        listed = dict.fromkeys(faults)
        return cls.error.listing(listed, cls._heading(len(listed)))

    @classmethod
    def _heading(cls, count: int) -> str:
        return f"{cls.__name__.lower()} with {count} fault{'s' * (count > 1)}: "

    @classmethod
    def _unknown(cls, name: str) -> str:
        return f"is not known here; {did_you_mean(name, cls._keys())}the keys are {', '.join(cls._keys())}"

    @classmethod
    def _keys(cls) -> list[str]:
        """Return the keys that a document of the record may have."""
        return list(cls.fields)

    @classmethod
    def json_schema(cls, schema_of: Callable[[type], dict[str, Any]]) -> dict[str, Any]:
        """Return the JSON Schema of a document that describes the record.

        `schema_of` takes the class of a record in a field, and returns the schema of this class.
        """
        words = (cls.__doc__ or "").partition(">>>")[0]  # without the examples in Python
        return {
            "title": cls.__name__,
            "description": "\n".join(map(str.strip, words.strip().splitlines())),
            "type": "object",
            "properties": {name: resolved(declared.kind.schema, schema_of) for name, declared in cls.fields.items()},
            "additionalProperties": False,
            "required": [name for name, declared in cls.fields.items() if declared.default is MISSING],
        }

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> Any:
        return schema_with_parts(cls)


def schema_with_parts(part: type["Model"]) -> Any:
    """Return the JSON Schema of the class `part`. It contains the schemas of the records in the fields of `part`."""
    return resolved(part._document_schema or part.json_schema(schema_with_parts), schema_with_parts)


M = TypeVar("M", bound=Model)


def draft_of(kind: type[T]) -> Callable[[], Any]:
    """Return a class that has the slots of the frozen class `kind`, but is not frozen. Its objects are called drafts.

    Set the attributes of a draft, and then assign `kind` to its `__class__`. This takes a quarter of the time of
    `object.__setattr__`.
    """
    make: Any = type(kind)
    # Python sets attributes slowly in a class that has its own `__setattr__` or `__delattr__`.
    plain = {name: getattr(object, name) for name in ("__init__", "__setattr__", "__delattr__")}
    names = {"__slots__": kind.__dict__["__slots__"], **plain}
    draft: Callable[[], Any] = make(f"{kind.__name__}Draft", kind.__bases__, names)
    return draft


class Entry(Model):
    """A part of a policy that has a name, such as a plan.

    `line` quotes what the support page or contract behind the policy says about this part, in one line or several.
    """

    line: str = field(TEXT, default="")


def record(model: type[M]) -> Kind[M]:
    """Return a reader of records of the class `model`. The reader accepts a record, or a table that describes one."""

    def read(value: Any) -> M:
        if isinstance(value, model):
            return value
        if not isinstance(value, Mapping):
            raise ValueError(f"must be a table (a mapping), not {shown(value)}")
        return model.from_dict(value)

    return Kind(read, model)


def plain(value: Any, *, without: tuple[str, ...] = ("name",)) -> Any:
    """Return a value as documents write it: with mappings, lists, strings, numbers and booleans.

    Fields that have their default are left out, and also the fields in `without` of a record. Records inside the value
    are written without `name`.

    >>> plain({"within": timedelta(hours=2)})
    {'within': 'PT2H'}
    """
    if isinstance(value, Model):
        # The fields in `without` are not even read, because this could compute their values.
        fields = {name: declared for name, declared in type(value).fields.items() if name not in without}
        values = ((name, getattr(value, name), declared.default) for name, declared in fields.items())
        return {name: plain(content) for name, content, default in values if content != default}
    if isinstance(value, Mapping):
        return {name: plain(content) for name, content in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int)):
        return value
    with LOADING:  # most documents have no decimals
        from kolmisla.documents.decimals import decimal_text
    return decimal_text(value)
