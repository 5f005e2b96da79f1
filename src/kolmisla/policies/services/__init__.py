"""Services: which tasks a plan covers besides answering tickets, and what work costs.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    json_forms  the dicts that the `to_dict` of coverage and quotes return: their keys and types
    vocabulary  common words of support desks: synonyms, kinds of things, words to leave out
    wording     how the words of a text are reduced to their stems
    matching    which tasks of a policy the words of a question may mean
    coverage    whether a plan covers a task
    quotes      what work and tasks cost
"""
