"""Runs `kolmisla` to its end in this process, as a shell would run it in a process of its own.

Where only what a command prints is looked at, this saves the start of an interpreter, which takes longer than most
commands. As in another process, coverage is not measured.
"""

import gc
import sys
from io import BytesIO, TextIOWrapper
from subprocess import CompletedProcess

import pytest

from kolmisla.__main__ import run
from kolmisla.cli import signals
from tests.measuring import unmeasured


@unmeasured
def ended(*argv: str, merged: bool = False, **environment: str) -> CompletedProcess[str]:
    """Run a command. If `merged`, standard error goes where standard output goes."""
    out = BytesIO()
    err = out if merged else BytesIO()
    status: object = 0
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["kolmisla", *argv])
        patch.setattr(sys, "unraisablehook", sys.unraisablehook)  # it is set again at the end
        for name, stream in (("stdout", out), ("stderr", err)):
            patch.setattr(sys, name, TextIOWrapper(stream, encoding="utf-8", newline="\n", write_through=True))
        # what holds for a whole process, and this one goes on
        patch.setattr(gc, "freeze", lambda: None)
        patch.setattr(gc, "set_threshold", lambda _: None)
        patch.setattr(signals, "clear_up_when_ended", lambda: None)
        try:
            run()
        except SystemExit as end:
            status = end.code
        streams = sys.stdout, sys.stderr
    for each in streams:
        each.flush()
    assert isinstance(status, int), status
    return CompletedProcess([*argv], status, out.getvalue().decode(), "" if merged else err.getvalue().decode())
