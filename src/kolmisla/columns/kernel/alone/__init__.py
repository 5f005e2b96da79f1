"""Judges the few tickets that arrays cannot judge: one by one, with the code for a single ticket.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    events     finds the facts and the events of one ticket in the columns of all tickets
    answers    stores the answers about one cycle in one row of the result
"""
