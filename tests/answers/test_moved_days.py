"""Weekdays off that are paid for by a worked Saturday or Sunday, against the lists that governments published.

Latvia: orders of the Cabinet of Ministers. Hungary: decrees of the ministers for the economy. China: notices of the
State Council. Ukraine: recommendations of the Cabinet. Vietnam: notices of the labour ministry. Taiwan: calendars of
the personnel administration. Russia: decrees of the government.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from kolmisla import Schedule
from kolmisla.schedules.days.holiday_notation import holidays_of

DAY = timedelta(days=1)

# By country and year: the weekday off, and the day that is worked for it.
PUBLISHED = {
    ("LV", 2021): {"05-03": "05-08", "06-25": "06-19", "11-19": "11-13"},
    ("LV", 2022): {},
    ("LV", 2024): {"12-23": "12-14", "12-30": "12-28"},
    ("LV", 2025): {"05-02": "05-10", "11-17": "11-08"},
    ("LV", 2026): {"01-02": "01-17", "06-22": "06-27"},
    ("HU", 2022): {"03-14": "03-26", "10-31": "10-15"},
    ("HU", 2023): {},
    ("HU", 2024): {"08-19": "08-03", "12-24": "12-07", "12-27": "12-14"},
    ("HU", 2025): {"05-02": "05-17", "10-24": "10-18", "12-24": "12-13"},
    ("CN", 2024): {
        "02-15": "02-04",
        "02-16": "02-18",
        "04-05": "04-07",
        "05-02": "04-28",
        "05-03": "05-11",
        "09-16": "09-14",
        "10-04": "09-29",
        "10-07": "10-12",
    },
    ("CN", 2025): {"02-03": "01-26", "02-04": "02-08", "05-05": "04-27", "10-07": "09-28", "10-08": "10-11"},
    ("UA", 2018): {"03-09": "03-03", "04-30": "05-05", "06-29": "06-23", "12-24": "12-22", "12-31": "12-29"},
    ("UA", 2019): {"04-30": "05-11", "12-30": "12-21", "12-31": "12-28"},
    ("UA", 2021): {"01-08": "01-16", "08-23": "08-28", "10-15": "10-23"},
    ("VN", 2024): {"04-29": "05-04"},
    ("VN", 2025): {"05-02": "04-26"},
    ("TW", 2023): {
        "01-20": "01-07",
        "01-27": "02-04",
        "02-27": "02-18",
        "04-03": "03-25",
        "06-23": "06-17",
        "10-09": "09-23",
    },
    ("TW", 2024): {"02-08": "02-17"},
    ("TW", 2025): {"01-27": "02-08"},
    ("RU", 2021): {"02-22": "02-20"},
    ("RU", 2022): {"03-07": "03-05"},
    ("RU", 2024): {"04-29": "04-27", "04-30": "11-02", "12-30": "12-28"},
    ("RU", 2025): {"11-03": "11-01"},
}
# Each weekday has hours of its own, so that a worked Saturday tells whose hours it has.
WEEK = {name: [f"{8 + n:02}:00-17:00"] for n, name in enumerate(("mon", "tue", "wed", "thu", "fri"))}


def opening(schedule: Schedule, day: date) -> int | None:
    """The hour at which a date opens, or None if it is closed."""
    start = datetime.combine(day, datetime.min.time(), UTC)
    return next((span.start.hour for span in schedule.spans(start, start + DAY)), None)


@pytest.mark.parametrize(("country", "year"), PUBLISHED, ids=str)
def test_both_halves_of_a_moved_day(country: str, year: int) -> None:
    moved = {
        date.fromisoformat(f"{year}-{off}"): date.fromisoformat(f"{year}-{worked}")
        for off, worked in PUBLISHED[country, year].items()
    }
    schedule = Schedule("UTC", WEEK, holidays=country)
    without = Schedule("UTC", WEEK, holidays={"country": country, "moved_days": False})
    for off, worked in moved.items():
        assert opening(schedule, off) is None
        assert opening(schedule, worked) == 8 + off.weekday(), (off, worked)
        assert opening(without, off) == 8 + off.weekday()
        assert opening(without, worked) is None
    weekends = (day for n in range(366) if (day := date(year, 1, 1) + n * DAY).weekday() >= 5 and day.year == year)
    assert {day for day in weekends if opening(schedule, day)} == set(moved.values())


@pytest.mark.parametrize(
    ("country", "day"),
    [
        ("RU", "2025-02-23"),  # a Sunday whose holiday moved to 8 May: it stays shut
        ("RU", "2026-01-03"),
        ("HK", "2026-02-14"),  # a Saturday is no day of rest in the package
        ("CN", "2026-10-03"),
    ],
)
def test_what_opens_nothing(country: str, day: str) -> None:
    assert opening(Schedule("UTC", WEEK, holidays=country), date.fromisoformat(day)) is None


def test_the_desk_in_riga_of_january_2026() -> None:
    """Saturday 17 January pays for Friday the 2nd, so that two hours from Friday 17:00 end on Saturday at 10:00."""
    desk = Schedule("Europe/Riga", {"mon-fri": ["09:00-18:00"]}, holidays="LV")
    asked = datetime.fromisoformat("2026-01-16T17:00+02:00")
    assert desk.due(asked, timedelta(hours=2)).isoformat() == "2026-01-17T10:00:00+02:00"
    assert not desk.is_open(datetime.fromisoformat("2026-01-02T10:00+02:00"))


@pytest.mark.parametrize(
    ("parts", "day", "hour"),
    [
        # a holiday or an exception closes a worked Saturday, or gives it other hours
        ({"holidays": ["LV", "2026-01-17"]}, "2026-01-17", None),
        ({"exceptions": {"01-10/01-20": []}}, "2026-01-17", None),
        ({"exceptions": {"01-10/01-20": ["15:00-16:00"]}}, "2026-01-17", 15),
        ({"exceptions": {"01-10/01-20": ["15:00-16:00"]}}, "2026-01-18", None),
        ({"exceptions": {"workday before 01-18": ["15:00-16:00"]}}, "2026-01-17", 15),
        ({"exceptions": {"workday before 01-18": ["15:00-16:00"]}}, "2026-01-16", 12),
        ({"exceptions": {"2026-01-17": ["15:00-16:00"]}}, "2026-01-17", 15),
        # who works on the day off does not work on the Saturday
        ({"holidays": {"country": "LV", "without": ["2026-01-02"]}}, "2026-01-17", None),
        ({"holidays": {"country": "LV", "without": ["2026-01-02"]}}, "2026-01-02", 12),
        # a season's hours, also for a Saturday; a desk without Fridays has no hours to give
        ({"seasons": {"01-01/02-28": {"hours": {"fri": ["13:00-14:00"]}}}}, "2026-01-17", 13),
        ({"hours": {"mon-thu": ["08:00-17:00"]}}, "2026-01-17", None),
        ({"eves": {"hours": ["16:00-17:00"]}, "holidays": ["LV", "2026-01-18"]}, "2026-01-17", 12),
    ],
    ids=str,
)
def test_a_worked_saturday_beside_other_rules(parts: dict[str, Any], day: str, hour: int | None) -> None:
    schedule = Schedule(**{"timezone": "UTC", "hours": WEEK, "holidays": "LV", **parts})
    assert opening(schedule, date.fromisoformat(day)) == hour


def test_a_worked_day_of_no_weekday_has_the_hours_of_the_last_one_before() -> None:
    frozen = {"frozen": "XX", "years": "2026-2026", "dates": {}, "worked": ["2026-01-17", "2026-01-18"]}
    schedule = Schedule("UTC", WEEK, holidays=frozen)
    assert [opening(schedule, date(2026, 1, 17)), opening(schedule, date(2026, 1, 18))] == [12, 12]
    nothing = Schedule("UTC", {}, holidays=frozen, exceptions={"2026-01-01": ["08:00-09:00"]})
    assert opening(nothing, date(2026, 1, 17)) is None


def test_the_parts_of_a_country_and_its_categories() -> None:
    """Hong Kong's general holidays include days that only banks and offices keep; names and dates can be left out."""
    whole = {"country": "HK", "categories": ["public", "optional"], "without": ["Easter Monday", "2026-05-01"]}
    desk = Schedule("UTC", WEEK, holidays={**whole, "half_day": ["09:00-13:00"], "moved_days": False})
    public = Schedule("UTC", WEEK, holidays="HK")
    assert opening(desk, date(2026, 5, 1)) == 12
    assert opening(desk, date(2026, 4, 3)) is None  # Good Friday
    assert desk.to_dict()["holidays"]["without"] == ["Easter Monday", "2026-05-01"]
    assert any(
        desk.holiday_name(date(2026, 1, 1) + n * DAY) for n in range(365) if opening(public, date(2026, 1, 1) + n * DAY)
    )


def test_half_days_of_a_country() -> None:
    """In China, women have a half day on 8 March."""
    half = Schedule("UTC", WEEK, holidays={"country": "CN", "half_day": ["13:00-15:00"]})
    assert opening(half, date(2024, 3, 8)) == 13
    assert half.holiday_name(date(2024, 3, 8))
    assert opening(half, date(2026, 3, 8)) is None  # a Sunday
    assert opening(Schedule("UTC", WEEK, holidays="CN"), date(2024, 3, 8)) == 12


@pytest.mark.parametrize(
    ("holidays", "message"),
    [
        (
            {"country": "LV", "without": ["Easter Mondy"]},
            "the key 'without' must list holidays of LV, not 'Easter Mondy'; did you mean Easter Monday? LV has",
        ),
        (
            {"country": "LV", "without": ["Nothing of the kind"]},
            "the key 'without' must list holidays of LV, not 'Nothing of the kind'; LV has",
        ),
        ({"country": "LV", "without": ["2026-01-03"]}, "the key 'without' must list holidays of LV, not 2026-01-03"),
        ({"country": "LV", "without": [5]}, "the key 'without' must list names and dates of holidays, not 5"),
        ({"country": "LV", "without": "Easter Monday"}, "without must be a list, not 'Easter Monday'"),
        ({"country": "LV", "categories": ["bank"]}, "categories must list categories of LV, not 'bank'; LV has public"),
        ({"country": "LV", "categories": [5]}, "categories must be a list of names, not 5"),
        ({"country": "LV", "moved_days": "no"}, "moved_days must be true or false, not 'no'"),
        (
            {"country": "LV", "half_days": []},
            "holidays has the unknown key 'half_days'; a table with country may also have categories",
        ),
        ({"country": 5}, "country must be a code such as LT or US-MA, not 5"),
        ("Lithuania", "did you mean LT?"),
        ("South Korea", "did you mean KR?"),
        ("LTU", "did you mean LT?"),
        ("Atlantis", "US-MA; 'Atlantis' is not one of"),
        (["LT", "LT"], "holidays must name LT once, not twice"),
        (["LT", {"2026-05-15": "a"}, {"2026-05-15": "b"}], "holidays must give 2026-05-15 one name, not a, b"),
        ("closing-days.ics", "a file of holidays can be named only in a policy that is read from a file"),
        ({"frozen": "LT", "years": "2024"}, 'years must be like "2024-2030"'),
        ({"frozen": "LT", "years": "2030-2024"}, 'years must be like "2024-2030"'),
        ({"frozen": "LT", "years": "2024-2030", "dates": []}, "dates must be a table of dates, not []"),
        (
            {"frozen": "LT", "years": "2024-2030", "dates": {"2031-01-01": "x"}},
            "dates in 'dates' must be in the years",
        ),
        (
            {"frozen": "LV", "years": "2026-2026", "moved": {"2026-01-02": "2026-01-17"}},
            "each day off in 'moved' must be in 'dates' too, but 2026-01-02 is not",
        ),
        (
            {"frozen": "LV", "years": "2026-2026", "dates": {}, "worked": ["2026-05-05"]},
            "worked must have a Saturday or a Sunday as the day that is worked, not 2026-05-05, a Tuesday",
        ),
        (
            {"frozen": "LV", "years": "2026-2026", "dates": {"2026-01-02": "x"}, "moved": {"2026-01-02": "2026-01-16"}},
            "moved must have a Saturday or a Sunday as the day that is worked, not 2026-01-16, a Friday",
        ),
        (
            {"frozen": "LV", "years": "2026-2026", "dates": {"2026-01-03": "x"}, "moved": {"2026-01-03": "2026-01-17"}},
            "moved must have a weekday as the day off, not 2026-01-03, a Saturday",
        ),
        ({"frozen": 5, "years": "2024-2030"}, "frozen must be a string, not 5"),
        (
            {"frozen": "LT", "years": "2024-2030", "date": {}},
            "holidays has the unknown key 'date'; a table with frozen may also have years",
        ),
    ],
    ids=str,
)
def test_holidays_that_cannot_be(holidays: Any, message: str) -> None:
    with pytest.raises(ValueError) as refusal:  # the message is compared below
        holidays_of(holidays)
    assert message in str(refusal.value)


def test_frozen_holidays_with_all_that_they_may_have() -> None:
    document = {
        "frozen": "XX",
        "years": "2026-2027",
        "package": "0.109",
        "dates": {"2026-01-01": "New Year", "2026-01-02": "Day off", "2026-02-02": "Feast; Day off"},
        "moved": {"2026-01-02": "2026-01-17", "2026-02-02": "2026-02-07"},
        "worked": ["2026-03-07"],
        "half_days": {"2026-12-24": "Eve"},
        "half_day": ["08:00-12:00"],
    }
    schedule = Schedule("UTC", WEEK, holidays=document, eves={"hours": ["15:00-16:00"]})
    assert schedule.to_dict()["holidays"] == document
    days = {"2026-01-01": None, "2026-01-17": 12, "2026-02-07": 8, "2026-03-07": 12, "2026-12-24": 8}
    assert {day: opening(schedule, date.fromisoformat(day)) for day in days} == days
    assert schedule.holiday_name(date(2026, 12, 24)) == "Eve"
    assert opening(schedule, date(2026, 1, 30)) == 12  # 2 February is a holiday by itself, but its eve is a Sunday
    several = Schedule("UTC", WEEK, holidays=[document, "2026-05-15"], eves={"hours": ["15:00-16:00"]})
    assert opening(several, date(2026, 5, 14)) == 11  # beside a country, a listed day has no eve
    assert several.to_dict()["holidays"] == [document, {"2026-05-15": "holiday"}]


@pytest.mark.parametrize(
    ("holidays", "key", "days"),
    [
        # a date of the moon is estimated in years to come: it is the same holiday
        ("AE", "Eid al-Fitr-1", ["2026-03-19", "2027-03-08"]),
        # each run of days is an occurrence, also twice in a year and over its end
        ({"2026-05-15": "Feast", "2026-09-15": "Feast"}, "Feast-1", ["2026-05-14", "2026-09-14"]),
        ({"2026-12-30": "Shut", "2026-12-31": "Shut", "2027-01-01": "Shut"}, "Shut-1", ["2026-12-29"]),
        ({"2026-12-30": "Shut", "2026-12-31": "Shut", "2027-01-01": "Shut"}, "workday after shut", ["2027-01-04"]),
    ],
    ids=str,
)
def test_days_beside_a_holidays_name(holidays: Any, key: str, days: list[str]) -> None:
    schedule = Schedule("UTC", WEEK, holidays=holidays, exceptions={key: ["03:00-04:00"]})
    every = [date(2026, 1, 1) + n * DAY for n in range(730)]
    assert [day.isoformat() for day in every if opening(schedule, day) == 3] == days


def test_an_estimated_holiday_is_left_out_by_its_name() -> None:
    schedule = Schedule("UTC", WEEK, holidays={"country": "AE", "without": ["Eid al-Fitr"]})
    assert (opening(schedule, date(2026, 3, 20)), opening(schedule, date(2027, 3, 9))) == (12, 9)


@pytest.mark.parametrize(("country", "number"), [("CW", 1), ("IT", 0)])
def test_half_days_alone_do_not_close_the_desk_on_public_holidays(country: str, number: int) -> None:
    """Only the category that is named counts; its days have the hours that are given for half days."""
    half = {"country": country, "categories": ["half_day"]}
    hours = {"mon-sun": ["08:00-16:00"]}
    named, given = (Schedule("UTC", hours, holidays=text) for text in (half, {**half, "half_day": ["09:00-11:00"]}))
    days = [date(2026, 1, 1) + timedelta(days=day) for day in range(365)]
    halved = [day for day in days if named.holiday_name(day)]
    assert len(halved) == number
    for day in days:
        start = datetime.combine(day, time(), UTC)
        opened = given.elapsed(start, start + timedelta(days=1))
        assert opened == timedelta(hours=2 if day in halved else 8), day
