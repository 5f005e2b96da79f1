"""The signals that end a command: it clears up first."""

import signal
import sys

__all__ = ["clear_up_when_ended"]

ENDING = ("SIGHUP", "SIGTERM", "SIGINT")  # by name: not every platform has them all


def clear_up_when_ended() -> None:
    """Have signals that end this process raise an exception, so that what is half-written is cleared away.

    Only the first one does: another must not break into the clearing up. One that was ignored at the start stays
    ignored, as `nohup` wants it.
    """
    for number in _ending():
        signal.signal(number, _end)


def _ending() -> list[int]:
    """List the signals that end this process, by number."""
    known = (getattr(signal, name, None) for name in ENDING)
    return [number for number in known if number is not None and signal.getsignal(number) is not signal.SIG_IGN]


def _end(number: int, frame: object) -> None:  # noqa: ARG001
    for each in _ending():
        signal.signal(each, _pass_over)  # SIG_IGN would have Python complain of one that has come already
    if number == signal.SIGINT:
        raise KeyboardInterrupt
    sys.exit(128 + number)


def _pass_over(number: int, frame: object) -> None:
    """Do nothing: the process is ending."""
