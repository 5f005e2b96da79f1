"""SLA deadlines for support tickets: a clock counts the open time of the schedule in force; a deadline is
the earliest instant at which it has counted the target.

Read the modules in this order; each imports only from those above it:

    errors            every error, as a tree
    spans             half-open spans as integers; datetimes to integers and back
    timeline          the open spans of one schedule, and the only search through them
    hours             opening hours as people write them
    zones             time zones, and the hours that DST skips or repeats
    holiday_calendar  holidays of a country, or from a list
    rules             what opens a schedule
    schedule          when time counts: Schedule, ALWAYS, NEVER
    clock             schedules in turn: Clock
    model, catalogue  what people write, validated; named things
    plan, policy      what is promised: Priority, Target, Plan, Policy
    kolmisoft         the published page of Kolmisoft as a policy
    event, ticket     what happened
    history           events -> the cycles of a metric, and what changed in each
    reckoning         a cycle and its promises: what has been counted, when a target is reached
    engine            ticket + policy -> Deadline -> Status; Cycle
    proof             the steps of a proof, and how they read
    explanation       why a deadline is what it is, and a schedule closed
    ordering          in what order tickets are solved
    files, progress   rows in and out, files that appear whole or not at all
    layout            how a file writes what happened
    log, intake       events from a file of their own; tickets out of rows
    measuring         a file of tickets to the same rows with their deadlines
    console           what a command says: exit status, standard error
    jobs              the commands that read a file of tickets
    arguments         what the command line takes
    cli               the command line; the only place that reads the current time
"""

from kolmisla.clock import Clock
from kolmisla.engine import Cycle, Deadline, Status, cycles, deadline
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
from kolmisla.event import Event
from kolmisla.explanation import explain
from kolmisla.kolmisoft import KOLMISOFT
from kolmisla.ordering import queue
from kolmisla.plan import Plan, Priority, Target
from kolmisla.policy import Policy
from kolmisla.schedule import ALWAYS, NEVER, Schedule
from kolmisla.spans import Span
from kolmisla.ticket import Ticket

__version__ = "0.1.0"

__all__ = [
    "ALWAYS",
    "KOLMISOFT",
    "NEVER",
    "Clock",
    "Cycle",
    "Deadline",
    "Event",
    "HorizonError",
    "KolmislaError",
    "NaiveTimeError",
    "NotCoveredError",
    "Plan",
    "Policy",
    "PolicyError",
    "Priority",
    "Schedule",
    "ScheduleError",
    "Span",
    "Status",
    "Target",
    "Ticket",
    "TicketError",
    "WallTimeError",
    "cycles",
    "deadline",
    "explain",
    "queue",
]
