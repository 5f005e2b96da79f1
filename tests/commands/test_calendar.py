"""`kolmisla calendar` and `kolmisla queue -o`: a month to look at, and calendar files that readers read back."""

import builtins
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from importlib import util
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import Any

import icalendar
import pytest
import vobject

from kolmisla import KOLMISOFT, HorizonError, NaiveTimeError, Policy, Schedule, Ticket, cycles, queue
from kolmisla.cli import main
from kolmisla.reports import due_calendar, hours_calendar
from kolmisla.reports.calendars.events import key_of
from kolmisla.reports.calendars.ics import ics_of
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run
from tests.measuring import unmeasured

DOCS = Path(__file__).parents[2] / "docs"
TICKETS = str(DOCS / "tickets.csv")
SUN = str(DOCS / "policies" / "follow-the-sun.toml")
TOLD = "dates and times of Europe/Vilnius; policy Kolmisoft 15b4f226\n"
AT = datetime(2026, 7, 3, 14, tzinfo=UTC)
MINUTES = 3_420_840  # from 2020-01-01T00:00Z to AT
HOSTILE = [
    "a;,\n\\b",
    "a\u202eb\u2066",
    "é" * 500,
    "x" * 500,
    "<script>",
    'say "hi"',
    "a%2Cb",
    "a,b",
    "INC-7",
    " INC=2D7",
]
HOSTILE += ["naïve @home", "\x00\x1b[2J\r", "x" * 499 + "y", "\U0001f600"]

DECEMBER = """\
December 2026, working-hours, Europe/Vilnius: 196 h open on 20 days
Mon        Tue        Wed        Thu        Fri        Sat        Sun
            1 █████    2 █████    3 █████    4 █████    5 ·        6 ·
 7 █████    8 █████    9 █████   10 █████   11 █████   12 ·       13 ·
14 █████   15 █████   16 █████   17 █████   18 █████   19 ·       20 ·
21 █████   22 █████   23 █████   24*·       25*·       26 ·       27 ·
28*·       29*███     30 █████   31 █████
█ 2 h open, · closed, * not as usual
usual hours: Mon-Fri 08:00-18:00; Sat-Sun closed
  Thu 24 Dec  closed       Christmas Eve
  Fri 25 Dec  closed       Christmas Day
  Mon 28 Dec  closed       closing day
  Tue 29 Dec  08:00-14:00  other hours
"""


def with_hours(schedule: Schedule, **changes: Any) -> Policy:
    return KOLMISOFT.replace(schedules={**KOLMISOFT.schedules, "working-hours": schedule}, **changes)


@pytest.fixture
def desk(tmp_path: Path) -> str:
    office = KOLMISOFT.schedules["working-hours"].replace(
        exceptions={date(2026, 12, 28): [], date(2026, 12, 29): ["08:00-14:00"]}
    )
    with_hours(office).dump(path := tmp_path / "desk.json")
    return str(path)


def test_a_month_is_drawn(run: Run, desk: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = run("calendar", "2026-12", "--policy", desk)
    assert (status, out) == (0, DECEMBER)
    assert err.startswith("dates and times of Europe/Vilnius; policy Kolmisoft ")
    monkeypatch.setenv("COLUMNS", "60")
    assert "29*██" in run("calendar", "2026-12", "--policy", desk)[1]  # a block is four hours
    monkeypatch.setenv("KOLMISLA_POLICY", desk)
    assert run("calendar", "2026-12")[1] == run("calendar", "2026-12", "--policy", desk)[1]


def test_equal_days_that_follow_one_another_share_a_line(run: Run) -> None:
    closed = [each for day in range(28, 32) for each in ("--closed", f"2026-12-{day}")]
    out = run("calendar", "2026-12", *closed)[1]
    assert "\n  Mon 28 to Thu 31  closed  closing day\n" in out
    assert "170 h open on 17 days" in out


def test_without_a_month_it_is_the_current_one_in_the_zone_of_the_schedule(run: Run) -> None:
    new_year = ["calendar", "--at", "2026-12-31T23:00Z"]
    assert run(*new_year)[1].startswith("January 2027, working-hours, Europe/Vilnius")
    assert run(*new_year, "--schedule", "always")[1].startswith(
        "January 2027, always, Europe/Vilnius: 744 h open on 31"
    )
    assert run(*new_year, "--policy", SUN, "--schedule", "america")[1].startswith("December 2026, america, America/")
    assert run("calendar")[0] == 0


def test_years_and_ranges(run: Run) -> None:
    def months(text: str) -> list[str]:
        return [line.split(",")[0] for line in run("calendar", text)[1].splitlines() if "working-hours" in line]

    assert len(months("2026")) == 12
    assert months("2026-11/2027-01") == ["November 2026", "December 2026", "January 2027"]
    assert len(months("2026/2027-02")) == 14
    assert months("2100-12") == ["December 2100"]
    for text in ("2026-13", "2026-1", "soon", "2026-10/", "/2026", "2026-12-24", "0000", "9999-00"):
        status, _, err = run("calendar", text)
        assert (status, "is not a month such as 2026-12, a year such as 2026, or a range such as" in err) == (2, True)
    assert "'2027/2026' must not end before it begins" in run("calendar", "2027/2026")[2]
    assert "'1900/2200' must have at most 120 months, but has 3,612" in run("calendar", "1900/2200")[2]
    assert len(months("2026-02/2036-01")) == 120
    assert run("calendar", "2026-02/2036-02")[0] == 2
    for text in ("2010-12", "2999", "1900"):
        assert "is outside what the schedule knows: 2010-12-31T22:00:00+00:00 to" in run("calendar", text)[2]


def test_a_season_is_usual_while_it_lasts(run: Run) -> None:
    """Clocks change in Dublin on 25 October, but not in Singapore: from then on, other hours are usual."""
    drawn = run("calendar", "2026-10/2026-11", "--policy", SUN, "--schedule", "anywhere")[1].split("\n\n")
    assert "Tue-Fri 01:30-24:00; Sat" in " ".join(drawn[0].split())
    assert "usual hours: Mon-Fri 00:30-24:00; Sat 10:00-14:00" in drawn[1]
    assert "\n  Tue 27 to Fri 30  00:30-23:00               other hours" in drawn[0]  # New York follows a week later
    assert "\n  Mon  9 Nov  09:00-24:00  Diwali (observed)\n" in drawn[1]


def test_signs_that_an_output_lacks_are_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", TextIOWrapper(BytesIO(), encoding="ascii"))
    assert main(["calendar", "2026-12"]) == 0
    sys.stdout.seek(0)
    drawn = sys.stdout.read()
    assert "23 #####   24*." in drawn
    assert "# 2 h open, . closed, * not as usual" in drawn
    monkeypatch.setattr(sys, "stdout", text := StringIO())  # has no encoding
    assert main(["calendar", "2026-12"]) == 0
    assert "23 █████   24*·" in text.getvalue()


@pytest.mark.unmeasured
def test_the_schedule_is_chosen_as_by_open(run: Run) -> None:
    status, _, err = run("calendar", "2026-12", "--policy", SUN)
    assert status == 2
    assert err == run("open", "2026-12-01T00:00", "--policy", SUN)[2]
    assert "choose one with --schedule" in err
    assert "'night' is not one of the schedules" in run("calendar", "--schedule", "night")[2]


def test_another_edition_is_in_force_from_its_day(run: Run, tmp_path: Path) -> None:
    later = with_hours(
        Schedule("Europe/Vilnius", {"mon-fri": ["09:00-12:00"]}), effective_from="2026-12-14", earlier=[KOLMISOFT]
    )
    later.dump(path := tmp_path / "desk.json")
    out = run("calendar", "2026-12", "--policy", str(path))[1]
    assert "usual hours: Mon-Fri 08:00-18:00 then 09:00-12:00; Sat-Sun closed" in out
    assert "11 █████" in out
    assert "14 ██ " in out
    assert "*" not in out


def test_days_that_are_not_known_are_named(run: Run, tmp_path: Path) -> None:
    night = Schedule("Europe/Vilnius", {"mon-sun": ["22:00-06:00"]}, holidays="LT")
    with_hours(night).dump(path := tmp_path / "desk.json")
    asked = ("calendar", "2011-01", "--policy", str(path))
    out = run(*asked)[1]
    assert out.startswith("January 2011, working-hours, Europe/Vilnius: 240 h open on 30 days, 1 not known\n")
    assert " 1 ?" in out
    assert "4 h open, · closed, ? not known" not in out
    assert "  Sat  1 Jan  not known  holidays of LT are known for 2011 to 2100\n" in out
    answer = json.loads(run(*asked, "--json")[1])
    assert (answer["unknown_days"], answer["days"][0]["known"], answer["days"][0]["open_s"]) == (1, False, None)
    status, _, err = run(*asked, "-o", str(tmp_path / "hours.ics"))
    assert (status, "the hours of 2011-01-01 are not known: holidays of LT are known" in err) == (2, True)
    assert not (tmp_path / "hours.ics").exists()


def test_the_answer_in_json(run: Run, desk: str) -> None:
    answer = json.loads(run("calendar", "2026-12", "--policy", desk, "--json")[1])
    days = answer.pop("days")
    assert list(answer) == [
        "schedule",
        "timezone",
        "first",
        "last",
        "open_s",
        "open_days",
        "unknown_days",
        "policy",
        "digest",
        "holidays",
        "tzdata",
    ]
    assert (answer["first"], answer["last"], answer["open_s"]) == ("2026-12-01", "2026-12-31", 196 * 3600)
    assert len(days) == 31
    assert days[28] == {
        "date": "2026-12-29",
        "hours": [{"opens_at": "2026-12-29T08:00:00+02:00", "closes_at": "2026-12-29T14:00:00+02:00"}],
        "open_s": 6 * 3600,
        "usual": "08:00-18:00",
        "differs": True,
        "reason": "other hours",
        "known": True,
    }
    assert [day["reason"] for day in days[24:27]] == ["Christmas Day", "Second Day of Christmas", "weekend"]


Events = list[dict[str, Any]]


def by_icalendar(file: bytes) -> Events:
    calendar = icalendar.Calendar.from_ical(file)
    assert not isinstance(calendar, list)
    return [
        {
            "uid": str(event["UID"]),
            "begins": event.decoded("DTSTART"),
            "ends": event.decoded("DTEND") if "DTEND" in event else None,
            "summary": str(event["SUMMARY"]),
            "description": str(event.get("DESCRIPTION", "")),
            "stamp": event.decoded("DTSTAMP"),
            "sequence": event.decoded("SEQUENCE"),
            "transp": str(event["TRANSP"]),
        }
        for event in calendar.walk("VEVENT")
    ]


def by_vobject(file: bytes) -> Events:
    return [
        {
            "uid": event.uid.value,
            "begins": event.dtstart.value,
            "ends": event.dtend.value if hasattr(event, "dtend") else None,
            "summary": event.summary.value,
            "description": event.description.value if hasattr(event, "description") else "",
            "stamp": event.dtstamp.value,
            "sequence": int(event.sequence.value),
            "transp": event.transp.value,
        }
        for event in getattr(vobject.readOne(file.decode()), "vevent_list", [])
    ]


@unmeasured
def read_back(file: bytes) -> Events:
    """Return the events of a calendar file, in which two readers agree."""
    events = by_icalendar(file)
    assert by_vobject(file) == events
    assert file.endswith(b"END:VCALENDAR\r\n")
    assert b"\n" not in file.replace(b"\r\n", b"")
    assert all(len(line) <= 75 and line.decode() is not None for line in file.split(b"\r\n"))
    assert len({event["uid"] for event in events}) == len(events)
    assert all(event["uid"].isascii() and len(event["uid"]) <= 255 for event in events)
    assert {event["transp"] for event in events} <= {"TRANSPARENT"}
    return events


def test_a_title_with_signs_of_the_format_is_escaped() -> None:
    """RFC 5545, 3.3.11: a comma, a semicolon and a backslash are escaped. RFC 7986, 5.1: the name is a text."""
    lines = ics_of([], "Acme, Ltd; a\\b\u202e\nc", AT).split(b"\r\n")
    for name in (b"NAME:", b"X-WR-CALNAME:"):
        assert name + rb"Acme\, Ltd\; a\\b\\u202e\\nc" in lines


def test_hours_are_read_back(run: Run, desk: str, tmp_path: Path) -> None:
    path = tmp_path / "hours.ics"
    asked = ("calendar", "2026-12", "--policy", desk, "-o", str(path), "--at", "2026-07-03T14:00Z")
    status, out, err = run(*asked)
    counts = "20 open spans, 3 closed days"
    assert (status, out) == (0, "")
    assert err.splitlines()[0] == f"{path}: working-hours from 2026-12-01 to 2026-12-31, {counts}"
    file = path.read_bytes()
    begin = (
        b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//kolmisla//kolmisla//EN\r\nCALSCALE:GREGORIAN\r\n"
        b"METHOD:PUBLISH\r\nNAME:Kolmisoft: working-hours\r\nX-WR-CALNAME:Kolmisoft: working-hours\r\n"
    )
    assert file.startswith(begin)
    assert b"\r\nREFRESH-INTERVAL;VALUE=DURATION:PT12H\r\n" in file
    assert b"\r\nX-PUBLISHED-TTL:PT12H\r\n" in file
    assert b"\r\nDTSTART;VALUE=DATE:20261224\r\nDTEND;VALUE=DATE:20261225\r\n" in file
    events = read_back(file)
    assert {(event["stamp"], event["sequence"]) for event in events} == {(AT, MINUTES)}
    closed = [(event["uid"], event["summary"]) for event in events if not isinstance(event["begins"], datetime)]
    assert closed == [
        ("closed-working-hours-2026-12-24@Kolmisoft", "working-hours: closed, Christmas Eve"),
        ("closed-working-hours-2026-12-25@Kolmisoft", "working-hours: closed, Christmas Day"),
        ("closed-working-hours-2026-12-28@Kolmisoft", "working-hours: closed, closing day"),
    ]
    schedule = Policy.load(desk).schedules["working-hours"]
    spans = schedule.spans(datetime(2026, 12, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    opened = [event for event in events if isinstance(event["begins"], datetime)]
    assert [(event["begins"], event["ends"]) for event in opened] == [
        (span.start.astimezone(UTC), span.end.astimezone(UTC)) for span in spans
    ]
    other = next(event for event in opened if event["summary"] != "working-hours: open")
    assert (other["uid"], other["summary"], other["description"]) == (
        "open-working-hours-2026-12-29-1@Kolmisoft",
        "working-hours: other hours",
        "usual hours: 08:00-18:00",
    )
    assert json.loads(run(*asked, "--json")[1])["open_days"] == 20
    assert path.read_bytes() == file


@pytest.mark.unmeasured
def test_months_put_together_are_the_year() -> None:
    night = Schedule("Europe/Vilnius", {"mon-fri": ["08:00-12:00", "22:00-06:00"]}, holidays="LT")

    def file(first: date, last: date) -> Events:
        return read_back(hours_calendar(night, first, last, name="n", at=AT))

    whole = file(date(2026, 1, 1), date(2026, 12, 31))
    parts = [file(date(2026, 1, 1), date(2026, 3, 28)), file(date(2026, 3, 29), date(2026, 12, 31))]
    assert parts[0] + parts[1] == whole
    assert [event["uid"] for event in whole if "2026-03-27" in event["uid"]] == [
        "open-n-2026-03-27-1@Kolmisoft",
        "open-n-2026-03-27-2@Kolmisoft",
    ]


def test_a_revision_never_goes_back() -> None:
    office = KOLMISOFT.schedules["working-hours"]
    day = date(2026, 7, 3)
    revisions = [
        read_back(hours_calendar(office, day, day, name="n", at=AT + step))[0]
        for step in (
            timedelta(days=-9999),
            timedelta(days=-2375),
            timedelta(),
            timedelta(seconds=59.9),
            timedelta(minutes=1),
        )
    ]
    assert [event["sequence"] for event in revisions] == [0, 840, MINUTES, MINUTES, MINUTES + 1]
    assert [event["stamp"] for event in revisions[2:]] == [AT, AT + timedelta(seconds=59), AT + timedelta(minutes=1)]
    assert len({event["uid"] for event in revisions}) == 1
    with pytest.raises(NaiveTimeError):
        hours_calendar(office, day, day, name="n", at=AT.replace(tzinfo=None))
    with pytest.raises(HorizonError):
        hours_calendar(office, date(2010, 1, 1), day, name="n", at=AT)


@pytest.mark.parametrize("at", ["0001-01-01T00:00", "0001-01-01T00:00+14:00", "9999-12-31T23:59Z"])
def test_a_version_of_the_first_or_last_years_is_told(run: Run, at: str, tmp_path: Path) -> None:
    """Their date in UTC or in Vilnius would have no year from 1 to 9999."""
    for argv in ((), ("2026-07", "-o", str(tmp_path / "hours.ics"))):
        status, out, err = run("calendar", *argv, "--at", at)
        if status:
            assert (status, out, err.count("\n")) == (2, "", 1)
            assert "cannot be shown in" in err or "is outside what the schedule knows" in err
        else:
            assert (argv != (), at) == (True, "9999-12-31T23:59Z")
    with pytest.raises(HorizonError, match="a time before year 1 cannot be shown in UTC"):
        due_calendar([], at=datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=3))))


def test_the_revision_of_a_far_version_is_the_last_that_a_calendar_can_hold() -> None:
    office, day = KOLMISOFT.schedules["working-hours"], date(2026, 12, 24)
    earlier = (date(6102, 2, 1) - date(2020, 1, 1)).days * 24 * 60
    for year, revision in ((6102, earlier), (6103, 2**31 - 1), (9000, 2**31 - 1)):
        file = hours_calendar(office, day, day, name="x", at=datetime(year, 2, 1, tzinfo=UTC))
        assert f"SEQUENCE:{revision}\r\n".encode() in file


def test_odd_names_are_read_back() -> None:
    office = KOLMISOFT.schedules["working-hours"]
    day = date(2026, 7, 3)
    identifiers = set()
    for name in HOSTILE:
        file = hours_calendar(office, day, day, policy=KOLMISOFT.replace(name=name.strip() or "x"), name=name, at=AT)
        (event,) = read_back(file)
        identifiers.add(event["uid"])
        assert event["summary"].isprintable()
    assert len(identifiers) == len(HOSTILE)
    assert event["summary"] == "\U0001f600: open"
    with pytest.raises(ValueError, match="lone surrogate"):
        hours_calendar(office, day, day, name="\ud800", at=AT)


FACTS: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30+03:00"}


def test_of_many_reasons_the_most_usual_are_printed(run: Run, tmp_path: Path) -> None:
    rows = [f"{number},premium,high,2026-07-06T09:00,channel{number % 50}\n" for number in range(99)]
    (tmp_path / "t.csv").write_text("id,plan,priority,opened_at,channel\n" + "".join(rows), encoding="utf-8")
    out = str(tmp_path / "due.ics")
    status, _, err = run("queue", str(tmp_path / "t.csv"), "--at", "2026-07-07T09:00", "-o", out)
    told = [line for line in err.splitlines() if line.startswith("not in it: ")]
    assert (status, len(told)) == (0, 11)
    assert told[0].startswith("not in it: 2 without a due time, nothing is promised for channel 'channel0'")
    assert told[-1] == "not in it: 79 without a due time, for 40 more reasons"


def test_due_times_are_read_back(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "due.ics"
    status, out, err = run("queue", TICKETS, "--at", "2026-07-14T11:00", "-o", str(path))
    assert (status, out) == (0, "")
    assert err.splitlines()[:-1] == [
        f"{path}: 1 due time",
        "not in it: 1 without a due time, nothing is promised for channel 'phone', only for support-system",
        "not in it: 1 without a due time, no support plan",
    ]
    (event,) = read_back(path.read_bytes())
    assert event == {
        "uid": "due-first-response-1-106@Kolmisoft",
        "begins": datetime(2026, 7, 14, 8, 15, tzinfo=UTC),
        "ends": None,
        "summary": "ticket 106 due: PREMIUM MEDIUM, 0:15:00 left",
        "description": "ticket: 106\nmetric: first-response, cycle 1\nstate: running\n"
        "opened: 2026-07-14T09:15:00+03:00\ndue: 2026-07-14T11:15:00+03:00\n"
        "kept if ended by: 2026-07-14T11:15:00+03:00",
        "stamp": datetime(2026, 7, 14, 8, tzinfo=UTC),
        "sequence": 3_436_320,
        "transp": "TRANSPARENT",
    }
    assert b"METHOD:PUBLISH" in path.read_bytes()
    listed = run("queue", TICKETS, "--at", "2026-07-14T11:00", "-o", str(path), "--json")[1]
    assert [json.loads(line)["cycle"] for line in listed.splitlines()] == [1, 1, 1]


def test_a_due_time_that_moves_keeps_its_identifier() -> None:
    """A later file replaces the event: the same identifier, a greater revision, another time."""
    paused = {**FACTS, "events": [{"kind": "priority", "at": "2026-07-04T10:00+03:00", "value": "blocker"}]}
    later = AT + timedelta(days=1)
    before, after = (read_back(due_calendar(queue([Ticket(id=7, **paused)], at), at=at))[0] for at in (AT, later))
    assert before["uid"] == after["uid"]
    assert before["begins"] > after["begins"] == datetime(2026, 7, 4, 7, 30, tzinfo=UTC)
    assert before["sequence"] < after["sequence"]
    assert after["summary"] == "ticket 7 due: PREMIUM BLOCKER, 6:30:00 over"


def test_each_cycle_has_an_event_of_its_own() -> None:
    plans = [
        plan.replace(targets={"next-response": plan.targets["first-response"]}) for plan in KOLMISOFT.plans.values()
    ]
    policy = KOLMISOFT.replace(plans=plans)
    events = [
        {"kind": kind, "at": f"2026-07-03T{at}+03:00"}
        for kind, at in [("answered", "16:40"), ("asked", "16:45"), ("answered", "16:50"), ("asked", "16:55")]
    ]
    ticket = Ticket(id="A-1", **FACTS, events=events)
    uids = []
    for at in (AT - timedelta(minutes=13), AT):
        entries = queue([ticket], at, policy=policy, metric="next-response")
        assert entries[0].cycle == len(cycles(ticket.until(at), policy=policy, metric="next-response"))
        uids.append(read_back(due_calendar(entries, policy=policy, metric="next-response", at=at))[0]["uid"])
    assert uids == ["due-next-response-1-A=2D1@Kolmisoft", "due-next-response-2-A=2D1@Kolmisoft"]


def test_no_two_tickets_have_one_event() -> None:
    ids: list[str | int | None] = [*HOSTILE, 7, "7", 7, None, None, -7, "*7", "7*2"]
    tickets = [Ticket(id=id, **FACTS) for id in ids]
    events = read_back(due_calendar(queue(tickets, AT), at=AT))
    assert len(events) == len(ids)
    by_uid = {event["uid"]: event for event in events}
    for uid in ("7", "7*2", "7*3", "=2D7", "=2A7", "7=2A2"):
        assert f"due-first-response-1-{uid}@Kolmisoft" in by_uid
    assert all(event["summary"].isprintable() for event in events)
    assert all(len(event["summary"]) <= 110 for event in events)
    assert any(f"ticket: {'é' * 500}\n" in event["description"] for event in events)
    assert sum("a ticket without an id due" in event["summary"] for event in events) == 2
    alone = [read_back(due_calendar(queue([ticket], AT), at=AT))[0]["uid"] for ticket in tickets]
    assert set(alone) <= by_uid.keys()  # the same whatever else is in the file


def test_keys_of_different_texts_differ() -> None:
    texts = [*HOSTILE, *(text.strip() for text in HOSTILE), "a=2Cb", "a=3D2Cb", "x" * 72, "x" * 73, "=", "*", ""]
    for dashes in (True, False):
        assert len({key_of(text, dashes=dashes) for text in texts}) == len(set(texts))
        assert max(len(key_of(text, dashes=dashes)) for text in texts) <= 72
    assert key_of("INC-7", dashes=False) + "-1" != key_of("INC", dashes=False) + "-7-1"


def test_tickets_that_share_an_id_or_have_none_are_named(run: Run, tmp_path: Path) -> None:
    tickets = tmp_path / "t.csv"
    row = "premium,high,2026-07-03T16:30"
    tickets.write_text(f"id,plan,priority,opened_at\n7,{row}\n7,{row}\n,{row}\n8,{row}\nodd,,x,y\n", encoding="utf-8")
    status, _, err = run("queue", str(tickets), "--at", AT.isoformat(), "-o", str(tmp_path / "due.ics"))
    assert status == 1
    assert "several tickets have the same id, and their events are numbered: 7\n" in err
    assert "1 has no id; its event is named by the time of opening\n" in err
    assert len(read_back((tmp_path / "due.ics").read_bytes())) == 4


def test_an_empty_queue_is_an_empty_calendar() -> None:
    assert read_back(due_calendar([], at=AT)) == []
    with pytest.raises(TypeError, match="entry must be a QueueEntry, not 7"):
        due_calendar([7], at=AT)  # type: ignore[list-item]


def test_a_due_time_after_which_nothing_opens_has_an_event() -> None:
    once = Schedule("UTC", {}, exceptions={AT.date(): ["08:00-18:00"]})
    ticket = Ticket(id=1, **{**FACTS, "opened_at": "2026-07-03T16:00Z"})
    (entry,) = entries = queue([ticket], AT + timedelta(hours=3), policy=with_hours(once))
    assert (entry.due_at is None, entry.breaches_after) == (False, None)
    (event,) = read_back(due_calendar(entries, policy=with_hours(once), at=AT))
    assert event["begins"] == datetime(2026, 7, 3, 18, tzinfo=UTC)
    assert event["description"].endswith("kept if ended by: not known")


def test_fractions_of_a_second_are_cut() -> None:
    ticket = Ticket(id=1, plan="premium", priority="blocker", opened_at="2026-07-03T16:30:00.999999+03:00")
    (event,) = read_back(due_calendar(queue([ticket], AT), at=AT))
    assert event["begins"] == datetime(2026, 7, 3, 15, 30, tzinfo=UTC)


PROGRAM = [sys.executable, "-m", "kolmisla"]


def test_equal_input_gives_equal_bytes(tmp_path: Path) -> None:
    def written(number: int, **variables: str) -> Iterator[bytes]:
        for argv in (["calendar", "2026"], ["queue", TICKETS], ["queue", TICKETS, "--metric", "resolution"]):
            path = tmp_path / f"{number}.ics"
            environment = {**os.environ, **variables}
            done = subprocess.run(
                [*PROGRAM, *argv, "--at", "2026-07-14T11:00", "-o", str(path)],
                env=environment,
                capture_output=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            yield path.read_bytes()

    first = list(written(1, PYTHONHASHSEED="1", LANG="C", TZ="UTC", LC_ALL="C"))
    assert first == list(
        written(2, PYTHONHASHSEED="2", LANG="lt_LT.UTF-8", TZ="America/New_York", LC_ALL="lt_LT.UTF-8")
    )
    assert len(read_back(first[0])) == 261


@pytest.mark.parametrize("argv", [("calendar", "2026-12"), ("queue", TICKETS)])
def test_outputs_are_refused(run: Run, argv: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("due.txt", "due", "due.ics.gz", "due.json"):
        status, _, err = run(*argv, "-o", str(tmp_path / name))
        assert (status, "the output must be a calendar file, which ends in .ics, not" in err) == (2, True)
    policy = tmp_path / "policy.json"
    KOLMISOFT.dump(policy)
    (tmp_path / "link.ics").hardlink_to(policy)
    before = policy.read_bytes()
    status, _, err = run(*argv, "--policy", str(policy), "-o", str(tmp_path / "link.ics"))
    assert (status, "the policy and the output are the same file" in err) == (2, True)
    assert policy.read_bytes() == before
    status, _, err = run(*argv, "-o", str(tmp_path / "none" / "due.ics"))
    assert (status, "No such file or directory" in err) == (2, True)
    found = util.find_spec
    monkeypatch.setattr("kolmisla.cli.inputs.find_spec", lambda name: found(name) if name != "icalendar" else None)
    status, _, err = run(*argv, "-o", str(tmp_path / "due.ics"))
    assert (status, err) == (2, "kolmisla: a calendar file needs icalendar: pip install 'kolmisla[ical]'\n")
    assert not (tmp_path / "due.ics").exists()
    assert run(*argv, "-o", "-")[0] == 0


def test_the_tickets_are_never_overwritten(run: Run, tmp_path: Path) -> None:
    tickets = tmp_path / "t.ics"
    tickets.write_bytes((DOCS / "tickets.csv").read_bytes())
    status, _, err = run("queue", str(tickets), "-o", str(tickets))
    assert (status, "the tickets and the output are the same file" in err) == (2, True)
    assert tickets.read_bytes() == (DOCS / "tickets.csv").read_bytes()


def test_a_failing_run_leaves_the_earlier_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hours.ics"
    path.write_text("earlier", encoding="utf-8")
    monkeypatch.setattr(
        "kolmisla.files.outputs.drafts._flush", lambda *_: (_ for _ in ()).throw(OSError(28, "No space left"))
    )
    status, _, err = run("calendar", "2026-12", "-o", str(path))
    assert (status, "No space left" in err) == (2, True)
    assert [(each.name, each.read_text("utf-8")) for each in tmp_path.iterdir()] == [("hours.ics", "earlier")]


def test_the_library_says_which_extra_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def without(name: str, *rest: Any) -> Any:
        if name == "icalendar":
            raise ModuleNotFoundError("No module named 'icalendar'", name="icalendar")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ImportError, match=r"a calendar file needs icalendar: pip install 'kolmisla\[ical\]'"):
        due_calendar([], at=AT)

    def broken(name: str, *rest: Any) -> Any:
        if name == "icalendar":
            raise ImportError("a library of the system is missing")
        return imported(name, *rest)

    monkeypatch.setattr(builtins, "__import__", broken)
    with pytest.raises(ImportError, match="a library of the system is missing"):
        due_calendar([], at=AT)


def test_a_calendar_of_due_times_needs_entries() -> None:
    with pytest.raises(TypeError, match="entries must be an Iterable, not 5"):
        due_calendar(5, at=datetime(2026, 7, 3, tzinfo=UTC))  # type: ignore[arg-type]


def test_a_drawing_needs_no_package(tmp_path: Path) -> None:
    code = "import sys; from kolmisla.cli import main; main(['calendar', '2026-12']); print('icalendar' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert done.stdout.endswith("False\n")


def test_help_names_the_forms(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["calendar", "--help"])
    assert "2026-10/2027-03" in capsys.readouterr().out
