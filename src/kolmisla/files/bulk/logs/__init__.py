"""Reads logs of events in columns, many rows at once.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    order    sorts the rows of a log by ticket and time
    words    finds the different words of a log (kinds of event with their values), and the events that each means
    log      reads a log, and gives the events of its tickets
"""
