"""What differs between two policies: rules, and dates on which the hours of a schedule differ."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta, tzinfo
from functools import cache, partial
from itertools import chain
from typing import Any, NamedTuple

from kolmisla.documents.names import folded
from kolmisla.errors import as_text
from kolmisla.policies.editions import eras_of
from kolmisla.policies.terms.named_schedules import table_of_edition
from kolmisla.schedules.days.hours import day_text
from kolmisla.schedules.freezing import known_part, open_in
from kolmisla.times.dates import first_day, last_day
from kolmisla.times.instants import DAY, EPOCH_DAY, Pair, clipped, difference, instants_in, length, merged
from kolmisla.times.zones import midnight, plain_offset, zone_named

__all__ = ["ABSENT", "DateChange", "RuleChange", "dates_between", "rules_between"]

ABSENT = "-"  # in place of a value that a policy does not have
LATER_THAN_ALL = 1 << 62  # later than any instant
ALIKE_WITHIN = 7  # dates with the same change that are at most so many days apart become one range


class RuleChange(NamedTuple):
    """A rule that differs between two policies: its place in the document, and its value in each policy.

    With several editions, the place begins with the date of the edition. A value is ABSENT if the policy does not have
    the rule. The value of a whole edition is `there`.
    """

    place: str
    old: Any
    new: Any


class DateChange(NamedTuple):
    """Dates on which the hours of a schedule differ between two policies, with the same change on each date.

    There are `number` dates. Other dates between `first` and `last` may have no change. `old` and `new` are hours as
    text, such as `08:00-17:00`, `closed` or `not known`.
    """

    schedule: str
    first: date
    last: date
    number: int
    old: str
    new: str


def rules_between(old: Any, new: Any) -> list[RuleChange]:
    """Return the rules that differ between two policies, edition by edition in order of time.

    Editions with the same date are compared. If each policy has only one edition, these two are compared, whatever
    their dates.
    """
    if len(old.editions) == len(new.editions) == 1:
        return list(_rules(table_of_edition(old), table_of_edition(new), ()))
    tables = [
        {str(each.effective_from or "start"): table_of_edition(each) for each in one.editions} for one in (old, new)
    ]
    return [
        change._replace(place=f"edition {change.place}")
        for day in sorted({*tables[0], *tables[1]}, key=lambda day: (day != "start", day))
        for change in (
            _rules(tables[0][day], tables[1][day], (day,))
            if day in tables[0] and day in tables[1]
            else [RuleChange(day, *("there" if day in table else ABSENT for table in tables))]
        )
    ]


def _rules(old: Any, new: Any, place: tuple[str, ...]) -> Iterator[RuleChange]:
    if not (isinstance(old, Mapping) and isinstance(new, Mapping)) or {"frozen", "country"} & (set(old) ^ set(new)):
        if old != new:
            yield RuleChange(".".join(place), _brief(old), _brief(new))
        return
    for key in [*old, *(key for key in new if key not in old)]:
        yield from _rules(old.get(key, ABSENT), new.get(key, ABSENT), (*place, as_text(key)))
    if list(old) != list(new) and set(old) == set(new) and place[-1:] in (("channels",), ("releases",)):
        yield RuleChange(".".join(place), list(old), list(new))  # a change of order counts


def _brief(value: Any) -> Any:
    """Return a value in the form that people see.

    A table with the key `frozen` has the holidays of a country as dates. It becomes text with the country's code and
    the years.
    """
    if isinstance(value, Mapping) and "frozen" in value:
        return f"{value['frozen']} frozen for {value['years']}"
    return [_brief(item) for item in value] if isinstance(value, list) else value


def dates_between(old: Any, new: Any, first: int, last: int) -> list[DateChange]:
    """Return the dates from the year `first` to the year `last` on which the hours of a schedule differ.

    Schedules with equal names are compared, by the edition that is in force on each date. Dates with the same change
    are joined if they are at most seven days apart.
    """
    names = {folded(name): name for one in (old, new) for each in one.editions for name in each.schedules}
    return [change for name in names.values() for change in _of_schedule(name, old, new, first, last)]


def _of_schedule(name: str, old: Any, new: Any, first: int, last: int) -> Iterator[DateChange]:
    # A year more on each side, because the first and the last date of a zone begin and end in other years elsewhere.
    timelines = [_timeline(one, name, first - 1, last + 1) for one in (old, new)]
    if not all(known for _, known, _ in timelines):
        return  # only one policy has the schedule; `rules_between` reports this
    zone = zone_named(timelines[1][2])
    (spans, known, _), (other_spans, other_known, _) = timelines
    pairs = ((spans, other_spans), (other_spans, spans), (known, other_known), (other_known, known))
    instants = [pair for one, other in pairs for pair in difference(one, other)]
    days: set[int] = set()
    begin = cache(partial(midnight, zone))  # many spans may lie on one date
    for start, end in merged(instants):
        day = max(start // DAY + EPOCH_DAY - 1, first_day(first))
        while day <= last_day(last) and begin(day) < end:
            if begin(day + 1) > start:
                days.add(day)
            day += 1
    ends = [(day, begin(day), begin(day + 1), plain_offset(zone, day) is not None) for day in sorted(days)]
    texts = zip(*(_hours(ends, spans, known, zone) for spans, known, _ in timelines), strict=True)
    changed = [(day, *both) for (day, *_), both in zip(ends, texts, strict=True) if both[0] != both[1]]
    run: list[tuple[int, str, str]] = []
    for item in [*changed, (LATER_THAN_ALL, "", "")]:
        if run and (item[0] - run[-1][0] > ALIKE_WITHIN or item[1:] != run[-1][1:]):
            start_of_run, end_of_run = (date.fromordinal(run[index][0]) for index in (0, -1))
            yield DateChange(name, start_of_run, end_of_run, len(run), *run[0][1:])
            run = []
        run.append(item)


def _timeline(policy: Any, name: str, first: int, last: int) -> tuple[list[Pair], list[Pair], str]:
    """Return a schedule's open spans, the spans in which its hours are known, and its zone.

    All spans are in the years `first` to `last`, each from the edition that is then in force. The zone comes from the
    latest edition that has the schedule.
    """
    spans: list[list[Pair]] = []
    known: list[Pair] = []
    zone = policy.timezone
    for edition, era in eras_of(policy.editions):
        schedule = next((each for other, each in edition.schedules.items() if folded(other) == folded(name)), None)
        if schedule is None:
            continue
        zone = schedule.timezone or policy.timezone
        spans.append(clipped(open_in(schedule, policy.timezone, first, last), *era))
        known += clipped([known_part(schedule, policy.timezone, first, last)], *era)
    return merged(chain.from_iterable(spans)), merged(known), zone


def _hours(days: list[tuple[int, int, int, bool]], spans: list[Pair], known: list[Pair], zone: tzinfo) -> Iterator[str]:
    """Yield the hours of each date as text, `closed` for none, or `not known` for a date that overlaps no `known` span.

    `days` has the ordinal, the start and the end of each date in `zone`, and whether clocks do not change on the date.
    `spans` are the open spans.
    """
    number, wall, text = 0, _wall_times(instants_in(zone)), cache(day_text)
    for _, begin, end, is_plain in days:
        while number < len(spans) and spans[number][1] <= begin:
            number += 1
        behind = number
        while behind < len(spans) and spans[behind][0] < end:
            behind += 1
        if not any(a < end and begin < b for a, b in known):
            yield "not known"
        else:
            inside = clipped(spans[number:behind], begin, end)
            if is_plain:
                hours = [(a - begin, b - begin if b < end else DAY) for a, b in inside]
            else:
                hours = [(wall(a), wall(b) if b < end else DAY) for a, b in inside]
            yield ", ".join(text(tuple(hours))) or "closed"


def _wall_times(instant: Callable[[int], datetime]) -> Callable[[int], int]:
    """Return a function that turns an instant into the microseconds since midnight that clocks show.

    `instant` turns microseconds into a datetime in the zone of these clocks.
    """

    def wall(at: int) -> int:
        face = instant(at)
        return length(timedelta(0, face.second, face.microsecond, 0, face.minute, face.hour))

    return wall
