"""The table of tickets: the facts, and the answers that queries need as columns."""

import json
import os
from datetime import UTC, datetime
from functools import cache
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import JSON, DateTime, Dialect, Engine, String, TypeDecorator, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from desk.policy import fingerprint, policy
from kolmisla import NotCoveredError, Ticket, TicketError, cycles, deadline

WARN_AT = 75  # percent of the target


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. It is stored in UTC and read back in UTC, also from SQLite, which keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC. Raise ValueError for a time without an offset."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a stored time must have an offset, not {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base class of the tables."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime}


class StoredTicket(Base):
    """A ticket in the database. `store` sets all columns together, so that they cannot disagree."""

    __tablename__ = "tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    ended_at: Mapped[datetime | None] = mapped_column(index=True)  # when it was answered, resolved or withdrawn
    due_at: Mapped[datetime | None]  # to show
    breaches_after: Mapped[datetime | None] = mapped_column(index=True)  # to test
    warn_at: Mapped[datetime | None] = mapped_column(index=True)  # to ring
    reason: Mapped[str | None]  # why nothing is promised
    policy_fingerprint: Mapped[str] = mapped_column(String(64), index=True)
    revision: Mapped[int] = mapped_column()

    __mapper_args__ = {"version_id_col": revision}  # the second of two changes is refused

    @property
    def ticket(self) -> Ticket:
        """The facts, with the row's id."""
        return Ticket.from_dict({**self.facts, "id": self.id})

    def store(self, ticket: Ticket) -> None:
        """Set the facts and what follows from them. Raise KolmislaError if the policy has no answer to them."""
        found = answers(ticket)
        self.facts = as_text(ticket.replace(id=None).to_dict())
        self.due_at, self.breaches_after, self.warn_at = found.due_at, found.breaches_after, found.warn_at
        self.ended_at, self.reason, self.policy_fingerprint = found.ended_at, found.reason, fingerprint()


def as_text(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the facts. Raise TicketError for text that no database keeps, such as the half of a character."""
    try:
        json.dumps(facts, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise TicketError(f"each text must be valid, but one has {error.object[error.start]!a}") from error
    return facts


class Answers(NamedTuple):
    """What is stored beside the facts of a ticket."""

    reason: str | None = None
    ended_at: datetime | None = None
    due_at: datetime | None = None
    breaches_after: datetime | None = None
    warn_at: datetime | None = None


def answers(ticket: Ticket) -> Answers:
    """Return what follows from the facts. Raise KolmislaError if the policy has no answer to them."""
    try:
        promised = deadline(ticket, policy=policy())
    except NotCoveredError as error:
        return Answers(reason=str(error))
    ended_at = cycles(ticket, policy=policy())[-1].ended_at
    if ended_at and promised.status(ended_at).state == "withdrawn":
        return Answers(reason="withdrawn", ended_at=ended_at)
    return Answers(None, ended_at, promised.due_at, promised.breaches_after, promised.used_at(WARN_AT))


@cache
def engine() -> Engine:
    """Return the database that the environment names in DATABASE_URL, else a file of SQLite. Make missing tables."""
    made = create_engine(os.environ.get("DATABASE_URL", "sqlite:///desk.sqlite3"))
    Base.metadata.create_all(made)
    return made
