"""Says what follows from a policy alone, without any tickets of a desk.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    waits        how long a ticket may wait, and when it must be opened to wait longest
    named_waits  how long a ticket may wait for a target in days, such as the next working day by 16:00
    in_force     the promises of a policy, and when each is in force
    worst        the longest wait that each promise of a policy allows
    examples     whether a policy answers as its examples expect
"""
