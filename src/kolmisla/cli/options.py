"""What the options of a command choose: the policy, the schedule, the ticket and the times."""

import argparse
import os
from datetime import UTC, datetime
from functools import cache

from kolmisla.errors import PolicyError, named
from kolmisla.policies.kolmisoft import KOLMISOFT
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in, sole_names
from kolmisla.policies.terms.metrics import ALL_METRICS, FIRST_RESPONSE, EventKind
from kolmisla.schedules.days.countries import package_version
from kolmisla.schedules.schedule import Schedule
from kolmisla.tickets.event import Event
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import micros
from kolmisla.times.reading import read
from kolmisla.times.zones import zone_data_version, zone_named

__all__ = [
    "as_asked",
    "at_of",
    "data_versions",
    "files_of_policy",
    "fill_terms",
    "identified",
    "identity",
    "layout_file_of",
    "loaded",
    "now_of",
    "policy_file_of",
    "policy_of",
    "sources_of",
    "ticket_of",
    "time_of",
    "years_of",
    "zone_of",
    "zone_shown",
]

NOW = "now"  # stands for the current time on the command line
POLICY_VARIABLE = "KOLMISLA_POLICY"  # the environment variable that gives the policy to commands without --policy
YEARS_AHEAD = 5  # how many years `kolmisla policy worst` looks at without --years, from the current year on
SHORT_DIGEST = 8  # how many characters of a policy's digest are shown to people


def policy_file_of(options: argparse.Namespace) -> str | None:
    """Return the file in `--policy`, else in the variable KOLMISLA_POLICY. Return None for the built-in policy.

    An empty variable counts as not set.
    """
    given: str | None = getattr(options, "policy", None)
    return given if given is not None else os.environ.get(POLICY_VARIABLE) or None


def loaded(file: str | None) -> Policy:
    """Return the policy in a file, or the built-in policy if `file` is None.

    If the environment variable KOLMISLA_POLICY names the file, errors begin with the name of this variable.
    """
    try:
        return KOLMISOFT if file is None else Policy.load(file)
    except (OSError, PolicyError) as fault:
        if file != os.environ.get(POLICY_VARIABLE):
            raise
        if isinstance(fault, OSError):
            raise OSError(fault.errno, fault.strerror, f"{POLICY_VARIABLE}={file}") from fault
        error = PolicyError(f"{POLICY_VARIABLE}={fault}")
        error.faults = fault.faults
        raise error from fault


def identity(policy: Policy) -> dict[str, str]:
    """Return keys of a JSON answer: the policy's name, the beginning of its digest, and the versions of its data."""
    return {"policy": policy.name, "digest": policy.digest[:SHORT_DIGEST], **data_versions(policy.timezone)}


@cache
def data_versions(timezone: str) -> dict[str, str]:
    """Return keys of a JSON answer with the versions of the package `holidays` and of the data for a time zone."""
    return {"holidays": package_version(), "tzdata": zone_data_version(timezone)}


def identified(policy: Policy) -> str:
    """Return the name of a policy and the beginning of its digest, as text for people."""
    return f"{named(policy.name)} {policy.digest[:SHORT_DIGEST]}"


def policy_of(options: argparse.Namespace) -> Policy:
    """Return the policy that the options choose. Also change the metric in `options` to the policy's spelling."""
    policy = as_asked(options, loaded(policy_file_of(options)))
    metric = getattr(options, "metric", None)
    if metric not in (None, ALL_METRICS, FIRST_RESPONSE):
        options.metric = metric_in(policy, metric)
    return policy


def as_asked(options: argparse.Namespace, policy: Policy) -> Policy:
    """Return `policy`, or a copy that is closed on the days in `--closed` and has the releases in `--releases`."""
    released, closed = getattr(options, "releases", None), getattr(options, "closed", None)
    if released is not None:
        policy = policy.replace(releases=released.releases)
    if closed:
        from kolmisla.schedules.closures import closed_on  # only with --closed

        *earlier, latest = (
            edition.replace(schedules={name: closed_on(each, closed) for name, each in edition.schedules.items()})
            for edition in policy.editions
        )
        policy = latest.replace(earlier=earlier)
    return policy


def fill_terms(options: argparse.Namespace, policy: Policy) -> None:
    """Set a missing `--plan` or `--priority` if the policy has only one. Raise ValueError if either stays missing."""
    for name, text in sole_names(policy).items():
        if getattr(options, name) is None:
            setattr(options, name, text)
    missing = [f"--{name}" for name in ("plan", "priority") if getattr(options, name) is None]
    if missing:
        raise ValueError(f"the following arguments are required: {', '.join(missing)}")


def sources_of(options: argparse.Namespace) -> dict[str, str | None]:
    """Return the paths of the policy, its calendar files, the releases and the layout, by their names in messages."""
    releases, policy = getattr(options, "releases", None), policy_file_of(options)
    layout = layout_file_of(options)
    return {**files_of_policy("policy", policy), "releases": releases and releases.file, "layout": layout}


def layout_file_of(options: argparse.Namespace) -> str | None:
    """Return what `--layout` names, a file or a built-in layout, or None without this option."""
    given: str | None = getattr(getattr(options, "layout", None), "given", None)
    return given


def files_of_policy(name: str, policy: str | None) -> dict[str, str | None]:
    """Return a dict that has the path `policy` under the key `name`.

    If the path is a file, add the paths of the calendar files that its policy names.
    """
    if policy is None or not os.path.isfile(policy):  # noqa: PTH113
        return {name: policy}
    from kolmisla.documents.calendar_files import calendar_files
    from kolmisla.documents.toml_json import read_document

    files = calendar_files(read_document(policy), policy)
    named_files = {f"calendar file {number} of the {name}": str(file) for number, file in enumerate(files, 1)}
    return {name: policy, **named_files}


def zone_of(options: argparse.Namespace, policy: Policy) -> str:
    """Return the name of the zone in which times without an offset are read."""
    return options.timezone or policy.timezone


def time_of(options: argparse.Namespace, policy: Policy, text: str) -> datetime:
    """Read a time from the command line. The word `now` is the current time."""
    if text.strip().casefold() == NOW:
        return now_of(options)
    ambiguous = None if options.ambiguous == "both" else options.ambiguous
    return read(text, zone=zone_named(zone_of(options, policy)), ambiguous=ambiguous)


def at_of(options: argparse.Namespace, policy: Policy) -> datetime:
    """Return the instant in `--at`, or the current time without this option."""
    return now_of(options) if options.at is None else time_of(options, policy, options.at)


def now_of(options: argparse.Namespace) -> datetime:
    """Return the current time. It is the same in the whole run of a command."""
    if getattr(options, "now", None) is None:
        options.now = datetime.now(UTC)
    now: datetime = options.now
    return now


def zone_shown(policy: Policy, schedule: Schedule) -> str:
    """Return the zone in which a schedule is shown: its own, or the policy's for a schedule without a zone."""
    return schedule.timezone or policy.timezone


def years_of(options: argparse.Namespace, policy: Policy) -> range:
    """Return the years in `--years`, or the current year and the next four without this option."""
    if options.years is not None:
        years: range = options.years
        return years
    year = datetime.now(zone_named(policy.timezone)).year
    return range(year, year + YEARS_AHEAD)


def ticket_of(options: argparse.Namespace, policy: Policy, opened_at: str) -> Ticket:
    """Return the ticket that the options describe. `opened_at` is the text of a time on the command line."""
    opened, answered_at = time_of(options, policy, opened_at), getattr(options, "answered_at", None)
    return Ticket(
        plan=options.plan or None,
        priority=options.priority,
        opened_at=opened,
        channel=options.channel or policy.nearest(micros(opened)).main_channel,
        version=options.version,
        answered_at=answered_at and time_of(options, policy, answered_at),
        events=[_event(options, policy, *told) for told in options.event],
        owner=options.owner,
        schedule=options.schedule,
        opened_by=options.opened_by,
    )


def _event(
    options: argparse.Namespace, policy: Policy, at: str, kind: EventKind, value: str | None, metric: str | None
) -> Event:
    """Return the event that an option `--event` describes. For the kind withdrawn or waived, `value` is a reason."""
    reason = value if kind in ("withdrawn", "waived") else None
    agreed = time_of(options, policy, value) if kind == "due" and value else value
    return Event(
        at=time_of(options, policy, at), kind=kind, value=None if reason else agreed, metric=metric, reason=reason
    )
