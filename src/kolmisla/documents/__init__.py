"""What people write, validated once: names, values, records, and the files they come in.

Read the files in this order; each imports only from those above it, and from folders above this one:

    names         mappings whose keys match in any letter case
    remembered    a cached property that holds no lock
    for_pydantic  how pydantic reads and writes our values
    values        the kinds of values: names, ranks, durations, dates, prices, lists and tables
    model         frozen records of such values, which list every fault
    toml_json     TOML and JSON files
"""
