"""The command `kolmisla policy`. Each of its acts, such as check, has a file, which is loaded when the act is chosen.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    act       how the chosen act is run, and which policy it reads
    show      print a policy as text
    check     list the faults of a policy, failing examples and notes
    freeze    replace a country's holidays in a policy with their dates
    moved     the deadlines of a file of tickets that differ between two policies
    diff      list what differs between two policies
    schema    print the JSON Schema of policies
    worst     print the longest wait that each promise allows
"""
