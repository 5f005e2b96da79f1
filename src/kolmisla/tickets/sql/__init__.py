"""SQL with which a database computes the deadlines of a table of tickets, without Python.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    buckets    the open time of a schedule as rows of tables, where a database can look it up
    naming     targets in days, such as the next working day by 16:00, as rows of a table
    endings    which metrics follow from a table of tickets, and which column has the end of a cycle
    terms      the tables of a policy: what is promised to which tickets
    databases  the SQL that differs between databases
    targets    the parts of a query that count open time, for each form of target
    query      the query that gives the deadline and the state of each ticket
    scripts    the whole script for a database, or the files of a dbt project
"""
