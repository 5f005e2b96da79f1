"""What a plan covers besides responses to tickets, and what work costs.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    json_forms  what each `to_dict` gives: the keys, and the types of their values
    vocabulary  synonyms, kinds of things and words without meaning
    wording     texts as stems of words
    matching    which tasks a question may mean
    coverage    what a plan covers
    quotes      what work costs
"""
