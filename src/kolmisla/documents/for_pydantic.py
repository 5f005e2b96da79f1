"""How pydantic reads and writes our values: as fields of pydantic models, or in requests and answers of FastAPI.

Pydantic is imported in this file only, and only when pydantic asks for a schema.
"""

from typing import Any, Protocol

from kolmisla import LOADING
from kolmisla.errors import Fault, KolmislaError, shown

__all__ = ["Answer", "Writable", "core_schema_of"]


class Writable(Protocol):
    """A value that can be written as a dict, ready for JSON."""

    def to_dict(self) -> Any:
        """Return the dict."""


def core_schema_of(kind: type[Writable]) -> Any:
    """Return pydantic's schema of a class.

    Values of the class are accepted unchanged. If the class has a `from_dict`, other values are passed to `from_dict`.
    A KolmislaError becomes an error of pydantic, with each fault and the place of the fault.
    """
    with LOADING:
        from pydantic import ValidationError
        from pydantic_core import InitErrorDetails, PydanticCustomError, core_schema

    def details(fault: Fault, value: Any) -> InitErrorDetails:
        error = PydanticCustomError("kolmisla", "{fault}", {"fault": fault.text})
        return InitErrorDetails(type=error, loc=fault.place, input=value)

    def read(value: Any) -> Any:
        if isinstance(value, kind):
            return value
        try:
            if not hasattr(kind, "from_dict"):
                raise KolmislaError(f"must be a {kind.__name__}, not {shown(value)}")
            return kind.from_dict(value)
        except KolmislaError as error:
            faults = error.faults or (Fault((), str(error)),)
            raise ValidationError.from_exception_data(
                kind.__name__, [details(fault, value) for fault in faults]
            ) from error

    written = core_schema.plain_serializer_function_ser_schema(kind.to_dict)
    return core_schema.no_info_plain_validator_function(read, serialization=written)


class Answer:
    """A value that kolmisla computes.

    Pydantic accepts the value unchanged, and writes the dict that `to_dict` returns.
    """

    __slots__ = ()

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        return core_schema_of(cls)  # type: ignore[arg-type]

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> dict[str, Any]:
        return {"type": "object", "title": cls.__name__}
