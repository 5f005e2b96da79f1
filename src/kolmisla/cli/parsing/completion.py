"""Scripts with which shells complete commands, options and the names of files."""

import argparse
from collections.abc import Iterator

from kolmisla.cli.parsing.arguments import parser

__all__ = ["completion"]

NAMES_OF_FILES = ("FILE", "FROZEN", "EVENTS", "NEW", "OLD", "OUT", "POLICY", "RELEASES", "TICKETS")


def completion(shell: str) -> str:
    """Return the script for a shell: bash, zsh or fish. Raise ValueError if shtab, which writes it, is missing."""
    try:
        import shtab
    except ImportError as error:
        raise ValueError("a script for a shell needs shtab: pip install 'kolmisla[completion]'") from error
    whole = parser()
    for action in _actions(whole):
        if action.metavar in NAMES_OF_FILES:
            action.complete = shtab.FILE  # type: ignore[attr-defined]
    script: str = shtab.complete(whole, shell=shell)
    return script.rstrip("\n")


def _actions(whole: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the arguments and options of a parser and of all its commands."""
    for action in whole._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
