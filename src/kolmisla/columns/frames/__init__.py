"""Data frames in memory and lazy frames of Polars: reads integers from frames, and writes answers back.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    series         turns arrays and columns of any kind into integers, and integers into columns
    units          converts integers from and to any unit
    tickets        reads the facts of tickets from a frame
    added          adds the answers about tickets to a frame
    ends           reads events from the columns resolved_at, reopened_at and closed_at of a frame of tickets
    ids            finds the row of each event's ticket by its id
    told           reads what the words of a frame of events tell
    events         reads what happened to tickets from a frame of events
    polars_lazy    handles lazy frames batch by batch
"""
