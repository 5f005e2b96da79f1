"""Measures large files, many rows at once, with Polars. It needs the extra `polars`.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    counts      adds the answers for many tickets to a summary
    times       converts columns of texts to instants
    written     converts columns of answers to texts, and adds them to the texts of rows
    quoted      reads lines of CSV with quotes
    rows        reads the rows of a text file in batches
    logs        reads logs of events in columns
    judge       judges batches of rows, and writes them
    earliest    finds the tickets of an audit log, whose rows each say how a ticket was from one time on
    text        measures files of CSV and JSON Lines
    as_parquet  writes measured rows of text as Parquet, and gives the types of the added columns
    parquet     measures files of Parquet
"""
