"""Holidays that a user lists by date. A date that is not in the list is no holiday, so all years are known."""

from collections.abc import Mapping
from typing import NamedTuple

from kolmisla.schedules.days.countries import Names
from kolmisla.schedules.days.hours import DayHours
from kolmisla.times.dates import ALL_YEARS, YEARS, between, first_day, last_day

__all__ = ["ListedHolidays"]


class ListedHolidays(NamedTuple):
    """Holidays listed by date, for all years. `listed` has pairs of the ordinal of a date and a name."""

    listed: tuple[tuple[int, str], ...] = ()  # in order of date

    @property
    def years(self) -> range:
        """The years for which schedules answer: all years, because a date that is not in the list is no holiday."""
        return YEARS

    @property
    def written(self) -> range:
        """The years whose holidays are known. They are the same as `years`."""
        return YEARS

    @property
    def known(self) -> str:
        """Text for a message that says for which years schedules answer."""
        return ALL_YEARS

    def days(self, year: int) -> Names:
        """Return the name of each holiday in a year, by the ordinal of its date."""
        return dict(between(self.listed, first_day(year), last_day(year)))

    def public(self, year: int) -> Names:
        """Return the name of each holiday in a year. All listed holidays count as public holidays."""
        return self.days(year)

    def half_days(self, year: int) -> Names:  # noqa: ARG002
        """Return no days, because a list has no half days."""
        return {}

    def worked(self, year: int) -> Mapping[int, int | None]:  # noqa: ARG002
        """Return no days, because a list does not say that a Saturday or Sunday is worked."""
        return {}

    @property
    def is_complete(self) -> bool:
        """Whether the holidays of all years are known. True, because a date that is not in the list is no holiday."""
        return True

    def half_day_hours(self, year: int) -> Mapping[int, DayHours]:  # noqa: ARG002
        """Return no hours, because a list has no half days."""
        return {}
