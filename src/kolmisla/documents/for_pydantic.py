"""How pydantic reads and writes kolmisla's values, in fields of pydantic models and in requests and answers of FastAPI.

Only this file imports pydantic, and only when pydantic asks for a schema.
"""

from typing import Any, Protocol, dataclass_transform, get_type_hints

from kolmisla.errors import Fault, KolmislaError, clean, has_surrogate, shown
from kolmisla.names import LOADING

__all__ = ["Answer", "Writable", "core_schema_of"]


class Writable(Protocol):
    """A value that can be written as a dict, ready for JSON."""

    def to_dict(self) -> Any:
        """Return the value as a dict that `json.dumps` accepts."""


def core_schema_of(kind: type[Writable]) -> Any:
    """Return the schema with which pydantic validates and writes values of a class.

    Pydantic accepts values of the class. Other values are read by the class's `from_dict`, or refused if it has none.
    Pydantic's ValidationError lists each fault with its place (`loc`).
    """
    with LOADING:
        from pydantic import ValidationError
        from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

    def details(fault: Fault, value: Any) -> InitErrorDetails:
        error = PydanticCustomError("kolmisla", "{fault}", {"fault": fault.text})
        place = tuple(clean(part) if isinstance(part, str) and has_surrogate(part) else part for part in fault.place)
        return InitErrorDetails(type=error, loc=place, input=value)

    def read(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        try:
            if not hasattr(kind, "from_dict"):
                raise KolmislaError(f"must be a {kind.__name__}, not {shown(value)}")
            return kind.from_dict(value)
        except KolmislaError as error:
            faults, given = error.faults or (Fault((), str(error)),), _in_json(value)
            raise ValidationError.from_exception_data(
                kind.__name__, [details(fault, given) for fault in faults]
            ) from error

    written = core_schema.plain_serializer_function_ser_schema(kind.to_dict)
    name = f"{kind.__module__}.{kind.__qualname__}:{id(kind)}"  # in the form that pydantic uses for its own models
    return core_schema.no_info_plain_validator_function(read, ref=name, serialization=written)


def _in_json(value: Any) -> Any:
    """Return a value unchanged if it can be written as JSON. Otherwise return its shortened repr."""
    with LOADING:
        import json  # only when a value is refused
    # FastAPI writes a refused value into its answer, and would fail for a lone surrogate or an infinite number.
    try:
        json.dumps(value, allow_nan=False, ensure_ascii=False, default=str).encode()
    except Exception:  # the value may be of any class and depth
        return shown(value)
    return value


@dataclass_transform(frozen_default=True)
class Answer:
    """A frozen result that kolmisla computes. Two answers of one class are equal if their fields are equal.

    A subclass lists its fields in `__slots__`, in the order of the arguments.
    """

    # This is no dataclass, because importing `dataclasses` would take a tenth of the time of `kolmisla due`.
    __slots__: tuple[str, ...] = ()

    def __init_subclass__(cls) -> None:
        setattr(cls, "__match_args__", cls.__slots__)  # noqa: B010  # type checkers make their own `__match_args__`

    def __init__(self, *values: Any, **named: Any) -> None:
        given = {**dict(zip(self.__slots__, values, strict=False)), **named}
        if len(values) + len(named) != len(self.__slots__) or given.keys() != set(self.__slots__):
            raise TypeError(
                f"a {type(self).__name__} must have exactly one value for each of {', '.join(self.__slots__)}"
            )
        for name, value in given.items():
            object.__setattr__(self, name, value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; {name} cannot be set")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} is frozen; {name} cannot be deleted")

    def __eq__(self, other: object) -> bool:
        return self._values == other._values if type(self) is type(other) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values)

    def __reduce__(self) -> tuple[type["Answer"], tuple[Any, ...]]:
        return type(self), self._values

    def __repr__(self) -> str:
        values = zip(self.__slots__, self._values, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in values)})"

    @property
    def _values(self) -> tuple[Any, ...]:
        return tuple([getattr(self, name) for name in self.__slots__])

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema_of(cls)  # type: ignore[arg-type]

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        with LOADING:
            from kolmisla.documents.json_types import of_type  # only when a schema is asked for
        form = get_type_hints(getattr(cls, "to_dict"))["return"]  # noqa: B009  # a subclass has it
        return {**of_type(form), "title": cls.__name__}
