"""What a desk is asked to do besides answering, whether it does it, and what work costs."""

import re
from datetime import timedelta
from typing import Annotated, Literal, Self

from pydantic import StringConstraints, model_validator

from kolmisla.documents.model import ON_REQUEST, Duration, Entry, Name, Price, price_text
from kolmisla.instants import clock, length

__all__ = ["HOUR", "Currency", "Rate", "Task", "Verdict", "WorkRates", "key", "words"]

JOINERS = dict.fromkeys(map(ord, "'\u2019-\u2010\u2011"))  # within a word
PUNCTUATION = re.compile(r"[\W_]+")

Verdict = Literal["included", "extra", "not-included", "never"]


class Task(Entry):
    """Something a desk may be asked to do, by its own words; `also` has other words for it.

    `verdict`: `included` in every plan; `extra`, it can be ordered at the `rate` of that name; `not-included`,
    and there is no way to order it; `never` done. A plan that `includes` it is an exception.

    >>> Task(name="Server migration", verdict="extra", rate="data migration").rate
    'data migration'
    """

    name: Name
    verdict: Verdict
    rate: Name | None = None
    also: tuple[Name, ...] = ()


def words(text: str) -> str:
    r"""A text as tasks are compared by: without case and punctuation.

    >>> words('- "Let\'s Encrypt" set-up (GUI)')
    'lets encrypt setup gui'
    """
    return " ".join(PUNCTUATION.sub(" ", text.casefold().translate(JOINERS)).split())


def key(text: str) -> str:
    """The words without the spaces between them: `re-build`, `rebuild` and `re build` are one.

    >>> key("Server re-installation") == key("server re installation")
    True
    """
    return words(text).replace(" ", "")


Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]  # ISO 4217

HOUR = timedelta(hours=1)


class Rate(Entry):
    """A price in the policy's currency: for one `unit`, or for each started `per`, billed in full.

    `price` is a whole number, a Decimal, or text such as `99.50`; `depends on request` where nobody knows it
    before asking. Never a float. Without a unit it is for one piece of work.

    >>> Rate(name="Installation", price="210", unit="server").told("EUR")
    '210 EUR per server'
    >>> Rate(name="Training", price=100, per="PT1H").told("EUR")
    '100 EUR per started hour'
    """

    name: Name
    price: Price
    description: str = ""
    unit: Name | None = None
    per: Duration | None = None

    @model_validator(mode="after")
    def _counts_one_way(self) -> Self:
        if self.unit is not None and self.per is not None:
            raise ValueError("a rate has a unit, or a duration that it is per, not both")
        return self

    @property
    def counted(self) -> str:
        """What one of its quantity is, for people."""
        if self.per is None:
            return self.unit or "piece"
        return "started hour" if self.per == HOUR else f"started {clock(length(self.per))}"

    def told(self, currency: str | None) -> str:
        """The price for people."""
        if self.price == ON_REQUEST:
            return ON_REQUEST
        each = f" per {self.counted}" if self.unit or self.per else ""
        return f"{price_text(self.price)} {currency}{each}"


class WorkRates(Entry):
    """Which rates price a stretch of work: the part `inside` the open time of a schedule, and the part `outside`.

    >>> WorkRates(schedule="working-hours", inside="hourly", outside="after hours").outside
    'after hours'
    """

    schedule: Name
    inside: Name
    outside: Name
