"""The parser of the command line.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    texts         how the text of an option becomes a value
    ticket_files  the options of commands that read a file of tickets
    acts          the acts of `kolmisla policy`, and their options
    questions     the options of questions about a ticket or a schedule
    epilogs       examples and exit statuses at the end of each help
    parser        the class of all parsers: help, and what is wrong in a command line
    ports         the options of the commands for other programs
    arguments     the commands and their options: the parser
    completion    scripts with which shells complete commands and options
"""
