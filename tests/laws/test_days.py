"""Which hours a date has, by all that a document says of it: equal to an oracle that looks at one date at a time."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolmisla import HorizonError, Schedule, ScheduleError
from kolmisla.schedules.days.countries import CountryHolidays
from kolmisla.schedules.days.dated_hours import DatedHours
from kolmisla.schedules.days.other.when import Rank, When, text_of_when, when_of
from kolmisla.times.instants import SECOND
from tests import oracle
from tests.oracle_of_days import orthodox_easter, western_easter
from tests.strategies import documents, said_otherwise

DAY = timedelta(days=1)


@st.composite
def calendars(draw: st.DrawFn) -> tuple[dict[str, Any], date]:
    """Draw a document in which all forms of exceptions, seasons and eves meet, and the day around which they are."""
    document, day = draw(documents())
    return draw(said_otherwise(document, day)), day


def hours(schedule: Schedule, first: date, last: date) -> dict[date, list[tuple[int, int]]]:
    """The hours of each date by the schedule, in seconds since its midnight."""
    dated = DatedHours(schedule._rule.calendar)  # type: ignore[union-attr]  # it is not combined
    days = dated.dated(first.toordinal(), last.toordinal())
    return {date.fromordinal(day): [(a // SECOND, b // SECOND) for a, b in pairs] for day, pairs in days}


@given(calendars())
def test_the_hours_of_each_date(case: tuple[dict[str, Any], date]) -> None:
    document, day = case
    desk = oracle.Desk(**document)
    days = [day + n * DAY for n in range(-40, 41)]
    expected = {each: pairs for each in days if (pairs := desk.wall_hours(each))}
    assert hours(Schedule(**document), days[0], days[-1]) == expected


@given(calendars())
@settings(max_examples=settings().max_examples // 3)
def test_a_document_comes_back(case: tuple[dict[str, Any], date]) -> None:
    schedule = Schedule(**case[0])
    assert Schedule.from_dict(schedule.to_dict()) == schedule
    assert eval(repr(schedule)) == schedule
    assert hash(Schedule.from_dict(schedule.to_dict())) == hash(schedule)


@given(calendars(), st.randoms(use_true_random=False))
@settings(max_examples=settings().max_examples // 3)
def test_the_order_of_entries_means_nothing(case: tuple[dict[str, Any], date], random: Any) -> None:
    document, _ = case
    mixed = dict(document)
    for part in ("exceptions", "seasons", "hours"):
        entries = list(document[part].items())
        random.shuffle(entries)
        mixed[part] = dict(entries)
    assert Schedule(**mixed) == Schedule(**document)


OFFICE: dict[str, Any] = {"timezone": "Europe/Vilnius", "hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]}}


def opened(schedule: Schedule, day: str) -> list[str]:
    start = datetime.combine(date.fromisoformat(day), datetime.min.time(), schedule._instant(0).tzinfo)
    end = datetime.combine(date.fromisoformat(day) + DAY, datetime.min.time(), schedule._instant(0).tzinfo)
    return [f"{span.start:%H:%M}-{span.end:%H:%M}" for span in schedule.spans(start, end)]


@pytest.mark.parametrize(
    ("parts", "day", "hours"),
    [
        # each rank against the next, on one day
        ({"exceptions": {"2026-12-30": ["09:00-10:00"], "2026-12-29/2026-12-31": []}}, "2026-12-30", ["09:00-10:00"]),
        ({"exceptions": {"2026-12-29/2026-12-31": [], "12-30": ["09:00-10:00"]}}, "2026-12-30", []),
        ({"exceptions": {"04-03": [], "easter-2": ["09:00-10:00"]}}, "2026-04-03", []),
        ({"exceptions": {"easter-2": [], "04-01/04-30": ["09:00-10:00"]}}, "2026-04-03", []),
        ({"exceptions": {"04-01/04-30": ["09:00-10:00"]}, "holidays": "LT"}, "2026-04-06", ["09:00-10:00"]),
        ({"holidays": "LT", "eves": {"shorter": "PT1H"}}, "2026-12-25", []),
        ({"holidays": "LT", "eves": {"shorter": "PT1H"}}, "2026-12-23", ["08:00-12:00", "13:00-16:00"]),
        ({"holidays": "LT", "eves": {"shorter": "PT4H30M"}}, "2026-12-23", ["08:00-11:30"]),
        ({"holidays": "LT", "eves": {"shorter": "PT24H"}}, "2026-12-23", []),
        ({"holidays": "LT", "eves": {"hours": ["08:00-10:00"]}}, "2026-12-23", ["08:00-10:00"]),
        # an exception that set hours is not shortened, and a Sunday before a holiday is no eve
        (
            {"holidays": "LT", "eves": {"shorter": "PT1H"}, "exceptions": {"12-23": ["08:00-10:00"]}},
            "2026-12-23",
            ["08:00-10:00"],
        ),
        ({"holidays": "LT", "eves": {"hours": ["08:00-10:00"]}}, "2026-04-04", []),
        # 31 December on a Sunday stays shut; only a date opens it
        ({"exceptions": {"12-31": ["08:00-12:00"]}}, "2028-12-31", []),
        ({"exceptions": {"12-31": ["08:00-12:00"]}}, "2027-12-31", ["08:00-12:00"]),
        ({"exceptions": {"12-28/01-03": ["08:00-12:00"]}}, "2028-12-31", []),
        ({"exceptions": {"2028-12-30/2028-12-31": ["08:00-12:00"]}}, "2028-12-31", []),
        ({"exceptions": {"2028-12-31": ["08:00-12:00"]}}, "2028-12-31", ["08:00-12:00"]),
        ({"exceptions": {"easter": ["08:00-12:00"]}}, "2026-04-05", []),
        # ends are included, over the end of a year and of February
        ({"exceptions": {"12-27/01-02": []}}, "2026-01-02", []),
        ({"exceptions": {"12-27/01-02": [], "07-01/07-03": ["09:00-10:00"]}}, "2026-07-03", ["09:00-10:00"]),
        ({"exceptions": {"12-27/01-02": []}}, "2026-01-05", ["08:00-12:00", "13:00-17:00"]),
        ({"exceptions": {"02-26/02-28": []}}, "2028-02-29", []),
        ({"exceptions": {"02-26/02-29": []}}, "2028-02-29", []),
        ({"exceptions": {"02-26/02-29": []}}, "2029-03-01", ["08:00-12:00", "13:00-17:00"]),
        ({"exceptions": {"02-29/03-02": []}}, "2029-03-01", []),
        ({"exceptions": {"02-29/03-02": []}}, "2029-02-28", ["08:00-12:00", "13:00-17:00"]),
        ({"exceptions": {"02-29": []}}, "2028-02-29", []),
        ({"exceptions": {"02-29": []}}, "2029-03-01", ["08:00-12:00", "13:00-17:00"]),
        # seasons: each year, once, and both
        ({"seasons": {"06-15/09-15": {"hours": {"mon-fri": ["08:00-15:00"]}}}}, "2026-09-15", ["08:00-15:00"]),
        ({"seasons": {"06-15/09-15": {"hours": {"mon-thu": ["08:00-15:00"]}}}}, "2026-06-19", []),
        ({"seasons": {"12-20/02-28": {"hours": {"mon-fri": ["10:00-11:00"]}}}}, "2027-01-04", ["10:00-11:00"]),
        (
            {
                "seasons": {
                    "06-15/09-15": {"hours": {"mon-fri": ["08:00-15:00"]}},
                    "2026-07-01/2026-07-31": {"hours": {"mon-fri": ["08:00-11:00"]}},
                }
            },
            "2026-07-07",
            ["08:00-11:00"],
        ),
        # an exception for all Saturdays of a season opens those that the season opens
        (
            {
                "exceptions": {"06-01/06-30": ["09:00-10:00"]},
                "seasons": {"06-15/09-15": {"hours": {"sat": ["08:00-15:00"]}}},
            },
            "2026-06-20",
            ["09:00-10:00"],
        ),
        # the working day before: not the holidays and weekends, nor what else is closed
        ({"holidays": "LT", "exceptions": {"workday before 12-25": ["08:00-11:00"]}}, "2026-12-23", ["08:00-11:00"]),
        (
            {"holidays": "LT", "exceptions": {"workday before 12-25": ["08:00-11:00"], "12-23": []}},
            "2026-12-22",
            ["08:00-11:00"],
        ),
        ({"holidays": "LT", "exceptions": {"workday after 12-26": ["08:00-11:00"]}}, "2026-12-28", ["08:00-11:00"]),
        (
            {"holidays": "LT", "exceptions": {"workday before New Year's Day": ["08:00-11:00"]}},
            "2026-12-31",
            ["08:00-11:00"],
        ),
        ({"holidays": "US", "exceptions": {"Thanksgiving Day+1": []}}, "2026-11-27", []),
        ({"holidays": "LT", "exceptions": {"orthodox-easter+1": []}}, "2026-04-13", []),
        # a stretch that is closed, whatever else holds; it may cut hours of the night before
        (
            {"exceptions": {"2026-05-04T11:00/2026-05-04T14:00": [], "2026-05-04": ["10:00-15:00"]}},
            "2026-05-04",
            ["10:00-11:00", "14:00-15:00"],
        ),
        (
            {"hours": {"mon-fri": ["22:00-06:00"]}, "exceptions": {"2026-05-05T01:00/2026-05-05T02:00": []}},
            "2026-05-05",
            ["00:00-01:00", "02:00-06:00", "22:00-00:00"],
        ),
    ],
    ids=str,
)
def test_the_most_particular_rule_wins(parts: dict[str, Any], day: str, hours: list[str]) -> None:
    assert opened(Schedule(**{**OFFICE, **parts}), day) == hours


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        (
            {"exceptions": {"12-20/12-27": [], "12-27/12-30": []}},
            "exceptions.12-27/12-30: has 12-27, which 12-20/12-27 has too",
        ),
        ({"exceptions": {"12-20/01-02": [], "01-01/01-05": []}}, "has 01-01, which 01-01/01-05 has too"),
        (
            {"exceptions": {"2026-12-20/2026-12-27": [], "2026-12-24/2026-12-30": []}},
            "has 2026-12-24, which 2026-12-20/",
        ),
        ({"exceptions": {"2026-12-27/2026-12-20": []}}, "must not end before it starts"),
        ({"exceptions": {"2026-12-27/12-31": []}}, "both ends of a range must have a year, or neither"),
        ({"exceptions": {"12-27/12-28/12-29": []}}, "must be two days with a slash"),
        ({"exceptions": {"13-01": []}}, "there is no day '13-01'; type a month and a day that exist, such as 12-24"),
        ({"exceptions": {"workday before 13-01": []}}, "there is no day '13-01'; type a month and a day"),
        ({"exceptions": {"easter-201": []}}, "at most 200 days from the holiday that it names"),
        ({"exceptions": {"eastre-2": []}}, "not 'eastre'; did you mean easter?"),
        ({"exceptions": {"-": []}}, "days must be like 2026-12-24"),
        ({"exceptions": {5: []}}, "days must be like 2026-12-24"),
        ({"exceptions": {"Statehod Day-1": []}, "holidays": "LT"}, "did you mean Statehood Day? the holidays are"),
        ({"exceptions": {"easter+50": [], "orthodox-easter+50": ["08:00-09:00"]}}, "2025-06-09 is both easter+50 and"),
        ({"exceptions": {"12-24": {"hours": []}, " 12-24": []}}, "exceptions must give 12-24 once, not twice"),
        ({"exceptions": {"12-24": {"name": "Shut"}}}, "must have hours, and may have a name"),
        ({"exceptions": {"12-24": {"hours": [], "nme": "Shut"}}}, "not 'nme'"),
        ({"exceptions": {"12-24": {"hours": [], "name": 5}}}, "the name of an exception must be valid text, not 5"),
        ({"exceptions": {"2026-05-04T12:00/2026-05-04T14:00": ["12:00-13:00"]}}, "must close it: write []"),
        ({"exceptions": {"2026-05-04T12:00/2026-05-04T12:00": []}}, "must end after it starts"),
        ({"exceptions": {"2026-05-04T12:00/2026-05-04T14:00Z": []}}, "without an offset"),
        ({"exceptions": {"2026-05-04T12:00/noon T": []}}, "a stretch must be two wall times"),
        ({"exceptions": {"0026-05-04T12:00/2026-05-04T13:00": []}}, "from 1900 to 2200"),
        # a day of every year is not counted from
        (
            {"exceptions": {"12-24-1": []}},
            "as in easter-2, not from a month and a day; instead of '12-24-1' type 12-23",
        ),
        ({"exceptions": {"12-31 + 1": []}}, "instead of '12-31 + 1' type 01-01"),
        ({"exceptions": {"03-01-1": []}}, "instead of '03-01-1' type its date"),  # 29 February, or the 28th
        ({"exceptions": {"13-01-1": []}}, "there is no day '13-01'; type a month and a day"),
        ({"exceptions": {"12-24-1/12-31": []}}, "the ends of a range must be like 2026-12-24 or 12-24, not '12-24-1'"),
        (
            {"exceptions": {"easter/12-31": []}},
            "the ends of a range must be like 2026-12-24 or 12-24, not 'easter'; for",
        ),
        ({"exceptions": {"easter-2/easter+1": []}}, "relative to a holiday's name, not 'easter-2/easter'"),
        ({"exceptions": {"24.12.": []}}, "days must be like 2026-12-24, 12-24, 2026-12-27/2026-12-31"),
        ({"exceptions": {"2026-13-01": []}}, "a date must be like 2026-12-24, not '2026-13-01'"),
        ({"exceptions": {"2626-12-24": []}}, "a date must be from 1900 to 2200, not 2626-12-24"),
        ({"exceptions": {"": []}}, "days must be like 2026-12-24, 12-24"),
        # one day in two spellings
        (
            {"exceptions": {"Christmas Day+1": [], "christmas day+1": ["08:00-09:00"]}, "holidays": "LT"},
            "exceptions must give christmas day+1 once, not twice",
        ),
        ({"exceptions": {"EASTER+1": [], "easter + 1": []}}, "exceptions must give easter+1 once, not twice"),
        ({"seasons": {"12-24": {"hours": {}}}}, "a season must be a range"),
        ({"seasons": {"06-15/09-15": {"mon": ["08:00-15:00"]}}}, "a season must be a table with hours"),
        ({"seasons": {"06-15/09-15": {"hours": {"mon": ["8"]}}}}, "seasons.06-15/09-15: hours['mon'] must have"),
        ({"seasons": []}, "seasons must be a mapping such as"),
        ({"seasons": {"06-15/09-15": {"hours": {}}, "09-15/10-01": {"hours": {}}}}, "seasons.09-15/10-01: has 09-15"),
        ({"exceptions": {f"easter+{n}": [] for n in range(51)}}, "at most 50 relative days, not 51"),
        ({"exceptions": {f"13-{n:04}": [] for n in range(1_200)}}, "and 960 more"),
        ({"eves": {"shorter": "P1D"}}, "'P1D' is not a duration"),
        ({"eves": {"shorter": "PT0S"}}, "more than zero and at most PT24H"),
        ({"eves": {"shorter": "PT25H"}}, "more than zero and at most PT24H"),
        ({"eves": {"shorter": "PT1H", "hours": []}}, "eves must be a table with shorter or hours"),
        ({"eves": "PT1H"}, "eves must be a table with shorter or hours"),
        (
            {
                "exceptions": {f"{y}-01-01/{y}-01-02": [] for y in range(1900, 2200)}
                | {f"{y}-02-01/{y}-02-02": [] for y in range(1900, 2100)}
            },
            "at most 400 ranges",
        ),
    ],
    ids=lambda value: str(value)[:80],
)
def test_days_that_cannot_be(parts: dict[str, Any], message: str) -> None:
    with pytest.raises(ScheduleError) as refusal:
        Schedule(**{**OFFICE, **parts})
    assert message in str(refusal.value)
    assert refusal.value.faults


def test_all_faults_of_all_parts_at_once() -> None:
    with pytest.raises(ScheduleError) as refusal:
        Schedule(
            **{
                **OFFICE,
                "exceptions": {"13-01": [], "12-24": ["8"]},
                "seasons": {"x": {}},
                "eves": {},
                "holidays": "XX",
            }
        )
    assert [fault.place for fault in refusal.value.faults] == [
        ("holidays",),
        ("exceptions", "13-01"),
        ("exceptions", "12-24"),
        ("seasons", "x"),
        ("eves",),
    ]


def test_relative_days_that_meet_in_a_far_year_are_refused_there() -> None:
    """Easter + 49 and the orthodox Easter + 14 are one day only in years after those that are checked."""
    far = Schedule(
        **{**OFFICE, "exceptions": {"easter+35": [], "workday before 06-02": ["08:00-09:00"]}, "holidays": []}
    )
    assert opened(far, "2026-06-01") == ["08:00-09:00"]


def test_the_horizon_leaves_out_days_that_depend_on_unknown_years() -> None:
    """Lithuania's holidays are known to 31 December 2100; its eve may be one hour shorter, for all that is known."""
    edge = datetime(2100, 12, 30, 12, tzinfo=UTC)
    plain, shorter = (Schedule(**OFFICE, holidays="LT", eves=eves) for eves in (None, {"shorter": "PT1H"}))
    assert plain.is_open(edge + 2 * timedelta(hours=1)) == shorter.is_open(edge + 2 * timedelta(hours=1))
    plain.is_open(edge + DAY)
    with pytest.raises(HorizonError):
        shorter.is_open(edge + DAY)
    cases: list[tuple[dict[str, Any], bool]] = [
        ({"workday before 12-25": []}, True),  # the days before lie in the same year
        ({"workday before 01-02": []}, False),
        ({"easter-2": []}, True),
        ({"workday after easter": []}, True),
        ({"Christmas Day+1": []}, False),
    ]
    for parts, known in cases:
        schedule = Schedule(**OFFICE, holidays="LT", exceptions=parts)
        if known:
            schedule.is_open(edge + DAY)
        else:
            with pytest.raises(HorizonError):
                schedule.is_open(edge + DAY)


def test_names_of_closed_days() -> None:
    shut = {"12-27/01-02": {"hours": [], "name": "Company shutdown"}, "12-31": ["08:00-12:00"]}
    office = Schedule(**OFFICE, holidays=["LT", {"2026-05-15": "Company day"}], exceptions=shut)
    assert office.holiday_name(date(2026, 12, 28)) == "Company shutdown"
    assert office.holiday_name(date(2026, 12, 31)) is None
    assert office.holiday_name(date(2027, 1, 1)) == "Company shutdown"
    assert office.holiday_name(date(2026, 5, 15)) == "Company day"
    assert office.holiday_name(date(2026, 12, 25)) == "Christmas Day"
    for_a_while = {"2026-05-04T00:00/2026-05-05T00:00": {"hours": [], "name": "Maintenance"}}
    assert Schedule(**OFFICE, exceptions=for_a_while).holiday_name(date(2026, 5, 4)) == "Maintenance"


FAIR = {"2026-08-05": "Fair", "2026-08-06": "Fair"}


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("Fair-1", "2026-08-04"),
        ("Fair", "2026-08-05"),
        ("fair+1", "2026-08-07"),
        ("workday before Fair", "2026-08-04"),
        ("workday after Fair", "2026-08-07"),
    ],
)
def test_days_around_a_holiday_of_two_days(key: str, day: str) -> None:
    """Days before it count from its first day, days after it from its last."""
    schedule = Schedule(**OFFICE, holidays=FAIR, exceptions={key: ["09:00-10:00"]})
    assert [each for each in range(3, 11) if opened(schedule, f"2026-08-{each:02}") == ["09:00-10:00"]] == [
        int(day[-2:])
    ]


NAMED = {
    "2026-05-01": "1 Maj",
    "2026-06-24": "Midsummer/St John's",
    "2026-07-01": "Plan B-1",
    "2026-08-12": "2. August",
}


@pytest.mark.parametrize(
    ("key", "day"),
    [
        ("1 Maj+3", "2026-05-04"),
        ("workday after 1 maj", "2026-05-04"),
        ("Midsummer/St John's-1", "2026-06-23"),
        ("Plan B-1+1", "2026-07-02"),
        ("Plan B-1+0", "2026-07-01"),
        ("2. August -1", "2026-08-11"),
    ],
)
def test_names_with_a_slash_a_digit_or_a_sign_can_be_counted_from(key: str, day: str) -> None:
    schedule = Schedule(**OFFICE, holidays=NAMED, exceptions={key: ["09:00-10:00"]})
    assert opened(schedule, day) == ["09:00-10:00"]
    assert Schedule.from_dict(schedule.to_dict()) == schedule


@pytest.mark.parametrize("code", ["LT", "LV", "BB", "CI", "SE", "US", "CN", "GB-ENG"])
def test_each_holiday_of_a_country_can_be_counted_from(code: str) -> None:
    country = CountryHolidays(code)
    names = {part for year in range(2020, 2027) for text in country.days(year).values() for part in text.split("; ")}
    for name in names:
        assert when_of(f"{name}+1") == When(Rank.RELATIVE, 1, 0, name)
        assert when_of(f"Workday before {name}") == When(Rank.RELATIVE, 0, -1, name)


@given(st.one_of(st.text(), st.from_regex(r"[-+/ 0-9a-zA-Z:]{1,16}", fullmatch=True)))
def test_a_text_names_days_that_are_written_and_read_alike(text: str) -> None:
    try:
        when = when_of(text)
    except ValueError:
        return
    assert when_of(text_of_when(when)) == when


def test_a_date_settles_what_relative_days_leave_open() -> None:
    meeting = {"easter+50": [], "orthodox-easter+50": ["08:00-09:00"]}
    meets = [year for year in range(2020, 2041) if western_easter(year) == orthodox_easter(year)]
    settled = {f"{western_easter(year) + 50 * DAY}": ["10:00-11:00"] for year in meets}
    schedule = Schedule(**OFFICE, exceptions={**meeting, **settled})
    assert opened(schedule, "2025-06-09") == ["10:00-11:00"]
    with pytest.raises(ScheduleError, match="2041-06-10 is both"):
        schedule.is_open(datetime(2041, 6, 1, tzinfo=UTC))


def test_overlapping_stretches_close_once() -> None:
    """A hundred of them, each over three centuries, cost no more than one."""
    shut: dict[str, Any] = {f"1900-01-01T00:{minute:02}/2199-01-01T00:{minute:02}": [] for minute in range(60)}
    office = Schedule(**OFFICE, exceptions={**shut, "2026-05-04T00:00/2026-05-05T00:00": {"hours": [], "name": "Move"}})
    assert not list(office.spans(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)))
    assert office.holiday_name(date(2026, 5, 4)) == "Move"


@pytest.mark.parametrize(
    ("key", "same"),
    [("Workday Before 12-25", "workday before 12-25"), ("easter - 2", "easter-2"), ("EASTER+1", "easter+1")],
)
def test_other_spellings_of_a_day(key: str, same: str) -> None:
    assert Schedule(**OFFICE, exceptions={key: []}) == Schedule(**OFFICE, exceptions={same: []})
