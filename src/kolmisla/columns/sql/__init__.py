"""DuckDB and Spark: the answers are a query. The engine runs the query when the caller asks for rows.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    lookups     tables of open time, and the SQL that looks up answers in them
    schedule    due, elapsed and next_open for each row of a table
    naming      the instants that targets in days name, as a lookup table
    tickets     deadlines and states for each ticket of a table
    duckdb      DuckDB's relations
    spark       Spark's data frames
"""
