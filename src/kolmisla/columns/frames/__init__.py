"""Data frames in memory, and the lazy ones of Polars: integers out of them, answers into them.

Read the files in this order; each imports only from those above it, and from folders above this one:

    series         arrays and columns of any kind to integers and back
    units          integers of any unit
    tickets        the facts of tickets out of a frame, columns into it
    events         what happened to many tickets, out of a frame of events
    polars_lazy    lazy frames, batch by batch
"""
