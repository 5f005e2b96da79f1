"""What a desk promises: plans and their targets, further tasks and their prices, and the dates they hold from.

Public names, each loaded when first asked for: `Channel`, `Rate`, `Task`, `Versions`, `WorkRates`, `policy_schema`.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    service_catalogue    tasks besides answering, and what work costs: Task, Rate, WorkRates
    plan                 Priority, Target, Plan; their conditions; and the Promise to one ticket
    promises             what a policy promises to a ticket
    editions             rules that hold from a date on
    references           schedules made of other schedules, and faults that involve several parts of a policy
    policy               a desk's rules: Policy
    kolmisoft            Kolmisoft's published support page as a policy
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
