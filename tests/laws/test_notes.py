"""Notes on policies: what raises each, what it says to type, and that typing it ends the note."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kolmisla import ALWAYS, HorizonError, Policy, Schedule, Target
from kolmisla.errors import MOST_FAULTS
from kolmisla.policies.notes.effort import years_until
from kolmisla.policies.notes.of_policy import notes_of
from kolmisla.policies.notes.of_targets import MOST_PAIRS
from kolmisla.policies.notes.waits import CountedTarget, later_at, open_week
from kolmisla.reports.calendars.days import hours_text
from kolmisla.reports.calendars.year import SEASON, days_of_year, listed_year
from kolmisla.schedules.days.countries import CountryHolidays, parts_of
from kolmisla.times.instants import SECOND, micros
from tests import oracle
from tests.laws.test_days import calendars

HOUR = 3600 * SECOND
DAY = timedelta(days=1)
OFFICE = {"timezone": "Europe/Berlin", "hours": {"mon-fri": ["08:00-18:00"]}}
TARGETS = {"first-response": {"within": "PT1H"}}


def desk(day: dict[str, Any] | None = None, targets: dict[str, Any] = TARGETS, **others: Any) -> Policy:
    """A policy with a schedule `day` beside `always`, of which HIGH counts on the first, and LOW on the second."""
    document: dict[str, Any] = {
        "name": "Desk",
        "timezone": "Europe/Berlin",
        "schedules": {"day": OFFICE if day is None else day, "always": {"open": "always"}},
        "priorities": {"HIGH": {"rank": 1, "schedule": "day"}, "LOW": {"rank": 2, "schedule": "day"}},
        "plans": {"GOLD": {"rank": 1, "targets": targets}},
    }
    return Policy.from_dict({**document, **others})


def notes(policy: Policy) -> list[str]:
    return [str(note) for note in notes_of(policy)]


def country(code: str, **options: Any) -> dict[str, Any]:
    return {**OFFICE, "holidays": {"country": code, **options} if options else code}


@pytest.mark.parametrize(
    ("schedule", "place", "told", "mended"),
    [
        (country("GB"), "holidays", ["GB-ENG, GB-NIR, GB-SCT, GB-WLS", "4 of its parts"], country("GB-ENG")),
        (
            country("GB"),
            "holidays",
            ['{ country = "GB", categories = ["public"] }'],
            country("GB", categories=["public"]),
        ),
        (
            country("DE-BY"),
            "holidays",
            ["catholic (Assumption Day)", '{ country = "DE-BY", categories = ["public", "catholic"] }'],
            country("DE-BY", categories=["public", "catholic"]),
        ),
        (
            country("PT"),
            "holidays",
            ["optional (Carnival, Saint Anthony's Day"],
            country("PT", categories=["public"]),
        ),
        (
            country("HU"),
            "holidays",
            [
                "in HU, days off are worked on other days",
                "the package holidays knows these days up to 2026: 2026-01-02 off for 2026-01-10",
                "moved_days = false",
                "or run kolmisla policy freeze FILE --years 2020-2026 to get no answers for later years",
            ],
            country("HU", moved_days=False),
        ),
        (country("LT"), None, [], None),
        (country("AZ", categories=["public"]), "holidays", ["days up to 2025: 2025-01-03 off for 2024-12-29"], None),
        (
            country("US-CA", half_day=["08:00-12:00"]),
            "holidays",
            ["government (Columbus Day, Christmas Eve)"],
            country("US-CA", categories=["public"], half_day=["08:00-12:00"]),
        ),
        (country("SG"), None, [], None),
        (
            country("BY", categories=["public"], moved_days=False),
            "holidays",
            ["BY is Belarus; type DE-BY for Bayern"],
            {**country("BY", categories=["public"], moved_days=False), "timezone": "Europe/Minsk"},
        ),
        (
            {**country("IN", categories=["public"]), "timezone": "America/Indiana/Vevay"},
            "holidays",
            ["IN is India; type US-IN for Indiana"],
            {**country("US-IN", categories=["public"]), "timezone": "America/Indiana/Vevay"},
        ),
        (
            {**OFFICE, "holidays": ["2026-12-25", "2027-01-01"]},
            "holidays",
            ["the list ends on 2027-01-01"],
            {**OFFICE, "holidays": {"frozen": "x", "years": "2026-2027", "dates": {"2026-12-25": "x"}}},
        ),
        (
            {**OFFICE, "hours": {"mon-fri": ["00:00-23:59"]}},
            "hours.mon-fri",
            ["00:00-23:59 closes a minute before midnight; type 00:00-24:00"],
            {**OFFICE, "hours": {"mon-fri": ["00:00-24:00"]}},
        ),
        (
            {**OFFICE, "seasons": {"06-15/09-15": {"hours": {"mon": ["00:00-12:00", "20:00-23:59:59"]}}}},
            "seasons.06-15/09-15.hours.mon",
            ["20:00-23:59:59 closes less than a minute before midnight; type 20:00-24:00"],
            {**OFFICE, "seasons": {"06-15/09-15": {"hours": {"mon": ["00:00-12:00", "20:00-23:58:59"]}}}},
        ),
        (
            {**OFFICE, "exceptions": {"12-24": ["08:00-23:59"]}},
            "exceptions.12-24",
            ["type 08:00-24:00"],
            {**OFFICE, "exceptions": {"12-24": ["08:00-24:00"]}},
        ),
        (
            {**country("LT"), "eves": {"hours": ["08:00-23:59"]}},
            "eves.hours",
            ["type 08:00-24:00"],
            {**country("LT"), "eves": {"hours": ["08:00-12:00"]}},
        ),
        (
            {**OFFICE, "holidays": ["LT", {"country": "AU-NT", "categories": ["public"], "half_day": ["19:00-23:59"]}]},
            "holidays.half_day",
            ["type 19:00-24:00"],
            {**OFFICE, "holidays": ["LT", {"country": "AU-NT", "categories": ["public"], "half_day": []}]},
        ),
        (
            {**OFFICE, "exceptions": {"2026-12-24": ["08:00-12:00"], "2026-12-27/2026-12-31": []}},
            "exceptions",
            ["the last exception is on 2026-12-31; type 12-24, 12-27/12-31 for every year"],
            {**OFFICE, "exceptions": {"12-24": ["08:00-12:00"], "12-27/12-31": []}},
        ),
        (
            {**OFFICE, "exceptions": {f"2026-07-{day:02}": [] for day in range(1, 9)}},
            "exceptions",
            ["the last exception is on 2026-07-08; type 07-01, 07-02, 07-03, 07-04, 07-05, 07-06, ... for every year"],
            {**OFFICE, "exceptions": {f"2026-07-{day:02}": {"hours": [], "name": "Move"} for day in range(1, 9)}},
        ),
        (
            {**OFFICE, "exceptions": {"2026-07-01": [], "2026-05-04T12:00/2026-05-04T14:00": []}},
            "exceptions",
            ["the last exception is on 2026-07-01"],
            {**OFFICE, "exceptions": {"2026-05-04T12:00/2026-05-04T14:00": []}},
        ),
        (
            {**OFFICE, "seasons": {"2026-06-15/2026-09-15": {"hours": {}}}},
            "seasons",
            ["the last season ends on 2026-09-15; type 06-15/09-15 for every year"],
            {**OFFICE, "seasons": {"06-15/09-15": {"hours": {}}}},
        ),
        (
            {**OFFICE, "seasons": {f"{year}-06-15/{year}-09-15": {"hours": {}} for year in (2026, 2027)}},
            "seasons",
            ["the last season ends on 2027-09-15; type 06-15/09-15 for every year"],  # by the moon they would differ
            {**OFFICE, "seasons": {f"202{n}-0{3 - n}-01/202{n}-0{3 - n}-28": {"hours": {}} for n in (1, 2)}},
        ),
        (
            {**OFFICE, "exceptions": {day: ["10:00-12:00"] for day in ("easter", "easter+1", "12-24")}},
            "exceptions.easter",
            ["opens no day, because its weekdays have no hours; to open a day, type its date"],
            {**OFFICE, "exceptions": {"workday after easter": ["10:00-12:00"]}},
        ),
        (
            {**OFFICE, "exceptions": {"2026-07-04/2026-07-05": {"hours": ["10:00-12:00"], "name": "Move"}}},
            "exceptions.2026-07-04/2026-07-05",
            ["opens no day, because its weekdays have no hours"],
            {**OFFICE, "exceptions": {"2026-07-03/2026-07-05": {"hours": ["10:00-12:00"], "name": "Move"}}},
        ),
    ],
)  # fmt: skip
def test_notes_of_schedules(
    schedule: dict[str, Any], place: str | None, told: list[str], mended: dict[str, Any] | None
) -> None:
    found = notes(desk(schedule))
    texts = [text for text in found if text.startswith(f"schedules.day.{place}: ")]
    assert bool(found) == (place is not None)
    for part in told:
        assert sum(part in text for text in texts) == 1, found
    if mended:
        assert notes(desk(mended)) == []


def test_a_schedule_that_never_opens() -> None:
    unused = {"day": OFFICE, "nights": {"timezone": "UTC", "hours": {}}, "none": {"difference": ["day", "day"]}}
    found = notes(desk(schedules={**unused, "never": {"open": "never"}}))
    assert found[0] == 'schedules.nights: never opens; type hours, or open = "never" if it must never open'
    assert re.fullmatch(r"schedules\.none: (never opens|does not open from .*); type hours, .*", found[1])
    assert len(found) == 2


def test_many_parts_are_counted() -> None:
    text = next(text for text in notes(desk(country("US"))) if "a part:" in text)
    others = [part for part in parts_of("US") if part in re.split(r"[ ,]+", text)]
    assert len(others) == 8
    assert "53 of its parts" in text
    assert "and 45 more" in text


def test_parts_differ_only_if_their_dates_do() -> None:
    """Each part named differs from the whole in a year, and each other is the same in all years."""
    named = set(re.findall(r"\bCH-\w+", next(text for text in notes(desk(country("CH"))) if "a part:" in text)))
    whole = CountryHolidays("CH")
    differing = {
        part
        for part in parts_of("CH")
        if any({*CountryHolidays(part).days(y)} != {*whole.days(y)} for y in range(2020, 2041))
    }
    assert named <= differing
    assert len(named) == 8


def test_at_most_a_thousand_notes() -> None:
    day = {
        "timezone": "UTC",
        "hours": {},
        "exceptions": {f"2026-{n // 28 + 1:02}-{n % 28 + 1:02}": LATE for n in range(280)},
    }
    assert len(notes(desk(schedules={f"s{n}": day for n in range(4)} | {"day": OFFICE}))) == MOST_FAULTS


def test_a_combined_schedule_has_the_notes_of_its_unnamed_parts() -> None:
    late = {"timezone": "UTC", "hours": {"mon": ["00:00-23:59"]}}
    schedules = {"day": late, "both": {"union": ["day", {**late, "hours": {"tue": ["00:00-23:59"]}}]}}
    assert [text.partition(": ")[0] for text in notes(desk(schedules=schedules))] == [
        "schedules.day.hours.mon",
        "schedules.both.hours.tue",
    ]


def test_the_notes_of_editions() -> None:
    """Each note once; what ends by a later edition is no matter."""
    dated = {**OFFICE, "exceptions": {"2026-12-24": []}}
    late = {**OFFICE, "hours": {"mon-fri": ["08:00-23:59"]}}
    edition = {"effective_from": "2027-01-01", "schedules": {"day": {"exceptions": {"12-24": []}}}}
    assert notes(desk(dated)) != []
    ended = desk(dated).replace(earlier=(), effective_from="2026-01-01")
    assert notes(desk(OFFICE).replace(effective_from=date(2027, 1, 1), earlier=[ended])) == []
    assert len(notes(desk(late, editions=[edition]))) == 1
    told = notes(desk(OFFICE, editions=[{"effective_from": "2027-01-01", "schedules": {"day": late}}]))
    assert [text.partition(": ")[0] for text in told] == ["editions.2027-01-01.schedules.day.hours.mon-fri"]


@pytest.mark.parametrize(
    ("targets", "place", "told"),
    [
        ({"resolution": {"within": "PT50H"}}, None, ""),
        (
            {"resolution": {"within": "PT51H"}},
            "resolution",
            'PT51H is longer than a week of day, which is PT50H open; type schedule = "day"',
        ),
        ({"resolution": {"within": "PT51H", "schedule": "day"}}, None, ""),
        ({"resolution": {"within": "PT900H", "schedule": "always"}}, None, ""),
        ({"resolution": {"HIGH": {"within": "PT1H"}, "LOW": {"within": "PT51H"}}}, "resolution.LOW", "PT51H is longer"),
        (
            {"resolution": {"HIGH": {"within": "PT8H"}, "LOW": {"within": "PT4H"}}},
            "resolution.HIGH",
            "HIGH (PT8H on day) may wait longer than the less urgent LOW (PT4H on day); type a shorter target",
        ),
        (
            {"resolution": {"HIGH": {"within": "PT2H"}, "LOW": {"within": "PT24H", "schedule": "always"}}},
            "resolution.HIGH",
            "LOW (PT24H on always), for example when opened at 2024-01-05T18:00",
        ),
        ({"resolution": {"HIGH": {"within": "PT2H", "schedule": "always"}, "LOW": {"within": "PT2H"}}}, None, ""),
        (
            {"first-response": {"within": "PT4H"}, "resolution": {"within": "PT2H"}},
            "resolution",
            "HIGH may be due for its resolution (PT2H on day) before its first response (PT4H on day); type a longer",
        ),
        ({"first-response": {"within": "PT2H"}, "resolution": {"within": "PT2H"}}, None, ""),
    ],
)  # fmt: skip
def test_notes_of_targets(targets: dict[str, Any], place: str | None, told: str) -> None:
    found = [text for text in notes(desk(targets=targets)) if text.startswith(f"plans.GOLD.targets.{place}: ")]
    assert any(told in text for text in found) == (place is not None)
    assert bool(notes(desk(targets=targets))) == (place is not None)


def test_an_example_is_opened_while_its_edition_is_in_force() -> None:
    """Only from April on is the priority on working hours the more urgent one. July changes nothing about it."""
    ranks = {"HIGH": {"rank": 1, "schedule": "always"}, "LOW": {"rank": 2, "schedule": "day"}}
    editions = [
        {"effective_from": "2026-04-01", "priorities": {"HIGH": {"rank": 3}}},
        {"effective_from": "2026-07-01", "priorities": {"HIGH": {"rank": 3, "line": "as before"}}},
    ]
    told = notes(desk(targets={"resolution": {"within": "PT4H"}}, priorities=ranks, editions=editions))
    (note,) = [text for text in told if "may wait longer" in text]
    assert note.startswith("editions.2026-04-01.plans.GOLD.targets.resolution: LOW (PT4H on day) may wait longer")
    assert ", for example when opened at 2026-04-01T00:00+02:00; type" in note


def test_an_example_is_told_to_the_second() -> None:
    hours = {"timezone": "UTC", "hours": {"mon-sun": ["00:00-17:59:30", "18:30-24:00"]}}
    ranks = {"HIGH": {"rank": 1, "schedule": "day"}, "LOW": {"rank": 2, "schedule": "always"}}
    targets = {"resolution": {"HIGH": {"within": "PT20S"}, "LOW": {"within": "PT59S"}}}
    (note,) = notes(desk(hours, targets, priorities=ranks, timezone="UTC"))
    assert "for example when opened at 2024-01-01T17:59:30+00:00; type" in note


def test_targets_of_own_metrics_have_the_same_notes() -> None:
    targets = {name: {"HIGH": {"within": "PT51H"}, "LOW": {"within": "PT2H"}} for name in ("resolution", "repair")}
    repair = {"repair": {"starts": ["opened"], "ends": ["answered"]}}
    told = notes(desk(targets=targets, metrics=repair))
    usual = [note for note in told if "targets.resolution" in note]
    assert len(usual) == 2
    assert [note for note in told if note not in usual] == [note.replace("resolution", "repair") for note in usual]


def test_too_many_pairs_are_told() -> None:
    low = {"within": "PT1000H", "schedule": "always"}
    plans = {
        f"P{n}": {"rank": n, "targets": {"resolution": {"HIGH": {"within": f"PT{n}S"}, "LOW": low}}}
        for n in range(1, MOST_PAIRS + 3)
    }
    assert notes(desk(plans=plans)) == [
        f"plans: only {MOST_PAIRS} of {MOST_PAIRS + 2} pairs of targets on different schedules or in days were "
        "compared; type durations on one schedule for more of the priorities"
    ]


DENSE = {
    "timezone": "UTC",
    "hours": {"mon-sun": [f"{n // 2:02}:{n % 2 * 30:02}-{n // 2:02}:{n % 2 * 30 + 14:02}" for n in range(48)]},
}


@pytest.mark.parametrize("within", ["PT600000H", "36525 working days"])
def test_targets_that_take_centuries_are_not_compared(within: str) -> None:
    targets = {"HIGH": {"within": within}, "LOW": {"within": "PT2H", "schedule": "always"}}
    long, short = (
        desk(DENSE, targets={"resolution": {**targets, "HIGH": high}}) for high in (targets["HIGH"], targets["LOW"])
    )
    told = "plans: only 0 of 1 pairs of targets on different schedules or in days were compared; type durations on one"
    assert any(note.startswith(told) for note in notes(long))
    begin, end, *_ = long.schedules["day"].timeline._table
    assert end - begin < timedelta(days=10 * 366) // timedelta(microseconds=1)  # not compiled up to the due times
    assert not any(note.startswith("plans: only") for note in notes(short))


def test_schedules_that_open_on_a_few_dates_are_taken_to_need_all_years() -> None:
    dated = {"timezone": "UTC", "hours": {}, "exceptions": {"2026-07-06": ["08:00-16:00"]}}
    schedule = desk(dated).schedules["day"]
    assert years_until(schedule, Target(within="PT30H")) == 301
    assert years_until(schedule, Target(within="PT8H")) == 1
    assert years_until(desk().schedules["always"], Target(within="PT30000H")) == 4
    assert years_until(desk().schedules["always"], Target(within="200 days")) == 3


def test_too_many_targets_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.policies.notes.of_targets.MOST_TARGETS", 12)
    wrong = {"HIGH": {"within": "PT9H"}, "LOW": {"within": "PT1H"}}
    several = desk(plans={f"P{n}": {"rank": n, "targets": {"resolution": wrong}} for n in range(1, 4)})
    *first, last = notes(several)
    assert (
        last
        == "plans: only the targets of the first 2 of 3 plans were looked at; type fewer plans, or fewer priorities"
    )
    assert {note.split(".")[1] for note in first} == {"P1", "P2"}


DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
LATE = ["08:00-23:59"]
HALF_HOURS = [f"{n // 2:02}:{n % 2 * 30:02}" for n in range(49)]


@st.composite
def weeks(draw: st.DrawFn) -> Schedule:
    """A week of half hours in UTC, each day with one or two intervals, or none."""
    hours = {}
    for name in draw(st.lists(st.sampled_from(DAYS), min_size=1, unique=True)):
        edges = sorted(draw(st.lists(st.integers(0, 48), min_size=2, max_size=4, unique=True)))
        hours[name] = [f"{HALF_HOURS[a]}-{HALF_HOURS[b]}" for a, b in zip(edges[::2], edges[1::2], strict=False)]
    return Schedule(timezone="UTC", hours=hours)


@given(weeks(), weeks(), st.integers(1, 12), st.integers(1, 12))
@settings(max_examples=settings().max_examples // 2)
def test_a_later_due_time_is_found_if_there_is_one(one: Schedule, other: Schedule, first: int, second: int) -> None:
    """By asking for each half hour of a week, and just after it."""
    within = [timedelta(hours=half / 2) for half in (first, second)]
    begin = datetime(2024, 3, 4, tzinfo=UTC)
    starts = [
        begin + n * timedelta(minutes=30) + after for n in range(336) for after in (0 * DAY, timedelta(seconds=1))
    ]
    exists = any(one.due(at, within[0]) > other.due(at, within[1]) for at in starts)
    found = later_at(CountedTarget(one, first * HOUR // 2), CountedTarget(other, second * HOUR // 2))
    assert (found is not None) == exists
    if found is not None:
        at = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=found)
        assert micros(at) == found
        assert one.due(at, within[0]) > other.due(at, within[1])


def test_targets_beyond_what_a_schedule_knows() -> None:
    """A due time that nobody knows is no note, and a schedule may know less than a year."""
    known = {"frozen": "x", "years": "2026-2026", "dates": {"2026-01-01": "x"}}
    year = Schedule(timezone="UTC", hours={"mon": ["08:00-10:00"]}, holidays=known)
    assert later_at(CountedTarget(year, 200 * HOUR), CountedTarget(ALWAYS, HOUR)) is None
    assert later_at(CountedTarget(ALWAYS, HOUR), CountedTarget(year, HOUR)) is None
    assert open_week(ALWAYS - Schedule(timezone="UTC", hours={"sun": ["00:00-24:00"]})) == 144 * HOUR
    assert open_week(ALWAYS) is None
    assert open_week(year) == 2 * HOUR


@given(calendars())
@settings(max_examples=settings().max_examples // 3)
def test_the_days_of_a_year(case: tuple[dict[str, Any], date]) -> None:
    """A date that is listed has its hours. A date that is not listed has the hours of its week."""
    document, day = case
    rows = {
        (date.fromordinal(ordinal), row.reason == SEASON): row
        for year in {(day + n * DAY).year for n in (-20, 20)}
        for row in days_of_year(Schedule(**document), year)
        for ordinal in range(row.first.toordinal(), row.last.toordinal() + 1)
    }
    whole = oracle.Desk(**document)
    weekly = oracle.Desk(**{name: document[name] for name in ("timezone", "hours", "seasons")})
    for n in range(-20, 21):
        each = day + n * DAY
        expected = hours_text(tuple((a * SECOND, b * SECOND) for a, b in whole.wall_hours(each)))
        if (each, False) in rows:
            assert rows[each, False].hours == expected
        else:
            assert whole.wall_hours(each) == weekly.wall_hours(each)


def test_a_year_in_words() -> None:
    parts = {
        "exceptions": {
            "12-31": ["08:00-12:00"],
            "2026-05-04T12:00/2026-05-04T14:00": [],
            "2026-08-03/2026-08-07": {"hours": [], "name": "Summer " * 12},
            "12-24": ["08:00-10:00"],
        },
        "eves": {"shorter": "PT1H"},
        "seasons": {"06-15/06-19": {"hours": {"mon-fri": ["08:00-15:00"]}}, "06-22/06-23": {"hours": {}}},
        "holidays": ["HU", {"2026-12-28": "Shutdown"}],
    }
    schedules = {
        "day": {**OFFICE, **parts},
        "half": {**OFFICE, "holidays": {"country": "AU-NT", "half_day": ["08:00-17:00"]}},
    }
    schedules["both"] = {"union": ["day", {"timezone": "UTC", "hours": {"sat": ["10:00-12:00"]}}]}
    schedules["known"] = {**OFFICE, "holidays": {"frozen": "x", "years": "2024-2025", "dates": {}}}
    lines = list(listed_year(desk(schedules={**schedules, "always": {"open": "always"}}), 2026))
    assert max(map(len, lines)) <= 80
    for line in (
        "Desk 2026",
        "  2026-01-02 Fri  closed  Day off (substituted from 01/10/2026)",
        "  2026-01-10 Sat  08:00-18:00  worked for Friday",
        "  2026-04-30 Thu  08:00-17:00  eve of Labor Day",
        "  2026-05-04 Mon  08:00-12:00, 14:00-18:00  exception",
        "  2026-06-15 Mon to 2026-06-19 Fri  mon-fri 08:00-15:00  season",
        "  2026-06-22 Mon to 2026-06-23 Tue  closed  season",
        "  2026-08-03 Mon to 2026-08-07 Fri  closed  Summer Summer Summer Summer Summer",
        "  2026-12-24 Thu  08:00-10:00  exception, Christmas Eve",
        "  2026-12-28 Mon  closed  Shutdown",
        "  2026-12-31 Thu  08:00-12:00  exception",
        "  2026-12-31 Thu  08:00-17:00  New Year's Eve (from 7pm)",
        "  no day differs",
        "  not known: 2026 is outside what the schedule knows: holidays of x are frozen",
    ):
        assert line in lines, line
    both = lines[lines.index("both, Europe/Berlin") :]
    assert both[1].startswith("  2026-01-01 Thu  closed  New Year's Day")
    assert "  2026-01-10 Sat  08:00-18:00  other hours" in both


def test_a_year_of_several_editions() -> None:
    edition = {"effective_from": "2026-07-01", "schedules": {"day": {"holidays": ["2026-12-24", "2026-01-01"]}}}
    policy = desk({**OFFICE, "holidays": ["2026-01-06", "2026-12-25"]}, editions=[edition])
    lines = [line for line in listed_year(policy, 2026) if line.startswith(("Desk", "  2"))]
    assert [line[:38].strip() for line in lines] == [
        "Desk 2026, from 2026-01-01 to 2026-06-",
        "2026-01-06 Tue  closed  holiday",
        "Desk 2026, from 2026-07-01 to 2026-12-",
        "2026-12-24 Thu  closed  holiday",
    ]
    assert next(listed_year(policy, 2027)) == "Desk 2027"
    long = desk({**OFFICE, "holidays": ["2026-01-06"]}, name="Desk " * 40)
    assert max(map(len, listed_year(long, 2026))) <= 80
    with pytest.raises(HorizonError, match="holidays of LT are known for 2011 to 2100"):
        days_of_year(Schedule(timezone="UTC", hours={"mon": ["08:00-18:00"]}, holidays="LT"), 2101)
    assert days_of_year(ALWAYS, 2026) == []


def test_targets_in_days_of_many_editions_share_one_limit() -> None:
    """Without it, the comparisons of these thirteen editions would take more than a minute."""
    ranks = range(1, 52)
    document = {
        "name": "Desk",
        "timezone": "Europe/Vilnius",
        "schedules": {"day": {"hours": {"mon-fri": ["08:00-12:00", "13:00-17:00"]}}},
        "priorities": {f"P{rank}": {"rank": rank, "schedule": "day"} for rank in ranks},
        "plans": {
            "G": {
                "rank": 1,
                "targets": {"resolution": {f"P{rank}": {"within": f"{200 + rank} working days"} for rank in ranks}},
            }
        },
        "editions": [
            {"effective_from": f"20{year}-01-01", "schedules": {"day": {"hours": {"fri": [f"08:00-{year}:00"]}}}}
            for year in range(10, 22)
        ],
    }
    told = [note.text for note in notes_of(Policy.from_dict(document)) if "were compared" in note.text]
    assert [text.split(" pairs")[0] for text in told] == ["only 4 of 50", "only 0 of 50"]
