"""Which opening hours a date has. They depend on the weekday, and on holidays, exceptions, seasons and eves.

An exception gives some days other hours, a season gives the weekdays other hours for some time, and an eve is the day
before a public holiday.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    hours             the hours of a day and of a week, from texts and as texts
    countries         the holidays of a country, from the package `holidays`
    listed            the holidays that a user lists by date
    holidays          holiday calendars that few schedules have: frozen holidays, or several calendars together
    holiday_notation  how holiday calendars are read from documents (plain values) and written as documents
    other             texts that name days, such as easter-2, and the hours of these days
    calendar          all that gives a date its hours, and which rule wins
    other_hours       the days with other hours than the weekly ones: by exceptions, seasons and eves
    dated_hours       the hours of each date, by all rules
"""
