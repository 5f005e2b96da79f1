"""Reads tickets and events from data frames as arrays of integers, and adds the answers to the frames.

This folder is for frames in memory and for lazy frames of Polars.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    units          converts integers from seconds, milliseconds or nanoseconds to microseconds, and back
    series         converts arrays and columns of times to integers, and integers to columns
    cases          refuses a column that differs only in case from that of a fact
    tickets        reads the facts of tickets from a frame
    added          adds the answers about tickets to a frame
    ends           reads events from the columns resolved_at, reopened_at and closed_at of a frame of tickets
    ids            finds the ticket of each event by the ticket's id, and gathers rows
    told           reads the words of a frame of events, which say what happened
    events         reads what happened to tickets from a frame of events
    polars_lazy    handles lazy frames batch by batch
"""
