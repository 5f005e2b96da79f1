"""`kolmisla policy freeze`: replace a country's holidays in a policy with their dates."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from kolmisla.cli.options import loaded
from kolmisla.cli.policies.act import file_read
from kolmisla.cli.terminal import EXIT_DONE, refuse_overwriting, tell
from kolmisla.documents.calendar_files import with_calendar_files
from kolmisla.documents.places import ValuePlace
from kolmisla.documents.toml_json import document_in
from kolmisla.errors import PolicyError
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.names import files_of
from kolmisla.policies.comparing.fingerprint import USUAL_YEARS, checked_years
from kolmisla.policies.comparing.freezing import countries_in, frozen_documents, place_text, replaced, with_values
from kolmisla.policies.policy import Policy
from kolmisla.schedules.days.holiday_notation import holidays_of
from kolmisla.schedules.freezing import has_country, needs_neighbours, shared_years
from kolmisla.times.dates import years_text

__all__ = ["run_freeze"]

BUILT_IN = "kolmisoft.toml"
BYTE_ORDER_MARK = "\ufeff"  # a mark with which some editors begin a file


def run_freeze(options: argparse.Namespace) -> int:
    """Write a policy with dates in place of the holidays of countries. Print on standard error what was replaced."""
    file = file_read(options)
    refuse_overwriting({"policy": file}, options.out)
    policy, name = loaded(file), file or BUILT_IN
    ending = Path(name).suffix.lower()
    if options.out != STANDARD_STREAM and Path(options.out).suffix.lower() != ending:
        raise ValueError(
            f"{options.out} must end in {ending}, because it gets the text of {name} with only the holidays replaced"
        )
    raw = (files_of("kolmisla.policies") / BUILT_IN).read_bytes() if file is None else Path(file).read_bytes()
    text, document = raw.decode("utf-8"), document_in(raw, name)
    found = dict(countries_in(with_calendar_files(document, name), document))
    first, last = _years(options.years, found, name)
    text = _frozen(text, document, policy, found, (first, last), name) if found else text
    with drafts() as new:
        new.stream(options.out).write(text)
    for place, value in found.items():
        tell(f"{place_text(place)}: {_title(value)}, {years_text(first, last)}")
    if not found:
        tell(f"{name}: no schedule has the holidays of a country, so there is nothing to freeze")
    tell(f"fingerprint for {years_text(first, last)}: {policy.fingerprint((first, last))}")
    return EXIT_DONE


def _years(given: range | None, found: Mapping[ValuePlace, Any], name: str) -> tuple[int, int]:
    """Return the first and the last year whose holidays are to be written as dates.

    They are those of `given` or, if it is None, of the years from 2020 to 2040 with all holidays in `found` known.
    Raise ValueError if there is no such year, or if holidays are unknown in one of the two. `name` is the file of the
    policy.
    """
    calendars = {place: holidays_of(value) for place, value in found.items()}
    known = shared_years(calendars.values()) if calendars else USUAL_YEARS
    usual = max(known.start, USUAL_YEARS.start), min(known.stop, USUAL_YEARS.stop) - 1
    first, last = checked_years(given) if given is not None else usual
    if first > last:
        told = "; ".join(dict.fromkeys(calendar.known for calendar in calendars.values()))
        if not known:
            raise ValueError(
                f"{name}: there is no year for which all holidays are known; {told};"
                " write the dates of some of these holidays by hand"
            )
        raise ValueError(
            f"{name}: there is no year from {years_text(USUAL_YEARS[0], USUAL_YEARS[-1])} for which all holidays are"
            f" known; {told}; give other years with --years, such as --years {known[0]}-{known[-1]}"
        )
    for place, calendar in calendars.items():
        if first not in calendar.years or last not in calendar.years:
            raise ValueError(f"{name}: {place_text(place)}: {calendar.known}, not for {years_text(first, last)}")
    return first, last


def _frozen(
    text: str,
    document: Mapping[str, Any],
    policy: Policy,
    found: Mapping[ValuePlace, Any],
    years: tuple[int, int],
    name: str,
) -> str:
    """Return the text of the frozen policy: `text` with dates in place of the holidays in `found`.

    Raise PolicyError if answers in `years` or any other part of the text would change.
    """
    schedules = [schedule for edition in policy.editions for schedule in edition.schedules.values()]
    changes = frozen_documents(found, *years, around=any(map(needs_neighbours, schedules)))
    by_hand = f"in {' and '.join(map(place_text, changes))} write holidays = ... on a line of its own, and freeze again"
    try:
        mark = BYTE_ORDER_MARK if text.startswith(BYTE_ORDER_MARK) else ""
        made = mark + with_values(
            text.removeprefix(BYTE_ORDER_MARK), changes, toml=Path(name).suffix.lower() == ".toml"
        )
        written = document_in(made.encode(), name)
        frozen = Policy.from_dict(written)
    except PolicyError as fault:
        raise PolicyError(f"{name} cannot be frozen: {fault}; {by_hand}") from fault
    others = [schedule for edition in frozen.editions for schedule in edition.schedules.values()]
    if written != replaced(document, changes) or any(map(has_country, others)):
        raise PolicyError(f"{name} cannot be frozen, because more than its holidays would change; {by_hand}")
    if frozen.fingerprint(years) != policy.fingerprint(years):
        raise PolicyError(f"{name} cannot be frozen for {years_text(*years)}: its answers would change")
    return made


def _title(value: Any) -> str:
    return str(value.get("country") or value["frozen"] if isinstance(value, Mapping) else value)
