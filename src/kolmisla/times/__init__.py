"""Time zones, and times as text: in which formats they are written, and how they are read.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    durations  durations in hours, minutes and seconds, as texts
    zones      time zones by name, and the wall times that DST skips or repeats
    texts      how instants become text, fast for millions of them
    iso_8601   times in all forms of ISO 8601 that systems write
    numbers    times that are numbers, such as seconds since 1970
    languages  names of months and days in other languages
    formats    formats of times as for strptime, and what letters after the time of day mean
    reading    how a time is read from text, in any of these formats
    parts      how times are read from millions of texts at once
"""
