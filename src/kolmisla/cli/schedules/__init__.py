"""The commands that ask about a schedule, without a ticket.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    chosen       the schedule that the options choose, in each edition
    questions    the open time between two instants, and whether a schedule is open: `kolmisla elapsed` and `open`
"""
