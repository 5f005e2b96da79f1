"""Write the generated modules: the holidays of Lithuania, and the built-in policy as a document.

    python scripts/generate.py

A test compares what this script writes with the generated files of the project.
"""

import json
import tomllib
from pathlib import Path
from string import ascii_lowercase
from typing import Any

from holidays import country_holidays

SOURCE = Path(__file__).parents[1] / "src" / "kolmisla"
YEARS = range(2011, 2101)  # the years for which the package has the same holidays as the law


def lithuania() -> str:
    """Return the module of Lithuania's holidays: the names of the holidays, and a line for each year."""
    found = {year: country_holidays("LT", years=year, expand=False, language="en_US") for year in YEARS}
    names = dict.fromkeys(name for days in found.values() for _, name in sorted(days.items()))
    letters = dict(zip(names, ascii_lowercase, strict=False))
    years = {
        year: " ".join(f"{day:%m%d}{letters[name]}" for day, name in sorted(days.items()))
        for year, days in found.items()
    }
    return "\n".join(
        [
            f'"""Public holidays of Lithuania from {YEARS.start} to {YEARS.stop - 1}, made by scripts/generate.py.',
            "",
            "Each holiday is written as the month, the day and a letter. HOLIDAY_NAMES has the name for each letter.",
            '"""',
            "",
            '__all__ = ["HOLIDAY_NAMES", "HOLIDAYS_IN"]',
            "",
            "HOLIDAY_NAMES = {",
            *(f"    {json.dumps(letter)}: {json.dumps(name)}," for name, letter in letters.items()),
            "}",
            "",
            "HOLIDAYS_IN = {",
            *(f"    {year}: {json.dumps(days)}," for year, days in years.items()),
            "}",
            "",
        ]
    )


def built_in() -> dict[str, Any]:
    """Return the document of the built-in policy."""
    return tomllib.loads((SOURCE / "policies" / "kolmisoft.toml").read_text(encoding="utf-8"))


def kolmisoft_examples() -> str:
    """Return the module of the built-in policy's examples, with a line for each."""
    return "\n".join(
        [
            '"""The examples of the built-in policy, made from kolmisoft.toml by scripts/generate.py."""',
            "",
            "# ruff: noqa: E501",
            "# fmt: off",
            "from typing import Any",
            "",
            '__all__ = ["KOLMISOFT_EXAMPLES"]',
            "",
            "KOLMISOFT_EXAMPLES: list[dict[str, Any]] = [",
            *(f"    {example!r}," for example in built_in()["examples"]),
            "]",
            "",
        ]
    )


def kolmisoft() -> str:
    """Return the module of the built-in policy: the content of its TOML document, with a line for each entry."""
    document = built_in()
    del document["examples"]  # they have a module of their own, so that most commands need not load them
    rows = []
    for key, value in document.items():
        entries = value if isinstance(value, dict) else {}
        if entries and all(isinstance(entry, dict) for entry in entries.values()):
            rows += [
                f"    {key!r}: {{",
                *(f"        {name!r}: {entry!r}," for name, entry in entries.items()),
                "    },",
            ]
        else:
            rows.append(f"    {key!r}: {value!r},")
    return "\n".join(
        [
            '"""The document of the built-in policy, made from kolmisoft.toml by scripts/generate.py."""',
            "",
            "# ruff: noqa: E501, RUF001",
            "# fmt: off",
            "from typing import Any",
            "",
            '__all__ = ["DOCUMENT"]',
            "",
            "DOCUMENT: dict[str, Any] = {",
            *rows,
            "}",
            "",
        ]
    )


GENERATED = {
    SOURCE / "generated" / "lithuania.py": lithuania,
    SOURCE / "generated" / "kolmisoft.py": kolmisoft,
    SOURCE / "generated" / "kolmisoft_examples.py": kolmisoft_examples,
}

if __name__ == "__main__":
    for path, text in GENERATED.items():
        path.write_text(text(), encoding="utf-8")
