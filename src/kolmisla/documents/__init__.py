"""What people write, validated once: names, values and models, and the files that they come in.

Read the files in this order; each imports only from those above it, and from folders above this one:

    names         named things, found by name whatever its case
    remembered    what a value remembers of itself once it was asked for
    model         values as people write them, and models that list every fault
    toml_json     TOML and JSON files
"""
