"""Opening hours for some days in place of the weekly hours. Only schedules with such days load these files.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    when         the days that a text names, such as 12-24 (in every year), 12-27/01-02 or easter-2
    occurrences  which days of one year such a text names
    exceptions   the hours of such days: exceptions, seasons and eves
"""
