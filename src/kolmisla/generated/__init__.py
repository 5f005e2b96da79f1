"""Tables that scripts/generate.py writes.

Tests compare the tables with their sources. Do not edit these files by hand.

Read the files in any order. No file imports another file:

    lithuania           the public holidays of Lithuania, from the package `holidays`
    kolmisoft           the document of the built-in policy, from kolmisoft.toml, without its examples
    kolmisoft_examples  the examples of the built-in policy, from kolmisoft.toml
"""
