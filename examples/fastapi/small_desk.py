"""A small service that stores tickets with their due times: `uvicorn small_desk:app` starts it."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from sqlalchemy import JSON, DateTime, Dialect, TypeDecorator, create_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from kolmisla import Deadline, KolmislaError, NotCoveredError, Status, Ticket, deadline

LARGEST_ID = 2**31 - 1  # of an INTEGER in PostgreSQL


class UtcDateTime(TypeDecorator[datetime]):
    """An instant. It is stored in UTC and read back in UTC, also from SQLite, which keeps no offset."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the instant in UTC."""
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored instant in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """The base class of the tables."""


class Row(Base):
    """A ticket in the database, with its stored deadline."""

    __tablename__ = "support_tickets"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)  # all that the client said about the ticket
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to show
    breaches_after: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)  # to test

    @property
    def ticket(self) -> Ticket:
        """The facts as kolmisla knows them."""
        return Ticket.from_dict(self.facts)


class NewTicket(BaseModel):
    """The body of a request. The facts stand in a part of their own, so that kolmisla checks them."""

    title: str
    ticket: Ticket


class StoredTicket(BaseModel):
    """The answer. `due_at` and `status` are null if nothing is promised to the ticket."""

    id: int
    title: str
    due_at: datetime | None
    breaches_after: datetime | None
    status: Status | None


app = FastAPI(title="Small desk")
engine = create_engine(os.environ.get("DATABASE_URL", "sqlite:///small_desk.sqlite3"))
Base.metadata.create_all(engine)


def session() -> Iterator[Session]:
    """Yield a session for one request."""
    with Session(engine) as opened:
        yield opened


Database = Annotated[Session, Depends(session)]


@app.exception_handler(KolmislaError)
def not_allowed(request: Request, error: KolmislaError) -> JSONResponse:
    """Answer 422 with the place of each fault, in the form of FastAPI's own faults."""
    faults = [(fault.place, fault.text) for fault in error.faults] or [((), str(error))]
    detail = [{"loc": ["body", "ticket", *place], "msg": text, "type": "kolmisla"} for place, text in faults]
    return JSONResponse({"detail": detail}, 422)


def promised_to(ticket: Ticket) -> Deadline | None:
    """Return the deadline of a ticket, or None if nothing is promised."""
    try:
        return deadline(ticket)
    except NotCoveredError:
        return None


def shown(row: Row, found: Deadline | None) -> StoredTicket:
    """Return the answer for a stored ticket."""
    now = max(datetime.now(UTC), row.ticket.opened_at)  # a client's clock may be ahead
    status = None if found is None else found.status(now)
    return StoredTicket(id=row.id, title=row.title, due_at=row.due_at, breaches_after=row.breaches_after, status=status)


def checked(title: str) -> str:
    """Return a title that a database can store. JSON may have NUL, and half of a character, which UTF-8 cannot hold."""
    if "\0" in title or any("\ud800" <= character <= "\udfff" for character in title):
        message = "the title must be valid text, without NUL and halves of characters"
        raise HTTPException(422, [{"loc": ["body", "title"], "msg": message, "type": "title"}])
    return title


@app.post("/tickets", status_code=201)
def open_ticket(new: NewTicket, database: Database) -> StoredTicket:
    """Store a ticket with its deadline."""
    found = promised_to(new.ticket)
    row = Row(title=checked(new.title), facts=new.ticket.to_dict())
    if found is not None:
        row.due_at, row.breaches_after = found.due_at, found.breaches_after
    database.add(row)
    database.commit()
    return shown(row, found)


@app.get("/tickets/{id}")
def show_ticket(id: Annotated[int, Path(ge=1, le=LARGEST_ID)], database: Database) -> StoredTicket:
    """Return a stored ticket with its status now."""
    row = database.get(Row, id)
    if row is None:
        raise HTTPException(404, f"there is no ticket {id}")
    return shown(row, promised_to(row.ticket))
