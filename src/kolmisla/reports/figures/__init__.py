"""What a report counts, in a form that adds up.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    amounts     sorted times, of which any percentile is one of the times
    periods     days, weeks, months, quarters and years of local dates
    openings    in which hour of the week tickets come, and how an opening lies to the hours
    calendars   which data the holidays of a policy come from
    tallies     the figures of some cycles: Tally
    answers     the answers of a report that are more than a number
    late        the tickets that broke a promise, and the worst of them: Late
    attainment  what was attained of promised shares
    figures     all figures of a report: Figures
    json_form   a report as a document for JSON, and back
"""
