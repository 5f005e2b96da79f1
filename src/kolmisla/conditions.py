"""On what conditions a promise holds: how a ticket came in, and about which version."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from kolmisla.catalogue import Catalogue
from kolmisla.errors import Fault, PolicyError, choices, shown
from kolmisla.holiday_calendar import as_date
from kolmisla.model import Entry
from kolmisla.values import Name

__all__ = ["SUPPORT_SYSTEM", "Channel", "Releases", "Versions"]


SUPPORT_SYSTEM = "support-system"


class Channel(Entry):
    """A way for tickets to come in that carries the promise.

    >>> Channel(name="portal").name
    'portal'
    """

    name: Name


class Versions(Entry):
    """Which versions of the product are supported: the `latest` so many of the policy's releases.

    >>> Versions(latest=2).latest
    2
    """

    latest: Annotated[int, Field(ge=1, strict=True)]


def _dated(given: Any) -> Any:
    """Dates by name in their order, or names, oldest first, without dates; ValueError for what is neither."""
    if not isinstance(given, Mapping):
        if isinstance(given, str) or not isinstance(given, Iterable):
            raise ValueError(f"a list of names, oldest first, or a table of dates by name, not {shown(given)}")
        names = [name.strip() if isinstance(name, str) else name for name in given]
        strange = [name for name in names if not isinstance(name, str)]
        if strange:
            raise ValueError(f"{shown(strange[0])} is not the name of a release")
        if len(set(names)) < len(names):
            raise ValueError(f"one of the names {choices(names)} is there twice")
        return dict.fromkeys(names)
    if given and all(day is None for day in given.values()):
        return dict(given)
    faults, dated = [], {}
    for name, day in given.items():
        if isinstance(name, str) and name != name.strip():
            faults.append(Fault((name,), "has blanks about it"))
        try:
            dated[name] = as_date(day, "the date")
        except ValueError as fault:
            faults.append(Fault((str(name),), str(fault)))
    if faults:
        raise PolicyError.listing(faults)
    return dict(sorted(dated.items(), key=lambda item: item[1]))


Releases = Annotated[
    Mapping[Name, date | None],
    BeforeValidator(_dated),
    AfterValidator(Catalogue),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "array", "items": {"type": "string"}},
                {"type": "object", "additionalProperties": {"type": "string", "format": "date"}},
            ]
        }
    ),
]
