"""The forms of times in files: ISO 8601, numbers, and formats as for strptime.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    iso_8601   times in all forms of ISO 8601 that systems write
    numbers    times that are numbers, such as seconds since 1970
    languages  names of months and days in other languages
    formats    formats of times as for strptime, and what letters after the time of day mean
"""
