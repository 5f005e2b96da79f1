"""The application: what comes in is checked by kolmisla, and what goes out has the forms that kolmisla documents."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, FastAPI, HTTPException, Path, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel, ConfigDict
from sqlalchemy import or_, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk.policy import policy
from desk.storage import StoredTicket, engine
from kolmisla import Deadline, Event, KolmislaError, NotCoveredError, QueueEntry, Status, Ticket, deadline, queue

app = FastAPI(title="Support desk")


class TicketOut(BaseModel):
    """A stored ticket, as the API shows it."""

    model_config = ConfigDict(from_attributes=True)

    id: int
    ticket: Ticket
    due_at: datetime | None
    breaches_after: datetime | None
    warn_at: datetime | None
    reason: str | None
    policy_fingerprint: str


class Fault(BaseModel):
    """What is wrong with a request, and where. FastAPI's own faults have the same form."""

    loc: list[str | int]
    msg: str
    type: str


class Faults(BaseModel):
    """The body of a status 422."""

    detail: list[Fault]


class Reason(BaseModel):
    """The body of the statuses 404 and 409."""

    detail: str


def session() -> Iterator[Session]:
    """Yield a session for one request."""
    with Session(engine()) as opened:
        yield opened


def now() -> datetime:
    """Return the current time. A test replaces this function."""
    return datetime.now(UTC)


LARGEST_ID = 2**31 - 1  # of a column of the type INTEGER
Database = Annotated[Session, Depends(session)]
Now = Annotated[datetime, Depends(now)]


def found(id: Annotated[int, Path(ge=1, le=LARGEST_ID)], database: Database) -> StoredTicket:
    """Return the ticket with an id, or end the request with status 404."""
    row = database.get(StoredTicket, id)
    if row is None:
        raise HTTPException(404, f"there is no ticket {id}")
    return row


Found = Annotated[StoredTicket, Depends(found)]


@app.exception_handler(NotCoveredError)
def nothing_promised(request: Request, error: NotCoveredError) -> JSONResponse:
    """Answer 404 when the policy promises nothing: there is no deadline to show."""
    return JSONResponse({"detail": str(error)}, 404)


@app.exception_handler(KolmislaError)
def refused(request: Request, error: KolmislaError) -> JSONResponse:
    """Answer 422 when the facts contradict each other or the policy."""
    part = "body" if request.method == "POST" else "query"
    faults = [{"loc": [part, *fault.place], "msg": fault.text, "type": "kolmisla"} for fault in error.faults]
    return JSONResponse({"detail": faults or [{"loc": [part], "msg": str(error), "type": "kolmisla"}]}, 422)


@app.exception_handler(StaleDataError)
def changed_meanwhile(request: Request, error: StaleDataError) -> JSONResponse:
    """Answer 409 when another request changed the ticket first."""
    return JSONResponse({"detail": "another request has changed the ticket; send this one again"}, 409)


@app.post("/tickets", status_code=201, response_model=TicketOut, responses={422: {"model": Faults}})
def open_ticket(ticket: Ticket, database: Database) -> StoredTicket:
    """Store a new ticket. The desk gives it its id."""
    if ticket.id is not None:
        fault = {"loc": ["body", "id"], "msg": "must be left out: the desk gives the id", "type": "kolmisla"}
        raise HTTPException(422, [fault])
    row = StoredTicket()
    row.store(ticket)
    database.add(row)
    database.commit()
    return row


@app.post(
    "/tickets/{id}/events",
    response_model=TicketOut,
    responses={404: {"model": Reason}, 409: {"model": Reason}, 422: {"model": Faults}},
)
def add_event(row: Found, event: Event, database: Database) -> StoredTicket:
    """Add an event to a ticket, such as an answer or a pause, and store the deadline that follows from it."""
    ticket = row.ticket
    row.store(ticket.replace(events=[*ticket.events, event]))
    database.commit()
    return row


@app.get("/tickets/{id}/deadline", response_model=Deadline, responses={404: {"model": Reason}})
def deadline_of_ticket(row: Found) -> Deadline:
    """Return the deadline for the first answer. The status is 404 if nothing is promised."""
    return deadline(row.ticket, policy=policy())


@app.get(
    "/tickets/{id}/status",
    response_model=Status,
    responses={404: {"model": Reason}, 422: {"model": Faults}},
)
def status_of_ticket(row: Found, now: Now, at: AwareDatetime | None = None) -> Status:
    """Return the status at an instant, or now."""
    return deadline(row.ticket, policy=policy()).status(at or now)


@app.get("/queue", response_model=list[QueueEntry])
def queue_of_tickets(database: Database, now: Now) -> list[QueueEntry]:
    """Return the tickets that wait for an answer now, in the order in which they are solved."""
    waiting = or_(StoredTicket.ended_at.is_(None), StoredTicket.ended_at > now)
    return queue((row.ticket for row in database.scalars(select(StoredTicket).where(waiting))), now, policy=policy())


@app.get("/breached", response_model=list[TicketOut])
def breached_tickets(database: Database, now: Now) -> list[StoredTicket]:
    """Return the tickets that were not answered in time, by one query on the stored columns."""
    ended_at = StoredTicket.ended_at
    late = or_(ended_at.is_(None), ended_at > StoredTicket.breaches_after)
    query = select(StoredTicket).where(StoredTicket.breaches_after < now, late)
    return list(database.scalars(query.order_by(StoredTicket.breaches_after)))
