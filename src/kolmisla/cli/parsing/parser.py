"""The class of all parsers: how help is printed, and what the errors for a wrong command line say."""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, NoReturn

from kolmisla.cli.terminal import EXIT_BROKEN_PIPE, EXIT_UNUSABLE, columns_asked, tell
from kolmisla.errors import brief, choices, shown

__all__ = ["Parser"]

MARGIN = 2  # columns that stay free on the right
SIMILAR = 0.6  # from 0 to 1; a word that is at least this similar to a name may be the name, misspelled
EXAMPLES_BEGIN = "examples:\n"  # a paragraph that is not wrapped


def _width() -> int:
    """Return the width of help texts. The default of argparse would import `shutil`, which takes longer."""
    if asked := columns_asked():
        return asked - MARGIN
    with suppress(AttributeError, ValueError, OSError):  # standard output is closed, or not a terminal
        return os.get_terminal_size(sys.__stdout__.fileno()).columns - MARGIN  # type: ignore[union-attr]
    return 80 - MARGIN


class _Formatter(argparse.HelpFormatter):
    """A formatter that wraps each paragraph, but leaves examples as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        filled = super()._fill_text
        parts = text.split("\n\n")
        return "\n\n".join(part if part.startswith(EXAMPLES_BEGIN) else filled(part, width, indent) for part in parts)


class Parser(argparse.ArgumentParser):
    """A parser that accepts only unabbreviated options, and says in one sentence what is wrong.

    If it has commands, `chooses` names the attribute of the result that has the chosen command. `groups` has the
    commands below each heading of the help.
    """

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=partial(_Formatter, width=_width()), **options)
        self.chooses: str | None = None
        self.groups: Mapping[str, Sequence[str]] = {}

    def commands(self, field: str, metavar: str) -> Any:
        """Return argparse's object to which commands are added. Parsing stores the chosen command as `field`."""
        self.chooses = field
        return self.add_subparsers(metavar=metavar, dest=field)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Parse a command line as argparse does, but report each option that this parser does not know.

        The parser of a command reports its own unknown options, because only it can suggest a similar one.
        """
        words = sys.argv[1:] if args is None else list(args)
        for option in _options_in(self._own_words(words)):
            if option not in self._option_string_actions:
                self.error(f"there is no option {option}{self._nearest(option, self._option_string_actions)}")
        parsed, extra = super().parse_known_args(words, namespace)
        if self.chooses is not None and not extra and getattr(parsed, self.chooses) is None:
            self.print_help(sys.stderr)
            sys.exit(EXIT_UNUSABLE)
        if extra:
            self.error(f"{shown(extra[0])} is not expected here")
        return parsed, extra

    def _own_words(self, words: Sequence[str]) -> Sequence[str]:
        """Return the words of a command line among which this parser looks for unknown options.

        If a command or a program follows, these are only the options before it, without their values. Otherwise they
        are all words.
        """
        places = enumerate(action.nargs for action in self._get_positional_actions())
        before = next((place for place, nargs in places if nargs in (argparse.PARSER, argparse.REMAINDER)), None)
        if before is None:
            return words
        options: list[str] = []
        rest = iter(words)
        for word in rest:
            if not word.startswith("-"):
                if not before:
                    break
                before -= 1
                continue
            options.append(word)
            if action := self._option_string_actions.get(word):
                if action.nargs == 0:  # --help or --version, which end the program
                    break
                next(rest, None)
        return options

    def _get_values(self, action: argparse.Action, arg_strings: list[str]) -> Any:
        """Return the value of an option or of an argument.

        For `--option=--`, the value is `--`. The argparse of Python 3.11 and 3.12 would lose this value.
        """
        if action.option_strings and arg_strings == ["--"]:
            value = self._get_value(action, "--")
            self._check_value(action, value)
            return value
        return super()._get_values(action, arg_strings)

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise an error if a value is not one of the choices. The error names a similar choice, if there is one."""
        if action.choices is None or value in action.choices:
            return
        near = self._nearest(str(value), map(str, action.choices))
        if isinstance(action, argparse._SubParsersAction):
            self.error(f"there is no command {shown(value)}{near}")
        told = f"invalid choice: {shown(value)}; choose from {choices(map(str, action.choices))}{near}"
        raise argparse.ArgumentError(action, told)

    @staticmethod
    def _nearest(word: str, known: Iterable[str]) -> str:
        from difflib import get_close_matches  # only needed for an error

        names = [*known]
        near = [name for name in names if name.startswith(word)] or get_close_matches(word, names, n=1, cutoff=SIMILAR)
        return f"; did you mean {near[0]}?" if near else ""

    def format_help(self) -> str:
        """Return the help. Commands stand below the headings of their groups."""
        from kolmisla.cli.parsing.epilogs import epilog

        self.epilog = epilog(self.prog.partition(" ")[2])
        if not self.groups:
            return super().format_help()
        formatter = self._get_formatter()
        formatter.add_usage(self.usage, self._actions, self._mutually_exclusive_groups)
        formatter.add_text(self.description)
        (commands,) = (action for action in self._actions if isinstance(action, argparse._SubParsersAction))
        rows = {row.dest: row for row in commands._choices_actions}
        for heading, names in self.groups.items():
            formatter.start_section(heading)
            formatter.add_arguments([rows[name] for name in names])
            formatter.end_section()
        formatter.start_section("options")
        formatter.add_arguments([action for action in self._actions if action.option_strings])
        formatter.end_section()
        formatter.add_text(self.epilog)
        return formatter.format_help()

    def _print_message(self, message: str, file: Any = None) -> None:  # argparse would ignore an OSError
        try:
            print(message, end="", file=file or sys.stderr, flush=True)
        except OSError as fault:
            if file is sys.stdout:
                if isinstance(fault, BrokenPipeError):
                    sys.exit(EXIT_BROKEN_PIPE)
                tell(f"{self.prog}: {fault.strerror}")
                sys.exit(EXIT_UNUSABLE)

    def error(self, message: str) -> NoReturn:
        """Print on standard error what is wrong and how to get help. End the program with status 2."""
        tell(f"{self.prog}: error: {brief(message)} (see {self.prog} --help)")
        sys.exit(EXIT_UNUSABLE)


def _options_in(words: Sequence[str]) -> list[str]:
    """Return the options of a command line that begin with `--`, without values.

    Words with a blank and words after a lone `--` are not options.
    """
    until = words.index("--") if "--" in words else len(words)
    return [word.partition("=")[0] for word in words[:until] if word.startswith("--") and " " not in word]
