"""The program: `kolmisla`, and `python -m kolmisla`."""

import gc
import os
import sys

from kolmisla.cli import main

__all__ = ["run"]


def run() -> None:
    """Run the command line in this process and end it with its exit status."""
    gc.freeze()  # what the imports made lives to the end: no collection need walk through it (a seventh of `due`)
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by the caller, who wants the exit status alone
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    if sys.argv[1:2] == ["measure"]:  # it writes files; those half-written are cleared away when it is ended
        import signal

        signal.signal(signal.SIGTERM, _end)
    sys.exit(main())


def _end(number: int, frame: object) -> None:  # noqa: ARG001
    sys.exit(128 + number)


if __name__ == "__main__":
    run()
