"""The commands `kolmisla report` and `kolmisla calendar`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    job       reads a file of tickets into the sums of a report
    command   the report: its options, output and exit status
    calendar  the calendar: its options and output
"""
