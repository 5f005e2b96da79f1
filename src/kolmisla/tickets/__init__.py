"""The events and the deadlines of tickets: events make cycles, and cycles make deadlines.

Read the files and folders in this order. Each imports only from entries above it in this list, and from folders above
this one:

    event     what happened to a ticket after it was opened: Event
    states    the states of a ticket, and the order of events of one instant
    exports   the events of exports, which say in what state a ticket was
    ticket    a ticket and its events: Ticket
    layouts   the columns, words and times in which a file or a frame writes tickets
    said      what a row of a file or of a frame says of an event
    cycles    the cycles of a metric that events make, and the clock of each cycle
    alarms    how much of a target is used up, and when
    answers   what follows from the clocks: deadlines, cycles, explanations, the queue
    sql       the deadlines of a table of tickets, as SQL that a database runs by itself
"""
