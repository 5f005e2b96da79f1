"""The command that prints the tickets that wait: `kolmisla queue`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    cells      the cells of a file that are shown beside a ticket
    table      the queue as a table for people
    command    the queue of a file, once or again and again, as a table, as JSON or as a calendar
"""
