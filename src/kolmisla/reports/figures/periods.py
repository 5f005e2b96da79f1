"""The periods of a report: days, weeks, months, quarters and years, made of local dates."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Literal, get_args

from kolmisla.errors import choices, shown

__all__ = ["By", "by_named", "following", "month_name", "period_label", "period_of", "periods_between", "short_label"]

By = Literal["day", "week", "month", "quarter", "year"]
# English in every locale, unlike the names that `strftime` gives.
_YEAR = "January February March April May June July August September October November December"
MONTHS = tuple(_YEAR.split())


def by_named(given: object) -> By:
    """Return `given` if it names a kind of period, such as month. Raise ValueError for anything else."""
    for by in get_args(By):
        if isinstance(given, str) and given == by:  # the type first, as `==` would compare each value of an array
            return by  # type: ignore[no-any-return]
    raise ValueError(f"by must be one of {choices(get_args(By))}, not {shown(given)}")


def period_of(day: date, by: By) -> date:
    """Return the first date of the period in which a date lies. Weeks begin on Monday, as in ISO 8601.

    >>> [period_of(date(2026, 8, 13), by).isoformat() for by in ("week", "month", "quarter", "year")]
    ['2026-08-10', '2026-08-01', '2026-07-01', '2026-01-01']
    """
    if by == "day":
        return day
    if by == "week":
        return day - timedelta(days=day.weekday())
    if by == "month":
        return day.replace(day=1)
    return date(day.year, (day.month - 1) // 3 * 3 + 1 if by == "quarter" else 1, 1)


def following(period: date, by: By) -> date:
    """Return the first date of the period after the one that begins on `period`."""
    return period_of(period + timedelta(days={"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}[by]), by)


def period_label(period: date, by: By) -> str:
    """Return the name of a period, such as 2026-08-13, 2026-W33, 2026-08, 2026-Q3 or 2026.

    >>> [period_label(date(2026, 7, 1), by) for by in ("day", "week", "month", "quarter", "year")]
    ['2026-07-01', '2026-W27', '2026-07', '2026-Q3', '2026']
    """
    if by == "week":
        year, week, _ = period.isocalendar()
        return f"{year:04}-W{week:02}"
    text = period.isoformat()
    if by == "quarter":
        return f"{text[:4]}-Q{(period.month + 2) // 3}"
    return text[: {"day": 10, "month": 7, "year": 4}[by]]


def month_name(day: date) -> str:
    """Return the English name of a date's month."""
    return MONTHS[day.month - 1]


def short_label(period: date, by: By) -> tuple[str, str]:
    """Return the two texts under a column of a chart: a short name of the period, and a text below it.

    The second text is empty, except for the first day of a month (its name) and the first week, month or quarter of a
    year (the year).
    """
    label = period_label(period, by)
    if by == "year":
        return label, ""
    if by == "month":
        return month_name(period)[:3], label[:4] if period.month == 1 else ""
    if by == "day":
        return str(period.day), month_name(period)[:3] if period.day == 1 else ""
    year, _, short = label.partition("-")
    return short, year if short in ("W01", "Q1") else ""


def periods_between(first: date, last: date, by: By) -> Iterator[date]:
    """Yield the first date of each period from the one with the date `first` to the one with the date `last`."""
    period, end = period_of(first, by), period_of(last, by)
    while period < end:  # no period follows the last one of the year 9999
        yield period
        period = following(period, by)
    yield period
