"""Whether a rule ever opens: a bounded search for rules whose hours alone do not tell."""

from datetime import date

from kolmisla.instants import DAY, EPOCH, EPOCH_DAY, duration
from kolmisla.schedules.rules import Combined, Rule
from kolmisla.schedules.timeline import Timeline

__all__ = ["parts_in", "unopened_rule"]

NEVER_OPENS = "never opens"
LOOKED_AT_FROM = 2020  # if there is no time to look at all years


def parts_in(rule: Rule) -> int:
    """Count the rules that a rule combines; a rule that combines none counts as one."""
    return len(rule.parts) if isinstance(rule, Combined) else 1


def unopened_rule(rule: Rule, timeline: Timeline, most: int) -> str | None:
    """Return words for a rule that never opens, or that is not seen to open in some years; None for one that opens.

    `most` bounds the search: the number of rules that this one combines, times the years that are looked at. If that
    is too little for all years, the search takes as many as it can from 2020 on.
    """
    if not isinstance(rule, Combined):
        return None if rule.has_hours else NEVER_OPENS
    first, last = ((EPOCH + duration(at)).year for at in (timeline.start, timeline.end - 1))
    count = max(most // parts_in(rule), 1)
    begin = first if count > last - first else max(first, min(LOOKED_AT_FROM, last + 1 - count))
    years = range(begin, min(begin + count, last + 1))
    for searched in (years[:1], years):  # most rules open in the first year
        start, end = ((date(year, 1, 1).toordinal() - EPOCH_DAY) * DAY for year in (searched[0], searched[-1] + 1))
        if timeline.spans(max(start, timeline.start), min(end, timeline.end)):
            return None
    return NEVER_OPENS if len(years) > last - first else f"is not seen to open from {years[0]} to {years[-1]}"
