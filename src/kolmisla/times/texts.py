"""How instants become ISO 8601 text in one zone, fast for millions of instants."""

from bisect import bisect_right
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from kolmisla.errors import HorizonError
from kolmisla.times.instants import DAY, EPOCH, US, duration, instants_in
from kolmisla.times.zones import plain_offset, utc_offsets

__all__ = ["text_again_in", "text_in"]

MANY = 1_000  # after so many texts, the offsets of the zone are looked up in advance
AROUND = 1_500 * DAY  # microseconds before and after an instant for which offsets are looked up
MOST_ENDINGS = 20_000  # the most dates whose offset is remembered
HOUR_PARTS = frozenset(f"T{hour:02}" for hour in range(24))
FACE = EPOCH.replace(tzinfo=None)


def text_in(zone: ZoneInfo) -> Callable[[int], str]:
    """Return a function that turns UTC microseconds into ISO 8601 text in `zone`. Only one thread may use the function.

    The function raises HorizonError for an instant outside the years 1 to 9999.

    >>> text_in(ZoneInfo("Europe/Vilnius"))(1_783_085_400_000_000)
    '2026-07-03T16:30:00+03:00'
    """
    instant = instants_in(zone)
    number = low = high = 0
    starts: list[int] = []
    offsets: list[timedelta] = []
    endings: list[str] = []

    def text(us: int) -> str:
        nonlocal number, low, high
        if low <= us < high:
            i = bisect_right(starts, us) - 1
            return (FACE + (offsets[i] + US * us)).isoformat() + endings[i]
        number += 1
        if number == MANY:
            middle = us // DAY * DAY
            try:
                instant(middle - AROUND), instant(middle + AROUND)
            except HorizonError:  # at the ends of the years that a datetime has
                return instant(us).isoformat()
            for start, ahead in utc_offsets(zone, middle - AROUND, middle + AROUND):
                starts.append(start)
                offsets.append(duration(ahead))
                endings.append(datetime(2000, 1, 1, tzinfo=timezone(offsets[-1])).isoformat()[19:])
            low, high = middle - AROUND, middle + AROUND
        return instant(us).isoformat()

    return text


def text_again_in(zone: ZoneInfo, text: Callable[[int], str], *, is_own: bool) -> Callable[[str, int], str]:
    """Return a function that takes the text of a time and its instant, and returns the ISO 8601 text in `zone`.

    `text` is from `text_in(zone)`. `is_own` says whether texts without an offset were read in `zone`.

    >>> zone = ZoneInfo("Europe/Vilnius")
    >>> text_again_in(zone, text_in(zone), is_own=True)("2026-07-03T13:30:00Z", 1_783_085_400_000_000)
    '2026-07-03T16:30:00+03:00'
    """
    endings: dict[str, str] = {}  # the offset as text, for dates on which the clocks in `zone` do not change

    def again(told: str, us: int) -> str:
        ending = endings.get(told[:10])
        if ending is not None and told[10:13] in HOUR_PARTS and told[16:17] == ":":
            rest = told[19:]
            if rest == ending:
                return told
            if is_own and not rest:
                return told + ending
        found = text(us)
        day, ending = found[:10], found[19:]
        if day not in endings and ending[:1] != "." and len(endings) < MOST_ENDINGS and is_plain(day):
            endings[day] = ending
        return found

    def is_plain(day: str) -> bool:
        return plain_offset(zone, date.fromisoformat(day).toordinal()) is not None

    return again
