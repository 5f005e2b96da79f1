"""What a command says to whoever called it: its exit status, and lines on standard error."""

import sys
from contextlib import suppress
from typing import Any

__all__ = ["CLOSED", "DONE", "INTERRUPTED", "NOT_COVERED", "REJECTED", "UNUSABLE", "print_json", "tell"]

DONE, REJECTED, UNUSABLE, NOT_COVERED, CLOSED = range(5)
INTERRUPTED = 130  # as shells have it: 128 and the signal


def print_json(answer: Any) -> None:
    """Print an answer as one line of JSON."""
    import json  # most commands answer in text, and start sooner without

    print(json.dumps(answer), flush=True)


def tell(line: str) -> None:
    """Say something on standard error; when even that cannot be written, the exit status has to do."""
    with suppress(OSError):
        print(line, file=sys.stderr, flush=True)
