"""The deadlines of a table of tickets, as SQL that a database runs by itself.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    buckets    the open time of a schedule as rows of tables
    naming     targets in days as rows of a table
    endings    which metrics a table of tickets can tell, and in which column
    terms      the tables of a policy
    databases  what differs between databases
    targets    how a query counts open time, and what the forms of targets change in it
    query      the query that gives deadlines and states
    scripts    the whole script for a database, or the files of a dbt project
"""
