"""Documents that people write: their names, values, records and files. Each document is validated once.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    names           mappings whose keys match in any letter case
    remembered      what is computed or loaded at first use
    for_pydantic    how pydantic reads and writes kolmisla's values
    values          the kinds of values: names, ranks, durations, dates, prices, lists and tables
    amounts         durations as files write them
    decimals        prices and percentages as exact decimals
    model           frozen records of such values; the error for invalid data lists every fault
    toml_json       TOML and JSON files
    calendar_files  holidays from an iCalendar file that a document names
    places          where each value stands in the text of a TOML or JSON document
"""
