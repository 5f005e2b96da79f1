"""The parts of a policy: targets, metrics, schedules, conditions of promises, shares, tasks and prices.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    warnings           when a desk wants an alarm, such as at 75 percent of a target
    named_targets      targets in days: working days or calendar days, a time of day, a cutoff
    targets            the time that a plan promises for a metric, by priority or owner: Target
    metrics            which events start and end the cycles that the clock of a ticket measures: Metric
    named_schedules    the schedules of a policy by name; a schedule may combine others
    conditions         the channels and versions for which promises hold: Channel, Versions
    attainment         the share of promises that must be kept, and credits if fewer are: Attainment, Credit
    service_catalogue  tasks other than answering tickets, and the prices of work: Task, Rate, WorkRates
    examples           tickets, and what the policy is expected to answer about them: Example
"""
