"""Runs the command line, as `kolmisla` and as `python -m kolmisla`.

Only small modules are imported at the top. Other modules are imported later, so that an interrupt or an error during
an import is reported too.
"""

import os
import sys
from contextlib import suppress
from io import TextIOWrapper

from kolmisla.names import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import NoReturn

__all__ = ["run"]

EXIT_UNEXPECTED = 70  # EX_SOFTWARE of BSD's sysexits.h: an internal software error
EXIT_UNUSABLE, EXIT_INTERRUPTED = 2, 130  # as in `cli.terminal`, which is not imported yet
WAIT = 0.01  # seconds
LONGEST_ERROR = 200  # characters; a longer message of an unexpected error is cut
TRACEBACK = "KOLMISLA_TRACEBACK"  # if this variable is 1, an unexpected error prints its traceback
UNEXPECTED = f"an unexpected error, please report it ({TRACEBACK}=1 shows where): "
# The commands that write files or start a program. They are looked for among all arguments, because options such as
# `--policy FILE` may come first. If a file has the name of such a command, no harm is done.
WRITING = frozenset({"measure", "report", "queue", "calendar", "sql", "freeze", "vectors"})
RESERVE = 1 << 22  # bytes that are released when memory runs out, so that there is memory to report the error
OUT_OF_MEMORY = f"kolmisla: {UNEXPECTED}MemoryError\n".encode()  # made in advance, because making it needs memory


def run() -> "NoReturn":
    """Run the command line in this process. End the process with the exit status of the command."""
    sys.unraisablehook = _ignored
    reserve: list[bytes] = []
    try:
        try:
            reserve.append(bytes(RESERVE))
            status = _run()
        except KeyboardInterrupt:
            status = _told("interrupted", EXIT_INTERRUPTED)
        except SystemExit:  # argparse has printed the reason
            raise
        except BaseException as error:  # some engines raise errors that are no subclass of Exception
            reserve.clear()
            cause = error.__cause__  # if a signal came while a class was made, Python wraps its error in another one
            if isinstance(cause, SystemExit):
                raise cause from None
            interrupted = isinstance(cause, KeyboardInterrupt)
            status = _told("interrupted", EXIT_INTERRUPTED) if interrupted else _unexpected(error)
        sys.exit(status)
    except MemoryError:  # too little memory is left to report the error and to exit as usual
        with suppress(OSError):
            os.write(2, OUT_OF_MEMORY)
        os._exit(EXIT_UNEXPECTED)


def _ignored(what: "sys.UnraisableHookArgs") -> None:
    """Let Python print an error that it cannot raise, such as an error in `__del__`.

    A MemoryError is not printed, because `run` reports it. An interrupt or another signal that ends the process is sent
    again.
    """
    if isinstance(what.exc_value, KeyboardInterrupt | SystemExit):
        _send_again(what.exc_value)
    elif what.exc_type is not MemoryError:
        sys.__unraisablehook__(what)


def _send_again(ending: "KeyboardInterrupt | SystemExit") -> None:
    """Send again the signal that raised the exception `ending`, because this exception was lost.

    Wait a little first. Otherwise the new exception would be lost too.
    """
    import signal
    from _thread import get_ident, start_new_thread
    from time import sleep

    def end(number: int, frame: object) -> None:  # noqa: ARG001
        signal.signal(number, lambda *_: None)  # a second signal must not interrupt the cleanup
        raise ending

    def send() -> None:
        sleep(WAIT)
        if hasattr(signal, "pthread_kill"):
            signal.pthread_kill(here, number)  # also wakes this thread if it waits
        else:
            signal.raise_signal(number)

    code = ending.code if isinstance(ending, SystemExit) else EXIT_INTERRUPTED
    number = code - 128 if isinstance(code, int) and code > 128 else int(signal.SIGINT)
    here = get_ident()
    signal.signal(number, end)
    start_new_thread(send, ())


def _run() -> int:
    for stream in ("stdout", "stderr"):
        if getattr(sys, stream) is None:  # the caller closed the stream, and wants only the exit status
            setattr(sys, stream, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    for output in (sys.stdout, sys.stderr):
        if isinstance(output, TextIOWrapper):
            encoding = output.encoding if _can_escape(output.encoding) else "ascii"
            output.reconfigure(encoding=encoding, errors="backslashreplace")  # escape what the encoding lacks
    import gc

    # Rows, and the modules that are imported here, make many objects without reference cycles. So the garbage collector
    # is set to run rarely. This saves a sixth of the time of `kolmisla queue`, and a thirtieth of that of `kolmisla
    # due`.
    gc.set_threshold(100_000)
    # argparse looks for translations of its messages in the locale's language. Here, every message is in English.
    import argparse

    argparse._ = str  # type: ignore[attr-defined]
    argparse.ngettext = lambda one, many, number: one if number == 1 else many  # type: ignore[attr-defined]
    from kolmisla.errors import KolmislaError

    try:
        if WRITING & {*sys.argv[1:]}:  # if a signal ends the command, remove its half-written files and end its program
            from kolmisla.cli.signals import clear_up_when_ended

            clear_up_when_ended()
        from kolmisla.cli import main
    except KolmislaError as error:  # the built-in policy cannot be loaded: this machine knows no time zones
        return _told(str(error), EXIT_UNUSABLE)

    gc.freeze()  # the collector skips the imported objects; this saves a seventh of the time of `due`
    return main()


def _can_escape(encoding: str) -> bool:
    """Tell whether an encoding accepts escapes for characters that it lacks.

    `idna`, the encoding of host names, does not accept such escapes.
    """
    try:
        "\u0161".encode(encoding, "backslashreplace")
    except UnicodeError:
        return False
    return True


def _unexpected(error: BaseException) -> int:
    if os.environ.get(TRACEBACK) == "1":
        import traceback

        traceback.print_exception(error)
    error.__traceback__ = None  # frees what the functions held, such as rows that filled the memory
    message = " ".join(str(error).split())[:LONGEST_ERROR]
    fault = f"{type(error).__name__}: {message}" if message else type(error).__name__
    return _told(UNEXPECTED + fault, EXIT_UNEXPECTED)


def _told(text: str, status: int) -> int:
    line = "".join(char if char.isprintable() else "?" for char in text)
    with suppress(OSError):  # stderr is broken; the exit status still reports the failure
        sys.stderr.write(f"kolmisla: {line}\n")
        sys.stderr.flush()
    return status


if __name__ == "__main__":
    run()
