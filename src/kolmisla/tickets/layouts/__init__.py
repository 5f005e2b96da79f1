"""How a file or a frame writes tickets: its columns, its words and its times.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    fact_names     our names for the facts of tickets and events
    headers        how a column is found by its name, in any case of letters
    column_words   how systems name the columns of a fact
    words          the words of a file for one fact, and our word for each
    kinds          the words of a file for kinds of event, also in histories of fields
    repeated       wall times that DST repeats, with both readings
    layout         the columns, words and times of a file: Layout
    file_form      the form of a system's files: FileForm
    layout_file    a layout as a file, and the layouts of well-known systems: LayoutFile
    guess          a first layout for a file, proposed from its columns and rows
"""
