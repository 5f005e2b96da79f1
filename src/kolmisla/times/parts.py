"""How times are read from millions of texts. The meaning of each part of a text is remembered, because parts recur."""

from collections.abc import Callable
from datetime import date, tzinfo

from kolmisla.times.instants import DAY, EPOCH_DAY, SECOND, micros
from kolmisla.times.reading import ISO_8601, read
from kolmisla.times.zones import Ambiguous, plain_offset

__all__ = ["instant_in"]

MOST_LEARNED = 20_000  # the most dates, and the most rests of texts, that are remembered


def instant_in(zone: tzinfo, ambiguous: Ambiguous | None) -> Callable[[str], int]:
    """Return a fast function that reads the text of a time and returns the instant in UTC microseconds.

    Its results and errors are those of `micros(read(text, zone=zone, ambiguous=ambiguous))`. Only one thread may use
    it.

    >>> from zoneinfo import ZoneInfo
    >>> instant_in(ZoneInfo("Europe/Vilnius"), None)("2026-07-03T16:30:00")
    1783085400000000
    """
    days: dict[str, int] = {}  # the midnight of each date in UTC
    walls: dict[str, int] = {}  # the midnight of each date in `zone`, if its clocks do not change on that date
    minutes: dict[str, int] = {}  # the time since midnight
    seconds: dict[str, int] = {}  # the time since the full minute
    rests: dict[str, tuple[dict[str, int], int]] = {}  # the midnights to count from, `days` or `walls`, and what to add

    def instant(text: str) -> int:
        try:
            midnights, more = rests[text[19:]]
            return midnights[text[:10]] + minutes[text[10:16]] + seconds[text[16:19]] + more
        except KeyError:
            return learned(text)

    def learned(text: str) -> int:
        at = micros(read(text, zone=zone, ambiguous=ambiguous))
        match = None if max(len(rests), len(days), len(walls)) >= MOST_LEARNED else ISO_8601.fullmatch(text)
        if match is None or text[16:17] not in ("", ":") or text[11:13] == "24":
            return at
        day = date.fromisoformat(text[:10]).toordinal()
        midnight = (day - EPOCH_DAY) * DAY
        midnights = days
        if not match[3]:
            ahead = plain_offset(zone, day)
            if ahead is None:
                return at
            midnights, midnight = walls, midnight - ahead
        minute = (int(text[11:13]) * 60 + int(text[14:16])) * 60 * SECOND
        second = int(text[17:19] or 0) * SECOND
        midnights[text[:10]], minutes[text[10:16]], seconds[text[16:19]] = midnight, minute, second
        rests[text[19:]] = midnights, at - midnight - minute - second
        return at

    return instant
