"""Which data the holidays of a policy come from, so that a figure can be computed again."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from typing import Any

from kolmisla import __version__
from kolmisla.policies.policy import Policy

__all__ = ["calendar_data"]

OWN = ("LT",)  # countries whose holidays this package has itself


def calendar_data(policy: Policy) -> tuple[str, ...]:
    """Return the calendar data of a policy: each country with the package that knows its holidays.

    >>> from kolmisla import KOLMISOFT
    >>> calendar_data(KOLMISOFT)[0].startswith("LT by kolmisla")
    True
    """
    return tuple(sorted({f"{country} by {_package(country)}" for country in _countries(policy.to_dict())}))


def _package(country: str) -> str:
    return f"kolmisla {__version__}" if country in OWN else f"holidays {version('holidays')}"


def _countries(document: Any) -> Iterator[str]:
    """Yield the codes of countries in a document of a policy."""
    if isinstance(document, Mapping):
        for key, value in document.items():
            if key == "holidays" and isinstance(value, str):
                yield value
            else:
                yield from _countries(value)
    elif isinstance(document, (list, tuple)):
        for item in document:
            yield from _countries(item)
