"""Layouts. A layout says how a file or a data frame writes tickets: in which columns and words, and with which times.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    fact_names     our names for the facts of tickets and events, such as opened_at
    headers        how a column is found by its name, in capital or small letters
    column_words   how help desk systems name the column of each fact
    words          the words of a file for one fact, such as its priorities, and our word for each
    kinds          the words of a file for kinds of event, also in histories of field changes
    repeated       wall times that DST repeats, with both instants that they may mean
    layout         the columns, words and times of a file: Layout
    file_form      the form of a file, such as the character between cells: FileForm
    layout_file    a layout that is written in a file, and the layouts of well-known systems: LayoutFile
    guess          the draft of a layout, made from the columns and rows of a file
"""
