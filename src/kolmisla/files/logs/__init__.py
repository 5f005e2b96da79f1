"""Reads the events of tickets from files.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    events    converts the rows of a file to events, as a layout says
    lives     holds what a log tells about one ticket
    rows      picks the values in the rows of a log
    log       reads events from a separate file, or from an audit log, which has the tickets too
"""
