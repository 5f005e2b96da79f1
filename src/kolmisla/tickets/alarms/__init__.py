"""Alarms: the instants at which a given part of a target is used up, such as 75 percent of it.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    alarms       the alarms of one cycle, in order: Alarm
    lives        the clocks of a ticket's cycles as they were known at any instant
    crossed      which thresholds one ticket crosses between two instants, with instants as integers
    corrections  crossings that were reported wrongly or not at all, because events came in late
    crossings    which thresholds many tickets cross between two instants: Crossing, crossings
"""
