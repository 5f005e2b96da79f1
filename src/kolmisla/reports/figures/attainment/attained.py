"""What was attained of a promised share, such as 95 % of tickets each month, in one period."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from kolmisla.documents.decimals import percent_text
from kolmisla.policies.terms.attainment import Attainment
from kolmisla.reports.figures.periods import period_label

__all__ = ["Attained", "AttainedState", "TicketId", "Whole"]

TicketId = str | int | None
Whole = Literal["whole", "goes-on", "cut"]
AttainedState = Literal["kept", "missed", "open", "cut"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attained:
    """How a promised share stands in one period: the share kept so far, and the credit.

    `period` is the first date of the period, or None if the share is promised for the whole time. Only tickets opened
    from `opened_from` on and before `opened_before` count. `tickets` has the ids of those that missed their target.
    `whole` says whether the report covers the whole period: `goes-on` means that the period had not ended, and `cut`
    that the report's dates leave out a part.
    """

    plan: str
    period: date | None
    promise: Attainment
    edition: int  # the index of the first edition with this promise
    opened_from: date | None
    opened_before: date | None
    met: int
    breached: int
    running: int
    paused: int
    tickets: tuple[TicketId, ...]
    whole: Whole

    @property
    def label(self) -> str:
        """The name of the period, such as 2026-07, or `all` if the share is promised for the whole time."""
        per = self.promise.per
        return "all" if self.period is None or per == "all" else period_label(self.period, per)

    @property
    def decided(self) -> int:
        """How many cycles are met or breached."""
        return self.met + self.breached

    @property
    def undecided(self) -> int:
        """How many cycles are running or paused. They have not ended and are within their target."""
        return self.running + self.paused

    @property
    def share(self) -> Decimal | None:
        """The share kept so far: met / (met + breached), or None if no cycle is met or breached.

        It has more decimals than the promised share and is rounded down. So it is below that share only if the exact
        one is.
        """
        return self._share(self.met, self.decided)

    @property
    def best(self) -> Decimal | None:
        """What the share will be if all running and paused cycles are met, rounded down.

        It is None if there are no cycles, or if the report's dates leave out a part of the period.
        """
        return None if self.whole == "cut" else self._share(self.met + self.undecided, self.decided + self.undecided)

    @property
    def worst(self) -> Decimal | None:
        """What the share will be if all running and paused cycles are breached, rounded down.

        It is None if there are no cycles, or if the report's dates leave out a part of the period.
        """
        return None if self.whole == "cut" else self._share(self.met, self.decided + self.undecided)

    @property
    def may_be_missed(self) -> int | None:
        """How many more cycles may be breached without missing the promised share.

        All other open cycles must then be met. While the period goes on, cycles to come are included. The number is
        None if the share is missed already, or if the report's dates cut the period.
        """
        part, whole = self.promise.share.as_integer_ratio()
        met, open_ones = self.met + self.undecided, self.undecided
        if self.whole == "cut" or not self.promise.is_kept(met, self.decided + open_ones):
            return None
        of_these = (met * whole - part * (self.decided + open_ones)) // whole
        if of_these < open_ones or self.whole == "whole":
            return min(of_these, open_ones)
        return self.met * whole // part - self.decided

    @property
    def state(self) -> AttainedState:
        """The verdict on the promised share in the period: `kept`, `missed`, `open` or `cut`.

        It is `cut` if the report's dates leave out a part of the period, and `open` while the period goes on or open
        cycles decide it.
        """
        if self.whole != "whole":
            return "cut" if self.whole == "cut" else "open"
        promise, judged = self.promise, self.decided + self.undecided
        if promise.is_kept(self.met, judged):
            return "kept"
        return "open" if promise.is_kept(self.met + self.undecided, judged) else "missed"

    @property
    def is_final(self) -> bool:
        """Whether the share and the credit cannot change any more."""
        return self.whole == "whole" and not self.undecided

    @property
    def below(self) -> Decimal | None:
        """The limit that decides the credit for the share so far: the share is below this limit.

        Of several such limits, the one with the greatest credit decides. The result is None if there is none, if no
        cycle is met or breached, or if the report's dates cut the period.
        """
        step = self.promise.step(self.met, self.decided) if self.decided and self.whole != "cut" else None
        return None if step is None else step.below

    @property
    def credit(self) -> Decimal | None:
        """The credit that a client gets for the share so far.

        It is None if no cycle is met or breached, or if the report's dates leave out a part of the period.
        """
        return self._credit(self.met, self.decided)

    @property
    def credit_at_best(self) -> Decimal | None:
        """What the credit will be if all running and paused cycles are met. It is None when `best` is None."""
        return self._credit(self.met + self.undecided, self.decided + self.undecided)

    @property
    def credit_at_worst(self) -> Decimal | None:
        """What the credit will be if all running and paused cycles are breached. It is None when `best` is None."""
        return self._credit(self.met, self.decided + self.undecided)

    def _credit(self, met: int, judged: int) -> Decimal | None:
        return self.promise.credit_for(met, judged) if judged and self.whole != "cut" else None

    def _share(self, met: int, judged: int) -> Decimal | None:
        return Decimal(f"{met * 10**self.digits // judged}E-{self.digits}") if judged else None

    @property
    def digits(self) -> int:
        """How many decimals a share has: at least four, so that a percentage has two."""
        ours = (self.promise.share, *(step.below for step in self.promise.credits))
        return max(4, *(1 - int(share.as_tuple().exponent) for share in ours))

    def to_dict(self) -> dict[str, Any]:
        """Return a dict that JSON can hold. Shares and credits are text in percent, and dates are text in ISO 8601."""
        promise = self.promise
        days = {"begins": self.period, "opened_from": self.opened_from, "opened_before": self.opened_before}
        shares = {
            "share": self.share,
            "best": self.best,
            "worst": self.worst,
            "below": self.below,
            "credit": self.credit,
            "credit_at_best": self.credit_at_best,
            "credit_at_worst": self.credit_at_worst,
        }
        return {
            "plan": self.plan,
            "of": promise.of,
            "per": promise.per,
            "period": self.label,
            "edition": self.edition,
            **{name: None if day is None else day.isoformat() for name, day in days.items()},
            "promised": percent_text(promise.share),
            "state": self.state,
            "final": self.is_final,
            "met": self.met,
            "breached": self.breached,
            "running": self.running,
            "paused": self.paused,
            "may_be_missed": self.may_be_missed,
            **{name: None if share is None else percent_text(share) for name, share in shares.items()},
            "tickets": list(self.tickets),
        }
