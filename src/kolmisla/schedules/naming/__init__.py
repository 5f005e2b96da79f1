"""Targets in days. Such a target names an instant, for example the second working day at 16:00.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    wall_clock     the date and the time of day that clocks in a zone show at an instant, and the reverse
    working_days   the working days of a schedule, with the opening and the closing of each
    named_instant  which instant a target names, when time counts from a given start
    named_amounts  how much time counts from a start to the named instant, remembered by date
"""
