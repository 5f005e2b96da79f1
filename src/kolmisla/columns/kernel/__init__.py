"""Computations on arrays of integers. Most of them repeat, for many rows, what the library does for one ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     due times, open time and next openings on a schedule, for many rows at once
    wall_times    wall times of many rows as instants
    promises      what a policy promises to each combination of plan, priority, channel and version
    naming        the instants that targets in days name, and the amounts of time that these become
    deadlines     the deadlines of tickets without events, and the states of these tickets at an instant
    events        the events of tickets, in order
    reasons       the states to which events lead, the reasons for pauses, and which of them a question ends
    priorities    what a policy promises to tickets whose priority changes
    cycles        the cycles of tickets with events: deadlines and states
    alone         tickets that are judged one by one
    lifecycle     fills in `Deadlines` for tickets with events
"""
