"""The command `kolmisla policy`: one file for each of its acts. Each act is loaded when it is chosen.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    act       the chosen act, and the policy that it reads
    show      print a policy as text
    check     list the faults of a policy
    freeze    replace a country's holidays in a policy with their dates
    moved     the deadlines of a file that differ between two policies
    diff      list what differs between two policies
    schema    print the JSON Schema of policies
    worst     print the longest wait that each promise allows
"""
