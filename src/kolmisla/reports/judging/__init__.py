"""How tickets become a report.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    standings     how each cycle of a ticket stands at an instant
    shares        counts the cycles of promised shares one by one
    tallying      adds up tickets one by one
    tickets       the door: many tickets to one report
    arrays        adds up the tickets of a frame as arrays
    share_arrays  counts the cycles of promised shares of a frame as arrays
    frame_rows    reports of frames whose tickets have events
    frames        reports of data frames
"""
