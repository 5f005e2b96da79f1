"""How the events of a ticket make the cycles of a metric, and the clock of each cycle.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    transitions    the table that says what each event does to a metric
    readings       which role in this table each event has, under the rules of a metric, a plan and a policy
    cycles         the cycles of a ticket for a metric, each with its pauses and what was in force: CycleFacts
    naming         the amounts of time that targets in days become
    cycle_clock    the clock of a cycle: how much time has counted, and when a target is used up
    agreed         due times and extensions that were agreed with the customer
    cycle_clocks   the clocks of a ticket's cycles, made from its events and a policy
    responses      the first answer to a ticket, and the working time up to it
    shapes         the metrics for which arrays judge many tickets at once
    bounds         the least and the most time counted, if instants are not known exactly
"""
