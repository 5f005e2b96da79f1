"""Judges tickets, counts them, and makes a report of the counts.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    standings     judges one ticket: the state of each of its cycles, the time counted, and so on
    shares        counts the cycles that decide promised shares, one by one
    tallying      counts tickets one by one
    arrays        counts the judged tickets of a frame, many at once
    share_arrays  counts the cycles that decide promised shares, many at once
    frame_cells   counts the tickets of frames by period, plan and priority
    frame_rows    makes reports of frames with events: reads their rows one by one, like the rows of a file
    frame_sums    adds up the tickets of frames, one frame after another
    frames        makes reports of data frames, in memory or in an engine such as DuckDB
    tickets       has the function `report`, which makes a report of tickets or of a data frame
"""
