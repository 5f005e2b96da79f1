"""What follows from the rules of a policy, without any tickets of a desk.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    waits     how long an opening may wait, and for which openings the wait is longest
    worst     the longest wait that each promise of a policy can mean
    examples  whether a policy answers as its examples expect
"""
