"""What is promised: plans and their targets, what else a desk does and for how much, and since when.

Public names, each loaded when first asked for: `Channel`, `Rate`, `Task`, `Versions`, `WorkRates`, `policy_schema`.

Read the files in this order; each imports only from those above it, and from folders above this one:

    plan                 Priority, Target, Plan; on what conditions they hold, and what one ticket is promised
    service_catalogue    what a desk is asked to do besides, and what work costs: Task, Rate, WorkRates
    references           schedules made of others; what is wrong between the parts of a policy
    editions             what is in force from when
    policy               a desk's rules: Policy
    kolmisoft            the published page of Kolmisoft as a policy
    description          a policy as text for people
    json_schema          the JSON Schema of a policy
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

if TYPE_CHECKING:
    from kolmisla.policies.json_schema import policy_schema
    from kolmisla.policies.plan import Channel, Versions
    from kolmisla.policies.service_catalogue import Rate, Task, WorkRates

__all__ = ["Channel", "Rate", "Task", "Versions", "WorkRates", "policy_schema"]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "policies.plan": ["Channel", "Versions"],
        "policies.service_catalogue": ["Rate", "Task", "WorkRates"],
        "policies.json_schema": ["policy_schema"],
    },
)
