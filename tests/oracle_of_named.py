"""A slow second opinion on the instants that targets in days name. It looks at one date after the other.

It shares neither code nor method with kolmisla: it knows no tables, and asks a desk only for the hours of one date.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.tz import resolve_imaginary

from tests import oracle
from tests.oracle import DAY, Desk, Oracle

Pair = tuple[datetime, datetime]


@dataclass(frozen=True)
class Named:
    """A target in days, as a document writes it, on a desk whose dates are those of a zone."""

    desk: Oracle
    zone: ZoneInfo
    days: int
    working: bool
    by: str | None = None
    counts_from: str = "opening"
    cutoff: str | None = None

    def instant(self, start: datetime) -> datetime | None:
        """Return the instant that is named from a start. Return None if it is too far away to be looked for."""
        return self.in_working_days(start) if self.working else self.in_dates(start)

    # in calendar days

    def in_dates(self, start: datetime) -> datetime:
        shown = start.astimezone(self.zone)
        day = shown.date() + self.days * DAY
        while True:
            at = self.on(day, shown.time(), hours=self.hours(day) if self.by == "close" else [])
            if at > start or (at == start and self.days > 0):
                return at
            day += DAY

    # in working days

    def in_working_days(self, start: datetime) -> datetime | None:
        begin = oracle.next_open(self.desk, start)
        if begin is None:
            return None
        today = start.astimezone(self.zone).date()
        own = self.day_of(begin)
        of_start = today if begin > start else own
        if self.cutoff is not None and (hours := self.hours(of_start)):
            opens, closes = min(opening for opening, _ in hours), max(end for _, end in hours)
            evening, night = (self.at(of_start + n * DAY, time.fromisoformat(self.cutoff)) for n in (0, 1))
            limit = night if evening < opens and night < closes else evening
            if limit <= start and limit <= closes:
                later = list(islice(self.working_days_after(of_start), 1))
                if not later:
                    return None
                (own,) = later
                begin = min(opening for opening, _ in self.hours(own))
        face = begin.astimezone(self.zone)
        nights = face.date() - own
        first = today if self.counts_from == "date" else own
        behind = self.working_days_after(first)
        if self.days == 0:
            candidates = [first] if self.by != "close" or self.hours(first) else []
            for day in [*candidates, *behind]:
                at = self.on(day, face.time(), hours=self.hours(day))
                if at > begin:
                    return at
            return None
        for number, day in enumerate(behind, 1):
            if number >= self.days:
                at = self.on(day + (nights if self.by is None else 0 * DAY), face.time(), hours=self.hours(day))
                if at >= start:
                    return at
        return None

    def day_of(self, at: datetime) -> date:
        """Return the date on which the hours began that run at an instant; of several, those that began last."""
        day = at.astimezone(self.zone).date()
        begun = [
            (a, each) for each in (day + n * DAY for n in range(-4, 2)) for a, b in self.hours(each) if a <= at < b
        ]
        return max(begun)[1]

    def working_days_after(self, day: date) -> Iterator[date]:
        last = day + 200 * DAY
        while day < last:
            day += DAY
            if self.hours(day):
                yield day

    # dates and times

    def hours(self, day: date) -> list[Pair]:
        if isinstance(self.desk, Desk):
            return self.desk.intervals(day)
        return oracle.pieces(self.desk, self.at(day, time()), self.at(day + DAY, time()))

    def on(self, day: date, shown: time, hours: list[Pair]) -> datetime:
        if self.by == "close":
            return max(end for _, end in hours) if hours else self.at(day + DAY, time())
        if self.by == "24:00":
            return self.at(day + DAY, time())
        return self.at(day, shown if self.by is None else time.fromisoformat(self.by))

    def at(self, day: date, shown: time) -> datetime:
        """Return when clocks show a time: for a skipped one after the gap, for a repeated one the first."""
        return resolve_imaginary(datetime.combine(day, shown.replace(fold=0), self.zone)).astimezone(UTC)
