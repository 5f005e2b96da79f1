"""Answers for the tables of DuckDB and Spark. The answers are a query, which runs when the caller asks for rows.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    lookups     writes tables of open time, and the SQL that looks up answers in these tables
    schedule    writes queries for due, elapsed and next_open
    naming      writes a table that says which instants targets in days name
    tickets     writes the query for the deadlines and states of tickets
    duckdb      runs queries on DuckDB's relations
    spark       runs queries on Spark's data frames
"""
