"""Store the deadlines of tickets again: of those that another policy judged, or with --all of every ticket.

Run it with `python -m desk.recompute` after a change of the policy, and after an update of `holidays` or `tzdata`.
"""

import sys

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.orm.exc import StaleDataError

from desk.policy import fingerprint
from desk.storage import StoredTicket, engine
from kolmisla import KolmislaError

BATCH = 1_000


def recompute(*, every: bool = False) -> tuple[int, list[str]]:
    """Return how many tickets were judged, and a line for each ticket to which the policy has no answer."""
    judged, refused, last = 0, list[str](), 0
    wanted = select(StoredTicket).order_by(StoredTicket.id).limit(BATCH).with_for_update()
    if not every:
        wanted = wanted.where(StoredTicket.policy_fingerprint != fingerprint())
    with Session(engine()) as database:
        while rows := database.scalars(wanted.where(StoredTicket.id > last)).all():
            faults = [fault for row in rows if (fault := judge(row))]
            end = rows[-1].id
            try:
                database.commit()
            except StaleDataError:  # a request has changed one of these tickets: judge them again
                database.rollback()
                continue
            judged, refused, last = judged + len(rows) - len(faults), refused + faults, end
    return judged, refused


def judge(row: StoredTicket) -> str | None:
    """Store the deadline of a ticket again. Return a line that says why this cannot be, or None if it is done."""
    try:
        row.store(row.ticket)
    except KolmislaError as error:
        return f"ticket {row.id}: {error}"
    return None


if __name__ == "__main__":
    count, lines = recompute(every="--all" in sys.argv[1:])
    print(*lines, f"{count:,} tickets judged, {len(lines):,} refused", sep="\n")
    sys.exit(1 if lines else 0)
