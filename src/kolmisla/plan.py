"""What is promised: priorities, targets and plans. Data, no arithmetic."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from kolmisla.catalogue import Catalogue, by_name
from kolmisla.model import Model

__all__ = ["FIRST_RESPONSE", "Listed", "Name", "Plan", "Priority", "Target"]

T = TypeVar("T")

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Rank = Annotated[int, Field(ge=1)]
Listed = Annotated[Mapping[str, T], BeforeValidator(by_name), AfterValidator(Catalogue)]

FIRST_RESPONSE = "first-response"


class Priority(Model):
    """How severe a ticket is, and which schedule its clock runs on.

    `rank` 1 is solved first; `schedule` names one of the policy's schedules.

    >>> Priority(name="HIGH", rank=2, meaning="The system is degraded", schedule="working-hours").rank
    2
    """

    name: Name
    rank: Rank
    meaning: str
    schedule: Name


class Target(Model):
    """A duration to be kept, in open time of a schedule.

    `schedule` names one of the policy's schedules; None means the one of the ticket's priority.

    >>> Target(within=timedelta(hours=2)).within
    datetime.timedelta(seconds=7200)
    """

    within: Annotated[timedelta, Field(gt=timedelta(0))]
    schedule: Name | None = None


class Plan(Model):
    """A support plan: its place in the queue, what it promises and what it aims at.

    `rank` 1 comes first and is called `label`. `targets` are promised to every ticket, by metric. `average`
    is an aim over many tickets, judged in reports, never a deadline of one. `configures` tells whether the
    desk does the client's configurations.

    >>> plan = Plan(name="PREMIUM", rank=2, label="High", targets={"first-response": Target(within=timedelta(hours=2))})
    >>> plan.targets["First response"].within
    datetime.timedelta(seconds=7200)
    """

    name: Name
    rank: Rank
    label: str = ""
    targets: Listed[Target]
    average: Target | None = None
    configures: bool = False
