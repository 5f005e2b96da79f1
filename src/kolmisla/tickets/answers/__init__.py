"""What users ask about tickets: deadlines, states, cycles, explanations, the queue.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    json_forms     the dicts that the `to_dict` of each answer returns: their keys and types
    status         the status of a cycle at an instant: Status
    stretches      when a clock counts, and when it stands still, until the due time
    deadline       the deadline of a cycle: Deadline, deadline
    deadlines      the deadlines of a ticket over all metrics, the nearest first: deadlines
    cycle          the cycles of a ticket: Cycle, cycles
    steps          the steps of an explanation, and their lines of text: Step
    explanation    the proof of a deadline or of a status, stretch by stretch
    breakdown      the time of a cycle in parts: Breakdown, breakdown
    queue          the order in which tickets are solved
"""
