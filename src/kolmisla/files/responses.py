"""Counts first responses by plan and aim, for the means that plans promise."""

from collections.abc import Iterator
from operator import add
from typing import NamedTuple

from kolmisla.policies.plan import Plan
from kolmisla.policies.policy import Policy
from kolmisla.times.instants import SECOND, clock, length

__all__ = ["PlanAim", "Responses", "aim_of", "plan_aims", "told_responses"]

PlanAim = tuple[str, int]  # the name of a plan, and its aim for the mean response in microseconds


class Responses(NamedTuple):
    """Counts of the tickets of one plan by how their first response went. Only those in `answered` are in the mean."""

    answered: int = 0
    took: int = 0  # microseconds of working time that the answers took together
    unanswered: int = 0  # resolved without an answer
    at_opening: int = 0  # answered at the very instant of their opening
    beyond: int = 0  # answered in years whose working hours are unknown

    @classmethod
    def of(cls, answered: int | None, took: int | None, opened: int) -> "Responses":
        """Return the counts for one ticket whose cycle of the first response has ended.

        `answered` is the instant of the first answer. `took` is the working time to it in microseconds, or None if
        unknown.
        """
        if answered is None:
            return cls(unanswered=1)
        if answered == opened:
            return cls(at_opening=1)
        return cls(beyond=1) if took is None else cls(answered=1, took=took)

    def with_more(self, other: "Responses") -> "Responses":
        """Return the sums of these counts and those of `other`."""
        return Responses(*map(add, self, other))

    @property
    def mean(self) -> int | None:
        """The mean working time to the first answer, in microseconds. It is None if there are no answers."""
        return self.took // self.answered if self.answered else None

    def apart(self) -> Iterator[str]:
        """Yield a text for each kind of ticket that is not in the mean, such as "3 answered at opening"."""
        for number, text in (
            (self.unanswered, "resolved without an answer"),
            (self.at_opening, "answered at opening"),
            (self.beyond, "answered in years whose working hours are unknown"),
        ):
            yield from [f"{number:,} {text}"] * bool(number)

    def met(self, aim: int) -> bool | None:
        """Return whether the mean is at most an aim in microseconds. Return None if there is no mean."""
        return self.took <= aim * self.answered if self.answered else None


def aim_of(plan: Plan) -> PlanAim | None:
    """Return the name of a plan with its aim for the mean response. Return None if the plan has no such aim."""
    return None if plan.aim is None else (plan.name, length(plan.aim))


def plan_aims(policy: Policy) -> list[PlanAim]:
    """Return all aims of all editions for the mean response: plan by plan, and for each plan the earliest first."""
    plans = [plan for edition in policy.editions for plan in edition.plans.values()]
    names = list(dict.fromkeys(plan.name for plan in plans))
    aims = dict.fromkeys(aim for aim in map(aim_of, plans) if aim is not None)
    return sorted(aims, key=lambda aim: names.index(aim[0]))


def told_responses(responses: Responses, aim: int) -> str:
    """Return a text about the mean response: its time, the aim, whether the aim is met, and what is not in the mean.

    `aim` is in microseconds.
    """
    mean, wanted = responses.mean, f"aim {clock(aim)}"
    if mean is None:
        text = f"no mean response, {wanted}"
    else:
        took, verdict = clock(mean // SECOND * SECOND), "met" if responses.met(aim) else "missed"
        text = f"mean response {took} over {responses.answered:,} answered, {wanted}, {verdict}"
    return "; ".join([text, *responses.apart()])
