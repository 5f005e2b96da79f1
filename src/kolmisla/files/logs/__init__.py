"""What a file tells about the events of tickets.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    events    the rows of a file as events, as a layout reads them
    lives     what a log tells about one ticket
    rows      the rows of a log, and which of their values are read
    log       events from a separate file, or from an audit log
"""
