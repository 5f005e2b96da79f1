"""Converts targets in days, such as "the next working day at 16:00", to amounts of open time, for many tickets.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    courses         cuts time into ranges: for all cycles that start in one range, one formula gives the named instant
    named_instants  finds the instant that a target names, for many starts
    amounts         finds the open time from each start to the named instant
"""
