"""The counts of a job: tickets, cycles by metric and state, whether any ended, and the mean response of each plan."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from kolmisla.errors import choices, named
from kolmisla.instants import SECOND, clock, length, seconds
from kolmisla.policies.plan import FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, MetricName
from kolmisla.policies.policy import Policy
from kolmisla.tickets.cycles import RESPONSES
from kolmisla.tickets.event import EventKind

__all__ = ["ENDED_BY", "SUMMARY_STATES", "TOLD_BY", "Endings", "Responses", "Summary", "kind_of_reason"]

SUMMARY_STATES = ("met", "breached", "running", "paused", "not-covered")
MOST_STRAYS = 20  # the most events without a ticket that a summary lists
MOST_REASONS = 1_000  # the most kinds of reasons that are counted one by one
MOST_TOLD = 5  # the most kinds of rejects that a summary lists
OTHER_REASONS = "other reasons"
QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"")
DIGITS_IN, LINE = re.compile(r"\d+"), re.compile(r"line \d+")


# The kinds of event that end a cycle of each metric.
ENDED_BY: dict[MetricName, tuple[EventKind, ...]] = {
    FIRST_RESPONSE: RESPONSES,
    NEXT_RESPONSE: RESPONSES,
    RESOLUTION: ("resolved",),
}
# The kind of event that each fact of a ticket tells.
TOLD_BY: dict[str, EventKind] = {
    "answered_at": "answered",
    "answered_after": "answered",
    "resolved_at": "resolved",
    "resolved_after": "resolved",
    "closed_at": "resolved",
}
WHAT = {FIRST_RESPONSE: "an answer", NEXT_RESPONSE: "an answer to a question", RESOLUTION: "a resolution"}
COLUMN = {FIRST_RESPONSE: "answered_at", RESOLUTION: "resolved_at"}  # what a user would map

# How systems name the columns of answers and of resolutions, in the languages of the exports that we have seen.
ANSWER = r"answer|respon|reply|replied|acknowledg|reacted|antwort|respuest|resposta|atendiment|r.pons"
RESOLVED = r"resol|clos|solv|complet|finish|fixed|done|end(ed)?([ _]|$)|cerr|fech|conclu|erledigt|gel.st|gesch?lossen"
LOOKS_LIKE = {FIRST_RESPONSE: re.compile(ANSWER, re.IGNORECASE), RESOLUTION: re.compile(RESOLVED, re.IGNORECASE)}
MOST_HINTS = 3  # the most columns that a sentence suggests


@dataclass(slots=True)
class Endings:
    """What a run of a file knows about the ends of cycles."""

    told: set[EventKind] = field(default_factory=set)  # the kinds of event that a column or a log could tell
    blank: set[str] = field(default_factory=set)  # the columns that could tell an end, and have told none so far
    none: set[EventKind] = field(default_factory=set)  # the kinds of which the layout says that the file has none
    columns: tuple[str, ...] = ()  # the columns of the file that hold no fact
    events: bool = False  # whether the run has a file of events
    ended: dict[MetricName, int] = field(default_factory=dict)  # cycles that ended

    def untold(self, metric: MetricName) -> bool:
        """Tell whether nothing in the file could tell an end of the metric, and the layout does not say so."""
        return not self.told.intersection(ENDED_BY[metric]) and not self.none.intersection(ENDED_BY[metric])

    def failed(self, metrics: Iterable[MetricName], policy: Policy) -> bool:
        """Tell whether no metric of a run could be judged. With several metrics, those count that a plan promises."""
        measured = list(metrics)
        if len(measured) > 1:
            plans = [plan for edition in policy.editions for plan in edition.plans.values()]
            measured = [metric for metric in measured if any(plan.targets.get(metric) for plan in plans)]
        return bool(measured) and all(map(self.untold, measured))

    def lines(self, metrics: Sequence[MetricName]) -> Iterator[str]:
        """Yield a sentence for each metric of which no cycle ended. It says why, and what to type."""
        for metric in metrics:
            if self.ended.get(metric):
                continue
            text = f"no ticket has {WHAT[metric]}"
            if self.untold(metric):
                yield f"{text}; {self._hint(metric)}"
            elif self.none.intersection(ENDED_BY[metric]) and not self.told.intersection(ENDED_BY[metric]):
                yield f"{text}: the file has none, as --map says"
            else:
                blank = [name for name in sorted(self.blank) if TOLD_BY[name] in ENDED_BY[metric]]
                yield f"{text}: {choices(blank, ' and ')} is blank in every row" if blank else text

    def _hint(self, metric: MetricName) -> str:
        """Return what to type for the ends of a metric."""
        if self.events:
            return f"translate a word for it with --event-kind WORD={ENDED_BY[metric][0]}"
        if metric not in COLUMN:
            return "give the events with --events"
        fact = COLUMN[metric]
        near = [name for name in self.columns if LOOKS_LIKE[metric].search(name)][:MOST_HINTS]
        where = " or ".join(map(named, near))
        column = near[0] if near else "COLUMN"
        option = f"--map {fact}={column}" if " " not in column else f"--map '{fact}={column}'"
        ask = f"is it in {where}? {option}" if near else f"name its column with {option}, or give --events"
        return f"{ask}; if there is none, --map {fact}="


class Responses(NamedTuple):
    """First responses to the tickets of one plan, counted in working time on the schedule of the plan's average.

    Only `answered` tickets are in the mean. Counted apart are tickets that were resolved without an answer, answered at
    the very instant of their opening, or answered in years whose working hours are unknown.
    """

    answered: int = 0
    took: int = 0  # microseconds of working time that the answers took together
    unanswered: int = 0
    at_opening: int = 0
    beyond: int = 0

    def with_more(self, other: "Responses") -> "Responses":
        """Return the responses of both."""
        return Responses(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))

    @property
    def mean(self) -> int | None:
        """The mean working time to the answer, in microseconds, or None without answers."""
        return self.took // self.answered if self.answered else None

    def apart(self) -> Iterator[str]:
        """Yield a text for each kind of ticket that is not in the mean."""
        for number, text in (
            (self.unanswered, "resolved without an answer"),
            (self.at_opening, "answered at opening"),
            (self.beyond, "answered in years whose working hours are unknown"),
        ):
            yield from [f"{number:,} {text}"] * bool(number)


@dataclass(slots=True)
class Summary:
    """The counts of a job: tickets read, cycles by metric and state, and first responses by plan."""

    rows: int = 0  # in an audit log, only the rows that begin a ticket
    rejected: int = 0
    states: dict[MetricName, dict[str, int]] = field(default_factory=dict)
    responses: dict[str, Responses] = field(default_factory=dict)  # by the name of a plan that has an average
    endings: Endings = field(default_factory=Endings)
    strays: tuple[str, ...] = ()  # events without a ticket
    unmatched: int = 0  # ends of pauses for a reason that did not run
    first_resolutions_missing: int = 0  # tickets
    moved: int = 0  # events that were taken to be at the opening
    asked_while_paused: int = 0  # tickets, if the policy does not say which pauses a question ends
    # By metric, plan and priority: the cycles that met their target, and those that breached it.
    verdicts: dict[tuple[MetricName, str, str], tuple[int, int]] = field(default_factory=dict)
    reasons: dict[str, tuple[int, str]] = field(default_factory=dict)  # of rejects, by kind: the number, and the first

    def reject(self, reason: str) -> None:
        """Count a rejected row by the kind of its reason."""
        self.rejected += 1
        kind = kind_of_reason(reason)
        if kind not in self.reasons and len(self.reasons) >= MOST_REASONS:
            kind = reason = OTHER_REASONS
        number, first = self.reasons.get(kind, (0, reason))
        self.reasons[kind] = number + 1, first

    def judge(self, metric: MetricName, plan: str, priority: str, met: int, breached: int) -> None:
        """Count cycles of a plan and a priority that met or breached their target."""
        if met or breached:
            before = self.verdicts.get((metric, plan, priority), (0, 0))
            self.verdicts[metric, plan, priority] = before[0] + met, before[1] + breached

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """Yield lines of text for a person: first the outcomes, then each plan's mean response and aim."""
        where = f" ({rejects})" if self.rejected and rejects else ""
        metrics, told = list(self.states), [*self._rejects()]
        if told and self._by_number()[0][0] * 2 > self.rows:
            yield f"most rows were rejected: {told.pop(0)}"
        if len(metrics) == 1:
            yield f"{self.rows:,} rows: {self._outcomes(metrics[0])}, {self.rejected:,} rejected{where}"
        else:
            yield f"{self.rows:,} rows: {self.rejected:,} rejected{where}"
            yield from (f"{metric}: {self._outcomes(metric)}" for metric in metrics)
        yield from (f"rejected: {text}" for text in told[:MOST_TOLD])
        if self.rows > self.rejected:
            judged = [metric for metric in metrics if len(metrics) == 1 or self._covered(metric)]
            yield from self.endings.lines(judged)
        for metric in metrics:
            yield from self._shares(metric, "" if len(metrics) == 1 else f"{metric} ")
        # the latest edition of each plan
        plans = {plan.name: plan for edition in policy.editions for plan in edition.plans.values()}
        for plan in plans.values():
            responses = self.responses.get(plan.name)
            if responses is not None and plan.average is not None:
                yield f"{named(plan.name)}: {_told(responses, length(plan.average.within))}"
        if self.unmatched:
            yield f"{self.unmatched:,} ends of pauses changed nothing, because no pause for their reason ran"
        if self.moved:
            yield f"{self.moved:,} events from just before the opening are taken to be at the opening (tolerance)"
        if number := self.first_resolutions_missing:
            yield f"{number:,} tickets were reopened; their first resolution is not in the file"
        if self.asked_while_paused:
            yield (
                f"in {self.asked_while_paused:,} tickets the customer asked during a pause, which went on;"
                " if the ticket waited for the customer, name the reason in the policy: waits_for_customer = [...]"
            )
        if self.strays:
            more = f"; and {len(self.strays) - MOST_STRAYS:,} more" if len(self.strays) > MOST_STRAYS else ""
            first = "; ".join(self.strays[:MOST_STRAYS])
            yield f"{len(self.strays):,} ids or rows of events without a ticket: {first}{more}"

    def failed(self, policy: Policy) -> bool:
        """Tell whether rows were judged although nothing in the file could tell an end; see `Endings.failed`."""
        return self.rows > self.rejected and self.endings.failed(self.states, policy)

    def _by_number(self) -> list[tuple[int, str]]:
        return sorted(self.reasons.values(), key=lambda reason: -reason[0])

    def _rejects(self) -> Iterator[str]:
        """Yield a text for each kind of reject, the most frequent first."""
        for number, first in self._by_number():
            yield (
                f"{number:,} {'row' if number == 1 else 'rows'}, such as: {first}" if number > 1 else f"1 row: {first}"
            )

    def _shares(self, metric: MetricName, label: str) -> Iterator[str]:
        """Yield the share of cycles that met their target, in all, and by plan and priority if there are several."""
        cells = {key: verdict for key, verdict in self.verdicts.items() if key[0] == metric}
        if cells:
            yield f"{label}met: {_share(*map(sum, zip(*cells.values(), strict=True)))}"
        if len(cells) > 1:
            yield from (f"  {named(of[1])} {named(of[2])}: {_share(*verdict)}" for of, verdict in sorted(cells.items()))

    def to_dict(self, policy: Policy) -> dict[str, Any]:
        """Return the counts as a dict ready for JSON. Durations are seconds."""
        averages = {name: plan.average for edition in policy.editions for name, plan in edition.plans.items()}
        return {
            "rows": self.rows,
            "rejected": self.rejected,
            "reasons": [{"number": number, "first": first} for number, first in self._by_number()],
            "metrics": {
                metric: {
                    **states,
                    "ended": self.endings.ended.get(metric, 0),
                    "untold": self.endings.untold(metric),
                    "verdicts": [
                        {"plan": plan, "priority": priority, "met": met, "breached": breached}
                        for (of, plan, priority), (met, breached) in sorted(self.verdicts.items())
                        if of == metric
                    ],
                }
                for metric, states in self.states.items()
            },
            "responses": {
                plan: {
                    **{name: number for name, number in responses._asdict().items() if name != "took"},
                    "mean_s": None if responses.mean is None else seconds(responses.mean),
                    "aim_s": None if average is None else seconds(length(average.within)),
                }
                for plan, responses in self.responses.items()
                for average in [averages.get(plan)]
            },
            "sentences": [*self.endings.lines(list(self.states))] if self.rows > self.rejected else [],
            "unmatched": self.unmatched,
            "moved": self.moved,
            "first_resolutions_missing": self.first_resolutions_missing,
            "asked_while_paused": self.asked_while_paused,
            "strays": list(self.strays),
        }

    def _covered(self, metric: MetricName) -> bool:
        """Tell whether something was promised for at least one cycle of a metric."""
        return any(number for state, number in self.states[metric].items() if state != "not-covered")

    def _outcomes(self, metric: MetricName) -> str:
        counts = self.states[metric]
        listed = [state for state in SUMMARY_STATES if state != "paused" or counts[state]]  # 0 paused is left out
        return ", ".join(f"{counts[state]:,} {state}" for state in listed)

    def respond(self, plan: str, responses: Responses) -> None:
        """Add first responses to the tickets of a plan."""
        if any(responses):
            self.responses[plan] = self.responses.get(plan, Responses()).with_more(responses)


def kind_of_reason(reason: str) -> str:
    """Return a reason without what differs from row to row: numbers and quoted values, but for unknown words."""
    return LINE.sub("", reason) if "is not one of" in reason else DIGITS_IN.sub("0", QUOTED.sub("''", reason))


def _share(met: int, breached: int) -> str:
    """Return the share of `met` in both, in percent with one decimal, and its count."""
    total = met + breached
    tenths = (2000 * met + total) // (2 * total)
    return f"{tenths // 10}.{tenths % 10} % of {total:,}"


def _told(responses: Responses, within: int) -> str:
    """Return the mean response as text, with the aim, whether the aim is met, and what is not in the mean."""
    mean, aim = responses.mean, f"aim {clock(within)}"
    if mean is None:
        text = f"no mean response, {aim}"
    else:
        verdict = "met" if responses.took <= within * responses.answered else "missed"
        text = f"mean response {clock(mean // SECOND * SECOND)} over {responses.answered:,} answered, {aim}, {verdict}"
    return "; ".join([text, *responses.apart()])
