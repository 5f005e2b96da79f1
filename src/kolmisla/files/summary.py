"""The counts of a job: tickets, cycles by metric and state, and the mean response of each plan."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from kolmisla.errors import named
from kolmisla.instants import SECOND, clock, length
from kolmisla.policies.plan import MetricName
from kolmisla.policies.policy import Policy

__all__ = ["SUMMARY_STATES", "Responses", "Summary"]

SUMMARY_STATES = ("met", "breached", "running", "paused", "not-covered")
MOST_STRAYS = 20  # the most events without a ticket that a summary lists


class Responses(NamedTuple):
    """First responses to the tickets of one plan, counted in working time on the schedule of the plan's average.

    Only `answered` tickets are in the mean. Tickets that were resolved without an answer, tickets that were answered at
    the very instant of their opening, and tickets answered in years whose working hours are unknown are counted apart.
    """

    answered: int = 0
    took: int = 0  # microseconds of working time that the answers took together
    unanswered: int = 0
    at_opening: int = 0
    beyond: int = 0

    def __add__(self, other: object) -> "Responses":
        """Return the responses of both."""
        if not isinstance(other, Responses):
            return NotImplemented
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
            if number:
                yield f"{number:,} {text}"


@dataclass(slots=True)
class Summary:
    """The counts of a job: tickets read, cycles by metric and state, and first responses by plan."""

    rows: int = 0  # in an audit log, only the rows that begin a ticket
    rejected: int = 0
    states: dict[MetricName, dict[str, int]] = field(default_factory=dict)
    responses: dict[str, Responses] = field(default_factory=dict)  # by the name of a plan that has an average
    strays: tuple[str, ...] = ()  # events without a ticket
    unmatched: int = 0  # ends of pauses for a reason that did not run
    first_resolutions_missing: int = 0  # tickets
    asked_while_paused: int = 0  # tickets, if the policy does not say which pauses a question ends

    def lines(self, policy: Policy, rejects: str | None = None) -> Iterator[str]:
        """Yield lines of text for a person: first the outcomes, then each plan's mean response and aim."""
        where = f" ({rejects})" if self.rejected and rejects else ""
        metrics = list(self.states)
        if len(metrics) == 1:
            yield f"{self.rows:,} rows: {self._outcomes(metrics[0])}, {self.rejected:,} rejected{where}"
        else:
            yield f"{self.rows:,} rows: {self.rejected:,} rejected{where}"
            yield from (f"{metric}: {self._outcomes(metric)}" for metric in metrics)
        # the latest edition of each plan
        plans = {plan.name: plan for edition in policy.editions for plan in edition.plans.values()}
        for plan in plans.values():
            responses = self.responses.get(plan.name)
            if responses is not None and plan.average is not None:
                yield f"{named(plan.name)}: {_told(responses, length(plan.average.within))}"
        if self.unmatched:
            yield f"{self.unmatched:,} ends of pauses changed nothing, because no pause for their reason ran"
        if self.first_resolutions_missing:
            yield f"{self.first_resolutions_missing:,} tickets were reopened; their first resolution is not in the file"
        if self.asked_while_paused:
            yield (
                f"in {self.asked_while_paused:,} tickets the customer asked during a pause, which went on;"
                " if the ticket waited for the customer, name the reason in the policy: waits_for_customer = [...]"
            )
        if self.strays:
            more = f"; and {len(self.strays) - MOST_STRAYS:,} more" if len(self.strays) > MOST_STRAYS else ""
            first = "; ".join(self.strays[:MOST_STRAYS])
            yield f"{len(self.strays):,} ids or rows of events without a ticket: {first}{more}"

    def _outcomes(self, metric: MetricName) -> str:
        counts = self.states[metric]
        listed = [state for state in SUMMARY_STATES if state != "paused" or counts[state]]  # 0 paused is left out
        return ", ".join(f"{counts[state]:,} {state}" for state in listed)

    def respond(self, plan: str, responses: Responses) -> None:
        """Add first responses to the tickets of a plan."""
        if any(responses):
            self.responses[plan] = self.responses.get(plan, Responses()) + responses


def _told(responses: Responses, within: int) -> str:
    """Return the mean response as text, with the aim, whether the aim is met, and what is not in the mean."""
    mean, aim = responses.mean, f"aim {clock(within)}"
    if mean is None:
        text = f"no mean response, {aim}"
    else:
        verdict = "met" if responses.took <= within * responses.answered else "missed"
        took = clock(mean // SECOND * SECOND)
        text = f"mean response {took} over {responses.answered:,} answered, {aim}, {verdict}"
    return "; ".join([text, *responses.apart()])
