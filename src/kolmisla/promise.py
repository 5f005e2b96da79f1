"""What a policy promises to one ticket."""

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from kolmisla.errors import named
from kolmisla.plan import Metric, Plan, Priority, Target
from kolmisla.schedule import Schedule

__all__ = ["Promise"]


@dataclass(frozen=True, slots=True)
class Promise:
    """What a policy promises a ticket by one metric: a target of its plan, on the schedule that counts for it.

    Without a target nothing is promised, and the schedule is the priority's: the time is measured all the same.
    """

    metric: Metric
    plan: Plan
    priority: Priority
    channel: str
    version: str | None
    target: Target | None
    within: int | None  # the target in microseconds
    schedule_name: str
    schedule: Schedule
    average_on: Schedule | None  # what the plan's average is measured on, if it has one
    zone: ZoneInfo  # the policy's: deadlines come back in it

    @property
    def missing(self) -> str:
        """Why there is no deadline when there is no target."""
        return f"plan {named(self.plan.name)} promises no {self.metric} for {named(self.priority.name)}"
