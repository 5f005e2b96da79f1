"""The conditions of promises: the channels and the versions of the product for which promises hold."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from kolmisla.documents.model import Entry, field
from kolmisla.documents.names import Catalogue, folded
from kolmisla.documents.values import NAME, Kind, number, read_parts
from kolmisla.errors import (
    Fault,
    NotCoveredError,
    PolicyError,
    TicketError,
    as_text,
    choices,
    is_iterable,
    named,
    shown,
)
from kolmisla.times.dates import as_date

__all__ = ["RELEASED", "SUPPORT_SYSTEM", "Channel", "Versions"]

SUPPORT_SYSTEM = "support-system"


class Channel(Entry):
    """A way by which tickets come in, such as a portal.

    If a policy has channels, its promises hold only for tickets that came in through one of them.

    >>> Channel(name="portal").name
    'portal'
    """

    name: str = field(NAME)


class Versions(Entry):
    """How many of the product's newest releases are supported: `latest` of them. The policy lists the releases.

    >>> Versions(latest=2).latest
    2
    """

    latest: int = field(number(1, 1_000_000))

    def release_of(self, version: str, releases: Iterable[str], to_come: Mapping[str, date]) -> str:
        """Return the policy's spelling of a supported version.

        `releases` are the releases that were out when the ticket was opened. `to_come` has all later releases, each
        with its date. Raise PolicyError if there are no releases at all. Raise TicketError for an unknown version, and
        NotCoveredError for an unsupported version.
        """
        names = {folded(release): release for release in releases}
        if not names and not to_come:
            raise PolicyError(
                f"version {shown(version)} cannot be checked: the policy has no releases; list them, oldest first"
            )
        release = names.get(folded(version))
        if release is None:
            known = f"the releases {choices(names.values()) if names else '(none yet)'}"
            later = to_come.get(folded(version))
            hint = f"; it came out on {later}, after the ticket was opened" if later else ""
            raise TicketError(f"version {shown(version)} is not one of {known}{hint}")
        supported = list(names.values())[-self.latest :]
        if release not in supported:
            raise NotCoveredError(f"version {named(release)} is not supported, only {choices(supported, ' and ')}")
        return release


def _dated(value: Any) -> Any:
    """Read releases: a table of dates by name, or a list of names. Return a table of dates by name, in order.

    For a list, each date is None, and the order stays. Raise PolicyError for invalid entries of a table, and ValueError
    for any other fault.
    """
    if not isinstance(value, Mapping):
        if isinstance(value, str) or not is_iterable(value):
            raise ValueError(f"must be a list of names, oldest first, or a table of dates by name, not {shown(value)}")
        names = []
        for name in value:
            if not isinstance(name, str):
                raise ValueError(f"the name of a release must be a string, not {shown(name)}")
            names.append(name.strip())
        if len(set(names)) < len(names):
            twice = Counter(names).most_common(1)[0][0]
            raise ValueError(f"each release must be named once, but {shown(twice)} is named more than once")
        return dict.fromkeys(names)
    if value and all(day is None for day in value.values()):  # it counts as a list of names
        return dict(value)
    faults, dated = [], {}
    for name, day in value.items():
        if isinstance(name, str) and name != name.strip():
            faults.append(Fault((name,), "must not begin or end with a blank"))
        try:
            dated[name] = as_date(day, "the date")
        except ValueError as fault:
            faults.append(Fault((as_text(name),), str(fault)))
    if faults:
        raise PolicyError.listing(faults)
    return dict(sorted(dated.items(), key=lambda item: item[1]))


def _releases(value: Any) -> Mapping[str, date | None]:
    dated = _dated(value)
    names = read_parts(((as_text(name), name) for name in dated), NAME.read)
    return Catalogue(dict(zip(names, dated.values(), strict=True)))


RELEASED: Kind[Mapping[str, date | None]] = Kind(
    _releases,
    {
        "anyOf": [
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": {"type": "string", "format": "date"}},
        ]
    },
)
