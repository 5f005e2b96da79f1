"""What happened to a ticket, and how it stands: events make cycles, and cycles make deadlines.

Read the files in this order; each imports only from those above it, and from folders above this one:

    event          what happened to a ticket after it was opened, and in what order: Event
    ticket         a ticket and its events: Ticket
    layout         how a file or a frame writes what happened: its columns, words and times
    cycles         from events to the cycles of a metric, and what changed in each
    cycle_clock    the clock of a cycle and its promises: what it has counted, when it reaches a target
    cycle_clocks   the clocks of a ticket's cycles, with what a policy promises for each
    deadline       from a ticket and a policy to Deadline, Status and Cycle
    explanation    why a deadline is what it is
    queue          the order in which tickets are solved
"""
