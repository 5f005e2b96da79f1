"""The opening hours of a day and of a week: how they are read from text, and written as text.

The hours of a day are spans in microseconds since midnight. A span belongs to the day on which it starts, so it may end
after more than 24 hours.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import islice

from kolmisla.errors import as_text, is_iterable, shown
from kolmisla.times.instants import DAY, SECOND, Pair, merged

__all__ = ["DAYS", "DayHours", "Week", "day_hours", "day_text", "shortened", "week_hours", "week_text", "weekdays_of"]

DayHours = tuple[Pair, ...]
Week = tuple[DayHours, DayHours, DayHours, DayHours, DayHours, DayHours, DayHours]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

MOST_SPANS = (
    48  # how many spans a day may have: one for each half hour; each costs time in every year that is asked for
)

TIME = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?"
INTERVAL = re.compile(f"{TIME}-(?:{TIME}|(24:00(?::00)?))", re.ASCII)


def week_hours(hours: object) -> Week:
    """Read the hours of a week, from Monday to Sunday. The keys of `hours` are weekdays (`mon`) or ranges (`mon-fri`).

    Raise ValueError for an invalid entry, or for a weekday that is given twice.
    """
    if not isinstance(hours, Mapping):
        raise ValueError(f'hours must be a mapping such as {{"mon-fri": ["08:00-18:00"]}}, not {shown(hours)}')
    week: list[DayHours | None] = [None] * 7
    for name, texts in hours.items():
        times = day_hours(texts, name)
        for i in weekdays_of(name):
            if week[i] is not None:
                raise ValueError(
                    f"hours must give each day once, but hours[{shown(name)}] gives {DAYS[i]} a second time"
                )
            week[i] = times
    mon, tue, wed, thu, fri, sat, sun = (times or () for times in week)
    return mon, tue, wed, thu, fri, sat, sun


def day_hours(texts: object, place: object) -> DayHours:
    """Read the hours of one day from a list of `HH:MM-HH:MM`. `place` is the key of the hours, for messages.

    If an end is not after its start, it is on the next day. Raise ValueError for invalid hours.
    """
    if isinstance(texts, (str, Mapping)) or not is_iterable(texts):
        raise ValueError(
            f'hours[{shown(as_text(place))}] must be a list such as ["08:00-12:00", "13:00-18:00"], not {shown(texts)}'
        )
    spans = list(islice(texts, MOST_SPANS + 1))
    if len(spans) > MOST_SPANS:
        raise ValueError(f"hours[{shown(as_text(place))}] must have at most {MOST_SPANS} spans, not more")
    return tuple(merged(_interval(text, place) for text in spans))


def week_text(week: Week) -> dict[str, list[str]]:
    """Write the hours of a week as a mapping of days to texts. Days in a row with equal hours become a range.

    Days without hours are left out.
    """
    runs: list[tuple[int, int]] = []
    for i, day in enumerate(week):
        if runs and day == week[runs[-1][0]]:
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    names = [DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in runs]
    return {name: day_text(week[first]) for name, (first, _) in zip(names, runs, strict=True) if week[first]}


def day_text(day: DayHours) -> list[str]:
    """Write the hours of one day as a list of `HH:MM-HH:MM`. A span of more than 24 hours becomes two items."""
    short = [pair for a, b in day for pair in ([(a, b)] if b - a <= DAY else [(a, DAY), (b - DAY, b)])]
    return [f"{_time_text(start)}-{_time_text(end if end <= DAY else end - DAY)}" for start, end in short]


def weekdays_of(name: object) -> Iterator[int]:
    """Return the numbers of the weekdays in a name (`mon`, `Monday`) or a range (`mon-fri`). Monday is 0.

    Raise ValueError for anything else.
    """
    ends = [_weekday(part, name) for part in as_text(name).split("-")]
    if len(ends) > 2:
        raise ValueError(
            f"hours must be by weekday; {shown(name)} is not one of {', '.join(DAYS)}, nor a range such as mon-fri"
        )
    first, last = ends[0], ends[-1]
    return ((first + i) % 7 for i in range((last - first) % 7 + 1))


def _weekday(part: str, name: object) -> int:
    part = part.strip().lower()
    for names in (DAYS, FULL_NAMES):
        if part in names:
            return names.index(part)
    raise ValueError(
        f"hours must be by weekday; {shown(name)} is not one of {', '.join(DAYS)}, nor a range such as mon-fri"
    )


def _interval(text: object, day: object) -> Pair:
    match = INTERVAL.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        wanted = "must have HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00"
        raise ValueError(f"hours[{shown(str(day))}] {wanted}, not {shown(text)}")
    start = _since_midnight(*match.group(1, 2, 3))
    end = DAY if match[7] else _since_midnight(*match.group(4, 5, 6))
    return start, end if end > start else end + DAY


def _since_midnight(hour: str, minute: str, second: str | None) -> int:
    return ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * SECOND


def _time_text(us: int) -> str:
    minutes, second = divmod(us // SECOND, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")


def shortened(hours: DayHours, by: int) -> DayHours:
    """Return the hours of a day without the last `by` microseconds of open time.

    >>> day_text(shortened(day_hours(["08:00-12:00", "13:00-13:30"], "mon"), 3_600 * SECOND))
    ['08:00-11:30']
    """
    kept: list[Pair] = []
    for start, end in reversed(hours):
        cut = min(by, end - start)
        by -= cut
        if end - cut > start:
            kept.append((start, end - cut))
    return tuple(reversed(kept))
