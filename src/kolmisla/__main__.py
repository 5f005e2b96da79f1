"""The program: `kolmisla`, and `python -m kolmisla`.

What is imported here is little: an interrupt or an error while the rest is loaded is told like any other.
"""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper
from typing import NoReturn

__all__ = ["run"]

EXIT_UNEXPECTED = 70  # as BSD's sysexits.h has it: an internal software error
EXIT_INTERRUPTED = 130  # as in `cli.terminal`, which may not be there yet
LONGEST_ERROR = 200  # characters of an error
TRACEBACK = "KOLMISLA_TRACEBACK"  # set to 1, an error that nobody expected shows where it came from


def run() -> NoReturn:
    """Run the command line in this process and end it with its exit status."""
    try:
        status = _run()
    except KeyboardInterrupt:
        status = _told("interrupted", EXIT_INTERRUPTED)
    except SystemExit:  # of argparse, which has told why
        raise
    except BaseException as error:  # of an engine, too, whose own are no Exception
        status = _unexpected(error)
    sys.exit(status)


def _run() -> int:
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # closed by the caller, who wants the exit status alone
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for each in (sys.stdout, sys.stderr):
        if isinstance(each, TextIOWrapper):
            each.reconfigure(errors="backslashreplace")  # what the terminal's encoding lacks is escaped, not lost
    if sys.argv[1:2] == ["measure"]:  # it writes files; those half-written are cleared away when it is ended
        from kolmisla.cli.signals import clear_up_when_ended

        clear_up_when_ended()
    import gc

    from kolmisla.cli import main

    gc.freeze()  # what the imports made lives to the end: no collection need walk through it (a seventh of `due`)
    return main()


def _unexpected(error: BaseException) -> int:
    if os.environ.get(TRACEBACK) == "1":
        import traceback

        traceback.print_exception(error)
    what = " ".join(str(error).split())[:LONGEST_ERROR]
    told = f"{type(error).__name__}: {what}" if what else type(error).__name__
    return _told(f"an unexpected error, please report it ({TRACEBACK}=1 shows where): {told}", EXIT_UNEXPECTED)


def _told(text: str, status: int) -> int:
    line = "".join(each if each.isprintable() else "?" for each in text)
    with suppress(OSError):  # then the exit status has to do
        sys.stderr.write(f"kolmisla: {line}\n")
        sys.stderr.flush()
    return status


if __name__ == "__main__":
    run()
