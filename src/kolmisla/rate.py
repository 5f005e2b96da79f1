"""What work costs: rates, and which of them price a stretch of work."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import StringConstraints, model_validator

from kolmisla.model import Entry
from kolmisla.spans import clock, length
from kolmisla.values import ON_REQUEST, Duration, Name, Price, price_text

__all__ = ["Currency", "Rate", "WorkRates"]

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
