"""What people write, validated once: names, values, models, and the files they come in.

Read the files in this order; each imports only from those above it, and from folders above this one:

    names         mappings whose keys match in any letter case
    remembered    a cached property that holds no lock
    model         durations, dates and prices as people write them, and models that list every fault
    toml_json     TOML and JSON files
"""
