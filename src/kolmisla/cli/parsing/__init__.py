"""The parser of the command line: commands, options, help and error messages.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    texts         how the text of an option becomes a value, such as a date
    ticket_files  the options of commands that read a file of tickets
    acts          the acts of `kolmisla policy`, such as check and diff, and their options
    questions     the options of questions about a ticket or a schedule
    epilogs       the end of the help of each command: examples and exit statuses
    parser        the class of all parsers: how help is printed, and what errors say
    ports         the options of the commands for other programs
    arguments     the commands and their options: the parser
    completion    scripts with which shells complete commands and options
"""
