"""All notes on a policy: on its schedules, holidays and targets."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from itertools import islice

from kolmisla.errors import MOST_FAULTS
from kolmisla.policies.editions import eras_of
from kolmisla.policies.notes.note import Note
from kolmisla.policies.notes.of_holidays import notes_of_holidays, notes_of_last_holidays
from kolmisla.policies.notes.of_hours import notes_of_hours, notes_of_last_days
from kolmisla.policies.notes.of_targets import EXAMPLE_BEGINS, Compared, notes_of_targets
from kolmisla.policies.policy import Policy
from kolmisla.schedules.rules import Combined, Constant, Rule, Weekly
from kolmisla.schedules.schedule import rule_behind, unopened
from kolmisla.times.instants import Pair

__all__ = ["notes_of"]

OfWeekly = Callable[[Weekly], Iterator[Note]]

OF_WEEKLY: tuple[OfWeekly, ...] = (notes_of_holidays, notes_of_hours)
OF_LATEST: tuple[OfWeekly, ...] = (notes_of_last_holidays, notes_of_last_days)  # only for the latest edition
EXAMPLE_AT = re.compile(rf"{EXAMPLE_BEGINS}\S+(?=;)")
YEARS_SEARCHED = 1_000  # years to search for open time, for all schedules together; see `weeks.unopened_rule`


def notes_of(policy: Policy) -> tuple[Note, ...]:
    """Return the notes on a policy in the order of its document, without repetitions. There are at most a thousand.

    >>> from kolmisla import KOLMISOFT
    >>> notes_of(KOLMISOFT)
    ()
    """
    found: dict[tuple[tuple[str | int, ...], str], Note] = {}
    compared: Compared | None = None
    for number, (edition, era) in enumerate(eras_of(policy.editions)):
        since, compared = edition.effective_from, Compared(compared)
        for note in _of_edition(edition, era, compared, latest=number == len(policy.editions) - 1):
            place = ("editions", f"{since}") if number and since else ()
            told = EXAMPLE_AT.sub("", note.text)  # each edition would have its own example
            found.setdefault((note.place, told), Note((*place, *note.place), note.text))
            if len(found) >= MOST_FAULTS:
                return tuple(found.values())
    return tuple(found.values())


def _of_edition(edition: Policy, in_force: Pair, compared: Compared, *, latest: bool) -> Iterator[Note]:
    rules = {name: rule_behind(schedule) for name, schedule in edition.schedules.items()}
    by_name = set(rules.values())
    rules_of_weekly = OF_WEEKLY + OF_LATEST if latest else OF_WEEKLY
    notes_on = cache(lambda part: [note for notes in rules_of_weekly for note in notes(part)])
    for name, rule in rules.items():
        for place, text, _ in _of_rule(rule, by_name, notes_on):
            yield Note(("schedules", name, *place), text)
        if not isinstance(rule, Constant) and (why := unopened(edition.schedules[name], YEARS_SEARCHED // len(rules))):
            yield Note(("schedules", name), f'{why}; type hours, or open = "never" if it must never open')
    yield from islice(notes_of_targets(edition, in_force, compared), MOST_FAULTS)


def _of_rule(rule: Rule, by_name: set[Rule], notes_on: Callable[[Weekly], list[Note]]) -> Iterator[Note]:
    """Yield the notes on the weekly hours of a schedule. `rule` is the rule of the schedule.

    `notes_on` returns the notes on one part. If the schedule combines others, its parts in `by_name` are left
    out, because they get their own notes.
    """
    if isinstance(rule, Weekly):
        parts = [rule]
    elif isinstance(rule, Combined):
        parts = [part for part in rule.parts if isinstance(part, Weekly) and part not in by_name]
    else:
        parts = []
    for part in dict.fromkeys(parts):
        yield from notes_on(part)
