"""Times as text: the letters after the time of day in a format, and the instants that they mean."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.schedules import read
from kolmisla.times.forms.formats import TimeFormat, time_format

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


@pytest.mark.parametrize("pattern", ["%Y-%m-%d %H:%M:%S z", "%d.%m.%Y %H:%M:%Sz", "%Y-%m-%d %H:%M:%S z "])
def test_a_small_z_at_the_end_is_utc(pattern: str) -> None:
    assert read(AT.strftime(pattern), zone=DESK, pattern=pattern) == AT


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
    with pytest.raises(ValueError, match=r"must not have .*, which gives no offset; use %z.*--timezone"):
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


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-07-07T24:00", "2026-07-07T21:00+00:00"),
        ("20260707T163000Z", "2026-07-07T16:30+00:00"),
        ("20260707T1630+0300", "2026-07-07T13:30+00:00"),
        ("20261231T240000Z", "2027-01-01T00:00+00:00"),
        ("2026-07-07T09:05:00 +0300", "2026-07-07T06:05+00:00"),
        ("2026-07-07T09:05:00\u202f+03:00", "2026-07-07T06:05+00:00"),
        ("2026-07-07\u00a009:05:00,25z", "2026-07-07T09:05:00.250000+00:00"),
        ("2026-7-3 9:05", "2026-07-03T06:05+00:00"),
        ("2026-07-07T09:05:00.1234567899Z", "2026-07-07T09:05:00.123456+00:00"),
        ("2026-07-07T09:05:00+03:00[Europe/Vilnius]", "2026-07-07T06:05+00:00"),
        ("2026-07-07T09:05:00Z[Europe/Vilnius]", "2026-07-07T09:05+00:00"),
        ("2026-07-07T09:05[America/New_York]", "2026-07-07T13:05+00:00"),
        ("2026-10-25T03:30+02:00[Europe/Vilnius]", "2026-10-25T01:30+00:00"),
        ("2026-07-07T09:05:00 -00:30:15", "2026-07-07T09:35:15+00:00"),
    ],
)
def test_forms_of_iso_8601(text: str, instant: str) -> None:
    assert read(text, zone=VILNIUS).astimezone(UTC) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("2026-07-07T09:05:60Z", "has a second of 60; write second 59, or the next minute"),
        ("2026-07-07T24:01", "does not exist"),
        ("9999-12-31T24:00", "does not exist"),
        ("2026-02-30T10:00", "does not exist"),
        ("2026-07-07T09:05+03:00[America/New_York]", "has an offset that America/New_York does not have at that time"),
        ("9999-12-31T23:59+00:00[Asia/Tokyo]", "has an offset that Asia/Tokyo does not have at that time"),
        ("0001-01-01T00:00+00:00[America/New_York]", "has an offset that America/New_York does not have at that"),
        ("2026-07-07T09:05[Mars/Base]", "'Mars/Base' is not a known IANA time zone"),
        ("2026-07-07 9:05 +25:00", "an offset of a day or more"),
        ("2026-10-25T03:30[Europe/Vilnius]", "a wall time that Europe/Vilnius repeats"),
        ("1783085400000", "is a number; the time format must say what it counts: epoch"),
        ("-5.5", "is a number"),
        ("07/03/2026 04:30 PM", "is not a time in ISO 8601"),
        ("\u0662026-07-07T09:05", "is not a time in ISO 8601"),
        ("2026-07-07T9:5", "is not a time in ISO 8601"),
    ],
)
def test_forms_that_are_no_times(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        read(text, zone=VILNIUS)


@pytest.mark.parametrize(
    ("pattern", "text", "instant"),
    [
        ("epoch", "1462297064", "2016-05-03T17:37:44+00:00"),
        ("epoch", "1783085400000", "2026-07-03T13:30+00:00"),
        ("epoch", "1783085400000000", "2026-07-03T13:30+00:00"),
        ("epoch", "1783085400000000000", "2026-07-03T13:30+00:00"),
        ("epoch", "1462297064.25", "2016-05-03T17:37:44.250000+00:00"),
        # On both sides of each limit between two units.
        ("epoch", "-1783085400000", "1913-07-01T10:30:00+00:00"),
        ("epoch", "99999999999", "5138-11-16T09:46:39+00:00"),
        ("epoch", "100000000000", "1973-03-03T09:46:40+00:00"),
        ("epoch", "99999999999999", "5138-11-16T09:46:39.999000+00:00"),
        ("epoch", "100000000000000", "1973-03-03T09:46:40+00:00"),
        ("epoch", "99999999999999999", "5138-11-16T09:46:39.999999+00:00"),
        ("epoch", "100000000000000000", "1973-03-03T09:46:40+00:00"),
        ("epoch", "1783085399.9999999999999999999999999", "2026-07-03T13:29:59.999999+00:00"),  # is cut, not rounded
        ("epoch-s", "-1", "1969-12-31T23:59:59+00:00"),
        ("epoch-ms", "1462297064", "1970-01-17T22:11:37.064000+00:00"),
        ("epoch-us", "1783085400000001", "2026-07-03T13:30:00.000001+00:00"),
        ("epoch-ns", "1783085400000000999", "2026-07-03T13:30+00:00"),
        ("excel", "46206.6875", "2026-07-03T13:30+00:00"),  # a wall time in Vilnius
        ("excel", "61", "1900-02-28T22:36+00:00"),
        ("excel", "46206.6875000579", "2026-07-03T13:30:00.005000+00:00"),
    ],
)
def test_numbers_are_times_by_their_format(pattern: str, text: str, instant: str) -> None:
    assert read(text, zone=VILNIUS, pattern=pattern).astimezone(UTC) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        *(("epoch", "soon"), ("epoch-s", "99999999999999"), ("epoch-ms", "1e12")),
        *(("excel", "60.9"), ("excel", "-1"), ("excel", "9999999999")),
    ],
)
def test_numbers_that_are_no_times(pattern: str, text: str) -> None:
    with pytest.raises(ValueError, match=f"is not a time written as {pattern}"):
        read(text, zone=VILNIUS, pattern=pattern)


@given(st.integers(0, 2**62 // 1000))
def test_an_epoch_is_exact(us: int) -> None:
    for pattern, text in (
        ("epoch-us", str(us)),
        ("epoch-s", f"{us // 10**6}.{us % 10**6:06}"),
        ("epoch-ns", f"{us}999"),
    ):
        assert (read(text, pattern=pattern) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) == us


@pytest.mark.parametrize(
    ("pattern", "good", "at", "bad"),
    [
        ("%Y-%j %H:%M", "2028-366 08:00", "2028-12-31", "2026-366 08:00"),
        ("%y%j %H", "26365 08", "2026-12-31", "26366 08"),
        ("%G-W%V-%u %H", "2026-W53-1 08", "2026-12-28", "2025-W53-1 08"),
        ("%Y %W %w %H", "2026 01 1 08", "2026-01-05", "2026 00 1 08"),
        ("%Y %U %w %H", "2026 52 4 08", "2026-12-31", "2026 53 1 08"),
    ],
)
def test_a_day_that_the_year_does_not_have_is_no_time(pattern: str, good: str, at: str, bad: str) -> None:
    found = time_format(pattern)
    assert isinstance(found, TimeFormat)
    assert found.read(good) == datetime.fromisoformat(f"{at}T08:00")
    with pytest.raises(ValueError, match="is a day that its year does not have"):
        found.read(bad)


def test_a_sign_for_percent_begins_no_directive() -> None:
    found = time_format("%d.%m.%Y %H:%M 100%%j")
    assert isinstance(found, TimeFormat)
    assert found.read("03.07.2026 08:00 100%j") == datetime.fromisoformat("2026-07-03T08:00")


def test_a_format_that_says_the_day_twice() -> None:
    with pytest.raises(ValueError, match=r"must have either %j \(the day of the year\) or a month and a day, not both"):
        time_format("%Y-%m-%d %j %H")
