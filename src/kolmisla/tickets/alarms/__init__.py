"""Alarms: when how much of a target is used up, and which alarms are due between two instants.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    alarms       the alarms of one cycle, in order: Alarm
    crossed      which thresholds the cycles of one ticket cross in a window, in integers
    corrections  what was told before events came in late, and is not true, or the other way round
    crossings    the alarms that are due between two instants: Crossing, crossings
"""
