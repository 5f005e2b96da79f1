"""The computations on arrays of integers; most files have a twin that does the same for a single ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     a schedule's questions for many rows at once
    wall_times    wall times of many rows as instants
    promises      what a policy promises to each combination of a ticket's terms
    deadlines     how tickets without events stand at an instant
    events        the events of tickets, in order
    priorities    what a policy promises to tickets whose priority changes
    cycles        the states, pieces and deadlines of tickets with events
    lifecycle     fills in how tickets with events stand
"""
