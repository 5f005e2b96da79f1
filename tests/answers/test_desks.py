"""Two desks as people describe them, against dates written out by hand, and an oracle that looks at single dates."""

import tomllib
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kolmisla import Policy, Ticket, deadline
from tests import oracle

DAY = timedelta(days=1)

BAVARIA = """\
name = "Bavarian desk"
timezone = "Europe/Berlin"
channels = ["portal", "e-mail"]

[schedules]
always = { open = "always" }

[schedules.office]
hours = { mon-thu = ["08:00-17:00"], fri = ["08:00-15:00"] }
holidays = ["DE-BY", { 2026-05-15 = "Bridge day", 2026-06-05 = "Bridge day" }, { 2027-05-07 = "Bridge day" }]
exceptions = { 12-24 = ["08:00-12:00"], 12-31 = ["08:00-12:00"], "12-27/12-30" = { hours = [], name = "Shutdown" } }

[schedules.extended]
hours = { mon-fri = ["07:00-20:00"], sat = ["08:00-14:00"] }
holidays = "DE-BY"

[priorities]
P1 = { rank = 1, schedule = "always" }
P2 = { rank = 2, schedule = "extended" }
P3 = { rank = 3, schedule = "office" }

[plans.SERVICE.targets]
first-response = { P1 = { within = "PT1H" }, P2 = { within = "PT4H" }, P3 = { within = "PT8H" } }
next-response = { within = "PT8H" }
resolution = { P1 = { within = "PT8H" }, P2 = { within = "PT26H" }, P3 = { within = "PT80H" } }
[plans.SERVICE]
rank = 1
[[editions]]
effective_from = 2027-01-01
schedules.office.hours.fri = ["08:00-14:00"]
"""

# The public holidays of all Bavaria on a weekday or a Saturday, year by year.
HOLIDAYS = {
    2026: "01-01 01-06 04-03 04-06 05-01 05-14 05-25 06-04 10-03 12-25 12-26",
    2027: "01-01 01-06 03-26 03-29 05-01 05-06 05-17 05-27 11-01 12-25",
    2028: "01-01 01-06 04-14 04-17 05-01 05-25 06-05 06-15 10-03 11-01 12-25 12-26",
    2029: "01-01 01-06 03-30 04-02 05-01 05-10 05-21 05-31 10-03 11-01 12-25 12-26",
    2030: "01-01 04-19 04-22 05-01 05-30 06-10 06-20 10-03 11-01 12-25 12-26",
    2031: "01-01 01-06 04-11 04-14 05-01 05-22 06-02 06-12 10-03 11-01 12-25 12-26",
    2032: "01-01 01-06 03-26 03-29 05-01 05-06 05-17 05-27 11-01 12-25",
    2033: "01-01 01-06 04-15 04-18 05-26 06-06 06-16 10-03 11-01 12-26",
    2034: "01-06 04-07 04-10 05-01 05-18 05-29 06-08 10-03 11-01 12-25 12-26",
    2035: "01-01 01-06 03-23 03-26 05-01 05-03 05-14 05-24 10-03 11-01 12-25 12-26",
}
BRIDGE_DAYS = {"2026-05-15", "2026-06-05", "2027-05-07"}


def hours_in_bavaria(day: date) -> list[str]:
    """The office hours of a date, said in plain words."""
    text = day.isoformat()
    if day.weekday() > 4 or text in BRIDGE_DAYS or text[5:] in ("12-27", "12-28", "12-29", "12-30"):
        return []
    if text[5:] in ("12-24", "12-31"):
        return ["08:00-12:00"]
    if text[5:] in HOLIDAYS[day.year].split():
        return []
    if day.weekday() == 4:
        return ["08:00-15:00" if day.year == 2026 else "08:00-14:00"]
    return ["08:00-17:00"]


def test_a_desk_in_bavaria_for_ten_years() -> None:
    policy = Policy.from_dict(tomllib.loads(BAVARIA))
    assert len([line for line in BAVARIA.splitlines() if line.strip()]) <= 30
    zone, day = ZoneInfo("Europe/Berlin"), date(2026, 1, 1)
    while day.year <= 2035:
        midnight = datetime.combine(day, datetime.min.time(), zone)
        next_midnight = datetime.combine(day + DAY, datetime.min.time(), zone)
        schedule = policy.at(midnight).schedules["office"]
        told = [f"{span.start:%H:%M}-{span.end:%H:%M}" for span in schedule.spans(midnight, next_midnight)]
        assert told == hours_in_bavaria(day), day
        day += DAY
    office = policy.schedules["office"]
    assert office.holiday_name(date(2026, 12, 28)) == "Shutdown"
    assert office.holiday_name(date(2026, 5, 15)) == "Bridge day"
    ticket = Ticket(plan="service", priority="p3", channel="portal", opened_at="2026-12-23T16:00+01:00")
    due = deadline(ticket, policy=policy).due_at
    assert due
    assert due.isoformat() == "2026-12-31T11:00:00+01:00"  # 1 h on the 23rd, 4 on the 24th, 3 on the 31st


VILNIUS = """
timezone = "Europe/Vilnius"
hours = { mon-thu = ["08:00-12:00", "12:45-17:00"], fri = ["08:00-12:00", "12:45-15:45"] }
holidays = "LT"
eves = { shorter = "PT1H" }
seasons = { "06-15/08-31" = { hours = { mon-fri = ["07:30-15:00"] } } }

[exceptions]
"12-27/12-31" = { hours = [], name = "Shutdown" }
"workday before 12-24" = ["08:00-12:00"]
"easter-2" = ["08:00-14:00"]
"2026-05-04T10:00/2026-05-04T12:30" = []
"""


def test_a_desk_in_vilnius_for_ten_years() -> None:
    """With summer hours, an hour less before holidays, a shutdown and half days."""
    policy = Policy.from_dict(
        {
            "name": "Vilnius",
            "timezone": "Europe/Vilnius",
            "schedules": {"office": tomllib.loads(VILNIUS)},
            "priorities": {},
            "plans": {},
        }
    )
    desk, office = oracle.Desk(**tomllib.loads(VILNIUS)), policy.schedules["office"]
    start, end = datetime(2025, 12, 31, 22, tzinfo=UTC), datetime(2035, 12, 31, 22, tzinfo=UTC)
    spans = [(span.start.astimezone(UTC), span.end.astimezone(UTC)) for span in office.spans(start, end)]
    expected: list[tuple[datetime, datetime]] = []
    day = date(2026, 1, 1)
    while day.year <= 2035:
        expected += desk.intervals(day)
        day += DAY
    assert spans == expected


@pytest.mark.parametrize(
    ("day", "hours"),
    [
        ("2026-03-10", ["08:00-12:00", "12:45-16:00"]),  # the eve of 11 March
        ("2026-04-30", ["08:00-12:00", "12:45-16:00"]),
        ("2026-06-23", ["07:30-14:00"]),  # in summer
        ("2026-08-14", ["07:30-14:00"]),
        ("2026-12-23", ["08:00-12:00"]),  # the working day before Christmas Eve: its own hours
        ("2026-12-31", []),
        ("2026-05-04", ["08:00-10:00", "12:45-17:00"]),
        ("2026-04-03", ["08:00-14:00"]),
    ],
)
def test_some_days_in_vilnius(day: str, hours: list[str]) -> None:
    desk = oracle.Desk(**tomllib.loads(VILNIUS))
    told = [
        f"{a // 3600:02}:{a // 60 % 60:02}-{b // 3600:02}:{b // 60 % 60:02}"
        for a, b in desk.wall_hours(date.fromisoformat(day))
    ]
    assert told == hours


def test_the_eves_of_2026_by_the_labour_code() -> None:
    """An hour less on 10 March, 30 April, 23 June, 14 August, 23 and 31 December."""
    plain = oracle.Desk("Europe/Vilnius", {"mon-fri": ["08:00-17:00"]}, "LT", None, None, {"shorter": "PT1H"})
    days = [date(2026, 1, 1) + n * DAY for n in range(365)]
    shorter = [f"{day:%m-%d}" for day in days if plain.wall_hours(day) == [(8 * 3600, 16 * 3600)]]
    assert shorter == ["03-10", "04-30", "06-23", "08-14", "12-23", "12-31"]
