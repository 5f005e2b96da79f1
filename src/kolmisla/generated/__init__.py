"""Tables that scripts/generate.py writes; tests hold them equal to their sources. Nothing here is edited by hand.

Read the files in any order; none imports another:

    lithuania    the public holidays of Lithuania, as the package `holidays` has them
    kolmisoft    the document of the built-in policy, as kolmisoft.toml has it
"""
