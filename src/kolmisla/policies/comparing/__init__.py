"""Comparing policies: a hash of their answers, holidays written as dates, and the differences between two policies.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    fingerprint  the hash of a policy's answers
    freezing     how the text of a policy is changed: dates in place of the country codes of holidays
    differences  the rules and the dates that differ between two policies
"""
