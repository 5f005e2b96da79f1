"""What people write, validated once at the door: frozen pydantic models with kolmisla's own errors."""

from collections.abc import Iterator
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, ValidationError

from kolmisla.errors import KolmislaError, PolicyError, shown

__all__ = ["Model"]

PLAIN = {"missing": "is missing", "string_too_short": "is empty", "extra_forbidden": "is not known here"}


class Model(BaseModel):
    """A frozen record; building one from bad data raises its `error`, which lists every fault."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    error: ClassVar[type[KolmislaError]] = PolicyError

    def __init__(self, **data: Any) -> None:
        try:
            super().__init__(**data)
        except ValidationError as fault:
            raise self._refusal(fault) from fault

    @classmethod
    def _refusal(cls, fault: ValidationError, *within: str) -> KolmislaError:
        lines = list(_lines(fault, within))
        return cls.error(f"{cls.__name__.lower()} with {len(lines)} fault{'s' * (len(lines) > 1)}: {'; '.join(lines)}")


def _lines(fault: ValidationError, within: tuple[int | str, ...]) -> Iterator[str]:
    """Each fault with its place, those of the records in it too."""
    for each in fault.errors(include_url=False):
        loc, cause = (*within, *each["loc"]), each.get("ctx", {}).get("error")
        if isinstance(cause, KolmislaError) and isinstance(cause.__cause__, ValidationError):
            yield from _lines(cause.__cause__, loc)
            continue
        place = ".".join(str(part) for part in loc)
        text = str(cause or PLAIN.get(each["type"]) or f"{each['msg']}, not {shown(each['input'])}")
        yield f"{place}: {text}" if place else text
