"""Notes on a policy without faults: what may be a mistake, or is right only up to a date. A note says what to type.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    note         a note, with its place in the policy
    of_holidays  notes on the holidays of a schedule
    of_hours     notes on the hours of a schedule, its exceptions and its seasons
    waits        which of two targets may be due later
    effort       how much computing it takes to answer questions about targets
    of_targets   notes on targets
    of_policy    all notes on a policy
"""
