"""Writes one sentence for each section of a report, from its numbers."""

from collections import Counter
from collections.abc import Iterator, Sequence
from fractions import Fraction

from kolmisla.errors import named, number_of
from kolmisla.files.summary import percent_of
from kolmisla.reports.figures.answers import Average
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.periods import month_name, period_label
from kolmisla.reports.figures.tallies import Tally
from kolmisla.reports.views.words import (
    BEGAN,
    OPENED_TITLES,
    STATE_TITLES,
    counted_noun,
    date_text,
    ended_word,
    instants_text,
    noun,
    time_text,
)
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from kolmisla.times.instants import DAY_NAMES, instants_in
from kolmisla.times.zones import zone_named

__all__ = [
    "FEW_DECIDED",
    "average_line",
    "excluded",
    "excluded_number",
    "headline",
    "hours_line",
    "judged_line",
    "lateness_line",
    "left_out",
    "load_line",
    "period_line",
    "plan_line",
    "split_line",
    "used_line",
    "what_if_line",
    "when_line",
    "worst_line",
]

DECIDED = ("met", "breached")
FEW_DECIDED = 20  # a group with fewer decided tickets is never called the best or the worst
MOST_REASONS_TOLD = 6


def headline(report: Figures) -> str:
    """Return the main answer of the report: which share of promises was kept."""
    total = report.total
    if total.percent is not None:
        return f"{total.percent} of promises kept"
    return "No promise decided yet" if total.judged else "No promise to judge"


def judged_line(report: Figures) -> str:
    """Say which tickets are judged, at which instant, and what days and durations mean."""
    local = instants_in(zone_named(report.timezone))
    nothing = report.not_covered.get(no_cycle(report.metric), 0)
    opened, began = noun(report, report.total.tickets - nothing), BEGAN[counted_noun(report)][0]
    if report.span is not None:
        first, last = (local(at).date() for at in report.span)
        days = f"on {date_text(first)}" if first == last else f"from {date_text(first)} to {date_text(last)}"
        opened += f" {began} {days}"
    opened += f", and {number_of(nothing, 'ticket')} without one" * bool(nothing)
    return (
        f"{opened}. Judged at {instants_text(report.instants)}, by what was known then."
        f" Days and hours are local in {report.timezone}; durations are counted on the hours of each promise, unless"
        " they say otherwise."
    )


def excluded_number(report: Figures) -> int:
    """Return how many rows and cycles are not in the percentages.

    What is outside the dates of one part of a sum may be in another part, so it is not counted.
    """
    total, outside = report.total, 0 if report.in_parts else report.outside
    return total.tickets - total.decided + report.rejected_rows + outside


def left_out(report: Figures) -> str:
    """Say how many tickets are not in the percentages, by reason."""
    total = report.total
    paused = [f"{total.paused:,} paused"] * bool(total.paused)
    parts = [f"{total.running:,} running", *paused, f"{total.not_covered:,} not covered"]
    rare = [f"{total.withdrawn:,} withdrawn"] * bool(total.withdrawn) + [f"{total.waived:,} waived"] * bool(
        total.waived
    )
    dates = "the dates of one of the parts" if report.in_parts else "the dates"
    outside = [f"{report.outside:,} outside {dates}"] * bool(report.outside)
    return ", ".join([*parts, *rare, f"{report.rejected_rows:,} rejected", *outside])


def excluded(report: Figures) -> Iterator[str]:
    """Yield a text for each reason why cycles or rows are not in the shares.

    First come those not covered, then waived, then rejected. If there are more than six reasons, the last text counts
    the rest.
    """
    reasons = sorted(report.uncovered, key=lambda pair: (-pair[1], pair[0]))
    told = [f"{number:,} not covered: {reason}" for reason, number in reasons]
    told += [
        f"{number:,} waived: {named(reason)}" for reason, number in sorted(report.waivers, key=lambda pair: -pair[1])
    ]
    for rows, such_as in report.rejected:
        told.append(f"{rows:,} rejected, such as: {such_as}" if rows > 1 else f"1 rejected: {such_as}")
    yield from told[:MOST_REASONS_TOLD]
    if len(told) > MOST_REASONS_TOLD:
        yield f"and {len(told) - MOST_REASONS_TOLD:,} more reasons; the JSON form has all"


def period_line(report: Figures) -> str:
    """Say in which period the smallest share of promises was kept, and in which the greatest.

    Only periods with at least 20 decided cycles count. With fewer than two such periods, say which share was kept in
    all.
    """
    decided = [tally for tally in report.periods if tally.decided >= FEW_DECIDED and tally.period]
    if len(decided) < 2:
        return _share_line(report.total, "in all")
    low, high = (pick(decided, key=_exact_share) for pick in (min, max))
    if _exact_share(low) == _exact_share(high):
        return f"{low.percent} in each of {len(decided)} {report.by}s with {FEW_DECIDED} decided tickets or more."
    worst, best = (f"{tally.percent} in {_label(tally, report)}" for tally in (low, high))
    return f"From {worst} to {best}{_among(report.periods, decided)}."


def _among(tallies: Sequence[Tally], compared: Sequence[Tally]) -> str:
    """Say which groups were compared, if some with verdicts were not."""
    left_out = sum(tally.decided > 0 for tally in tallies) > len(compared)
    return f", among those with {FEW_DECIDED} decided or more" * left_out


def _exact_share(tally: Tally) -> Fraction:
    return Fraction(tally.met, tally.decided)


def _label(tally: Tally, report: Figures) -> str:
    assert tally.period is not None  # a tally of a period
    if report.by == "month":
        return f"{month_name(tally.period)} {tally.period.year}"
    return period_label(tally.period, report.by)


def _share_line(tally: Tally, where: str) -> str:
    if tally.percent is None:
        return "Nothing is decided yet."
    return f"{tally.met:,} of {tally.decided:,} promises were kept {where}: {tally.percent}."


def plan_line(report: Figures) -> str:
    """Say for which pair of a plan and a priority the smallest share of promises was kept.

    Only pairs with at least 20 decided cycles count. With fewer than two such pairs, say which share was kept in all.
    """
    decided = [tally for tally in report.plans if tally.decided >= FEW_DECIDED]
    if len(decided) < 2:
        return _share_line(report.total, "in all")
    low, high = (pick(decided, key=_exact_share) for pick in (min, max))
    if _exact_share(low) == _exact_share(high):
        return _share_line(report.total, "in all")
    names = f"{named(low.plan or '')} {named(low.priority or '')}"
    return f"{names} kept least: {low.percent} of {low.decided:,}{_among(report.plans, decided)}."


def split_line(report: Figures) -> str:
    """Say how many groups of a split are enough to have at least four fifths of all broken promises.

    The groups with the most broken promises are counted first. If no promise is broken, say that.
    """
    total = report.total.breached
    if not total:
        return "No promise was broken."
    broken = sorted((tally.breached for tally in report.splits), reverse=True)
    few, held = 0, 0
    while 5 * held < 4 * total:
        held += broken[few]
        few += 1
    share = f"{100 * held // total} % of the {total:,} broken promises"
    return f"{few} of {len(broken):,} {'holds' if few == 1 else 'hold'} {share}."


def average_line(average: Average) -> str:
    """Say whether a plan met the aim of its average."""
    if average.mean is None:
        return "no answer yet"
    apart = average.mean - average.aim
    by = time_text(max(apart, -apart), fine=True)
    return f"met, {by} inside" if average.met else f"missed by {by}"


def used_line(report: Figures) -> str:
    """Say how many ended cycles used at most 100 %, at most 10 % and more than 200 % of their target."""
    used, ended = report.used, ended_word(report)
    if not sum(used):
        return f"No ticket with a promise was {ended} yet."
    return (
        f"{sum(used[:10]):,} of {sum(used):,} {ended} were inside their target; {used[0]:,} used no more than a tenth"
        f" of it, {used[-1]:,} more than twice as much."
    )


def when_line(report: Figures) -> str:
    """Say for which opening times of tickets, such as holidays, the greatest share of promises was broken."""
    broken = report.total.breached
    if not broken:
        return "No promise was broken."
    rates = [
        (opened.breached / (opened.met + opened.breached), when, opened)
        for when, opened in report.opened_when.items()
        if opened.met + opened.breached >= FEW_DECIDED
    ]
    text = number_of(broken, "promise was broken", "promises were broken")
    if len(rates) < 2 or not any(rate for rate, _, _ in rates):  # the broken ones are in small groups
        return f"{text}."
    _, when, opened = max(rates, key=lambda item: item[0])
    decided = opened.met + opened.breached
    rate = percent_of(opened.breached, decided, 0)
    return f"{text}, most often for tickets opened {OPENED_TITLES[when]}: {rate} of {decided:,}."


def lateness_line(report: Figures) -> str:
    """Say how many of the breached cycles that have ended are at most an hour beyond their target.

    If no breached cycle has ended, or if no cycle is breached, say that.
    """
    late = report.lateness
    ended = sum(late.values()) - late["waiting"]
    if not ended:
        return f"None of the late ones is {ended_word(report)} yet." if late["waiting"] else "Nothing is late."
    return f"{late['1 h']:,} of {ended:,} late ones were {ended_word(report)} within an hour after their target."


def load_line(report: Figures) -> str:
    """Say how many tickets come while their schedule is open, and which hour of the week has the most tickets."""
    load = report.load
    total = sum(map(sum, load))
    if not total:
        return "No ticket came."
    if total < FEW_DECIDED:
        return f"{noun(report, total)} came."
    most, day, hour = max((number, -day, -hour) for day, row in enumerate(load) for hour, number in enumerate(row))
    busiest = f"{DAY_NAMES[-day]} {-hour}:00 to {1 - hour}:00 is the busiest hour, with {most:,}"
    opened = report.opened_when
    covered = sum(each.tickets for each in opened.values())
    if not covered:
        return f"{busiest} of {total:,}."
    inside = opened["in-hours"].tickets
    return f"{inside:,} of {covered:,} came while the clock ran ({percent_of(inside, covered, 0)}). {busiest}."


def hours_line(report: Figures) -> str:
    """Say how many late tickets were opened in closed hours, and which hour of the week has the most of them."""
    hours = report.which_hours(1)
    if not hours:
        return "No late ticket was opened in closed hours."
    closed = sum(number for _, number in report.closed)
    name = f"{DAY_NAMES[hours[0].weekday]} {hours[0].hour}:00 to {hours[0].hour + 1}:00"
    return (
        f"{closed:,} of {report.total.breached:,} late tickets were opened in closed hours; the most in one hour of the"
        f" week, {hours[0].breached:,}, on {name}. In open hours, their time would have begun to count at once; whether"
        f" they would have been {ended_word(report)} in time is not known."
    )


def worst_line(report: Figures) -> str:
    """Say which ticket is the worst, or that none is late."""
    worst = report.worst(1)
    if not worst:
        return "No promise was broken."
    late = max(worst, key=lambda ticket: ticket.over)
    name = "a ticket without an id" if late.ticket.id is None else named(str(late.ticket.id))
    return f"The furthest beyond its target is {name}, by {time_text(late.over)}."


def what_if_line(report: Figures) -> str:
    """Say how many promises the policy `what_if` would mend, and how many it would break.

    Say also how many decided cycles would be neither met nor breached, and how many tickets its percentages leave out.
    """
    assert report.what_if is not None  # no other report has this line
    mended, broken = report.what_if.mended, report.what_if.broken
    told = (
        f"{number_of(mended, 'broken promise')} would have been kept, and {number_of(broken, 'kept promise')} would"
        " have been broken."
    )
    lost = Counter[str]()
    for (here, there), number in report.what_if.flow:
        if here in DECIDED and there not in DECIDED:
            lost[there] += number
    if lost:
        states = [f"{lost[state]:,} {title}" for state, title in STATE_TITLES.items() if lost[state]]
        told += f" {noun(report, lost.total())} decided here would be neither: {', '.join(states)}."
    return f"{told} Not in the figures of the other policy: {left_out(report.what_if.report)}."
