"""Other hours for some days, which people name in text. A schedule without other hours does not load these files.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    when         the days that a text names: a date, a day of every year, a range, a day relative to another
    occurrences  the days of a year that a text names
    exceptions   other hours for some days: exceptions, seasons and eves
"""
