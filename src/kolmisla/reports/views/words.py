"""Writes the words of a report: times for people, titles and definitions."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from kolmisla.errors import clean, number_of
from kolmisla.policies.promises import begins_with_ticket, has_metric, metric_of
from kolmisla.policies.terms.metrics import BUILT_IN_METRICS, FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, Metric
from kolmisla.reports.figures.figures import Figures, editions_of
from kolmisla.reports.figures.periods import month_name
from kolmisla.times.instants import DAY_NAMES, SECOND, length

__all__ = [
    "BEGAN",
    "DEFINITIONS",
    "OPENED_TITLES",
    "SPENT_TERM",
    "STATE_TITLES",
    "WITHDRAWN_TERM",
    "ended_kind",
    "metric_title",
    "time_text",
    "counted_noun",
    "date_text",
    "ended_word",
    "instant_text",
    "instants_text",
    "noun",
]

ENDED: dict[str, str] = {FIRST_RESPONSE: "answered", NEXT_RESPONSE: "answered", RESOLUTION: "resolved"}  # others: ended
WITHDRAWN_TERM = "Withdrawn, waived"
SPENT_TERM = "Time by owner, by reason"
OPENED_TITLES = {
    "in-hours": "while their clock ran",
    "before-opening": "before opening",
    "in-a-break": "in a break",
    "after-closing": "after closing",
    "weekend": "at a weekend",
    "holiday": "on a holiday",
    "no-hours": "on another closed day",
}
MOST_INSTANTS_TOLD = 3  # a sentence names at most so many
BEGAN = {"ticket": ("opened", "was opened"), "question": ("asked", "was asked"), "cycle": ("begun", "began")}
STATE_TITLES = {
    "met": "kept",
    "breached": "broken",
    "running": "running",
    "paused": "paused",
    "not-covered": "not covered",
    "withdrawn": "withdrawn",
    "waived": "waived",
    "rejected": "rejected",
    "no cycle": "nothing to measure",
}
DEFINITIONS = (
    (
        "Kept, broken",
        "A promise is kept when the ticket was {ended} with no more than its target counted. It is broken when more was"
        " counted, {ended} or not. A due time agreed with the customer takes the place of the target. The share kept is"
        " kept / (kept + broken). Tickets that still run inside their target, that are paused, or to which nothing was"
        " promised are in no percentage; they are counted beside it.",
    ),
    (
        WITHDRAWN_TERM,
        "A ticket that was withdrawn while it ran, such as a duplicate, has no verdict. The verdict of a waived ticket"
        " does not count, for the reason of the waiver. Both are in no percentage, no time and no average.",
    ),
    (
        "Period",
        "A {what} belongs to the {by} in which it {began}, by the clocks of {zone}. The figures of a {by} can change"
        " until each {what} is {ended}.",
    ),
    (
        "Time",
        "Time is counted while the schedule of the promise is open, but not while a pause stops the clock. Calendar"
        " time is only shown where it says so.",
    ),
    (
        "Median, p90, mean",
        "These times are of tickets that were {ended}. The median is the least time within which at least half of them"
        " were {ended}, p90 the same for 90 %: each is the time of one of the tickets (nearest rank). Tickets that"
        " still wait are left out, so these times look better than they are.",
    ),
    (
        "Averages",
        "The aim of a plan is an average over the tickets that were answered, in working time to the answer. Tickets"
        " that were resolved without an answer, or answered at the very instant of their opening, are not in it. If the"
        " aim has changed, each aim has an average of its own, over the tickets of its time.",
    ),
    (
        SPENT_TERM,
        "A ticket counts by owner if it has an owner at any time, and by reason if it has a pause with a reason. Time"
        " counts for the owner whom the ticket has at that time. What is beyond the target was counted after the target"
        " was used up. A target ran out with the owner who had the ticket when it was used up. Paused is open time in"
        " which a pause stopped the clock.",
    ),
    (
        "Attainment",
        "A plan may promise to keep a share of its promises in each period. The share kept is compared exactly, and"
        " shown rounded down. At best all tickets that still run are kept, at worst all are broken; tickets that are"
        " still to come are in neither. The verdict is open while it can change. It is cut, and there is no credit, if"
        " the report has only some dates of the period. Until the share is final, the credit is the one for the share"
        " so far.",
    ),
)


def time_text(within: timedelta | None, *, fine: bool = False) -> str:
    """Write a duration for people, rounded down to a minute.

    If `fine` is True, or below a minute, it is rounded down to a second. From 100 hours on, it is always rounded down
    to an hour.

    >>> [time_text(timedelta(minutes=minutes)) for minutes in (0.5, 15, 495.9, 7_701)]
    ['30 s', '15 min', '8 h 15 min', '128 h']
    """
    if within is None:
        return "-"
    second = length(within) // SECOND
    hours, rest = divmod(second, 3600)
    minutes, seconds = divmod(rest, 60)
    if hours >= 100:
        return f"{hours:,} h"
    shows_seconds = bool(fine and seconds)
    parts = [f"{hours} h"] * bool(hours) + [f"{minutes} min"] * bool(minutes or (hours and shows_seconds))
    if not parts or shows_seconds:
        parts.append(f"{seconds} s")
    return " ".join(parts)


def date_text(day: date) -> str:
    """Write a date for people, such as 12 January 2016."""
    return f"{day.day} {month_name(day)} {day.year}"


def instants_text(instants: Sequence[datetime]) -> str:
    """Return the instants of a report as text, with the zone. If there are many, only the first and the last."""
    told = [f"{instant_text(at)} {at:%Z}" for at in instants]
    if len(told) > MOST_INSTANTS_TOLD:
        return f"{len(told):,} instants from {told[0]} to {told[-1]}"
    return " and ".join(told)


def instant_text(at: datetime) -> str:
    """Write an instant for people, such as Tue 12 Jan 2016 16:00."""
    return f"{DAY_NAMES[at.weekday()][:3]} {at.day} {month_name(at)[:3]} {at.year} {at.hour:02}:{at.minute:02}"


def _definition(report: Figures) -> Metric:
    """Return the definition of a report's metric, from the latest edition that judged tickets and has this metric."""
    judging = [edition for _, edition in editions_of(report)]
    having = [each for each in (*report.policy.editions, *judging) if has_metric(each, report.metric)]
    return metric_of(having[-1], report.metric)


def noun(report: Figures, number: int) -> str:
    """Write a number and what the report counts, such as `3 tickets`."""
    return number_of(number, counted_noun(report))


def counted_noun(report: Figures) -> str:
    """Return what the report counts: `question`, or `ticket` if each has one cycle from its opening, else `cycle`."""
    if report.metric == NEXT_RESPONSE:
        return "question"
    return "ticket" if begins_with_ticket(_definition(report)) else "cycle"


def ended_word(report: Figures) -> str:
    """Return the words for an ended cycle, such as `answered` or `resolved`.

    For the metric first-response, return `answered or resolved` unless each ended cycle is known to have an answer.
    """
    kind = ended_kind(report)
    if report.metric == FIRST_RESPONSE and kind == "answered":
        told = [responses for _, responses in report.responses]
        answered = sum(each.answered + each.at_opening + each.beyond for each in told)
        is_known = answered >= report.total.n and not any(each.unanswered for each in told)
        return kind if is_known else "answered or resolved"
    return kind


def ended_kind(report: Figures) -> str:
    """Return one word for an ended cycle: `answered`, `resolved`, or `ended` if the policy defines the end itself."""
    built_in = BUILT_IN_METRICS.get(report.metric)
    return ENDED[built_in.name] if built_in and built_in.ends == _definition(report).ends else "ended"


def metric_title(report: Figures) -> str:
    """Return the name of a report's metric as a title, such as First response."""
    words = clean(report.metric).replace("-", " ")
    return words[:1].upper() + words[1:]
