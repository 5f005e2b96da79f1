"""Computes SLA deadlines for support tickets.

A clock counts the open time of the schedule in force. A deadline is the earliest instant at which the clock has
counted the target.

Read the package in this order. A file imports only from entries above its own entry, and
from files above it in its folder's list:

    errors       the classes of all errors
    json_types   makes JSON Schemas of types, such as those of the dicts that answers return
    instants     converts datetimes to integers and back, and combines spans of time
    generated    tables that a script writes: the holidays of Lithuania, the built-in policy
    times        time zones, and reading times from text
    schedules    when time counts: Schedule, ALWAYS, NEVER, Clock
    documents    what people write, validated once: names, values, models, TOML and JSON files
    policies     what is promised: Priority, Target, Plan, Policy, KOLMISOFT
    tickets      what happened to a ticket, and its deadlines: Event, Ticket, deadline, cycles, explain, queue
    services     what a plan covers besides answers, and what work costs: coverage, quote
    columns      answers for millions of rows at once: arrays, data frames, DuckDB, Spark
    files        reads files of tickets, and writes the same rows with deadlines
    reports      reports of many tickets: report; the longest waits that a policy allows: worst_wait
    cli          the command line; the only place that reads the current time
"""

import os
import sys
from _thread import RLock  # importing threading takes longer
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kolmisla.errors import (
        HorizonError,
        KolmislaError,
        NaiveTimeError,
        NotCoveredError,
        PolicyError,
        ScheduleError,
        TicketError,
        WallTimeError,
    )
    from kolmisla.instants import Span
    from kolmisla.policies.kolmisoft import KOLMISOFT
    from kolmisla.policies.plan import Plan, Priority
    from kolmisla.policies.policy import Policy
    from kolmisla.policies.terms.metrics import EventKind, Metric, MetricName
    from kolmisla.policies.terms.targets import Target
    from kolmisla.reports.judging.tickets import report
    from kolmisla.reports.rules.worst import WorstWait, worst_wait
    from kolmisla.reports.whole import Report
    from kolmisla.schedules.clock import Clock
    from kolmisla.schedules.schedule import ALWAYS, NEVER, Schedule
    from kolmisla.services.coverage import Coverage, coverage
    from kolmisla.services.quotes import Quote, quote
    from kolmisla.tickets.alarms.alarms import Alarm
    from kolmisla.tickets.alarms.crossings import Crossing, crossings
    from kolmisla.tickets.answers.breakdown import Breakdown, breakdown
    from kolmisla.tickets.answers.cycle import Cycle, cycles
    from kolmisla.tickets.answers.deadline import Deadline, deadline
    from kolmisla.tickets.answers.deadlines import deadlines
    from kolmisla.tickets.answers.explanation import Explanation, explain
    from kolmisla.tickets.answers.queue import QueueEntry, queue
    from kolmisla.tickets.answers.status import Status
    from kolmisla.tickets.answers.steps import Step
    from kolmisla.tickets.cycles.cycle_clock import DeadlineState
    from kolmisla.tickets.event import Event
    from kolmisla.tickets.ticket import Ticket

__version__ = "0.1.0"

__all__ = [
    "ALWAYS",
    "Breakdown",
    "KOLMISOFT",
    "NEVER",
    "Alarm",
    "Clock",
    "Coverage",
    "Crossing",
    "Cycle",
    "Deadline",
    "DeadlineState",
    "Event",
    "EventKind",
    "Explanation",
    "HorizonError",
    "KolmislaError",
    "Metric",
    "MetricName",
    "NaiveTimeError",
    "NotCoveredError",
    "Plan",
    "Policy",
    "PolicyError",
    "Priority",
    "QueueEntry",
    "Quote",
    "Report",
    "Schedule",
    "ScheduleError",
    "Span",
    "Status",
    "Step",
    "Target",
    "Ticket",
    "TicketError",
    "WallTimeError",
    "WorstWait",
    "breakdown",
    "coverage",
    "crossings",
    "cycles",
    "deadline",
    "deadlines",
    "explain",
    "queue",
    "quote",
    "report",
    "worst_wait",
]

# Python holds a lock while it imports a module. If a process forked at that moment, its child would inherit a lock
# that no thread releases. So code that imports at first use holds LOADING, and a fork waits until LOADING is free.
LOADING = RLock()
_at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows does not fork
_at_fork(before=LOADING.acquire, after_in_parent=LOADING.release, after_in_child=LOADING.release)


def late_names(
    package: str, homes: Mapping[str, Sequence[str]]
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the functions `__getattr__` and `__dir__` of a package whose names are loaded when they are first used.

    `homes` has the names that each module defines.
    """
    modules = {name: f"kolmisla.{module}" for module, names in homes.items() for name in names}

    def load(name: str) -> Any:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        with LOADING:
            value = getattr(import_module(modules[name]), name)
        setattr(sys.modules[package], name, value)
        return value

    return load, lambda: sorted({*vars(sys.modules[package]), *modules})


# Each name is loaded at its first use. So code that uses only schedules does not load policies.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "errors": [name for name in __all__ if name.endswith("Error")],
        "instants": ["Span"],
        "schedules.schedule": ["ALWAYS", "NEVER", "Schedule"],
        "schedules.clock": ["Clock"],
        "policies.plan": ["Plan", "Priority"],
        "policies.terms.targets": ["Target"],
        "policies.terms.metrics": ["EventKind", "Metric", "MetricName"],
        "policies.policy": ["Policy"],
        "policies.kolmisoft": ["KOLMISOFT"],
        "tickets.event": ["Event"],
        "tickets.ticket": ["Ticket"],
        "tickets.alarms.alarms": ["Alarm"],
        "tickets.alarms.crossings": ["Crossing", "crossings"],
        "tickets.answers.status": ["Status"],
        "tickets.answers.deadline": ["Deadline", "deadline"],
        "tickets.answers.deadlines": ["deadlines"],
        "tickets.answers.breakdown": ["Breakdown", "breakdown"],
        "tickets.answers.cycle": ["Cycle", "cycles"],
        "tickets.cycles.cycle_clock": ["DeadlineState"],
        "tickets.answers.steps": ["Step"],
        "tickets.answers.explanation": ["Explanation", "explain"],
        "tickets.answers.queue": ["QueueEntry", "queue"],
        "services.coverage": ["Coverage", "coverage"],
        "services.quotes": ["Quote", "quote"],
        "reports.whole": ["Report"],
        "reports.judging.tickets": ["report"],
        "reports.rules.worst": ["WorstWait", "worst_wait"],
    },
)
