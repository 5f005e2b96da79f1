"""What people write, validated once at the door: frozen pydantic models with kolmisla's own errors."""

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
    def _refusal(cls, fault: ValidationError) -> KolmislaError:
        lines = []
        for each in fault.errors(include_url=False):
            place = ".".join(str(part) for part in each["loc"])
            cause = each.get("ctx", {}).get("error")
            text = str(cause or PLAIN.get(each["type"]) or f"{each['msg']}, not {shown(each['input'])}")
            lines.append(f"{place}: {text}" if place else text)
        return cls.error(f"{cls.__name__.lower()} with {len(lines)} fault{'s' * (len(lines) > 1)}: {'; '.join(lines)}")
