"""The answers for arrays of integers, and nothing else; most files are the twin of one for a single ticket.

Read the files in this order; each imports only from those above it, and from folders above this one:

    timeline      a schedule's open time as arrays
    questions     its questions for many rows at once
    wall_times    wall times of many rows as instants
    promises      what each combination of a ticket's terms is promised
    deadlines     how many tickets stand at an instant, when nothing happened but an answer
    events        what happened to them, in order
    priorities    what they are promised as their priorities change
    cycles        their states, pieces and deadlines, all at once
    lifecycle     how tickets stand after their events
"""
