"""SLA deadlines for support tickets: a clock counts the open time of the schedule in force; a deadline is
the earliest instant at which it has counted the target.

Read the modules in this order; each imports only from those above it:

    errors              every error, as a tree
    remembered          what a value remembers of itself
    spans               half-open spans as integers; datetimes to integers and back
    timeline            the open spans of one schedule, and the only search through them
    hours               opening hours as people write them
    zones               time zones, and the hours that DST skips or repeats
    holiday_calendar    holidays of a country, or from a list
    rules               what opens a schedule
    weeks               when a rule is open, a week at a time
    openings            whether a rule ever opens
    rule_document       a schedule as it is written
    schedule            when time counts: Schedule, ALWAYS, NEVER
    clock               schedules in turn: Clock
    values              names, durations, dates and prices as people write them
    model, catalogue    what people write, validated; named things
    task, rate          what a desk is asked to do besides, and what work costs
    conditions          how a ticket must come in, and about which version
    plan, promise       what is promised: Priority, Target, Plan; and what one ticket is
    named_schedules     schedules by name, one made of others
    references          what is wrong between the parts of a policy
    documents           TOML and JSON files
    editions            what is in force from when
    policy              a desk's rules: Policy
    kolmisoft           the published page of Kolmisoft as a policy
    event, ticket       what happened
    history             events -> the cycles of a metric, and what changed in each
    reckoning           a cycle and its promises: what has been counted, when a target is reached
    engine              ticket + policy -> Deadline -> Status; Cycle
    proof               the steps of a proof, and how they read
    explanation         why a deadline is what it is, and a schedule closed
    ordering            in what order tickets are solved
    services            what a plan covers: coverage
    quoting             what work costs: quote
    description         a policy as text for people
    schema              the JSON Schema of a policy
    files, progress     rows in and out
    drafts              files that appear whole or not at all, and together
    layout              how a file writes what happened
    log, intake         events from a file of their own; tickets out of rows
    measuring           a file of tickets to the same rows with their deadlines
    columns.lookup      where many values stand among edges
    columns.compiled    a schedule's open time as arrays
    columns.counting    its questions for many rows at once
    columns.wall        wall times of many rows as instants
    columns.vectors     arrays and columns of any kind to integers and back
    columns.answers     columns.due, elapsed, next_open
    columns.verdicts    what each combination of a ticket's terms is promised
    columns.standings   how many tickets stand at an instant
    columns.frames      frames of any kind: facts out, columns in
    columns.ids          which ticket an event is of
    columns.blocks       rows by blocks of tickets
    columns.happenings   what happened to many tickets, out of a frame of events
    columns.promises     what they are promised as their priorities change
    columns.entries      what happened to them in order
    columns.lives        their states, pieces and deadlines, all at once
    columns.events       events brought to bear on how tickets stand
    columns.steps        step functions as tables to join on
    columns.query        questions as SQL, looked up by equal keys
    columns.lazily       a schedule's questions of a table
    columns.judging      whole tickets of a table
    columns.engines.polars  lazy frames, batch by batch
    columns.engines.duckdb  relations
    columns.engines.spark  Spark's data frames
    columns.adapters     which engine a frame is of
    columns.adding       columns.with_due, with_elapsed, with_next_open
    columns.tickets     columns.measure
    columns.responses    first responses towards the averages of their plans
    columns.parquet      the job on a Parquet file
    columns.texts        the job on a large file of text
    console             what a command says: exit status, standard error
    signals             what ends a command: it clears up first
    jobs                the commands that read a file of tickets
    arguments           what the command line takes
    chosen              what its options choose
    desk                the commands that ask about the desk
    cli                 the command line; the only place that reads the current time
"""

import os
from _thread import RLock  # the module threading takes its time
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from kolmisla.quoting import quote
    from kolmisla.schedule import ALWAYS, NEVER, Schedule
    from kolmisla.services import coverage
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
    "coverage",
    "cycles",
    "deadline",
    "explain",
    "queue",
    "quote",
]

# Python holds a lock while it loads a module. A process that forks at that moment would leave its child a lock that
# nobody opens: so forking waits for this one, under which is loaded what is loaded when it is first used.
LOADING = RLock()
_at_fork = getattr(os, "register_at_fork", lambda **_: None)  # Windows does not fork
_at_fork(before=LOADING.acquire, after_in_parent=LOADING.release, after_in_child=LOADING.release)

# Loaded when first asked for: who wants a schedule needs no policy, and a command needs few of them.
_HOMES = {
    "clock": ["Clock"],
    "engine": ["Cycle", "Deadline", "Status", "cycles", "deadline"],
    "errors": [name for name in __all__ if name.endswith("Error")],
    "event": ["Event"],
    "explanation": ["explain"],
    "kolmisoft": ["KOLMISOFT"],
    "ordering": ["queue"],
    "plan": ["Plan", "Priority", "Target"],
    "policy": ["Policy"],
    "quoting": ["quote"],
    "schedule": ["ALWAYS", "NEVER", "Schedule"],
    "services": ["coverage"],
    "spans": ["Span"],
    "ticket": ["Ticket"],
}
_MODULES = {name: module for module, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module 'kolmisla' has no attribute {name!r}")
    with LOADING:
        found = globals()[name] = getattr(import_module(f"kolmisla.{_MODULES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *_MODULES})
