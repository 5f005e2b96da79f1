"""Tells where the dates of a policy's holidays come from, so that the figures of a report can be computed again."""

from collections.abc import Iterator, Mapping
from typing import Any

from kolmisla.names import __version__
from kolmisla.policies.policy import Policy
from kolmisla.schedules.days.countries import package_version

__all__ = ["calendar_data"]

OWN = ("LT",)  # countries whose holidays this package has itself


def calendar_data(policy: Policy) -> tuple[str, ...]:
    """Return a text for each country whose holidays a policy has, which says where the dates come from.

    The source is a package with its version, or the policy itself with the years of its list.

    >>> from kolmisla import KOLMISOFT
    >>> calendar_data(KOLMISOFT)[0].startswith("LT by kolmisla")
    True
    """
    return tuple(sorted({told for value in _holidays(policy.to_dict()) for told in _told(value)}))


def _told(value: Any) -> Iterator[str]:
    """Yield a text for each country in a value of the key `holidays`: its code, and where its dates come from."""
    if isinstance(value, list):
        for part in value:
            yield from _told(part)
    elif isinstance(value, Mapping) and "frozen" in value:
        yield f"{value['frozen']} by dates of {value['years']}"
    elif isinstance(value, Mapping) and "country" in value:
        yield f"{value['country']} by {_package('' if 'categories' in value else value['country'])}"
    elif isinstance(value, str) and not value[:1].isdigit():
        yield f"{value} by {_package(value)}"


def _package(country: str) -> str:
    return f"kolmisla {__version__}" if country in OWN else f"holidays {package_version()}"


def _holidays(document: Any) -> Iterator[Any]:
    """Yield the value of each key `holidays` in the document of a policy, at any depth."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if key == "holidays":
                yield value
            else:
                yield from _holidays(value)
    elif isinstance(document, list):
        for item in document:
            yield from _holidays(item)
