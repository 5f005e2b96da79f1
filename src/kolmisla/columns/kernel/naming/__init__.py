"""Targets in days for many tickets at once: the instants that they name, and the amounts that these become.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    courses         ranges of starts for which a target has one rule
    named_instants  the instants that one target names for many starts
    amounts         the amounts of time that these instants become in the clocks of tickets
"""
