"""The events and the deadlines of tickets: events make cycles, and cycles make deadlines.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    event          what happened to a ticket after it was opened, and the order of events: Event
    cycles         the cycles of a metric that events make, and the events of exports
    ticket         a ticket and its events: Ticket
    layouts        the columns, words and times in which a file or a frame writes tickets
    cycle_clock    the clock of a cycle, which tells the time counted and when a target is reached
    cycle_clocks   how a ticket's events and a policy make the clocks of the ticket's cycles
    bounds         the least and the most time counted, if instants are not known exactly
    json_forms     the keys that each `to_dict` returns, and the type of each value
    deadline       the answers about one ticket under a policy: Deadline, Status and Cycle
    explanation    the proof of a deadline or of a status, stretch by stretch
    queue          the order in which tickets are solved
"""
