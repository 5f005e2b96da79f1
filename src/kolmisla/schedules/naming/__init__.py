"""The instants that targets name, such as the second working day at 16:00.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    wall_clock     the date and the time of day at an instant, and the instant of a date and a time of day
    working_days   the working days of a schedule: when each opens and closes
    named_instant  which instant a target names, counted from a start
    named_amounts  the amounts of time that a target in days becomes, remembered by date
"""
