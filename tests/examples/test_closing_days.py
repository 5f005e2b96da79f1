"""Holidays in an iCalendar file beside the policy, as calendars of companies and of schools are published."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from kolmisla import KOLMISOFT, HorizonError, Policy, PolicyError
from kolmisla.cli import main

HEAD = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//desk//EN\r\n"
DAY = "BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\nSUMMARY:{name}\r\n{lines}END:VEVENT\r\n"


def event(uid: str, name: str, *lines: str) -> str:
    return DAY.format(uid=uid, name=name, lines="".join(f"{line}\r\n" for line in lines))


def calendar(*events: str) -> bytes:
    return (HEAD + "".join(events) + "END:VCALENDAR\r\n").encode()


def policy_beside(folder: Path, content: bytes, holidays: Any = "closing-days.ics") -> Policy:
    (folder / "closing-days.ics").write_bytes(content)
    document = KOLMISOFT.to_dict()
    document["schedules"]["working-hours"]["holidays"] = holidays
    (folder / "desk.json").write_text(json.dumps(document), encoding="utf-8")
    return Policy.load(folder / "desk.json")


def named(policy: Policy, *days: str) -> list[str | None]:
    schedule = policy.schedules["working-hours"]
    return [schedule.holiday_name(date.fromisoformat(day)) for day in days]


ONE_DAY = "DTSTART;VALUE=DATE:20200501"
MANY_DAYS = "must have at most 10,000 days of events, but has more"
SHUTDOWN = event("1", "Company shutdown", "DTSTART;VALUE=DATE:20261228", "DTEND;VALUE=DATE:20270101")
YEARLY = event("2", "Founders' day", "DTSTART;VALUE=DATE:20250515", "RRULE:FREQ=YEARLY")


def test_days_of_a_file(tmp_path: Path) -> None:
    """The end of an event is the day after its last day, and the years of the file are the schedule's horizon."""
    policy = policy_beside(tmp_path, calendar(SHUTDOWN, event("3", "Move", "DTSTART;VALUE=DATE:20250303")))
    days = ("2026-12-27", "2026-12-28", "2026-12-31", "2025-03-03", "2025-03-04")
    assert named(policy, *days) == [None, "Company shutdown", "Company shutdown", "Move", None]
    with pytest.raises(HorizonError, match=r"holidays of closing-days\.ics are frozen for 2025 to 2026"):
        named(policy, "2027-01-01")
    assert Policy.from_dict(policy.to_dict()) == policy  # the file is needed no more
    changed = policy_beside(tmp_path, calendar(SHUTDOWN))
    assert changed.digest != policy.digest


def test_a_file_beside_a_country(tmp_path: Path) -> None:
    policy = policy_beside(tmp_path, calendar(SHUTDOWN), ["LT", "closing-days.ics"])
    assert named(policy, "2026-12-25", "2026-12-28") == ["Christmas Day", "Company shutdown"]


@pytest.mark.parametrize(
    ("events", "days"),
    [
        ([YEARLY], ["2025-05-15", "2030-05-15", "2200-05-15"]),
        ([event("2", "x", "DTSTART;VALUE=DATE:20250515", "RRULE:FREQ=YEARLY;COUNT=2")], ["2025-05-15", "2026-05-15"]),
        (
            [event("2", "x", "DTSTART;VALUE=DATE:20250515", "RRULE:FREQ=YEARLY;UNTIL=20270515T000000Z")],
            ["2025-05-15", "2026-05-15", "2027-05-15"],
        ),
        (
            [event("2", "x", "DTSTART;VALUE=DATE:20250515", "RRULE:FREQ=WEEKLY;COUNT=3", "EXDATE;VALUE=DATE:20250522")],
            ["2025-05-15", "2025-05-29"],
        ),
        (
            [event("2", "x", "DTSTART;VALUE=DATE:20250515", "RDATE;VALUE=DATE:20250516,20250520")],
            ["2025-05-15", "2025-05-16", "2025-05-20"],
        ),
        (
            [event("2", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;COUNT=4")],
            ["2026-01-01", "2026-01-05", "2026-01-30", "2026-02-02", "2026-02-27"],
        ),
        ([event("2", "x", "DTSTART;VALUE=DATE:20250515", "DURATION:P2D")], ["2025-05-15", "2025-05-16"]),
        ([event("2", "x", "DTSTART;VALUE=DATE:20261231", "DURATION:P2D")], ["2026-12-31"]),
        (
            [event("2", "x", "DTSTART;VALUE=DATE:20251231", "DURATION:P2D", "RRULE:FREQ=YEARLY")],
            ["2027-01-01", "2200-12-31"],
        ),
        ([event("2", "x", "DTSTART;VALUE=DATE:20250515", "DTEND;VALUE=DATE:20250515")], ["2025-05-15"]),
        (
            [
                event("2", "x", "DTSTART;VALUE=DATE:20250515", "RRULE:FREQ=YEARLY;COUNT=2"),
                event("2", "x", "RECURRENCE-ID;VALUE=DATE:20260515", "DTSTART;VALUE=DATE:20260518"),
            ],
            ["2025-05-15", "2026-05-18"],
        ),
        (
            [
                event("2", "x", "DTSTART;VALUE=DATE:20250515"),
                event("3", "x", "DTSTART;VALUE=DATE:20250516", "STATUS:CANCELLED"),
            ],
            ["2025-05-15"],
        ),
    ],
    ids=lambda value: str(value)[-60:],
)
def test_events_that_recur(events: list[str], days: list[str], tmp_path: Path) -> None:
    policy = policy_beside(tmp_path, calendar(*events))
    frozen = policy.schedules["working-hours"].to_dict()["holidays"]
    expected = set(days)
    listed = {day for day in frozen["dates"] if day in expected or len(frozen["dates"]) < 10}
    assert listed == expected


LABOUR_DAY = event("1", "Labour Day", "DTSTART;VALUE=DATE:20250501", "RRULE:FREQ=YEARLY;COUNT=4")


@pytest.mark.parametrize("id", ["RECURRENCE-ID;VALUE=DATE:20260501", "RECURRENCE-ID:20260501T000000Z"])
@pytest.mark.parametrize(
    ("day", "status", "days"),
    [
        ("20260501", "STATUS:CANCELLED", {"2025-05-01", "2027-05-01", "2028-05-01"}),
        ("20260501", "STATUS:Cancelled", {"2025-05-01", "2027-05-01", "2028-05-01"}),
        ("20260504", "STATUS:CONFIRMED", {"2025-05-01", "2026-05-04", "2027-05-01", "2028-05-01"}),
    ],
)
def test_an_occurrence_that_is_moved_or_cancelled(
    id: str, day: str, status: str, days: set[str], tmp_path: Path
) -> None:
    """RFC 5545, 3.8.4.4: the event with RECURRENCE-ID takes the place of one occurrence of the event with its UID."""
    other = event("1", "Labour Day", f"DTSTART;VALUE=DATE:{day}", id, status)
    filler = event("2", "New Year", "DTSTART;VALUE=DATE:20260101")
    policy = policy_beside(tmp_path, calendar(LABOUR_DAY, other, filler))
    found = {*policy.schedules["working-hours"].to_dict()["holidays"]["dates"]}
    assert found == {*days, "2026-01-01"}


@pytest.mark.parametrize(("day", "years"), [("20250501", "2026-2028"), ("20280501", "2025-2027")])
def test_the_years_are_those_of_what_is_not_cancelled(day: str, years: str, tmp_path: Path) -> None:
    lines = f"RECURRENCE-ID;VALUE=DATE:{day}", f"DTSTART;VALUE=DATE:{day}", "STATUS:CANCELLED"
    policy = policy_beside(tmp_path, calendar(LABOUR_DAY, event("1", "Labour Day", *lines)))
    assert policy.schedules["working-hours"].to_dict()["holidays"]["years"] == years


def test_an_event_that_lasts_longer_than_any_calendar(tmp_path: Path) -> None:
    policy = policy_beside(
        tmp_path, calendar(event("1", "Closed down", "DTSTART;VALUE=DATE:20261228", "DURATION:P9999999D"))
    )
    assert named(policy, "2026-12-27", "2026-12-28", "2026-12-31") == [None, "Closed down", "Closed down"]


def test_two_events_on_one_day(tmp_path: Path) -> None:
    other = event("3", "Inventory", "DTSTART;VALUE=DATE:20261228")
    policy = policy_beside(tmp_path, calendar(SHUTDOWN, other, event("4", "", "DTSTART;VALUE=DATE:20261001")))
    assert named(policy, "2026-12-28", "2026-10-01") == ["Company shutdown; Inventory", "holiday"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not a calendar", "is not a calendar: "),
        (calendar(), "but has none"),
        (calendar(event("1", "Lunch", "DTSTART:20260101T120000Z")), "has an event with a time of day: 'Lunch'"),
        (calendar(event("1", "Nothing")), "must have a start for each event, but has none for 'Nothing'"),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:18990101")),
            "must not have events of 1899; schedules answer for",
        ),
        (calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY")), "must have at most 10,000 days"),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260707", "RRULE:FREQ=YEARLY;BYMONTH=7;BYHOUR=0,1;COUNT=9")),
            "a holiday is a whole day",
        ),
        (
            calendar(*[event(str(n), "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY") for n in range(1_001)]),
            "must have at most 1,000 events that recur, not 1,001",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=DAILY;UNTIL=22001231")),
            "must have at most 10,000 days",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY", "RRULE:FREQ=DAILY")),
            "has an event with two rules of recurrence: 'x'",
        ),
        *(
            (
                calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", line, line)),
                f"has an event with {name} twice: 'x'",
            )
            for name, line in (
                ("DTEND", "DTEND;VALUE=DATE:20260102"),
                ("DURATION", "DURATION:P1D"),
                ("RECURRENCE-ID", "RECURRENCE-ID;VALUE=DATE:20260101"),
                ("STATUS", "STATUS:CANCELLED"),
            )
        ),
        (calendar(event("1", "x", ONE_DAY, "SUMMARY:y")), "has an event with SUMMARY twice: 'x'"),
        (calendar(event("1", "x", ONE_DAY, "UID:2")), "has an event with UID twice: 'x'"),
        (calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ:YEARLY")), "has the rule ''; a holiday"),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RDATE;VALUE=PERIOD:20260102T000000Z/P1D")),
            "has an event with a period or a time in RDATE; a holiday is a whole day",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;INTERVAL=0")),
            "has the rule 'FREQ=YEARLY;INTERVAL=0'; a holiday recurs daily, weekly, monthly or yearly",
        ),
        (calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=SECONDLY")), "a holiday recurs daily"),
        (calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=BOGUS")), "a holiday recurs daily"),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20240513", "RRULE:BYWEEKNO=20;FREQ=YEARLY")),
            "BYWEEKNO is not supported; list the dates in RDATE",
        ),
        *(
            (
                calendar(event("1", "x", "DTSTART;VALUE=DATE:20240513", f"RRULE:FREQ=MONTHLY;BYDAY={days};COUNT=9")),
                "BYDAY must not have days with and without numbers; write two events",
            )
            for days in ("MO,1FR", "-2SU,SU", "1MO,2TU,WE")
        ),
        *(
            (
                calendar(event("1", "x", "DTSTART;VALUE=DATE:20240513", *ends)),
                message,
            )
            for *ends, message in (
                ("DTEND;VALUE=DATE:20240512", "that ends before it starts, or has both DTEND and DURATION: 'x'"),
                (
                    "DTEND;VALUE=DATE:20240514",
                    "DURATION:P1D",
                    "that ends before it starts, or has both DTEND and DURATION: 'x'",
                ),
                ("DURATION:-P3D", "whose DURATION is not a number of days: 'x'"),
            )
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20240513", "RRULE:FREQ=WEEKLY;BYMONTH=5")),
            "a weekly rule must have no BY... part but BYDAY; write a yearly or monthly rule",
        ),
        *(
            (calendar(event("1", "x", *lines)), message)
            for message, *lines in (
                ("has an event whose DTSTART is not a date: 'x'", "DTSTART;VALUE=PERIOD:20260501T000000Z/PT1H"),
                ("has an event whose DTSTART is not a date: 'x'", "DTSTART;VALUE=TIME:000000"),
                ("has an event whose DTEND is not a date: 'x'", ONE_DAY, "DTEND;VALUE=PERIOD:20260501T000000Z/PT1H"),
                ("has an event whose DTEND is not a date: 'x'", ONE_DAY, "DTEND;VALUE=TIME:000000"),
                ("has an event whose DTEND is not a date: 'x'", ONE_DAY, "DTEND:20260502T120000"),
                ("has an event whose DURATION is not a number of days: 'x'", ONE_DAY, "DURATION:20260501"),
                ("has an event whose DURATION is not a number of days: 'x'", ONE_DAY, "DURATION:PT36H"),
                ("has an event with a period or a time in RDATE", ONE_DAY, "RDATE;VALUE=TIME:000000"),
                ("has an event with a period or a time in RECURRENCE-ID", ONE_DAY, "RECURRENCE-ID;VALUE=TIME:000000"),
                ("a period or a time in RECURRENCE-ID", ONE_DAY, "RECURRENCE-ID:20200430T210000Z"),
                ("a period or a time in EXDATE", ONE_DAY, "EXDATE:20200430T210000Z"),
                ("a period or a time in RDATE", ONE_DAY, "RDATE:20200503T210000Z"),
                ("has an event with EXRULE, which is out of use", ONE_DAY, "EXRULE:FREQ=YEARLY;COUNT=2"),
                ("replaces all later ones", ONE_DAY, "RECURRENCE-ID;VALUE=DATE;RANGE=THISANDFUTURE:20260501"),
                ("which fits no date: 'x'", ONE_DAY, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31"),
                ("which fits no date: 'x'", ONE_DAY, "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=31;COUNT=3"),
            )
        ),
        (calendar(*(event(str(n), "x", ONE_DAY, "DTEND;VALUE=DATE:20470101") for n in range(2000))), MANY_DAYS),
        (calendar(*(event(str(n), "x", ONE_DAY, "RRULE:FREQ=DAILY;COUNT=9000") for n in range(300))), MANY_DAYS),
        pytest.param(
            calendar(*(event(str(n), "x" * 155 + str(n), ONE_DAY, "DURATION:P9000D") for n in range(900))),
            MANY_DAYS,
            marks=pytest.mark.unmeasured,
        ),
        (calendar(event("1", "x", ONE_DAY, *["X-A:b"] * 20_000)), "must have at most 20,000 lines, not 20,0"),
        (calendar(event("1", "x", ONE_DAY, "CATEGORIES:" + "," * 100_001)), "must have at most 100,000 commas, not"),
        (
            calendar(event("1", "x", ONE_DAY, "RRULE:FREQ=YEARLY;X=2" + ",2" * 1_000)),
            "must have at most 2,000 characters in a rule, not 2,015",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;BYSETPOS=400")),
            "cannot be read: ",
        ),
        (
            calendar(
                *(event(str(n), "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=YEARLY;BYMONTH=2") for n in range(11))
            ),
            "must have at most 10 events that recur by a rule with BY..., not 11",
        ),
        (
            calendar(event("1", "x", ONE_DAY, "RRULE:FREQ=YEARLY;BYMONTH=1;BYDAY=MO;BYSETPOS=1" + ",1" * 198)),
            "must have at most 200 values in rules with BY..., not 201",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20260101", "RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")),
            "a daily rule must have no BY... part; write a yearly or monthly rule",
        ),
        (
            calendar(event("1", "x", "DTSTART;VALUE=DATE:20240101"), event("2", "x", "DTSTART;VALUE=DATE:20260101")),
            "must have events in each year from 2024 to 2026, but has none in 2025",
        ),
        (b" " * 1_048_577, "is larger than 524,288 bytes"),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_files_that_cannot_be_read(content: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refusal:
        policy_beside(tmp_path, content)
    (fault,) = refusal.value.faults
    assert fault.place == ("schedules", "working-hours", "holidays")
    assert message in fault.text


@pytest.mark.parametrize("name", ["../closing-days.ics", "/etc/closing-days.ics", "link.ics"])
def test_only_files_beside_the_policy_are_read(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "policies"
    folder.mkdir()
    (tmp_path / "closing-days.ics").write_bytes(calendar(SHUTDOWN))
    (folder / "link.ics").symlink_to(tmp_path / "closing-days.ics")
    with pytest.raises(PolicyError, match="must be a file in the folder of the policy"):
        policy_beside(folder, calendar(SHUTDOWN), name)


def test_a_file_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(PolicyError, match=r"holidays\.1: other\.ics: cannot be read: No such"):
        policy_beside(tmp_path, calendar(SHUTDOWN), ["LT", "other.ics"])
    assert main(["policy", "check", str(tmp_path / "desk.json")]) == 2
    assert "other.ics: cannot be read" in capsys.readouterr().out


def test_a_file_is_never_read_for_a_document_in_memory() -> None:
    """A body from the web must not make the server read files."""
    document = KOLMISOFT.to_dict()
    document["schedules"]["working-hours"]["holidays"] = "closing-days.ics"
    with pytest.raises(PolicyError, match=r"a file of holidays can be named only in a policy that is read from a file"):
        Policy.from_dict(document)


def test_without_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "icalendar", None)
    with pytest.raises(PolicyError, match=r"needs the extra ical: pip install 'kolmisla\[ical\]'"):
        policy_beside(tmp_path, calendar(SHUTDOWN))


def test_a_rule_is_followed_only_as_far_as_its_days_may_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Days that are left out do not count, so as many more are looked at."""
    seen = []

    def watched(keep: Any, days: Iterator[datetime]) -> Iterator[datetime]:
        for day in takewhile(keep, days):
            seen.append(day)
            yield day

    monkeypatch.setattr("kolmisla.documents.calendar_files.takewhile", watched)
    text = calendar(event("1", "x", "DTSTART;VALUE=DATE:00010101", "RRULE:FREQ=DAILY;UNTIL=22001231"))
    with pytest.raises(PolicyError, match="must have at most 10,000 days of events"):
        policy_beside(tmp_path, text)
    assert len(seen) == 10_001
    left_out = "EXDATE;VALUE=DATE:" + ",".join(f"200001{day:02}" for day in range(1, 11))
    daily = event("1", "x", "DTSTART;VALUE=DATE:20000101", "RRULE:FREQ=DAILY;COUNT=10010", left_out)
    policy = policy_beside(tmp_path, calendar(daily))
    last = date(2000, 1, 1) + timedelta(days=10_009)
    assert named(policy, "2000-01-10", "2000-01-11", last.isoformat()) == [None, "x", "x"]
