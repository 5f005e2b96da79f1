"""Documents that people write, such as a policy in TOML: how they are read, checked and written.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    names           mappings in which names match in any letter case
    remembered      properties and fields that are computed at first use
    json_types      JSON Schemas of Python types, such as the types of the dicts that `to_dict` returns
    for_pydantic    how pydantic reads and writes kolmisla's values
    values          how single values are read: names, ranks, durations, dates, lists and tables
    decimals        prices and percentages as exact decimals
    model           frozen records of such values, whose errors list every fault of the data
    toml_json       TOML and JSON files
    calendar_files  holidays from an iCalendar file that a document names
    places          where each value is in the text of a TOML or JSON document
"""
