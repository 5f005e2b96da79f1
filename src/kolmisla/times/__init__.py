"""Times: instants as integers, dates, durations, time zones, and times as text.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    instants   datetimes and durations as integers and back; spans of time, and set operations on them
    dates      dates, and the years for which schedules answer
    durations  durations in hours, minutes and seconds, as texts
    amounts    durations in files: numbers with a unit, H:MM:SS, or ISO 8601
    zones      time zones by name, and the wall times that DST skips or repeats
    texts      how instants become text, fast for millions of them
    forms      the forms of times in files: ISO 8601, numbers, and formats with names of months
    reading    how a time is read from text, in any of these formats
    parts      how times are read from millions of texts at once
"""
