"""Alarms: the instants at which set parts of a target are used up, and the alarms that are due between two instants.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    alarms       the alarms of one cycle, in order: Alarm
    crossed      which thresholds the cycles of one ticket cross in a window, in integers
    corrections  crossings that were reported wrongly, or were not reported, because events came in late
    crossings    the alarms that are due between two instants: Crossing, crossings
"""
