"""The cycles of a metric that events make, and the clock of each cycle.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    cycles         the cycles of a metric that events make, with their priorities and pauses
    cycle_clock    the clock of a cycle, which tells the time counted and when a target is reached
    cycle_clocks   how a ticket's events and a policy make the clocks of the ticket's cycles
    bounds         the least and the most time counted, if instants are not known exactly
"""
