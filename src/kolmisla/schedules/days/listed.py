"""A list of holidays, which is complete for all years."""

from collections.abc import Mapping
from typing import NamedTuple

from kolmisla.schedules.days.countries import Names
from kolmisla.schedules.days.dates import ALL_YEARS, YEARS, between, first_day, last_day
from kolmisla.schedules.days.hours import DayHours

__all__ = ["ListedHolidays"]


class ListedHolidays(NamedTuple):
    """A list of holidays that is complete for all years. `listed` has pairs of a date (an ordinal) and a name."""

    listed: tuple[tuple[int, str], ...] = ()  # in order of date

    @property
    def years(self) -> range:
        """All years for which a schedule can answer."""
        return YEARS

    @property
    def written(self) -> range:
        """All years for which a schedule can answer, because a list is complete."""
        return YEARS

    @property
    def known(self) -> str:
        """The years for which schedules answer, as text for a message."""
        return ALL_YEARS

    def days(self, year: int) -> Names:
        """Map each holiday (an ordinal) in one year to its name."""
        return dict(between(self.listed, first_day(year), last_day(year)))

    def public(self, year: int) -> Names:
        """Map each holiday to its name. All days of a list count as public holidays."""
        return self.days(year)

    def half_days(self, year: int) -> Names:  # noqa: ARG002
        """Return no days, because a list has no half days."""
        return {}

    def worked(self, year: int) -> Mapping[int, int | None]:  # noqa: ARG002
        """Return no days, because a list moves no days."""
        return {}

    @property
    def is_complete(self) -> bool:
        """Whether the calendar knows all years. It is true, because a list is complete."""
        return True

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:  # noqa: ARG002
        """Return no days, because a list has no half days."""
        return {}
