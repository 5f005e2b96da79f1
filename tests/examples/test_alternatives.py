"""The table of the README: what smaller ways answer, and what is right. Each row is computed here."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from kolmisla import KOLMISOFT, Schedule, Ticket, deadline

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
VILNIUS = ZoneInfo("Europe/Vilnius")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in README[README.index("| way |") :].split("\n\n")[0].splitlines()[2:]
]
TARGET = timedelta(hours=2)


def told(at: datetime) -> str:
    return f"{at:%A} {at.day} {at:%B %H:%M}"


def asked(question: str) -> datetime:
    """The instant in a question, such as `Friday 3 July 16:30, two working hours`."""
    words = question.partition(",")[0]
    at = datetime.strptime(f"{words} 2026", "%A %d %B %H:%M %Y")  # noqa: DTZ007  # a wall time of Vilnius
    assert told(at) == words
    return at


def plus(opened: datetime) -> datetime:
    return opened + TARGET


def plus_with_a_zone(opened: datetime) -> datetime:
    return opened.replace(tzinfo=VILNIUS) + TARGET


def copied_loop(opened: datetime) -> datetime:
    """What stands in many ticketing systems."""
    left, at = int(TARGET.total_seconds() // 60), opened
    while left > 0:
        at += timedelta(minutes=1)
        if at.weekday() < 5 and 8 <= (at - timedelta(minutes=1)).hour < 18:
            left -= 1
    return at


def pandas_offset(opened: datetime) -> datetime:
    pandas = pytest.importorskip("pandas")
    hours = pandas.offsets.CustomBusinessHour(n=2, start="08:00", end="18:00", holidays=["2026-07-06"])
    answer: datetime = (pandas.Timestamp(opened, tz=VILNIUS) + hours).to_pydatetime()
    return answer


def pandas_at_night(opened: datetime) -> datetime:
    pandas = pytest.importorskip("pandas")
    every_day = "Mon Tue Wed Thu Fri Sat Sun"
    hours = pandas.offsets.CustomBusinessHour(n=4, start="22:00", end="06:00", weekmask=every_day)
    answer: datetime = (pandas.Timestamp(opened, tz=VILNIUS) + hours).to_pydatetime()
    return answer


def promised(priority: str) -> Callable[[datetime], datetime | None]:
    """What kolmisla answers for a ticket of a priority."""
    return lambda opened: (
        deadline(Ticket(plan="premium", priority=priority, opened_at=opened.replace(tzinfo=VILNIUS))).due_at
    )


def at_night(opened: datetime) -> datetime:
    desk = Schedule(timezone="Europe/Vilnius", hours={"mon-sun": ["22:00-06:00"]})
    return desk.due(opened.replace(tzinfo=VILNIUS), timedelta(hours=4))


WAYS: dict[str, tuple[Callable[[datetime], datetime], Callable[[datetime], datetime | None]]] = {
    "`opened + timedelta(hours=2)`": (plus, promised("high")),
    "the same with a time zone, for round-the-clock support": (plus_with_a_zone, promised("blocker")),
    "a copied loop over Monday to Friday, 8 to 18": (copied_loop, promised("high")),
    "pandas `CustomBusinessHour` with the holidays": (pandas_offset, promised("high")),
    "the same for a desk that works from 22 to 6": (pandas_at_night, at_night),
}


@pytest.mark.parametrize(("way", "question", "answer", "right"), ROWS, ids=lambda cell: cell[:30])
def test_a_row_of_the_table(way: str, question: str, answer: str, right: str) -> None:
    other, ours = WAYS[way]
    opened = asked(question)
    due = ours(opened)
    assert due is not None
    assert told(due) == right
    assert told(other(opened)) == answer.partition(",")[0] != right


def test_the_table_has_each_way() -> None:
    assert [way for way, *_ in ROWS] == [*WAYS]
    assert KOLMISOFT.schedules["working-hours"].holiday_name(date(2026, 7, 6)) == "Statehood Day"


def test_pandas_takes_no_hour_and_a_half() -> None:
    pandas = pytest.importorskip("pandas")
    with pytest.raises(ValueError, match=re.escape("`n` argument must be an integer")):
        pandas.offsets.CustomBusinessHour(n=1.5)
