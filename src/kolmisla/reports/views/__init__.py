"""Shows a report as text, as tables and as a page.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    words       writes times for people, titles and definitions
    sentences   writes one sentence for each section, from its numbers
    attainment  shows promised shares, in words and as the rows of a table
    spent       shows how much time each owner had, and how much went by in pauses, in words and as rows
    tables      makes rows for data frames, CSV and Markdown
    texts       writes text for a terminal of any width
    charts      computes the rectangles of the charts
    page        writes one file of HTML from the two templates page.html and page.css
"""
