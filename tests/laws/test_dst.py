"""Law 11, by hand: a boundary that DST skips moves forward by the gap, a repeated one is the first of the two."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from kolmisla import Schedule, WallTimeError
from kolmisla.schedules import read
from kolmisla.times.instants import DAY, duration, micros
from kolmisla.times.zones import utc_offsets, zone_named
from tests.oracle import DAYS

SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Vilnius: 03:00 to 04:00, and 04:00 to 03:00
VILNIUS, HOWE, CASABLANCA, APIA = "Europe/Vilnius", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia"


@pytest.mark.parametrize(
    ("zone", "day", "hours", "expected"),
    [
        (VILNIUS, SPRING, "03:00-03:30", ["01:00-01:30"]),
        (VILNIUS, SPRING, "03:30-04:00", []),  # would open at 04:30, after it closes: empty, never overnight
        (VILNIUS, SPRING, "03:30-05:00", ["01:30-02:00"]),
        (VILNIUS, SPRING, "02:00-03:30", ["00:00-01:30"]),
        (VILNIUS, SPRING, "01:00-05:00", ["23:00-02:00"]),
        (VILNIUS, SPRING - timedelta(1), "22:00-06:00", ["20:00-03:00"]),  # seven hours
        (VILNIUS, SPRING, "00:00-24:00", ["22:00-21:00"]),  # twenty-three
        (VILNIUS, AUTUMN, "03:00-03:30", ["00:00-00:30"]),
        (VILNIUS, AUTUMN, "03:30-04:00", ["00:30-02:00"]),  # 04:00 comes once, after both
        (VILNIUS, AUTUMN, "02:00-03:30", ["23:00-00:30"]),
        (VILNIUS, AUTUMN - timedelta(1), "22:00-06:00", ["19:00-04:00"]),  # nine hours
        (VILNIUS, AUTUMN, "00:00-24:00", ["21:00-22:00"]),  # twenty-five
        (HOWE, date(2026, 10, 4), "02:15-03:00", ["15:45-16:00"]),  # a gap of half an hour, 02:00 to 02:30
        (CASABLANCA, date(2026, 2, 15), "02:00-03:00", ["01:00-03:00"]),  # 03:00 back to 02:00
        (APIA, date(2011, 12, 29), "22:00-06:00", ["08:00-16:00"]),  # over the day that never was
        (APIA, date(2011, 12, 30), "08:00-18:00", []),  # that day
        (APIA, date(2011, 12, 30), "00:00-24:00", []),
        (APIA, date(2011, 12, 31), "08:00-18:00", ["18:00-04:00"]),
    ],
)
def test_hours_of_a_day_in_utc(zone: str, day: date, hours: str, expected: list[str]) -> None:
    schedule = Schedule(timezone=zone, hours={}, exceptions={day: [hours]})
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    spans = schedule.spans(noon - timedelta(days=3), noon + timedelta(days=3))
    found = [tuple(at.astimezone(UTC) for at in span) for span in spans]
    assert [f"{start:%H:%M}-{end:%H:%M}" for start, end in found] == expected


@pytest.mark.parametrize(
    ("zone", "day", "missing"),
    [
        (APIA, date(2011, 12, 30), True),
        (APIA, date(2011, 12, 29), False),
        ("Pacific/Kwajalein", date(1993, 8, 21), True),
    ],
)
def test_a_date_that_is_skipped_has_no_hours(zone: str, day: date, missing: bool) -> None:
    weekly = Schedule(timezone=zone, hours={DAYS[day.weekday()]: ["00:00-24:00"]})
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(days=2)
    assert weekly.elapsed(start, start + timedelta(days=4)) == timedelta(days=0 if missing else 1)


@pytest.mark.parametrize(
    ("text", "ambiguous", "expected"),
    [
        ("2026-10-25T03:30", "earlier", "2026-10-25T03:30:00+03:00"),
        ("2026-10-25T03:30", "later", "2026-10-25T03:30:00+02:00"),
        ("2026-03-29T03:30", "earlier", "2026-03-29T02:30:00+02:00"),
        ("2026-03-29T03:30", "later", "2026-03-29T04:30:00+03:00"),
        ("2026-10-25T02:59:59", None, "2026-10-25T02:59:59+03:00"),
        ("2026-10-25T04:00", None, "2026-10-25T04:00:00+02:00"),
        ("2026-03-29T04:00", None, "2026-03-29T04:00:00+03:00"),
        ("2026-10-25 03:30:00.1234567Z", None, "2026-10-25T03:30:00.123456+00:00"),
        ("2026-10-25T03:30+02:00", None, "2026-10-25T03:30:00+02:00"),
    ],
)
def test_reading_a_wall_time(text: str, ambiguous: str | None, expected: str) -> None:
    assert read(text, zone=zone_named(VILNIUS), ambiguous=ambiguous).isoformat() == expected  # type: ignore[arg-type]


@pytest.mark.parametrize("language", [3, b"de", [], math.nan, True])
@pytest.mark.parametrize("pattern", [None, "%d/%b/%y", "epoch"])
def test_a_language_is_text(language: Any, pattern: str | None) -> None:
    with pytest.raises(TypeError, match="language must be a str, not"):
        read("18/jul/26", pattern=pattern, language=language)


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="ambiguous must be 'earlier' or 'later', not 'first'"):
        read("2026-10-25T03:30", zone=zone_named(VILNIUS), ambiguous="first")  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "what"), [("2026-10-25T03:00", "repeats"), ("2026-03-29T03:00", "skips")])
def test_without_a_choice_it_is_refused(text: str, what: str) -> None:
    with pytest.raises(WallTimeError, match=f"is a wall time that Europe/Vilnius {what}: choose .* or .*"):
        read(text, zone=zone_named(VILNIUS))


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("name", "year"),
    [("Africa/Freetown", 1939), ("America/Recife", 2000), ("Asia/Gaza", 2040), ("Africa/Tunis", 1943)],
)
def test_a_change_that_is_soon_taken_back_is_found(name: str, year: int) -> None:
    """Freetown took four days, which is the least of all zones. The slow answer looks each hour."""
    zone, first = zone_named(name), datetime(year, 1, 1, tzinfo=UTC)
    hours = [first + timedelta(hours=number) for number in range(366 * 24)]
    shifts = [at.astimezone(zone).utcoffset() for at in hours]
    slow = [number for number in range(1, len(hours)) if shifts[number] != shifts[number - 1]]
    found = utc_offsets(zone, micros(hours[0]), micros(hours[-1]))
    assert len(slow) > 1
    assert [-(-(at - micros(first)) // (DAY // 24)) for at, _ in found[1:]] == slow
    assert [duration(ahead) for _, ahead in found[1:]] == [shifts[number] for number in slow]
