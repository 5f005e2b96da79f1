"""The dicts that `to_dict` returns for coverage and quotes. They are ready for JSON.

In a quote, money is text with two decimals, without its currency.
"""

from typing import Literal, NotRequired, TypedDict

from kolmisla.policies.terms.service_catalogue import Verdict

__all__ = ["CoverageDict", "CoveredTaskDict", "QuoteDict", "QuoteLineDict"]


class CoveredTaskDict(TypedDict):
    """The dict that `CoveredTask.to_dict` returns."""

    task: str
    verdict: Verdict
    price: str | None  # with its currency
    line: str | None  # a line of the policy's source
    rate: str | None
    rate_line: str | None  # the first line of the policy's source about the rate


class CoverageDict(TypedDict):
    """The dict that `Coverage.to_dict` returns. Only an unknown task has the key `closest`."""

    verdict: Verdict | Literal["unknown"]
    price: str | None  # with its currency
    line: str | None  # a line of the policy's source
    plan: str
    rate: str | None
    tasks: list[CoveredTaskDict]
    closest: NotRequired[list[CoveredTaskDict]]


class QuoteLineDict(TypedDict):
    """The dict that `QuoteLine.to_dict` returns."""

    task: str
    rate: str | None
    quantity: int
    counted: str  # the unit of the quantity
    worked_s: int | float | None  # seconds: an integer when whole, else a float; None for a task
    price: str | None  # the price of one unit
    amount: str | None  # the price of the whole quantity
    line: str | None  # a line of the policy's source


class QuoteDict(TypedDict):
    """The dict that `Quote.to_dict` returns."""

    lines: list[QuoteLineDict]
    open: list[QuoteLineDict]  # lines that are priced on request
    own: list[QuoteLineDict]  # lines that the plan already covers
    total: str
    currency: str | None  # a code of ISO 4217
