"""Shows the days of a schedule, and due times, as text and as calendar files.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    days       finds the hours of each date of a schedule, and how they differ from the usual hours of the weekday
    year       lists the days of a year whose hours differ from the weekly hours
    drawing    draws months as text for a terminal of any width
    events     makes the events of a calendar file: one for each open span, closed day or due time
    ics        writes calendar files in iCalendar, with the package icalendar
"""
