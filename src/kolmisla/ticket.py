"""A ticket: what happened, never what should happen."""

from datetime import datetime
from typing import Annotated, ClassVar, Self

from pydantic import BeforeValidator, ValidationError, model_validator

from kolmisla.errors import KolmislaError, NaiveTicketError, NaiveTimeError, TicketError, shown
from kolmisla.model import Model
from kolmisla.plan import Name
from kolmisla.spans import micros
from kolmisla.zones import read

__all__ = ["SUPPORT_SYSTEM", "Ticket", "out_of_order"]

SUPPORT_SYSTEM = "support-system"


def _instant(given: object) -> datetime:
    """An aware datetime, or ISO 8601 text with an offset."""
    if isinstance(given, str):
        return read(given)
    if not isinstance(given, datetime):
        raise ValueError(
            f"{shown(given)} is not a time; give an aware datetime, or text such as 2026-07-03T16:30:00+03:00"
        )
    micros(given)  # refuses one without an offset
    return given


Instant = Annotated[datetime, BeforeValidator(_instant)]


def _said(name: str | None) -> str | None:
    """A name, or None for a blank one: systems that have no null write an empty text."""
    return None if isinstance(name, str) and not name.strip() else name


def out_of_order(opened_at: datetime, answered_at: datetime) -> str:
    """What is wrong with a ticket that was answered before it was opened."""
    return f"answered_at {answered_at.isoformat()} is before opened_at {opened_at.isoformat()}"


class Ticket(Model):
    """The facts of one ticket; bad data raises TicketError, which lists every fault.

    Times are aware datetimes or ISO 8601 text with an offset. Names are compared with the policy's when a
    deadline is asked for, whatever their case; a blank one is none. No `plan` means no promise. A ticket that names no
    `channel` came through the Support System, one that names no `version` is not judged by version.

    >>> Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00").channel
    'support-system'
    """

    error: ClassVar[type[KolmislaError]] = TicketError

    plan: Name | None
    priority: Name
    opened_at: Instant
    id: str | int | None = None
    channel: Name = SUPPORT_SYSTEM
    version: Name | None = None
    answered_at: Instant | None = None

    def __init__(
        self,
        *,
        plan: str | None,
        priority: str,
        opened_at: datetime | str,
        id: str | int | None = None,
        channel: str | None = None,
        version: str | None = None,
        answered_at: datetime | str | None = None,
    ) -> None:
        super().__init__(
            plan=_said(plan),
            priority=priority,
            opened_at=opened_at,
            id=id,
            channel=_said(channel) or SUPPORT_SYSTEM,
            version=_said(version),
            answered_at=answered_at,
        )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.answered_at is not None and micros(self.answered_at) < micros(self.opened_at):
            raise ValueError(out_of_order(self.opened_at, self.answered_at))
        return self

    @classmethod
    def _refusal(cls, fault: ValidationError) -> KolmislaError:
        refusal = super()._refusal(fault)
        naive = any(isinstance(each.get("ctx", {}).get("error"), NaiveTimeError) for each in fault.errors())
        return NaiveTicketError(str(refusal)) if naive else refusal
