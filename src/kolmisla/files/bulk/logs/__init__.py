"""Logs of events in columns.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    order    the rows of a log in the order of its tickets
    words    the distinct words of a log, and what each tells
    log      a log of events in columns
"""
