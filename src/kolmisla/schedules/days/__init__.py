"""Which hours a date has: by weekday, holiday, exception, season or eve.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    dates             dates, and the years for which schedules answer
    hours             the hours of a day and of a week, from texts and as texts
    countries         the holidays of a country, from the package `holidays`
    listed            a list of holidays
    holidays          holiday calendars that few schedules have: frozen dates, or several calendars together
    holiday_notation  holiday calendars from documents and as documents
    other             the days that a text names, and their hours: exceptions, seasons and eves
    calendar          what gives a date its hours, and the order in which rules win
    other_hours       the days whose hours differ from the weekly hours, by exceptions, seasons and eves
    dated_hours       the hours of each date
"""
