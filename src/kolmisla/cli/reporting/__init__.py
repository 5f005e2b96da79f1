"""The command `kolmisla report`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    job      reads a file of tickets into the sums of a report
    command  the options, the output and the exit status
"""
