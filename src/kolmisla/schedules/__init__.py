"""When time counts: opening hours, holidays and time zones make schedules, and schedules in turn a clock.

Public names, each loaded when first asked for: `read`, `reason_closed`.

Read the files in this order; each imports only from those above it, and from folders above this one:

    timeline    the open spans of one schedule, and the only search through them
    holidays    holidays of a country, or from a list
    zones       time zones, and the hours that DST skips or repeats
    rules       what opens a schedule: weekly hours, always, never, or two rules combined
    weeks       when a rule is open, a week at a time
    openings    whether a rule ever opens
    notation    a schedule as it is written, and back
    schedule    when time counts: Schedule, ALWAYS, NEVER
    clock       schedules in turn: Clock
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
