"""Many instants in one zone are written, and many texts are read, as one alone is."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.errors import HorizonError, KolmislaError
from kolmisla.times import parts, texts
from kolmisla.times.instants import DAY, SECOND, instants_in, micros
from kolmisla.times.parts import instant_in
from kolmisla.times.reading import read
from kolmisla.times.texts import text_again_in, text_in
from tests.strategies import EVERYWHERE, ODD_DAYS

NOW = 1_783_085_400 * SECOND
NEAR = st.integers(NOW - 1_600 * DAY, NOW + 1_600 * DAY)
HOURS = NEAR.map(lambda us: us // (3600 * SECOND) * 3600 * SECOND)


def outcome(ask: Callable[..., Any], *given: Any, **options: Any) -> Any:
    try:
        return ask(*given, **options)
    except (KolmislaError, ValueError, TypeError) as fault:
        return type(fault), str(fault)


@given(
    st.sampled_from(sorted(ODD_DAYS)),
    st.lists(NEAR | HOURS | st.integers(-(10**17), 10**17), max_size=20),
    st.integers(0, 3),
)
def test_many_texts_are_those_of_each_alone(name: str, instants: list[int], many: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "MANY", many)
        text = text_in(ZoneInfo(name))
        one = instants_in(ZoneInfo(name))
        for us in [NOW, *instants]:
            assert outcome(text, us) == outcome(lambda us: one(us).isoformat(), us)


def test_beyond_the_years_of_a_datetime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MANY", 1)
    text, last = text_in(ZoneInfo("Europe/Vilnius")), 253_402_280_000 * SECOND
    assert text(last).startswith("9999-12-31T")  # no table so near to the end
    with pytest.raises(HorizonError):
        text(last + DAY)


# Forms that are usual, and forms that look like them: other digits, blanks, a day that ends at 24:00, a second of 60.
CLOCKS = ["T09:30:00", "T09:30", " 09:30:05", "t23:59:59", "T24:00:00", "T24:00:30", "T9:30:00", "T03:30:00"]
CLOCKS += ["T02:15:00", "T09:30:60", "T09:61:00", "T093000", "T09:30:0", "T0\u0663:30:00", "-09:30:00", "T03:30:00.5"]
RESTS = ["", "", "Z", "+03:00", "+02:00", "+0300", "+03", " +03:00", "+05:45", "-03:30", "+24:00", "+03:00:30"]
RESTS += ["[UTC]", ".5", ".123456789+03:00", ",5Z", ",25", " ", "z", ":00", "+03:99", "x"]
ODD_DATES = ["2026-02-30", "0001-01-01", "9999-12-31", "20260703", "2026-7-03"]


@st.composite
def told_times(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Draw a zone and texts, most of which are times on or near its odd days."""
    zone = draw(st.sampled_from(sorted(ODD_DAYS)))
    days = [*map(str, [*ODD_DAYS[zone], *EVERYWHERE]), *ODD_DATES]
    text = st.builds("{}{}{}".format, st.sampled_from(days), st.sampled_from(CLOCKS), st.sampled_from(RESTS))
    return zone, draw(st.lists(text | st.sampled_from(["", "soon", "T", " 2026-07-03T09:30:00Z"]), max_size=30))


def alone(text: str, **options: Any) -> int:
    return micros(read(text, **options))


@given(told_times(), st.sampled_from([None, "earlier", "later"]), st.sampled_from([0, 2, 20_000]))
def test_many_times_are_read_as_each_alone(given_times: tuple[str, list[str]], ambiguous: Any, most: int) -> None:
    name, told = given_times
    zone = ZoneInfo(name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(parts, "MOST_LEARNED", most)
        patch.setattr(texts, "MOST_ENDINGS", most)
        for own in (zone, ZoneInfo("Europe/Vilnius")):
            instant, text = instant_in(zone, ambiguous), text_in(own)
            again = text_again_in(own, text, is_own=own is zone)
            for time in told * 2:  # the second time its parts are known
                expected = outcome(alone, time, zone=zone, ambiguous=ambiguous)
                assert outcome(instant, time) == expected
                if isinstance(expected, int) and time[:4] not in ("0001", "9999"):
                    assert again(time, expected) == text(expected)


@pytest.mark.parametrize("odd", [None, 7, [], {}, b"2026-07-03T09:30:00Z"])
def test_what_is_no_text_is_no_time(odd: Any) -> None:
    with pytest.raises(TypeError):
        instant_in(ZoneInfo("UTC"), None)(odd)


def test_a_text_that_only_looks_like_the_result_is_written_anew() -> None:
    zone = ZoneInfo("Europe/Vilnius")
    again = text_again_in(zone, text_in(zone), is_own=True)
    for told, result in (
        ("2026-07-03T09:30:00+03:00", "2026-07-03T09:30:00+03:00"),
        ("2026-07-03T24:00:00+03:00", "2026-07-04T00:00:00+03:00"),
        ("2026-07-03t09:30:00+03:00", "2026-07-03T09:30:00+03:00"),
        ("2026-07-03T9:30:00 +03:00", "2026-07-03T09:30:00+03:00"),
        ("2026-07-03T09:30", "2026-07-03T09:30:00+03:00"),
        ("2026-07-03T09:30:00", "2026-07-03T09:30:00+03:00"),
    ):
        assert again(told, micros(read(told, zone=zone))) == result
