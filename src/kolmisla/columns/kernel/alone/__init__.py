"""Tickets that arrays do not judge: each is judged alone, as the scalar engine judges it.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    events     the events of some tickets, for one ticket at a time
    answers    the answers about one cycle, as the entries of a row
"""
