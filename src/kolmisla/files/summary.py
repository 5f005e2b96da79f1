"""Counts the tickets of a file, their cycles by metric and state, and the first responses of each plan."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from kolmisla.errors import choices, named, number_of
from kolmisla.files.endings import Endings
from kolmisla.files.json_forms import CyclesDict, SummaryDict
from kolmisla.files.responses import PlanAim, Responses, plan_aims, told_responses
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import promised_metrics
from kolmisla.times.instants import seconds

__all__ = [
    "COUNTED_STATES",
    "MOST_STRAYS",
    "RARE_STATES",
    "SUMMARY_STATES",
    "UNDECIDED",
    "WAIVED",
    "Summary",
    "kind_of_reason",
    "percent_of",
]

UNDECIDED = "undecided"  # the state of a cycle whose times are not exact enough to tell one state
# The state, in counts, of a cycle with a verdict that does not count. In rows, the cycle has a DeadlineState.
WAIVED = "waived"
COUNTED_STATES = ("met", "breached", "running", "paused", "not-covered")  # shown even if no cycle has them
RARE_STATES = ("withdrawn", WAIVED)  # shown only if a cycle has them
SUMMARY_STATES = (*COUNTED_STATES, *RARE_STATES)
IN_ORDER = (*COUNTED_STATES, UNDECIDED, *RARE_STATES)  # in which order a summary lists states
MOST_STRAYS = 20  # the most events without a ticket that a summary lists
MOST_REASONS = 1_000  # the most kinds of reasons that are counted one by one
MOST_TOLD = 5  # the most kinds of rejects that a summary lists
OTHER_REASONS = "other reasons"
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
DIGITS_IN, LINE = re.compile(r"\d+"), re.compile(r"line \d+")


@dataclass(slots=True)
class Summary:
    """Counts of what a run has read and judged: tickets, cycles by metric and state, and first responses by plan."""

    rows: int = 0  # in an audit log, only the rows that begin a ticket
    rejected: int = 0
    states: dict[str, dict[str, int]] = field(default_factory=dict)
    responses: dict[PlanAim, Responses] = field(default_factory=dict)  # for plans with an average
    endings: Endings = field(default_factory=Endings)
    strays: tuple[str, ...] = ()  # events without a ticket
    unmatched: int = 0  # ends of pauses that changed nothing, because no pause for their reason ran
    first_resolutions_missing: int = 0  # tickets whose first resolution is not in the file
    moved: int = 0  # events that were moved to the opening, because they were within the tolerance before it
    asked_while_paused: int = 0  # tickets with a question in a pause; 0 if the policy says which pauses it ends
    # By metric, plan and priority: the cycles that met their target, and those that breached it.
    verdicts: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)
    reasons: dict[str, tuple[int, str]] = field(default_factory=dict)  # by kind: how often, and the first text
    waivers: dict[str, Counter[str]] = field(default_factory=dict)  # by metric: the waived cycles by their reason

    def reject(self, reason: str) -> None:
        """Count a rejected row by the kind of its reason."""
        self.rejected += 1
        kind = kind_of_reason(reason)
        if kind not in self.reasons and len(self.reasons) >= MOST_REASONS:
            kind = reason = OTHER_REASONS
        number, first = self.reasons.get(kind, (0, reason))
        self.reasons[kind] = number + 1, first

    def count(self, metric: str, state: str, number: int = 1) -> None:
        """Add `number` cycles of a metric to the count of a state."""
        states = self.states[metric]
        states[state] = states.get(state, 0) + number

    def judge(self, metric: str, plan: str, priority: str, met: int, breached: int) -> None:
        """Count cycles of a plan and a priority: `met` of them met their target, and `breached` of them breached it."""
        if met or breached:
            before = self.verdicts.get((metric, plan, priority), (0, 0))
            self.verdicts[metric, plan, priority] = before[0] + met, before[1] + breached

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """Yield the counts as lines of text for people. `rejects` is the name of the file of rejected rows."""
        where = f" ({rejects})" if self.rejected and rejects else ""
        metrics, told, rows = list(self.states), [*self._rejects()], number_of(self.rows, "row")
        if told and self._by_number()[0][0] * 2 > self.rows:
            yield f"most rows were rejected: {told.pop(0)}"
        if len(metrics) == 1:
            yield f"{rows}: {self._outcomes(metrics[0])}, {self.rejected:,} rejected{where}"
        else:
            yield f"{rows}: {self.rejected:,} rejected{where}"
            yield from (f"{metric}: {self._outcomes(metric)}" for metric in metrics)
        yield from (f"rejected: {text}" for text in told[:MOST_TOLD])
        if self.rows > self.rejected:
            judged = [metric for metric in metrics if len(metrics) == 1 or self._covered(metric)]
            yield from self.endings.lines(judged)
        yield from self.endings.ignored()
        yield from self._unpromised(policy)
        for metric in metrics:
            yield from self._shares(metric, "" if len(metrics) == 1 else f"{metric} ")
        for plan, aim in plan_aims(policy):
            if (plan, aim) in self.responses:
                yield f"{named(plan)}: {told_responses(self.responses[plan, aim], aim)}"
        if self.unmatched:
            ends = number_of(self.unmatched, "end of a pause", "ends of pauses")
            yield f"{ends} changed nothing, because no pause for {'its' if self.unmatched == 1 else 'their'} reason ran"
        if self.moved:
            before = "shortly before the opening"
            moved = number_of(self.moved, f"event {before} counts as an event", f"events {before} count as events")
            yield f"{moved} at the opening (tolerance)"
        if number := self.first_resolutions_missing:
            reopened = number_of(number, "ticket was reopened; its", "tickets were reopened; their")
            yield f"{reopened} first resolution is not in the file"
        if self.asked_while_paused:
            yield (
                f"in {number_of(self.asked_while_paused, 'ticket')} the customer asked during a pause, which went on;"
                " if the ticket waited for the customer, name the reason in the policy: waits_for_customer = [...]"
            )
        if self.strays:
            more = f"; and {len(self.strays) - MOST_STRAYS:,} more" if len(self.strays) > MOST_STRAYS else ""
            first = "; ".join(self.strays[:MOST_STRAYS])
            yield f"{number_of(len(self.strays), 'id or row', 'ids or rows')} of events without a ticket: {first}{more}"

    def failed(self, policy: Policy) -> bool:
        """Tell whether rows were judged although the file has nothing that may end a cycle. See `Endings.failed`."""
        return self.rows > self.rejected and self.endings.failed(self.states, policy)

    def _by_number(self) -> list[tuple[int, str]]:
        return sorted(self.reasons.values(), key=lambda reason: -reason[0])

    def _rejects(self) -> Iterator[str]:
        """Yield a text for each kind of reason for which rows were rejected, the most frequent first."""
        for number, first in self._by_number():
            yield (f"{number:,} rows, such as: {first}" if number > 1 else f"1 row: {first}")

    def _shares(self, metric: str, label: str) -> Iterator[str]:
        """Yield texts with the share of cycles that met their target: of all, then of each plan and priority."""
        cells = {key: verdict for key, verdict in self.verdicts.items() if key[0] == metric}
        if cells:
            yield f"{label}met: {_share(*map(sum, zip(*cells.values(), strict=True)))}"
        if len(cells) > 1:
            yield from (f"  {named(of[1])} {named(of[2])}: {_share(*verdict)}" for of, verdict in sorted(cells.items()))

    def to_dict(self, policy: Policy) -> SummaryDict:
        """Return the counts as a dict that JSON can hold. Durations are in seconds."""
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "reasons": [{"number": number, "first": first} for number, first in self._by_number()],
            "metrics": {metric: {**self._counts(metric), **self._cycles(metric)} for metric in self.states},
            "responses": [
                {
                    "plan": plan,
                    "answered": responses.answered,
                    "unanswered": responses.unanswered,
                    "at_opening": responses.at_opening,
                    "beyond": responses.beyond,
                    "mean_s": None if responses.mean is None else seconds(responses.mean),
                    "aim_s": seconds(aim),
                }
                for plan, aim in plan_aims(policy)
                for responses in [self.responses.get((plan, aim))]
                if responses is not None
            ],
            "sentences": [*self.endings.lines(list(self.states))] if self.rows > self.rejected else [],
            "partial": list(self.endings.partial),
            "unmatched": self.unmatched,
            "unnamed_fields": dict(self.endings.unnamed),
            "moved": self.moved,
            "first_resolutions_missing": self.first_resolutions_missing,
            "asked_while_paused": self.asked_while_paused,
            "strays": list(self.strays),
        }

    def _counts(self, metric: str) -> dict[str, int]:
        """Return the number of cycles of a metric in each state. The order of the states is always the same."""
        counts = self.states[metric]
        return {state: counts[state] for state in IN_ORDER if state in counts}

    def _cycles(self, metric: str) -> CyclesDict:
        """Return how many cycles of a metric have ended, were waived, and met or breached their target."""
        told: CyclesDict = {
            "ended": self.endings.ended.get(metric, 0),
            "untold": self.endings.untold(metric),
            "verdicts": [
                {"plan": plan, "priority": priority, "met": met, "breached": breached}
                for (of, plan, priority), (met, breached) in sorted(self.verdicts.items())
                if of == metric
            ],
        }
        return {**told, "waivers": dict(self.waivers[metric])} if metric in self.waivers else told

    def _unpromised(self, policy: Policy) -> Iterator[str]:
        """Yield a sentence that says what to type, if plans promise only metrics that the run does not measure."""
        promised = promised_metrics(policy)
        if promised and not self.states.keys() & promised:
            others = choices(promised, " or ")
            yield f"no plan promises a {choices(self.states)}, but plans promise other metrics: --metric {others}"

    def _covered(self, metric: str) -> bool:
        """Tell whether something was promised for at least one cycle of a metric."""
        return any(number for state, number in self.states[metric].items() if state != "not-covered")

    def _outcomes(self, metric: str) -> str:
        counts = self._counts(metric)
        listed = [state for state in counts if state != "paused" or counts[state]]  # 0 paused is left out
        reasons = self.waivers.get(metric, Counter[str]()).most_common()
        told = [f"{named(reason)} {number:,}" for reason, number in reasons[:MOST_TOLD]]
        more = [f"{len(reasons) - MOST_TOLD:,} more reasons"] * (len(reasons) > MOST_TOLD)
        why = {WAIVED: f" ({', '.join([*told, *more])})"}
        return ", ".join(f"{counts[state]:,} {state}{why.get(state, '')}" for state in listed)

    def respond(self, aim: PlanAim, responses: Responses) -> None:
        """Add first responses to the counts for one aim of a plan."""
        if any(responses):
            before = self.responses.get(aim)
            self.responses[aim] = responses if before is None else before.with_more(responses)


def kind_of_reason(reason: str) -> str:
    """Return a reason without its numbers and quoted values, so that similar reasons are of one kind.

    If a reason says which word is unknown, only the number of the line is removed.
    """
    return LINE.sub("", reason) if "is not one of" in reason else DIGITS_IN.sub("0", QUOTED.sub("''", reason))


def percent_of(part: int, whole: int, decimals: int = 1) -> str:
    """Return a part of a whole in percent, as text. Only the whole is 100 %, and only nothing is 0 %.

    Other shares are rounded to `decimals` decimals, but not to these two.

    >>> percent_of(2, 3), percent_of(9_999, 10_000), percent_of(1, 10_000), percent_of(3, 3, 0)
    ('66.7 %', '99.9 %', '0.1 %', '100 %')
    """
    unit = 10**decimals
    rounded = (200 * unit * part + whole) // (2 * whole)
    shown = rounded if part in (0, whole) else min(max(rounded, 1), 100 * unit - 1)
    return f"{shown // unit}.{shown % unit:0{decimals}} %" if decimals else f"{shown} %"


def _share(met: int, breached: int) -> str:
    """Return a text such as "75.0 % of 4": the share of `met` in `met` and `breached` together, and their sum."""
    total = met + breached
    return f"{percent_of(met, total)} of {total:,}"
