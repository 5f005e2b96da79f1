"""The answers about tickets, which follow from the clocks of their cycles.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    json_forms     the keys that each `to_dict` returns, and the type of each value
    status         the status of a cycle at an instant: Status
    stretches      when a clock counts, and when it stands still, until the due time
    deadline       a deadline: Deadline, deadline
    deadlines      the deadlines of a ticket over all metrics, the nearest first: deadlines
    cycle          the cycles of a ticket: Cycle, cycles
    steps          the steps of an explanation, a line of text for each, and the texts of what changed: Step
    explanation    the proof of a deadline or of a status, stretch by stretch
    breakdown      the time of a cycle in parts: Breakdown, breakdown
    queue          the order in which tickets are solved
"""
