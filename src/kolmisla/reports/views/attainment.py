"""Shows what was attained of promised shares, in words and as the rows of a table."""

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from kolmisla.documents.decimals import percent_text
from kolmisla.documents.names import folded
from kolmisla.errors import named, number_of
from kolmisla.reports.figures.attainment.attained import Attained
from kolmisla.reports.figures.attainment.shares import promised_shares
from kolmisla.reports.figures.figures import Figures, editions_of
from kolmisla.reports.views.sentences import FEW_DECIDED

__all__ = [
    "SHARE_HEADS",
    "ShareRow",
    "attainment_line",
    "attainment_notes",
    "credit_lines",
    "open_lines",
    "share_rows",
    "share_texts",
]

MOST_SHARES = 24  # the most rows that are shown
MOST_TICKETS = 20  # the most tickets that a credit names
STATE_WORDS = {"kept": "kept", "missed": "missed", "open": "still open", "cut": "cut by the dates of this report"}
SHARE_HEADS = ("kept", "promised", "verdict", "credit", "may be missed", "at best", "at worst", "decided", "running")


class ShareRow(NamedTuple):
    """A row of the table of promised shares. `cells` are in the order of SHARE_HEADS.

    `opened` says between which dates the tickets were opened, if the promise does not cover the whole period.
    """

    period: str
    plan: str
    opened: str
    cells: tuple[str, ...]
    attained: Attained


def attainment_line(report: Figures) -> str:
    """Say how many promised shares are kept, and which share is the worst when compared with its promise."""
    lines = report.attainment
    if not lines:
        if promised_shares(report.policy, report.metric):
            return "No ticket of a plan with a promised share is in this report."
        return f"No share of {named(report.metric)} is promised, so this report cannot tell what was attained."
    states = Counter[str](attained.state for attained in lines)
    told = ", ".join(f"{states[state]:,} {words}" for state, words in STATE_WORDS.items() if states[state])
    text = f"{len(lines):,} promised share{'s' if len(lines) > 1 else ''}: {told}."
    decided = [attained for attained in lines if attained.decided and attained.state != "cut"]
    if len(lines) > 1:
        decided = [attained for attained in decided if attained.decided >= FEW_DECIDED]
    if not decided:
        return text
    least = min(decided, key=_margin)
    told = f"{_share(least.share)} of {least.decided:,} decided, {percent_text(least.promise.share)} promised"
    return f"{text} {'The least against its promise is ' if len(lines) > 1 else ''}{_name(least)}: {told}."


def _margin(attained: Attained) -> Fraction:
    return Fraction(attained.met, attained.decided) - Fraction(attained.promise.share)


def _name(attained: Attained) -> str:
    opened = f", opened {_opened(attained)}" if _opened(attained) else ""
    return f"{named(attained.plan)} in {attained.label if attained.period else 'all'}{opened}"


def _opened(attained: Attained) -> str:
    """Return a text with the dates between which tickets are counted, or "" if the promise is for the whole period."""
    since = f"from {attained.opened_from}" if attained.opened_from else ""
    until = f"before {attained.opened_before}" if attained.opened_before else ""
    return " and ".join(filter(None, (since, until)))


def _share(share: Decimal | None) -> str:
    """Write a share in percent, with all its decimals. The share is already rounded down."""
    if share is None:
        return "-"
    _, digits, exponent = share.as_tuple()
    return f"{Decimal((0, digits, int(exponent) + 2)):f} %"


def share_rows(report: Figures) -> list[ShareRow]:
    """Return a row for each promised share and period. If there are over 24, return those of the latest periods."""
    lines = report.attainment
    by_period = sorted(range(len(lines)), key=lambda place: str(lines[place].period or ""), reverse=True)
    return [_row(lines[place]) for place in sorted(by_period[:MOST_SHARES])]


def _row(attained: Attained) -> ShareRow:
    spare, credit = attained.may_be_missed, attained.credit
    final = attained.is_final
    cells = (
        _share(attained.share),
        percent_text(attained.promise.share),
        attained.state,
        "-" if credit is None or not attained.promise.credits else percent_text(credit),
        "-" if spare is None or final else f"{spare:,}",
        "-" if final else _share(attained.best),
        "-" if final else _share(attained.worst),
        f"{attained.decided:,}",
        f"{attained.undecided:,}",
    )
    return ShareRow(attained.label, attained.plan, _opened(attained), cells, attained)


def credit_lines(report: Figures) -> Iterator[str]:
    """Yield a text for each share and period that gives a credit so far: how much, why, and for which tickets."""
    for row in share_rows(report):
        attained = row.attained
        if attained.credit and attained.below is not None:
            best, worst = attained.credit_at_best, attained.credit_at_worst
            assert best is not None and worst is not None  # noqa: PT018  # the period is not cut
            ends = f", {percent_text(best)} to {percent_text(worst)} when all is decided" if best != worst else ""
            so_far = " so far" if attained.state == "open" or ends else ""
            why = f"{_share(attained.share)} of {attained.decided:,} is below {percent_text(attained.below)}"
            step = attained.promise.step(attained.met, attained.decided)
            capped = f", capped from {percent_text(step.credit)}" if step and step.credit > attained.credit else ""
            told = f"{percent_text(attained.credit)} credit{so_far}{capped}{ends}, because {why}"
            yield f"{_name(attained)}: {told}; missed: {_tickets(attained)}"


def open_lines(report: Figures) -> Iterator[str]:
    """Yield a text for each share and period that can still change.

    The text says how many more tickets may miss their target, and which shares are possible in the end.
    """
    for row in share_rows(report):
        attained = row.attained
        if attained.state == "open":
            spare = attained.may_be_missed
            may = "below the promise, even if all others are kept" if spare is None else f"{spare:,} more may be missed"
            ends = f"{_share(attained.worst)} to {_share(attained.best)} when the running tickets are decided"
            now = f"{ends} ({attained.undecided:,})" if attained.undecided else "the period goes on, and no ticket runs"
            yield f"{_name(attained)}: {may}; {now}"


def _tickets(attained: Attained) -> str:
    """Return a text with the ids of the tickets that missed their target.

    If there are more than 20, name only the first 20 of them.
    """
    times = Counter(id for id in attained.tickets if id is not None)
    names = [f"{named(str(id))} ({number} times)" if number > 1 else named(str(id)) for id, number in times.items()]
    shown, unnamed = names[:MOST_TICKETS], attained.tickets.count(None)
    more = [f"{len(names) - len(shown):,} more"] * (len(names) > len(shown))
    without = [f"{unnamed:,} without an id"] * bool(unnamed)
    return ", ".join([*shown, *more, *without])


def attainment_notes(report: Figures) -> Iterator[str]:
    """Yield notes about the table of promised shares: which cycles are not counted, and which rows are not shown."""
    judged = {edition.effective_from for _, edition in editions_of(report)}
    in_force = {place for place, each in enumerate(report.policy.editions) if each.effective_from in judged}
    promised = [known for known in promised_shares(report.policy) if in_force.intersection(known.editions)]
    others = [known for known in promised if known.promise.of != folded(report.metric)]
    for text in dict.fromkeys(f"{named(known.plan)} promises {known.promise}" for known in others):
        yield f"{text}: not shown here, because this report is about the metric {named(report.metric)}"
    lines, shown = report.attainment, share_rows(report)
    for row in shown:
        if row.opened:
            yield f"{row.period} {named(row.plan)}, {row.cells[1]} promised: of tickets opened {row.opened}"
    if len(shown) < len(lines):
        yield f"the {len(shown)} latest of {len(lines):,} promised shares; the JSON and CSV forms have all"
    if any(attained.state == "cut" for attained in lines):
        yield "a period is cut if this report, or one that was added to it, has only some of the dates of the period"
    if report.rejected_rows and lines:
        yield f"{number_of(report.rejected_rows, 'rejected row is', 'rejected rows are')} in no share"


def share_texts(report: Figures) -> list[str]:
    """Return the texts below the table of promised shares: about rows that can change, about credits, and notes."""
    return [*open_lines(report), *credit_lines(report), *attainment_notes(report)]
