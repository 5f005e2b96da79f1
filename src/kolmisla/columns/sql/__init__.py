"""DuckDB and Spark: the answers as a query of the engine. The query runs when its rows are asked for.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    lookups     tables of open time, and the SQL that looks up answers in them
    schedule    a schedule's questions about the rows of a table
    tickets     whole tickets in the rows of a table
    duckdb      DuckDB's relations
    spark       Spark's data frames
"""
