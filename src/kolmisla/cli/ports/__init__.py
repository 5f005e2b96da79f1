"""The commands that write for other programs: SQL for a database, test vectors, JSON Schemas.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    sql        write the tables of a policy, and the query of deadlines, for a database
    answering  kolmisla's own answers to the questions in test vectors
    vectors    test another program with test vectors: questions with the right answers
    schemas    the JSON Schemas of what kolmisla reads and writes, by name
    schema     print a JSON Schema
"""
