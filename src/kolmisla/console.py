"""What a command says to whoever called it: its exit status, and lines on standard error."""

import sys
from contextlib import suppress

__all__ = ["CLOSED", "DONE", "INTERRUPTED", "NOT_COVERED", "REJECTED", "UNUSABLE", "tell"]

DONE, REJECTED, UNUSABLE, NOT_COVERED, CLOSED = range(5)
INTERRUPTED = 130  # as shells have it: 128 and the signal


def tell(line: str) -> None:
    """Say something on standard error; when even that cannot be written, the exit status has to do."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
