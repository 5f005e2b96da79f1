"""What a report counts, in a form in which reports can be added.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    amounts     sorted times and their percentiles
    periods     days, weeks, months, quarters and years of local dates
    openings    when tickets are opened: in hours, before opening, on a holiday and so on
    calendars   which data the holidays of a policy come from
    tallies     the figures of some cycles: Tally
    answers     answers of a report that have several fields
    late        the tickets that broke a promise, and the worst of them: Late
    attainment  what was attained of promised shares
    spent       in whose hands, and in which pauses, time was spent
    figures     all figures of a report: Figures
    json_form   a report as a document for JSON, and back
"""
