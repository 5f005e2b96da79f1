"""The City of Boston's own deadlines for requests opened in 2015, from its published open data.

Working hours are 08:30 to 17:00; a request opened outside them counts as opened at the next opening, and
its deadline is N working days later. Seven rows of the whole file do not follow the rule.
"""

import csv
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kolmisla import Schedule
from kolmisla.schedules import read

ZONE = ZoneInfo("America/New_York")
CITY = Schedule(timezone="America/New_York", hours={"mon-fri": ["08:30-17:00"]}, holidays="US-MA")
WORKDAY = timedelta(hours=8.5)
NOISE = {
    "101001278264",
    "101001405457",
    "101001424639",
    "101001505272",
    "101001577696",
    "101001628707",
    "101001641589",
}
EXCERPT = Path(__file__).parent / "boston311.csv"
WHOLE = Path(__file__).parents[3] / "shared" / "data" / "boston311_2015_sla.csv"


def disagreeing(path: Path) -> tuple[int, set[str]]:
    """How many requests there are, and those whose published deadline is not ours within 60 s."""
    rows, off = 0, set()
    with path.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows += 1
            opened = read(row["opened_local"], zone=ZONE, ambiguous="earlier")
            target = read(row["target_local"], zone=ZONE, ambiguous="earlier")
            due = CITY.next_open(CITY.due(CITY.next_open(opened), int(row["business_days"]) * WORKDAY))
            if abs(due - target) > timedelta(seconds=60):
                off.add(row["case_id"])
    return rows, off


def test_an_excerpt_of_the_requests() -> None:
    rows, off = disagreeing(EXCERPT)
    assert rows > 300
    assert off == NOISE


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole file (12,426 requests) is not part of the project")
def test_all_the_requests() -> None:
    assert disagreeing(WHOLE) == (12_426, NOISE)
