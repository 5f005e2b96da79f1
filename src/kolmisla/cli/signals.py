"""How half-written files are removed before a signal ends a command."""

import signal
import sys
from contextlib import suppress

__all__ = ["clear_up_when_ended", "ignore_as_before"]

ENDING = ("SIGHUP", "SIGTERM", "SIGINT")  # names, because a platform may lack a signal


def clear_up_when_ended() -> None:
    """Make the signals that end this process raise an exception, so that half-written files are removed.

    Only the first signal raises, so that the cleanup goes on. Signals ignored at the start stay ignored, as `nohup`
    requires.
    """
    for number in _ending():
        signal.signal(number, _end)


def ignore_as_before() -> None:
    """Ignore SIGINT again if the process ignored it before polars was loaded. Polars has a handler of its own."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # Python does not know of the handler
        with suppress(ValueError):  # only the main thread may set it
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _ending() -> list[int]:
    """Return the numbers of the signals that would end this process and are not ignored."""
    known = (getattr(signal, name, None) for name in ENDING)
    return [number for number in known if number is not None and signal.getsignal(number) is not signal.SIG_IGN]


def _end(number: int, frame: object) -> None:  # noqa: ARG001
    for other in _ending():
        signal.signal(other, _pass_over)  # with SIG_IGN, Python would report a signal that it has received already
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _pass_over(number: int, frame: object) -> None:
    """Do nothing at a further signal, because the process is ending already."""
