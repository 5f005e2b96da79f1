"""When time counts: opening hours, holidays and time zones make schedules; schedules in sequence make a clock.

Public names, each loaded at first use: `read`, `reason_closed`.

Read the files in this order; each imports only from those above it, and from folders above this one:

    timeline    the open spans of one schedule, and the only search through them
    holidays    holidays of a country or from a list
    zones       time zones, and the wall times that DST skips or repeats
    rules       what opens a schedule: weekly hours, always, never, or two rules combined
    weeks       the open spans of a rule, a week at a time, and whether it ever opens
    nesting     what the document of a schedule combines
    notation    a schedule from a document, and back to one
    schedule    the questions that a schedule answers: Schedule, ALWAYS, NEVER
    clock       schedules in sequence: Clock
    closures    why a schedule is closed at an instant
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

if TYPE_CHECKING:
    from kolmisla.schedules.closures import reason_closed
    from kolmisla.schedules.zones import read

__all__ = ["read", "reason_closed"]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "schedules.zones": ["read"],
        "schedules.closures": ["reason_closed"],
    },
)
