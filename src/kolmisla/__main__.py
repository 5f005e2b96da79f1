"""The program: `kolmisla`, and `python -m kolmisla`."""

import gc
import sys

from kolmisla.cli import main

__all__ = ["run"]


def run() -> None:
    """Run the command line in this process and end it with its exit status."""
    gc.freeze()  # what the imports made lives to the end: no collection need walk through it (a seventh of `due`)
    sys.exit(main())


if __name__ == "__main__":
    run()
