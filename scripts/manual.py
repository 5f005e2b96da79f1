"""Write docs/kolmisla.1, the manual page, from the parsers of the command line.

    python scripts/manual.py

A test compares what this script writes with the page in docs/. `man docs/kolmisla.1` shows it.
"""

from argparse import SUPPRESS, Action, _HelpAction, _SubParsersAction
from collections.abc import Iterator
from pathlib import Path

from kolmisla.cli.parsing.arguments import GROUPS, parser
from kolmisla.cli.parsing.epilogs import EXAMPLES_OF, STATUSES
from kolmisla.cli.parsing.parser import Parser

PAGE = Path(__file__).parents[1] / "docs" / "kolmisla.1"
OTHER_STATUSES = {
    70: "an unexpected error",
    130: "interrupted",
    141: "standard output was closed by its reader",
}
VARIABLES = {
    "KOLMISLA_POLICY": "the policy of commands without --policy, a TOML or JSON file",
    "KOLMISLA_TRACEBACK": "if this is 1, an unexpected error prints its traceback",
    "COLUMNS": "the width of help and tables, in columns",
}


def manual() -> str:
    """Return the manual page in the language of troff."""
    whole = parser()
    lines = [
        '.TH KOLMISLA 1 "" "kolmisla" "User Commands"',
        ".SH NAME",
        "kolmisla \\- deadlines of support tickets",
        ".SH SYNOPSIS",
        ".B kolmisla",
        "[\\fIOPTIONS\\fR] \\fICOMMAND\\fR ...",
        ".SH DESCRIPTION",
        _text(whole.description or ""),
        ".SH OPTIONS",
        *_options(whole),
    ]
    commands = _commands(whole)
    for heading, names in GROUPS.items():
        lines.append(f".SH {_text(heading).upper()}")
        for name in names:
            lines += _command(commands[name], name)
    lines += [".SH EXIT STATUS"]
    for status, text in {**STATUSES, **OTHER_STATUSES}.items():
        lines += _item(f"\\fB{status}\\fR", text)
    lines += [".SH ENVIRONMENT"]
    for variable, text in VARIABLES.items():
        lines += _item(f"\\fB{variable}\\fR", text)
    return "\n".join(lines) + "\n"


def _command(command: Parser, name: str) -> Iterator[str]:
    """Yield the lines about a command, and about its acts."""
    arguments = " ".join(_argument(action) for action in command._actions if not action.option_strings)
    yield f".SS kolmisla {name} [\\fIOPTIONS\\fR] {arguments}".rstrip()
    yield _text(command.description or "Print the help of a command.")
    yield from _options(command)
    if examples := EXAMPLES_OF.get(name):
        yield from (".PP", "Examples:", ".PP", ".nf", *(f"    {_text(example)}" for example in examples), ".fi")
    for act, below in _commands(command).items():
        yield from _command(below, f"{name} {act}")


def _options(command: Parser) -> Iterator[str]:
    """Yield the lines about the arguments and options of a parser."""
    for action in command._actions:
        if isinstance(action, (_HelpAction, _SubParsersAction)):
            continue
        names = ", ".join(f"\\fB{_text(option)}\\fR" for option in action.option_strings)
        value = _argument(action) if action.nargs != 0 else ""
        yield from _item(" ".join(filter(None, (names, value))), _help(action))


def _argument(action: Action) -> str:
    """Return what stands for the value of an argument or option."""
    shown = action.metavar or (action.choices and "|".join(map(str, action.choices))) or action.dest.upper()
    text = f"\\fI{_text(str(shown))}\\fR"
    if isinstance(action, _SubParsersAction):
        return f"{text} ..."
    return {"?": f"[{text}]", "*": f"[{text} ...]"}.get(str(action.nargs), text) if not action.option_strings else text


def _help(action: Action) -> str:
    default = "" if action.default is SUPPRESS else action.default
    return (action.help or "").replace("%(default)s", str(default)).replace("%%", "%")


def _commands(whole: Parser) -> dict[str, Parser]:
    for action in whole._actions:
        if isinstance(action, _SubParsersAction):
            return dict(action.choices)
    return {}


def _item(term: str, text: str) -> list[str]:
    return [".TP", term, _text(text)]


def _text(text: str) -> str:
    """Return a text in which troff reads no character as a command."""
    plain = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    return f"\\&{plain}" if plain.startswith(".") else plain


if __name__ == "__main__":
    PAGE.write_text(manual(), encoding="utf-8")
