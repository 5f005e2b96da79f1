"""Calendars: the days of a schedule, and due times, as text and as calendar files.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    days       the hours of each date of a schedule, and how they differ from the usual hours of the weekday
    year       the days of a year whose hours differ, as a list
    drawing    months as text for a terminal of any width
    events     what a calendar file contains: an event for each open stretch, each closed day, each due time
    ics        calendar files in iCalendar; the only user of the package icalendar
"""
