"""The JSON forms of coverage and quotes. Type checkers learn here which keys and types each `to_dict` returns.

In a quote, money is text with two decimals, without its currency.
"""

from typing import Literal, NotRequired, TypedDict

from kolmisla.policies.terms.service_catalogue import Verdict

__all__ = ["CoverageDict", "CoveredTaskDict", "QuoteDict", "QuoteLineDict"]


class CoveredTaskDict(TypedDict):
    """The JSON form of a CoveredTask."""

    task: str
    verdict: Verdict
    price: str | None  # with its currency
    line: str | None  # a line of the policy's source
    rate: str | None
    rate_line: str | None  # the line of the policy's source about the rate


class CoverageDict(TypedDict):
    """The JSON form of a Coverage; only an unknown task has the key `closest`."""

    verdict: Verdict | Literal["unknown"]
    price: str | None  # with its currency
    line: str | None  # a line of the policy's source
    plan: str
    rate: str | None
    tasks: list[CoveredTaskDict]
    closest: NotRequired[list[CoveredTaskDict]]


class QuoteLineDict(TypedDict):
    """The JSON form of a QuoteLine."""

    task: str
    rate: str | None
    quantity: int
    counted: str  # the unit of the quantity
    worked_s: int | float | None  # seconds: an integer when whole, else a float; None for a task
    price: str | None  # the price of one unit
    amount: str | None  # the price of the whole quantity
    line: str | None  # a line of the policy's source


class QuoteDict(TypedDict):
    """The JSON form of a Quote."""

    lines: list[QuoteLineDict]
    open: list[QuoteLineDict]  # lines that are priced on request
    own: list[QuoteLineDict]  # lines that the plan already covers
    total: str
    currency: str | None  # a code of ISO 4217
