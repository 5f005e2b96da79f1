"""How a report is shown.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    words       the words of a report: times for people, titles, definitions
    sentences   for each section, one sentence made from its numbers
    attainment  promised shares, in words and as the rows of a table
    spent       time by owner and by the reasons of pauses, in words and as the rows of a table
    tables      rows for data frames, CSV and Markdown
    texts       text for a terminal of any width
    charts      the rectangles of the charts
    page        one file of HTML, made from the two templates page.html and page.css
"""
