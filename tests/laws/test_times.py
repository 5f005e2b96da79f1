"""Times as text: the letters after the time of day in a format, and the instants that they mean."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.schedules import read
from kolmisla.times.formats import time_format

VILNIUS = ZoneInfo("Europe/Vilnius")
AT = datetime(2026, 7, 3, 13, 30, 5, tzinfo=UTC)
MARKS = {
    "Z": UTC,
    " Z": UTC,
    "z": UTC,
    " UTC": UTC,
    "UTC": UTC,
    " utc": UTC,
    " (GMT)": UTC,
    " [UTC]": UTC,
    "+0000": UTC,
    "+02:00": timezone(timedelta(hours=2)),
    "-05": timezone(-timedelta(hours=5)),
    "-0330": timezone(-timedelta(hours=3, minutes=30)),
    " UTC+2": timezone(timedelta(hours=2)),
    " GMT-03:30": timezone(-timedelta(hours=3, minutes=30)),
    ".000Z": UTC,
    " America/New_York": ZoneInfo("America/New_York"),
    "[Europe/Vilnius]": VILNIUS,
    " America/Argentina/Buenos_Aires": ZoneInfo("America/Argentina/Buenos_Aires"),
    " Etc/GMT+5": ZoneInfo("Etc/GMT+5"),
}
CLOCKS = ["%Y-%m-%dT%H:%M:%S{}", "%d.%m.%Y %H:%M:%S{}", "%H:%M:%S{} %d/%m/%Y", "%m/%d/%Y %I:%M:%S %p{}", "%c{}"]
DESK = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("clock", CLOCKS)
def test_what_stands_after_the_time_is_its_offset(clock: str, mark: str) -> None:
    pattern = clock.format(mark)
    text = AT.astimezone(MARKS[mark]).strftime(pattern)
    for zone in (None, VILNIUS, DESK):
        assert read(text, zone=zone, pattern=pattern).astimezone(UTC) == AT


@pytest.mark.parametrize("pattern", ["UTC %Y-%m-%d %H:%M", "(gmt) %d.%m.%Y %H:%M"])
def test_utc_before_the_time_is_its_offset_as_well(pattern: str) -> None:
    assert read(AT.strftime(pattern), zone=DESK, pattern=pattern) == AT.replace(second=0)


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M %z", "%d %b %Y GMT%z, %H:%M UTC", "%H:%M %z (EDT) %Y-%m-%d"])
def test_an_offset_in_the_text_wins(pattern: str) -> None:
    text = AT.astimezone(timezone(timedelta(hours=-4))).strftime(pattern)
    assert read(text, pattern=pattern) == AT.replace(second=0)


@pytest.mark.parametrize(
    "pattern",
    ["%Y-%m-%d %H:%M", "ID %Y-%m-%d at %H:%M Uhr", "%d.%m.%Y %Hh%M", "%H:%M z dnia %d.%m.%Y", "%Y-%m-%d %H:%M (100%%)"],
)
def test_other_letters_are_letters(pattern: str) -> None:
    assert time_format(pattern).zone is None
    assert read(AT.strftime(pattern), zone=DESK, pattern=pattern).tzinfo is DESK


@pytest.mark.parametrize("letters", ["EDT", "CET", "BST", "CEST", "UT", "MSK", "(EST)"])
@pytest.mark.parametrize("clock", CLOCKS)
def test_letters_that_tell_no_offset_are_refused(clock: str, letters: str) -> None:
    with pytest.raises(ValueError, match=r"must not have .*, which tells no offset; use %z.*--timezone"):
        time_format(clock.format(f" {letters}"))


@pytest.mark.parametrize(
    ("pattern", "told"),
    [
        ("%Y-%m-%d %H:%M AM", "use %p with %I"),
        ("%Y-%m-%d %H:%M Europe/Vilna", "did you mean Europe/Vienna"),
        ("%Y-%m-%d %H:%M +02:00 UTC", r"must name one zone, not UTC\+02:00 and UTC"),
        ("UTC %Y-%m-%d %H:%M+03", "must name one zone"),
        ("%Y-%m-%d %H:%M UTC+30", "not an offset"),
    ],
)
def test_zones_that_cannot_be(pattern: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        time_format(pattern)


def test_a_repeated_hour_of_the_zone_in_a_format() -> None:
    pattern = "%Y-%m-%d %H:%M Europe/Vilnius"
    with pytest.raises(ValueError, match="a wall time that Europe/Vilnius repeats"):
        read("2026-10-25 03:30 Europe/Vilnius", zone=DESK, pattern=pattern)
    later = read("2026-10-25 03:30 Europe/Vilnius", zone=DESK, pattern=pattern, ambiguous="later")
    assert later.isoformat() == "2026-10-25T03:30:00+02:00"


@given(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), st.sampled_from(sorted(MARKS)))
def test_a_literal_offset_is_the_same_as_one_in_the_text(wall: datetime, mark: str) -> None:
    zone = MARKS[mark]
    pattern = f"%Y-%m-%dT%H:%M:%S.%f{mark}"
    at = wall.replace(tzinfo=UTC).astimezone(zone)
    found = read(at.strftime(pattern), zone=DESK, pattern=pattern, ambiguous="later" if at.fold else "earlier")
    assert found.astimezone(UTC) == at.astimezone(UTC)
