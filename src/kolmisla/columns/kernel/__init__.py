"""The computations on arrays of integers. Most files have a twin that does the same work for a single ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     a schedule's questions for many rows at once
    wall_times    wall times of many rows as instants
    promises      what a policy promises to each combination of a ticket's terms
    deadlines     the deadlines and states of tickets without events at an instant
    events        the events of tickets, in order
    priorities    what a policy promises to tickets whose priority changes
    cycles        the states, pieces and deadlines of tickets with events
    lifecycle     fills in the deadlines and states of tickets with events
"""
