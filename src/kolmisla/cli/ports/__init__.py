"""The commands for other programs: SQL that a database runs by itself.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    sql    write the tables of a policy, and the query of deadlines, for a database
"""
