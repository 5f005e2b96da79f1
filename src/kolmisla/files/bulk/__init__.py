"""The main job on large files: many rows at once, with Polars. It needs the extra `polars`.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    counts      the counts of a summary, from columns
    times       columns of texts as instants
    written     columns of answers as texts
    typed       the types of the added columns in Parquet
    rows        the rows of a text file, many at once
    logs        logs of events in columns
    judge       judges batches of rows, and writes them
    earliest    the tickets of an audit log
    text        the job on CSV and JSON Lines
    parquet     the job on Parquet
    as_parquet  rows of text, written as Parquet
"""
