"""When time counts: schedules and clocks.

A schedule is made of opening hours, holidays and a time zone. A clock is made of schedules in sequence.

The public names are `read` and `reason_closed`. Each name is loaded when it is first used.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    timeline    the open spans of one schedule, and the only search through them
    days        the hours of each date: by weekday, holiday, exception, season or eve
    rules       what opens a schedule: weekly hours, always, never, or rules combined
    weeks       the open spans of a rule, computed week by week, and whether the rule ever opens
    nesting     the schedules that a document combines: their names, their number, their nesting
    notation    a schedule from a document, and a document from a schedule
    words       a schedule as text for people
    schedule    the questions that a schedule answers: Schedule, ALWAYS, NEVER
    naming      the instants that targets name, such as the next working day at 16:00
    clock       schedules in sequence: Clock
    freezing    the holidays of a country, written down as dates; the open time of a schedule in some years
    closures    why a schedule is closed at an instant
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

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
