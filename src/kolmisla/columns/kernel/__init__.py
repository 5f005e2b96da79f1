"""Computations on arrays of integers. Most of them repeat, for many rows, what the library does for one ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     due times, open time and next openings on a schedule, for many rows at once
    wall_times    converts a column of wall times to instants
    promises      what a policy promises to each combination of plan, priority, channel and version
    naming        converts targets in days, such as "the next working day", to amounts of open time
    deadlines     the deadlines of tickets without events, and the states of these tickets at an instant
    events        the events of tickets, sorted by ticket and time
    reasons       the state after each event, the reasons for pauses, and which pauses a customer's question ends
    priorities    what a policy promises to tickets whose priority changes
    cycles        the deadlines and states of the cycles of tickets with events
    alone         tickets that are judged one by one
    lifecycle     fills in `Deadlines` for tickets with events
"""
