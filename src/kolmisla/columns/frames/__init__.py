"""Data frames in memory and lazy frames of Polars: integers are read from them, answers are written back.

Read the files in this order; each imports only from those above it, and from folders above this one:

    series         arrays and columns of any kind, to integers and back
    units          integers in any unit
    tickets        reads the facts of tickets from a frame, and adds columns to it
    events         reads what happened to tickets from a frame of events
    polars_lazy    lazy frames, batch by batch
"""
