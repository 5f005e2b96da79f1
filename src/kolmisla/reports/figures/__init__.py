"""What a report counts. If the counts of two reports are added, the sums are the counts of all their tickets.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    amounts     times, sorted and counted, and their percentiles
    periods     days, weeks, months, quarters and years of local dates
    openings    when tickets are opened: in working hours, before they begin, on a holiday and so on
    calendars   where the dates of a policy's holidays come from
    tallies     the figures of some cycles, such as those of one month: Tally
    answers     records that a report's answers consist of
    late        the tickets that broke a promise, and the worst of them: Late
    attainment  how much was attained of the shares that plans promise for each period
    spent       how much time each owner had, and how much went by in pauses, by reason
    figures     all figures of a report: Figures
    json_form   converts a report to a document for JSON, and back
"""
