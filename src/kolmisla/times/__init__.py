"""Times on clocks and times as text: time zones, formats of times, and reading a time from text.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    durations  durations in hours, minutes and seconds, as texts
    zones      time zones by name, and the wall times that DST skips or repeats
    texts      instants as texts
    iso_8601   times in all forms of ISO 8601 that systems write
    numbers    times that are numbers, such as seconds since 1970
    languages  names of months and days in other languages
    formats    formats of times that are not ISO 8601, and what their letters after the time mean
    reading    an instant from text
    parts      millions of instants from texts
"""
