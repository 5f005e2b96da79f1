"""How tickets become a report.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    standings     the state of each cycle of a ticket at an instant, and more
    shares        counts the cycles of promised shares one by one
    tallying      adds up tickets one by one
    tickets       the function `report`: many tickets to one report
    arrays        judges and counts the tickets of a frame as arrays
    share_arrays  counts the cycles of promised shares of a frame as arrays
    frame_cells   tallies to which the rows of frames are added
    frame_rows    reports of frames whose rows are read like the rows of a file
    frame_sums    the sums of frames that are added one by one
    frames        reports of data frames, in memory or in an engine
"""
