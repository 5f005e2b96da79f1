"""The cycles of a metric that events make, and the clock of each cycle.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    transitions    the table of what every event does to a metric
    readings       what events do to the cycles of a metric, by a plan and its policy
    cycles         the cycles of a metric that events make, with what was in force and their pauses
    naming         the amounts of time that targets in days become
    cycle_clock    the clock of a cycle, which tells the time counted and when a target is reached
    agreed         due times and extensions that are agreed with the customer
    cycle_clocks   how a ticket's events and a policy make the clocks of the ticket's cycles
    responses      the first answer to a ticket, and the working time up to it
    shapes         the metrics that arrays judge for many tickets at once
    bounds         the least and the most time counted, if instants are not known exactly
"""
