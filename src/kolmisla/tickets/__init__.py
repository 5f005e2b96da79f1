"""The events and the deadlines of tickets: events make cycles, and cycles make deadlines.

Read the files and folders in this order. Each imports only from entries above it in this list, and from folders above
this one:

    event     what happened to a ticket after it was opened: Event
    states    the states of a ticket, and the order of events that share an instant
    exports   the events of an export; its rows often give only the state of a ticket at a time
    ticket    a ticket and its events: Ticket
    layouts   the columns, words and times in which a file or a data frame writes tickets
    said      the events that a row of a file or of a data frame tells
    cycles    how events make the cycles of a metric, and the clock of each cycle
    alarms    how much of a target is used up, and when
    answers   what users ask about tickets: deadlines, cycles, explanations, the queue
    sql       SQL with which a database computes the deadlines of a table of tickets
"""
