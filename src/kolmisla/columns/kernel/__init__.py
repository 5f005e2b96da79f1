"""The computations on arrays of integers. For most files, another file of the library does the same for one ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     a schedule's answers for many rows at once
    wall_times    wall times of many rows as instants
    promises      what a policy promises to each combination of plan, priority, channel and version
    deadlines     the deadlines and states, at an instant, of tickets without events
    events        the events of tickets, in order
    priorities    what a policy promises to tickets whose priority changes
    cycles        the states, pieces and deadlines of tickets with events
    lifecycle     fills in the deadlines and states of tickets with events
"""
