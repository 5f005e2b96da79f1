"""The commands for other programs: SQL that a database runs by itself, test vectors, JSON Schemas.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    sql        write the tables of a policy, and the query of deadlines, for a database
    answering  kolmisla's own answers to the questions of test vectors
    vectors    test a program with the test vectors
    schemas    the JSON Schemas of what kolmisla reads and writes, by name
    schema     print a JSON Schema
"""
