"""Whether a rule ever opens: a bounded look at what cannot be told from its hours."""

from datetime import date

from kolmisla.instants import DAY, EPOCH, EPOCH_DAY, duration
from kolmisla.schedules.rules import Combined, Rule
from kolmisla.schedules.timeline import Timeline

__all__ = ["parts_in", "unopened_rule"]

NEVER_OPENS = "never opens"
LOOKED_AT_FROM = 2020  # where not all years can be


def parts_in(rule: Rule) -> int:
    """How many rules one is made of, down to those that are made of none."""
    return len(rule.parts) if isinstance(rule, Combined) else 1


def unopened_rule(rule: Rule, timeline: Timeline, most: int) -> str | None:
    """Say that a rule never opens, or is not seen to open in some years; None for one that opens.

    `most` bounds the look: the number of rules it is made of, times the years, from 2020 on where not all can be.
    """
    if not isinstance(rule, Combined):
        return None if rule.has_hours else NEVER_OPENS
    first, last = ((EPOCH + duration(at)).year for at in (timeline.start, timeline.end - 1))
    number = max(most // parts_in(rule), 1)
    begin = first if number > last - first else max(first, min(LOOKED_AT_FROM, last + 1 - number))
    years = range(begin, min(begin + number, last + 1))
    for some in (years[:1], years):  # most open in the first
        start, end = ((date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY for year in (some[0], some[-1] + 1))
        if timeline.spans(max(start, timeline.start), min(end, timeline.end)):
            return None
    return NEVER_OPENS if len(years) > last - first else f"is not seen to open from {years[0]} to {years[-1]}"
