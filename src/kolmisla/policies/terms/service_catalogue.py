"""Tasks other than answering tickets: whether a desk does them, and what work costs."""

import re
from datetime import timedelta
from decimal import Decimal
from typing import Literal

from kolmisla.documents.decimals import ON_REQUEST, PRICE, price_text
from kolmisla.documents.model import Entry, field, record
from kolmisla.documents.values import (
    DURATION,
    NAME,
    TEXT,
    by_names,
    list_of,
    one_of,
    optional,
)
from kolmisla.times.instants import clock, length

__all__ = ["HOUR", "RATES", "TASKS", "WORK_RATES", "Rate", "Task", "Verdict", "WorkRates", "key", "words"]

JOINERS = dict.fromkeys(map(ord, "'\u2019-\u2010\u2011"))  # characters dropped within a word
PUNCTUATION = re.compile(r"[\W_]+")

Verdict = Literal["included", "extra", "not-included", "never"]


class Task(Entry):
    """Something that a desk may be asked to do. `name` is the policy's wording. `also` has other wordings.

    The `verdict` is `included` if every plan includes the task, and `never` if the desk never does it. It is `extra` if
    the task can be ordered at the rate that `rate` names, and `not-included` if it cannot be ordered. A plan may name
    an `extra` or `not-included` task in its `includes`. This plan then includes the task.

    >>> Task(name="Server migration", verdict="extra", rate="data migration").rate
    'data migration'
    """

    name: str = field(NAME)
    verdict: Verdict = field(one_of(Verdict))
    rate: str | None = field(optional(NAME), default=None)
    also: tuple[str, ...] = field(list_of(NAME), default=())


def words(text: str) -> str:
    r"""Return the words of a text in small letters and without punctuation. Texts are compared in this form.

    >>> words('- "Let\'s Encrypt" set-up (GUI)')
    'lets encrypt setup gui'
    """
    return " ".join(PUNCTUATION.sub(" ", text.casefold().translate(JOINERS)).split())


def key(text: str) -> str:
    """Return what `words` returns for a text, but without spaces: `re-build`, `rebuild` and `re build` become equal.

    >>> key("Server re-installation") == key("server re installation")
    True
    """
    return words(text).replace(" ", "")


HOUR = timedelta(hours=1)


class Rate(Entry):
    """The price of one `unit` of work, or of the duration `per`. A duration that has been started is billed in full.

    The price is in the policy's currency.

    `price` is a whole number, a Decimal, or text such as `99.50`, but never a float. Write `depends on request`
    for a price that is given only on request. If `unit` and `per` are both None, the price is for one piece of work.

    >>> Rate(name="Installation", price="210", unit="server").told("EUR")
    '210 EUR per server'
    >>> Rate(name="Training", price=100, per="PT1H").told("EUR")
    '100 EUR per started hour'
    """

    name: str = field(NAME)
    price: Decimal | Literal["depends on request"] = field(PRICE)
    description: str = field(TEXT, default="")
    unit: str | None = field(optional(NAME), default=None)
    per: timedelta | None = field(optional(DURATION), default=None)

    def _check(self) -> None:
        if self.unit is not None and self.per is not None:
            raise ValueError("a rate must have only one of the keys unit and per (such as PT1H), not both")

    @property
    def counted(self) -> str:
        """What the price is for, as text for people.

        It is the unit if the rate has one, such as `server`. For a price by time, it is `started hour` or the like.
        Otherwise it is `piece`.
        """
        if self.per is None:
            return self.unit or "piece"
        return "started hour" if self.per == HOUR else f"started {clock(length(self.per))}"

    def told(self, currency: str | None) -> str:
        """Return the price as text for people."""
        if self.price == ON_REQUEST:
            return ON_REQUEST
        suffix = f" per {self.counted}" if self.unit or self.per else ""
        return f"{price_text(self.price)} {currency}{suffix}"


class WorkRates(Entry):
    """The names of two rates: one for work `inside` the open time of a schedule, and one for work `outside` it.

    >>> WorkRates(schedule="working-hours", inside="hourly", outside="after hours").outside
    'after hours'
    """

    schedule: str = field(NAME)
    inside: str = field(NAME)
    outside: str = field(NAME)


RATES = by_names(record(Rate))
TASKS = by_names(record(Task))
WORK_RATES = record(WorkRates)
