"""Computes SLA deadlines for support tickets.

A clock counts the open time of the schedule in force. A deadline is the earliest instant at which the clock has
counted the target.

Read the package in this order. Each entry is a file or a folder. A file imports only from the entries above its own
entry. Within its folder, a file imports only from the files above it in the list of that folder:

    names      the version of the package, and names that are loaded at first use
    errors     the classes of all errors
    generated  tables that a script writes: the holidays of Lithuania, the built-in policy
    times      instants and spans as integers, time zones, and times as text
    schedules  when time counts: Schedule, ALWAYS, NEVER, Clock
    documents  what people write, validated once: names, values, models, TOML and JSON files
    policies   what is promised, and what else a plan covers: Target, Plan, Policy, KOLMISOFT, coverage, quote
    tickets    what happened to a ticket, and its deadlines: Event, Ticket, deadline, cycles, explain, queue
    columns    answers for millions of rows at once: arrays, data frames, DuckDB, Spark
    files      reads files of tickets, and writes the same rows with deadlines
    reports    reports of many tickets: report; the longest waits that a policy allows: worst_wait
    cli        the command line; the only place that reads the current time
"""

from kolmisla.names import TYPE_CHECKING, late_names
from kolmisla.names import __version__ as __version__  # not in `__all__`

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
    from kolmisla.policies.kolmisoft import KOLMISOFT
    from kolmisla.policies.plan import Plan, Priority
    from kolmisla.policies.policy import Policy
    from kolmisla.policies.services.coverage import Coverage, coverage
    from kolmisla.policies.services.quotes import Quote, quote
    from kolmisla.policies.terms.metrics import EventKind, Metric, MetricName
    from kolmisla.policies.terms.targets import Target
    from kolmisla.reports.judging.tickets import report
    from kolmisla.reports.rules.worst import WorstWait, worst_wait
    from kolmisla.reports.whole import Report
    from kolmisla.schedules.clock import Clock
    from kolmisla.schedules.schedule import ALWAYS, NEVER, Schedule
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
    from kolmisla.times.instants import Span

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

# Each name is loaded at its first use, so code that uses only schedules does not load policies.
__getattr__, __dir__ = late_names(
    __name__,
    {
        "errors": [name for name in __all__ if name.endswith("Error")],
        "times.instants": ["Span"],
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
        "policies.services.coverage": ["Coverage", "coverage"],
        "policies.services.quotes": ["Quote", "quote"],
        "reports.whole": ["Report"],
        "reports.judging.tickets": ["report"],
        "reports.rules.worst": ["WorstWait", "worst_wait"],
    },
)
