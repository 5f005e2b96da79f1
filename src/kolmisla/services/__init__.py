"""What a plan covers besides answers, and what it costs.

Read the files in this order; each imports only from those above it, and from folders above this one:

    coverage    what a plan covers
    quotes      what work costs
"""
