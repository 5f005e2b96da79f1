"""`python -m kolmisla` is the command line."""

import sys

from kolmisla.cli import main

if __name__ == "__main__":
    sys.exit(main())
