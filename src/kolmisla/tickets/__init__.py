"""What happened to a ticket, and how it stands: events make cycles, cycles deadlines.

Read the files in this order; each imports only from those above it, and from folders above this one:

    event          what happened to a ticket after it was opened, and in what order: Event
    ticket         a ticket and its events: Ticket
    layout         how a file or a frame writes what happened: its columns, words and times
    cycles         events to the cycles of a metric, and what changed in each
    cycle_clock    a cycle and its promises: what has been counted, when a target is reached
    cycle_clocks   the cycles of a ticket, with what a policy promises for each
    deadline       ticket and policy to Deadline, Status and Cycle
    explanation    why a deadline is what it is
    queue          in what order tickets are solved
"""
