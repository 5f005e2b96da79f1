"""When time counts: schedules and clocks.

A schedule is made of opening hours, holidays and a time zone. A clock follows several schedules, one after another.

The public names are `read` and `reason_closed`. Each name is loaded when it is first used.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline    the spans of time in which one schedule is open, and the search through them
    days        the hours of each date: by weekday, holiday, exception, season or eve
    rules       what opens a schedule: weekly hours, always, never, or rules combined
    weeks       when a rule is open, computed week by week, and whether it ever opens
    nesting     how many schedules a document combines, by which names, and how deep they are nested
    notation    how a schedule is read from a document (a table of plain values) and written as one
    words       a schedule as text for people
    schedule    the questions about open time that a schedule answers: Schedule, ALWAYS, NEVER
    naming      targets in days, which name an instant such as the next working day at 16:00
    clock       a clock, which follows one schedule after another: Clock
    freezing    how the holidays of a country are written down as dates
    closures    why a schedule is closed at an instant
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

if TYPE_CHECKING:
    from kolmisla.schedules.closures import reason_closed
    from kolmisla.times.reading import read

__all__ = ["read", "reason_closed"]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "times.reading": ["read"],
        "schedules.closures": ["reason_closed"],
    },
)
