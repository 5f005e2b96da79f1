"""The commands `kolmisla report` and `kolmisla calendar`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    job       how the tickets of a file are added up to a report
    command   the report: its options, output and exit status
    calendar  the calendar: its options and output
"""
