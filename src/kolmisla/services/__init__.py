"""What a plan covers besides answers, and what work costs.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    coverage    what a plan covers
    quotes      what work costs
"""
