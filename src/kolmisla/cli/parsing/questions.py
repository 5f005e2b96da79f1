"""The options of the commands that ask about a ticket or a schedule: `kolmisla due`, `status`, `elapsed` and `open`."""

from kolmisla.cli.parsing import texts
from kolmisla.cli.parsing.ticket_files import Adds
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.terms.metrics import EVENT_KINDS, FIRST_RESPONSE, METRICS, OPENERS

__all__ = ["SCHEDULE_HELP", "of_due", "of_elapsed", "of_facts", "of_open", "of_schedule", "of_shares", "of_status"]

EVENT = f"an event of the ticket at the time T; KIND is one of {', '.join(EVENT_KINDS)}; repeatable"
SCHEDULE_HELP = "schedule of the policy (default: the only one that opens and closes)"


def of_facts(add: Adds, *, every: bool = False) -> None:
    """Add options for the facts of a ticket, such as its plan. With `every`, `--metric` may be `all`."""
    sole = "may be left out if the policy has only one"
    add("--plan", type=str.strip, help=f"support plan; {sole}; Kolmisoft's are {', '.join(KOLMISOFT.plans)}")
    add("--priority", help=f"priority; {sole}; Kolmisoft's are {', '.join(KOLMISOFT.priorities)}")
    through = "channel through which the ticket came in (default: the policy's first channel)"
    add("--channel", type=str.strip, help=through)
    add("--version", type=str.strip, help="product version that the ticket is about (default: not checked)")
    add("--owner", metavar="NAME", help="person, team or region that had the ticket when it was opened")
    add("--opened-by", choices=OPENERS, help="who opened the ticket (default: the requester)")
    add("--event", type=texts.event, action="append", default=[], metavar="'T KIND[:METRIC] [VALUE]'", help=EVENT)
    also = ", or all, the nearest breach first" if every else ""
    text = f"metric to measure, one of {', '.join(METRICS)} or of the policy's own{also} (default: %(default)s)"
    add("--metric", metavar="METRIC", default=FIRST_RESPONSE, help=text)
    add("--explain", action="store_true", help="explain the answer, stretch by stretch")


def of_schedule(add: Adds) -> None:
    """Add the options that choose a schedule."""
    add("--schedule", metavar="NAME", help=SCHEDULE_HELP)
    add("--priority", help="take the schedule on which tickets of this priority count")
    add("--plan", help="plan of these tickets; needed if plans count them on different schedules")


def of_due(add: Adds) -> None:
    """Add the arguments of `kolmisla due`."""
    add(
        "opened_at",
        metavar="OPENED_AT",
        help="time of opening, ISO 8601 or now; - reads standard input, one time per line",
    )
    text = "print when a schedule has been open for this long, such as PT4H; no ticket is needed"
    add("--within", type=texts.amount, metavar="DURATION", help=text)
    text = f"schedule of the policy on which the ticket counts; with --within: {SCHEDULE_HELP}"
    add("--schedule", metavar="NAME", help=text)


def of_shares(add: Adds) -> None:
    """Add the option that asks when parts of the target are used up, such as 75 percent."""
    text = "print when these percentages of the target are used up, such as 50,75,100, a line for each"
    add("--used", type=texts.percents, default=(), metavar="PERCENTS", help=text)


def of_status(add: Adds) -> None:
    """Add the arguments of `kolmisla status`."""
    add("opened_at", metavar="OPENED_AT", help="time of opening, ISO 8601 or now")
    add("--answered-at", metavar="T", help="time of the first answer, ISO 8601")
    add("--schedule", metavar="NAME", help="schedule of the policy on which the ticket counts")


def of_elapsed(add: Adds) -> None:
    """Add the arguments of `kolmisla elapsed`."""
    add("start", metavar="START", help="first instant, ISO 8601 or now")
    add("end", metavar="END", help="second instant, ISO 8601 or now")


def of_open(add: Adds) -> None:
    """Add the arguments of `kolmisla open`."""
    text = "instant, ISO 8601 or now, or a date, whose hours are printed (default: the current time)"
    add("instant", nargs="?", metavar="AT", help=text)
    add("--at", metavar="AT", help="the same as AT")
    add("-q", "--quiet", action="store_true", help="print nothing; the exit status is the answer")
