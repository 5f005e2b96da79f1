"""The rules of a support desk: plans, targets, tasks and prices, and the dates from which the rules hold.

The public names are `Attainment`, `Channel`, `Credit`, `Owner`, `Rate`, `Task`, `Versions`, `WorkRates` and
`policy_schema`. Each name is loaded when it is first used.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    terms                the parts of a policy: targets, conditions of promises, shares, credits, tasks, prices
    plan                 priorities, owners and plans, and the Promise to one ticket
    promises             what a policy promises to a ticket
    laid_over            how the table of an edition changes the fields outside the list of editions, key by key
    editions             complete sets of rules, each with the date on which it comes into force
    references           faults that involve several parts of a policy, such as a name that no schedule has
    comparing            a hash of a policy's answers, holidays written as dates, differences between two policies
    policy               a desk's rules: Policy
    kolmisoft            Kolmisoft's published support page as a policy
    services             what a plan covers besides responses to tickets, and what work costs
    notes                notes on a valid policy: what may be a mistake, or is right only up to a date
    description          a policy as text for people
    json_schema          the JSON Schema of a policy
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

if TYPE_CHECKING:
    from kolmisla.policies.json_schema import policy_schema
    from kolmisla.policies.plan import Owner
    from kolmisla.policies.terms.attainment import Attainment, Credit
    from kolmisla.policies.terms.conditions import Channel, Versions
    from kolmisla.policies.terms.service_catalogue import Rate, Task, WorkRates

__all__ = [
    "Attainment",
    "Channel",
    "Credit",
    "Owner",
    "Rate",
    "Task",
    "Versions",
    "WorkRates",
    "policy_schema",
]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "policies.terms.attainment": ["Attainment", "Credit"],
        "policies.terms.conditions": ["Channel", "Versions"],
        "policies.plan": ["Owner"],
        "policies.terms.service_catalogue": ["Rate", "Task", "WorkRates"],
        "policies.json_schema": ["policy_schema"],
    },
)
