"""Shares that plans promise for each period, such as 95 % of tickets each month, and how much of each was attained.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    attained    what was attained of a promised share in one period: Attained
    shares      the shares that a policy promises, and the counts of cycles that decide them: Shares
    share_form  converts Shares to a part of a report's document for JSON, and back
"""
