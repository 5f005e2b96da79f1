"""Opening hours as people write them: `{"mon-fri": ["08:00-18:00"]}`.

A day's hours are spans of microseconds since its midnight; past 24 h they run into the next day.
"""

import re
from collections.abc import Iterable, Iterator, Mapping

from kolmisla.errors import shown
from kolmisla.spans import DAY, SECOND, Pair, merged

__all__ = ["DAYS", "Day", "Week", "day_hours", "day_text", "week_hours", "week_text"]

Day = tuple[Pair, ...]
Week = tuple[Day, Day, Day, Day, Day, Day, Day]

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FULL_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

TIME = r"([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?"
INTERVAL = re.compile(f"{TIME}-(?:{TIME}|(24:00(?::00)?))", re.ASCII)


def week_hours(hours: object) -> Week:
    """Hours by weekday (`mon`), or range of them (`mon-fri`), as seven days from Monday.

    ValueError names the entry and what it takes; a day named twice is an error, not a choice.
    """
    if not isinstance(hours, Mapping):
        raise ValueError(f'hours is a mapping such as {{"mon-fri": ["08:00-18:00"]}}, not {shown(hours)}')
    week: list[Day | None] = [None] * 7
    for name, texts in hours.items():
        times = day_hours(texts, name)
        for i in _weekdays(name):
            if week[i] is not None:
                raise ValueError(f"hours[{shown(name)}] gives {DAYS[i]} a second time")
            week[i] = times
    mon, tue, wed, thu, fri, sat, sun = (times or () for times in week)
    return mon, tue, wed, thu, fri, sat, sun


def day_hours(texts: object, place: object) -> Day:
    """The hours of one day: none, or several `HH:MM-HH:MM`, seconds allowed.

    `24:00` is an end; an end not after its start lies past midnight and belongs to this day.
    """
    if isinstance(texts, str) or not isinstance(texts, Iterable):
        raise ValueError(
            f'hours[{shown(str(place))}] is a list such as ["08:00-12:00", "13:00-18:00"], not {shown(texts)}'
        )
    return tuple(merged(_interval(text, place) for text in texts))


def week_text(week: Week) -> dict[str, list[str]]:
    """The shortest way to write the week, equal days from one to another as a range."""
    runs: list[tuple[int, int]] = []
    for i, day in enumerate(week):
        if runs and day == week[runs[-1][0]]:
            runs[-1] = (runs[-1][0], i)
        else:
            runs.append((i, i))
    names = [DAYS[first] if first == last else f"{DAYS[first]}-{DAYS[last]}" for first, last in runs]
    return {name: day_text(week[first]) for name, (first, _) in zip(names, runs, strict=True) if week[first]}


def day_text(day: Day) -> list[str]:
    """The hours of one day as `HH:MM-HH:MM`; more than 24 h at a stretch takes two of them."""
    short = [pair for a, b in day for pair in ([(a, b)] if b - a <= DAY else [(a, DAY), (b - DAY, b)])]
    return [f"{_time_text(start)}-{_time_text(end if end <= DAY else end - DAY)}" for start, end in short]


def _weekdays(name: object) -> Iterator[int]:
    """Indices of `mon`, `Monday`, `mon-fri`, or `sat-mon` round the week's end."""
    ends = [_weekday(part, name) for part in str(name).split("-")]
    if len(ends) > 2:
        raise ValueError(
            f"hours has no weekday {shown(name)}; it takes one of {', '.join(DAYS)}, or a range such as mon-fri"
        )
    first, last = ends[0], ends[-1]
    return ((first + i) % 7 for i in range((last - first) % 7 + 1))


def _weekday(part: str, name: object) -> int:
    part = part.strip().lower()
    for names in (DAYS, FULL_NAMES):
        if part in names:
            return names.index(part)
    raise ValueError(
        f"hours has no weekday {shown(name)}; it takes one of {', '.join(DAYS)}, or a range such as mon-fri"
    )


def _interval(text: object, place: object) -> Pair:
    match = INTERVAL.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is None:
        takes = "it takes HH:MM-HH:MM from 00:00 to 24:00, such as 08:00-18:00"
        raise ValueError(f"hours[{shown(str(place))}] has {shown(text)}; {takes}")
    start = _since_midnight(*match.group(1, 2, 3))
    end = DAY if match[7] else _since_midnight(*match.group(4, 5, 6))
    return start, end if end > start else end + DAY


def _since_midnight(hour: str, minute: str, second: str | None) -> int:
    return ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * SECOND


def _time_text(us: int) -> str:
    minutes, second = divmod(us // SECOND, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}" + (f":{second:02}" if second else "")
