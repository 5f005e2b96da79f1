"""Many instants in one zone are written as one alone is."""

from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.errors import HorizonError
from kolmisla.instants import DAY, SECOND, instants_in
from kolmisla.times import texts
from kolmisla.times.texts import text_in
from tests.strategies import ODD_DAYS

NOW = 1_783_085_400 * SECOND
NEAR = st.integers(NOW - 1_600 * DAY, NOW + 1_600 * DAY)
HOURS = NEAR.map(lambda us: us // (3600 * SECOND) * 3600 * SECOND)


@given(
    st.sampled_from(sorted(ODD_DAYS)),
    st.lists(NEAR | HOURS | st.integers(-(10**17), 10**17), max_size=20),
    st.integers(0, 3),
)
def test_many_texts_are_those_of_each_alone(name: str, instants: list[int], many: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "MANY", many)
        text = text_in(ZoneInfo(name))
        alone = instants_in(ZoneInfo(name))
        for us in [NOW, *instants]:
            assert text(us) == alone(us).isoformat()


def test_beyond_the_years_of_a_datetime(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "MANY", 1)
    text, last = text_in(ZoneInfo("Europe/Vilnius")), 253_402_280_000 * SECOND
    assert text(last).startswith("9999-12-31T")  # no table so near to the end
    with pytest.raises(HorizonError):
        text(last + DAY)
