"""An audit log says what its tickets with a file of events say: each row's events, and then what the row names."""

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kolmisla import Policy, TicketError
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states
from kolmisla.tickets.layouts.kinds import MOST_EVENTS, Kinds

WORDS = {
    "New": "",
    "Active": "answered,resumed",
    "Asked": "asked",
    "Wait": "paused",
    "Vendor": "paused:vendor",
    "Done": "resolved",
}
TARGETS = {"urgent": {"within": "PT2M"}, "normal": {"within": "PT4M"}}
POLICY = Policy.from_dict(
    {
        "name": "Desk",
        "timezone": "UTC",
        "schedules": {"always": {"open": "always"}, "hours": {"hours": {"mon-fri": ["08:00-18:00"]}}},
        "priorities": {"urgent": {"rank": 1, "schedule": "always"}, "normal": {"rank": 2, "schedule": "hours"}},
        "owners": {"L2": {"schedule": "always"}},
        "metrics": {"second-line": {"starts": ["owner=L2"], "ends": ["resolved", "owner"], "repeats": True}},
        "plans": {
            "gold": {
                "rank": 1,
                "targets": {
                    "first-response": TARGETS,
                    "next-response": TARGETS,
                    "resolution": TARGETS,
                    "second-line": {"within": "PT1M"},
                },
                "pauses": {"resolution": "all"},
            }
        },
        "waits_for_customer": ["vendor"],
    }
)
START = datetime(2026, 7, 7, 17, 57, tzinfo=UTC)  # three minutes before the end of the hours
HEAD = "id,plan,opened_at,priority,owner"
METRICS = ["second-line", "resolution"]
OWNED = {"owner": "owner"}
rows = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from([*WORDS]),
        st.sampled_from(["urgent", "normal"]),
        st.sampled_from(["L1", "L2"]),
    ),
    min_size=1,
    max_size=6,
)


def at(minute: int) -> str:
    return (START + timedelta(minutes=minute)).isoformat()


def measured(table: str, log: str, *, audit: bool) -> list[str]:
    """What is measured of each cycle: the columns that are added to the columns of the file."""
    layout = Layout(columns=OWNED, values={"kind": {**WORDS, "priority": "priority", "owner": "owner"}})
    at = datetime(2026, 7, 9, tzinfo=UTC)
    measuring = Measuring(at=at, policy=POLICY, layout=layout, metrics=METRICS)
    out, rejects = StringIO(), StringIO()
    read = Log.read(CsvTable(StringIO(log)), measuring.layout, audit=audit)
    measuring.run(CsvTable(StringIO(table)), out, rejects, log=read)
    assert not rejects.getvalue()
    lines = out.getvalue().splitlines()
    return [line.rpartition(f",{metric},")[2] for line in lines for metric in METRICS if f",{metric}," in line]


BEFORE = (0, "New", "normal", "L1")


@given(rows, st.booleans())
@example([BEFORE, (1, "New", "urgent", "L2"), (1, "Done", "urgent", "L2")], False)
@example([BEFORE, (1, "New", "urgent", "L2"), (1, "Done", "urgent", "L2")], True)
@example([BEFORE, (1, "Done", "urgent", "L2")], True)
@example([BEFORE, (1, "Vendor", "normal", "L1"), (2, "Active", "urgent", "L1"), (2, "Vendor", "urgent", "L1")], False)
def test_an_audit_log_is_its_tickets_and_their_events(drawn: list[Any], falls: bool) -> None:
    drawn.sort(key=lambda row: row[0])  # rows of one minute keep their order
    audit = [f"1,gold,{at(minute)},{word},{priority},{owner}" for minute, word, priority, owner in drawn]
    if falls and drawn[0][0] != drawn[-1][0]:  # newest first, which only rows of several minutes tell
        audit.reverse()
    events = ["1,{},{},{}".format(*event) for row in drawn for event in told(*row)]
    first, _, priority, owner = drawn[0]
    whole = "\n".join(["id,plan,at,kind,priority,owner", *audit, ""])
    beside = "\n".join(["id,at,kind,value", *events, ""])
    ticket = f"{HEAD}\n1,gold,{at(first)},{priority},{owner}\n"
    assert measured(whole, whole, audit=True) == measured(ticket, beside, audit=False)


def told(minute: int, word: str, priority: str, owner: str) -> list[tuple[str, str, str]]:
    """The events of a row, and then what it names."""
    return [(at(minute), word, ""), (at(minute), "priority", priority), (at(minute), "owner", owner)]


def test_a_priority_in_between_does_not_part_a_pause_that_goes_on() -> None:
    given = [
        Moment(1, "paused", "vendor"),
        Moment(2, "resumed"),
        Moment(2, "priority", "urgent"),
        Moment(2, "paused", "vendor"),
    ]
    assert as_states(given) == [given[0], given[2]]
    asked = [*given[:2], Moment(2, "asked"), given[3]]  # the question may have ended what comes after it
    assert as_states(asked) == asked


def test_a_word_stands_for_at_most_eight_events() -> None:
    many = ",".join(["asked", "answered"] * MOST_EVENTS)
    assert Kinds({"X": many[: len("asked,answered") * 4 + 3]}).meaning("X", None).events[MOST_EVENTS - 1 :]
    with pytest.raises(TicketError, match="a word must stand for at most 8 events, not 16: 'asked,answered"):
        Kinds({"X": many})
