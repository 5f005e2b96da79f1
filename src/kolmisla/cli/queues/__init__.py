"""The command that prints the tickets that wait: `kolmisla queue`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    cells      the cells that the queue shows for a ticket, from its row in the file
    waiting    a fast way to find the waiting tickets of a plain file
    table      the queue as a table for people
    command    the command: prints the queue once or repeatedly, as a table, as JSON or as a calendar
"""
