"""What was attained of the shares that plans promise.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    attained    what was attained of a promise in one period: Attained
    shares      the promises of a policy, and the cycles of each period in a form that adds up: Shares
    share_form  both as part of a report's document for JSON, and back
"""
