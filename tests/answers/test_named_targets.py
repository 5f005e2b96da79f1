"""Targets in days: answers by hand, from contracts and help desks. Each policy is a few lines, with three lives."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kolmisla import (
    Event,
    HorizonError,
    Plan,
    Policy,
    Priority,
    Schedule,
    Target,
    Ticket,
    crossings,
    deadline,
    explain,
    worst_wait,
)
from kolmisla.errors import PolicyError
from kolmisla.policies import policy_schema
from kolmisla.policies.description import described
from kolmisla.policies.notes.of_policy import notes_of
from kolmisla.policies.terms.named_targets import named_by
from kolmisla.reports.judging.tallying import tenth_used
from kolmisla.schedules.naming.named_instant import naming_of
from kolmisla.tickets.cycles.bounds import bounds_of
from kolmisla.tickets.cycles.cycle_clocks import Terms, cycle_clocks
from kolmisla.tickets.event import Moment
from kolmisla.times.instants import micros
from kolmisla.times.zones import zone_named

WEEK = 'hours = { mon-fri = ["09:00-17:00"] }'


def policy_of(tmp_path: Path, target: str, hours: str = WEEK, zone: str = "Europe/Vilnius") -> Policy:
    """Return a policy with one target, loaded from a file of ten lines."""
    path = tmp_path / "desk.toml"
    path.write_text(
        f'name = "Desk"\ntimezone = "{zone}"\n[schedules.office]\n{hours}\n'
        f'[priorities.P1]\nrank = 1\nschedule = "office"\n'
        f"[plans.GOLD]\nrank = 1\ntargets.resolution = {{ {target} }}\n",
        encoding="utf-8",
    )
    return Policy.load(path)


def told(at: datetime | None) -> str:
    return "-" if at is None else f"{at:%a %d %b %H:%M}"


LT = f'{WEEK}\nholidays = "LT"'
LUNCH = 'hours = { mon-fri = ["08:00-12:00", "13:00-17:00"], sat = ["08:00-12:00"] }'
NIGHT = 'hours = { mon-fri = ["22:00-06:00"] }'
SHORT = 'hours = { mon-thu = ["08:00-13:00"], fri = ["08:00-13:00"] }'
EARLY = 'hours = { mon-thu = ["09:00-17:00"], fri = ["09:00-12:00"] }'
ALL_DAY = 'hours = { mon-fri = ["00:00-24:00"] }'

# July 2026: the 1st is a Wednesday, Monday the 6th is Statehood Day in Lithuania.
ANSWERS: list[tuple[str, str, list[tuple[str, str]]]] = [
    # eighty weeks
    ('within = "400 working days"', WEEK, [("2026-07-01T10:00", "Wed 12 Jan 10:00")]),
    # in a night that began on Wednesday, 01:00 of Thursday has passed, so the next working day counts
    (
        'within = "1 working day", by = "01:00"',
        NIGHT,
        [("2026-07-02T00:30", "Thu 02 Jul 01:00"), ("2026-07-02T01:00", "Thu 02 Jul 01:00"),
         ("2026-07-02T02:00", "Fri 03 Jul 01:00")],
    ),
    # ServiceNow's relative durations: "next business day by 4pm"
    (
        'within = "1 working day", by = "16:00"',
        WEEK,
        [("2026-07-01T10:00", "Thu 02 Jul 16:00"), ("2026-07-03T16:30", "Mon 06 Jul 16:00"),
         ("2026-07-04T11:00", "Tue 07 Jul 16:00")],
    ),
    # the same over a holiday: from Friday 3 July to Tuesday 7 July
    (
        'within = "1 working day", by = "16:00"',
        LT,
        [("2026-07-03T10:00", "Tue 07 Jul 16:00"), ("2026-07-06T10:00", "Wed 08 Jul 16:00"),
         ("2026-12-23T10:00", "Mon 28 Dec 16:00")],
    ),
    # and its "2 business days by 4pm" if asked before 10:00, else a day more
    (
        'within = "2 working days", by = "16:00", cutoff = "10:00"',
        WEEK,
        [("2026-07-01T09:59", "Fri 03 Jul 16:00"), ("2026-07-01T10:00", "Mon 06 Jul 16:00"),
         ("2026-07-04T09:00", "Wed 08 Jul 16:00")],
    ),
    # a contract of Houston: "EOD Next Business Day", the day after the date on which it was reported
    (
        'within = "1 working day", by = "close", counts_from = "date"',
        WEEK,
        [("2026-07-06T10:00", "Tue 07 Jul 17:00"), ("2026-07-04T10:00", "Mon 06 Jul 17:00"),
         ("2026-07-03T18:00", "Mon 06 Jul 17:00")],
    ),
    # the same contract of Houston has "4 Working Days" too
    (
        'within = "4 Working Days"',
        WEEK,
        [("2026-07-01T10:00", "Tue 07 Jul 10:00"), ("2026-07-04T10:00", "Fri 10 Jul 09:00"),
         ("2026-07-01T17:00", "Wed 08 Jul 09:00")],
    ),
    # Houston: "2 Calendar Days"; time counts in the hours alone, so Saturday means the close of Friday
    (
        'within = "2 days"',
        WEEK,
        [("2026-07-01T10:00", "Fri 03 Jul 10:00"), ("2026-07-02T10:00", "Fri 03 Jul 17:00"),
         ("2026-07-04T10:00", "Mon 06 Jul 10:00")],
    ),
    # and it has hours
    (
        'within = "PT8H"',
        WEEK,
        [("2026-07-01T10:00", "Thu 02 Jul 10:00"), ("2026-07-03T16:00", "Mon 06 Jul 16:00"),
         ("2026-07-04T10:00", "Mon 06 Jul 17:00")],
    ),
    # GLPI: a rule that ends the day at 17:00, whatever the hours
    (
        'within = "0 working days", by = "17:00"',
        'hours = { mon-fri = ["08:00-20:00"] }',
        [("2026-07-01T10:00", "Wed 01 Jul 17:00"), ("2026-07-01T17:00", "Thu 02 Jul 17:00"),
         ("2026-07-03T18:00", "Mon 06 Jul 17:00")],
    ),
    # Halo counts whole days from the current day or the next one
    (
        'within = "1 working day", by = "close"',
        WEEK,
        [("2026-07-01T10:00", "Thu 02 Jul 17:00"), ("2026-07-01T17:30", "Fri 03 Jul 17:00"),
         ("2026-07-04T10:00", "Tue 07 Jul 17:00")],
    ),
    # Freshdesk's "1 day" as one working day, and not as 24 open hours
    (
        'within = "1 working day"',
        WEEK,
        [("2026-07-01T10:00", "Thu 02 Jul 10:00"), ("2026-07-03T16:00", "Mon 06 Jul 16:00"),
         ("2026-07-01T08:00", "Thu 02 Jul 09:00")],
    ),
    # DateTimeExtensions: closes at 13:00, Monday 14:00 and two business days is Thursday
    (
        'within = "2 working days"',
        SHORT,
        [("2026-07-06T14:00", "Thu 09 Jul 08:00"), ("2026-07-06T12:00", "Wed 08 Jul 12:00"),
         ("2026-07-03T14:00", "Wed 08 Jul 08:00")],
    ),
    # several intervals a day, and a worked Saturday
    (
        'within = "1 working day", by = "close", cutoff = "12:30"',
        LUNCH,
        [("2026-07-03T12:29", "Sat 04 Jul 12:00"), ("2026-07-03T12:30", "Mon 06 Jul 17:00"),
         ("2026-07-04T12:45", "Tue 07 Jul 17:00")],
    ),
    # nights belong to the date on which they begin
    (
        'within = "1 working day"',
        NIGHT,
        [("2026-07-01T23:00", "Thu 02 Jul 23:00"), ("2026-07-02T02:00", "Fri 03 Jul 02:00"),
         ("2026-07-04T02:00", "Tue 07 Jul 02:00")],
    ),
    (
        'within = "0 working days", by = "close"',
        NIGHT,
        [("2026-07-02T02:00", "Thu 02 Jul 06:00"), ("2026-07-04T02:00", "Sat 04 Jul 06:00"),
         ("2026-07-04T06:00", "Tue 07 Jul 06:00")],
    ),
    # a shorter Friday: at 16:00 it is closed, so the close of 12:00 is due and Monday's opening is still in time
    (
        'within = "1 working day"',
        EARLY,
        [("2026-07-02T16:00", "Fri 03 Jul 12:00"), ("2026-07-02T11:00", "Fri 03 Jul 11:00"),
         ("2026-07-03T12:00", "Tue 07 Jul 09:00")],
    ),
    # whole days
    (
        'within = "0 working days", by = "24:00"',
        ALL_DAY,
        [("2026-07-01T00:00", "Thu 02 Jul 00:00"), ("2026-07-01T23:59", "Thu 02 Jul 00:00"),
         ("2026-07-04T12:00", "Tue 07 Jul 00:00")],
    ),
    (
        'within = "3 days", by = "09:30"',
        'open = "always"',
        [("2026-07-01T10:00", "Sat 04 Jul 09:30"), ("2026-07-01T00:00", "Sat 04 Jul 09:30"),
         ("2026-10-24T12:00", "Tue 27 Oct 09:30")],
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("target", "hours", "opened_at", "due_at"),
    [(target, hours, *life) for target, hours, lives in ANSWERS for life in lives],
)
def test_by_hand(tmp_path: Path, target: str, hours: str, opened_at: str, due_at: str) -> None:
    policy = policy_of(tmp_path, target, hours)
    ticket = Ticket(plan="GOLD", priority="P1", opened_at=aware(opened_at))
    due = deadline(ticket, policy=policy, metric="resolution")
    # an instant at an opening means the closing before it, from which the target is kept until the opening
    assert due_at in (told(due.due_at), told(due.breaches_after))
    assert due.breaches_after is not None
    assert due.due_at is not None
    assert policy.schedules["office"].elapsed(due.due_at, due.breaches_after).total_seconds() == 0


def aware(text: str) -> datetime:
    """Return a time of Vilnius: it is summer time, but for the last days of the year."""
    return datetime.fromisoformat(f"{text}{'+02:00' if text[5:7] in ('11', '12', '01') else '+03:00'}")


def test_the_explanation_names_the_amount(tmp_path: Path) -> None:
    policy = policy_of(tmp_path, 'within = "1 working day", by = "16:00"')
    ticket = Ticket(plan="GOLD", priority="P1", opened_at=aware("2026-07-01T10:00"))
    due = deadline(ticket, policy=policy, metric="resolution")
    assert (due.target.total_seconds(), due.to_dict()["target_s"]) == (14 * 3600, 14 * 3600)
    assert str(due.promise.target) == "next working day by 16:00"
    assert str(explain(ticket, policy=policy, metric="resolution")).splitlines()[:2] == [
        "GOLD P1, resolution next working day by 16:00, times of Europe/Vilnius",
        "next working day by 16:00 = 14:00:00 of office from Wed 2026-07-01 10:00",
    ]


@pytest.mark.parametrize(
    ("paused", "resumed", "due_at"),
    [
        ("2026-07-01T12:00", "2026-07-01T14:00", "Fri 03 Jul 10:00"),  # two open hours more than Thu 16:00
        ("2026-07-01T17:00", "2026-07-02T09:00", "Thu 02 Jul 16:00"),  # a night
        ("2026-07-01T12:00", None, "-"),
    ],
)
def test_a_pause(tmp_path: Path, paused: str, resumed: str | None, due_at: str) -> None:
    """What ServiceNow forbids: a pause of a relative duration."""
    policy = policy_of(tmp_path, 'within = "1 working day", by = "16:00"')
    events = [Event(kind="paused", at=aware(paused)), *([Event(kind="resumed", at=aware(resumed))] if resumed else [])]
    ticket = Ticket(plan="GOLD", priority="P1", opened_at=aware("2026-07-01T10:00"), events=events)
    assert told(deadline(ticket, policy=policy, metric="resolution").due_at) == due_at


def test_a_target_that_is_used_up_at_once(tmp_path: Path) -> None:
    """On Saturday, Monday at 06:00 is before any time counts: due at once, and met until Monday's opening."""
    policy = policy_of(tmp_path, 'within = "1 working day", by = "06:00", counts_from = "date"')
    ticket = Ticket(plan="GOLD", priority="P1", opened_at=aware("2026-07-04T10:00"))
    due = deadline(ticket, policy=policy, metric="resolution")
    assert (told(due.due_at), told(due.breaches_after), due.target.total_seconds()) == (
        "Sat 04 Jul 10:00", "Mon 06 Jul 09:00", 0,
    )  # fmt: skip
    assert [due.status(aware(at)).state for at in ("2026-07-04T11:00", "2026-07-06T09:00", "2026-07-06T09:01")] == [
        "running", "running", "breached",
    ]  # fmt: skip
    assert due.used_at(50) == due.due_at


REFUSED = [
    ('within = "P2D"', WEEK, "'P2D' is not a target such as PT2H (hours, minutes, seconds), \"2 working days\" or"),
    ('within = "P1D"', WEEK, '"1 working day" or "1 day" (calendar days)'),
    ('within = "99999 days"', WEEK, "days must be at most a century, which has 36,525, not 99,999"),
    ('within = "PT2H", by = "16:00"', WEEK, "by: goes only with a number of days, not with PT2H; type within ="),
    ('within = "PT2H", cutoff = "14:00"', WEEK, "cutoff: goes only with a number of days"),
    ('within = "PT2H", counts_from = "date"', WEEK, "counts_from: goes only with a number of days"),
    ('within = "0 working days"', WEEK, "by: is missing; 0 working days needs a time of day"),
    ('within = "0 days"', WEEK, "by: is missing; 0 days needs a time of day"),
    ('within = "2 days", cutoff = "14:00"', WEEK, 'type within = "2 working days", or leave cutoff out'),
    ('within = "2 days", by = "25:00"', WEEK, 'must be a time of day such as "16:00", or "close", not \'25:00\''),
    ('within = "2 working days", cutoff = "close"', WEEK, "must be a time of day such as \"14:00\", not 'close'"),
    ('within = "2 working days", counts_from = "now"', WEEK, "must be 'opening' or 'date', not 'now'"),
    ('within = "2 working days"', 'open = "always"', 'no working days; type "2 days", which are calendar days'),
    ('within = "2 days", by = "close"', 'open = "always"', 'is always open and never closes; type by = "24:00"'),
    ('within = "2 days"', 'open = "never"', "which never opens"),
]


@pytest.mark.parametrize(("target", "hours", "message"), REFUSED)
def test_refused(tmp_path: Path, target: str, hours: str, message: str) -> None:
    with pytest.raises(PolicyError) as refused:
        policy_of(tmp_path, target, hours)
    assert message in str(refused.value)
    assert len(refused.value.faults) == 1


def test_an_average_is_no_instant(tmp_path: Path) -> None:
    document = json.loads(json.dumps(policy_of(tmp_path, 'within = "PT2H"').to_dict()))
    document["plans"]["GOLD"]["average"] = {"within": "1 working day"}
    with pytest.raises(PolicyError, match="average.within: must be a duration such as PT15M, not .1 working day.; a"):
        Policy.from_dict(document)


def test_dump_and_load(tmp_path: Path) -> None:
    target = 'within = "2  WORKING days", by = "9:00:00", counts_from = "date", cutoff = "14:00:30"'
    policy = policy_of(tmp_path, target)
    policy.dump(tmp_path / "again.json")
    again = Policy.load(tmp_path / "again.json")
    written: Any = again.to_dict()
    assert written["plans"]["GOLD"]["targets"]["resolution"] == {
        "within": "2 working days", "by": "09:00", "counts_from": "date", "cutoff": "14:00:30",
    }  # fmt: skip
    assert (again, again.digest, again.fingerprint()) == (policy, policy.digest, policy.fingerprint())
    assert "by" in policy_schema()["$defs"]["Target"]["properties"]


@pytest.mark.unmeasured
def test_what_counts_is_in_the_fingerprint(tmp_path: Path) -> None:
    """Hours that touch are one stretch of open time, but two working days."""
    night, morning = '"22:00-24:00"', '"00:00-06:00"'
    whole = NIGHT
    parts = f"hours = {{ mon = [{night}], tue-fri = [{morning}, {night}], sat = [{morning}] }}"
    prints = {}
    for name, hours in (("whole", whole), ("parts", parts)):
        for target in ('within = "PT4H"', 'within = "1 working day"', 'within = "2 days"'):
            prints[name, target] = policy_of(tmp_path, target, hours).fingerprint()
    assert prints["whole", 'within = "PT4H"'] == prints["parts", 'within = "PT4H"']
    assert prints["whole", 'within = "1 working day"'] != prints["parts", 'within = "1 working day"']


def test_a_target_of_zero_is_in_reports() -> None:
    assert [tenth_used(elapsed, 0) for elapsed in (0, 1)] == [1, 21]


FROZEN = f'{WEEK}\nholidays = {{ frozen = "x", years = "2026-2026", dates = {{ 2026-01-01 = "x" }} }}'


@pytest.mark.parametrize("target", ["10 days", "3 working days", "400 working days"])
def test_years_that_are_not_known(tmp_path: Path, target: str) -> None:
    policy = policy_of(tmp_path, f'within = "{target}"', FROZEN)
    ticket = Ticket(plan="GOLD", priority="P1", opened_at=aware("2026-12-30T10:00"))
    with pytest.raises(HorizonError, match="known for 2026|frozen for 2026"):
        deadline(ticket, policy=policy, metric="resolution")
    with pytest.raises(HorizonError, match="known for 2026|frozen for 2026"):
        crossings([ticket], aware("2026-12-30T00:00"), aware("2026-12-31T00:00"), policy=policy)
    (worst,) = worst_wait(policy, 2026, metric="resolution")
    assert (worst.target, worst.promised) == (None, target)
    assert worst.unknown_days > 1
    assert (worst.wait is None) == (target == "400 working days")  # in a year of 261 working days
    schedule = policy.schedules["office"]
    naming = naming_of(named_by(policy.plans["GOLD"].target("resolution", "P1")), schedule, zone_named("UTC"))
    beyond = schedule.timeline.end + 1
    assert list(naming.courses(beyond, beyond + 1)) == []


def test_a_note_on_days(tmp_path: Path) -> None:
    document = json.loads(json.dumps(policy_of(tmp_path, 'within = "PT4H"').to_dict()))
    document["priorities"]["P2"] = {"rank": 2, "schedule": "office"}
    targets = {"P1": {"within": "2 working days", "cutoff": "14:00"}, "P2": {"within": "PT18H"}}
    document["plans"]["GOLD"]["targets"] = {"resolution": targets}
    (note,) = notes_of(Policy.from_dict(document))
    assert str(note).startswith(
        "plans.GOLD.targets.resolution.P1: P1 (2 working days, cutoff 14:00 on office) may wait longer than"
        " the less urgent P2 (PT18H on office), for example when opened at "
    )
    targets["P1"] = {"within": "1 working day", "by": "09:00"}
    assert notes_of(Policy.from_dict(document)) == ()
    shown = "\n".join(described(Policy.from_dict(document)))
    assert "next working day by 09:00" in shown


@pytest.mark.parametrize(
    ("opened_at", "resolved_at", "states"),
    [
        ("2026-07-01T13:59", "2026-07-03T08:00", ("met", "breached")),  # before the cutoff or after it
        ("2026-07-01T13:57", "2026-07-03T08:00", ("breached", "breached")),
        ("2026-07-01T13:57", "2026-07-02T15:00", ("met", "met")),
        ("2026-07-01T14:00", "2026-07-03T08:00", ("met", "met")),
        ("2026-07-01T10:00", "2026-07-02T15:58", ("met", "met")),  # whenever it was opened, it is due at 16:00
        ("2026-07-01T10:00", "2026-07-02T15:59", ("met", "breached")),
        ("2026-07-01T10:00", "2026-07-02T16:01", ("breached", "breached")),
    ],
)
def test_times_of_the_minute(tmp_path: Path, opened_at: str, resolved_at: str, states: tuple[str, str]) -> None:
    """With times that are exact to two minutes, a start just before the cutoff may lie behind it."""
    policy = policy_of(tmp_path, 'within = "1 working day", by = "16:00", cutoff = "14:00"')
    opened, resolved = micros(aware(opened_at)), micros(aware(resolved_at))
    moments = [Moment(resolved, "resolved")]
    (clock,) = cycle_clocks(policy, Terms("GOLD", "P1"), opened, moments, "resolution")
    bounds = bounds_of(clock, micros(aware("2026-07-10T12:00")), 120_000_000)
    assert set(bounds.states) == set(states)


def test_times_of_the_minute_with_a_plan_that_comes_later(tmp_path: Path) -> None:
    """The target counts from the plan, whose time is taken as it is written."""
    policy = policy_of(tmp_path, 'within = "1 working day", by = "16:00"')
    opened, planned = micros(aware("2026-06-30T10:00")), micros(aware("2026-07-01T10:00"))
    for resolved_at, state in (("2026-07-02T15:50", "met"), ("2026-07-02T16:10", "breached")):
        moments = [Moment(planned, "plan", "GOLD"), Moment(micros(aware(resolved_at)), "resolved")]
        (clock,) = cycle_clocks(policy, Terms(None, "P1"), opened, moments, "resolution")
        bounds = bounds_of(clock, micros(aware("2026-07-10T12:00")), 120_000_000)
        assert set(bounds.states) == {state}


def test_words_of_invalid_targets(tmp_path: Path) -> None:
    for target in ('within = "soon"', 'within = "2 days", by = "noon"'):
        with pytest.raises(PolicyError) as refused:
            policy_of(tmp_path, target, 'open = "always"')
        assert len(refused.value.faults) == 1


OVERNIGHT = Schedule("Europe/Vilnius", {"mon-fri": ["22:00-06:00"]})


@pytest.mark.parametrize(
    ("cutoff", "opened", "due"),
    [
        ("23:00", "2026-07-06T22:30", "2026-07-08T06:00"),
        ("23:00", "2026-07-06T23:30", "2026-07-09T06:00"),
        ("23:00", "2026-07-07T02:00", "2026-07-09T06:00"),  # the shift of Monday, after its cutoff
        ("23:00", "2026-07-07T05:59", "2026-07-09T06:00"),
        ("23:00", "2026-07-07T07:00", "2026-07-09T06:00"),
        ("02:00", "2026-07-06T23:30", "2026-07-08T06:00"),
        ("02:00", "2026-07-07T01:59", "2026-07-08T06:00"),
        ("02:00", "2026-07-07T02:00", "2026-07-09T06:00"),
        ("02:00", "2026-07-07T22:30", "2026-07-09T06:00"),
        ("02:00", "2026-07-08T01:30", "2026-07-09T06:00"),
    ],
)
def test_a_cutoff_belongs_to_the_working_day_of_the_start(cutoff: str, opened: str, due: str) -> None:
    """Hours past midnight belong to the date on which they begin, and so does what is after their cutoff."""
    within = Target(within="1 working day", by="close", cutoff=cutoff)
    policy = Policy(
        name="Night",
        timezone="Europe/Vilnius",
        schedules={"night": OVERNIGHT},
        priorities=[Priority(name="P1", rank=1, schedule="night")],
        plans=[Plan(name="GOLD", rank=1, targets={"first-response": within})],
    )
    found = deadline(Ticket(plan="gold", priority="p1", opened_at=f"{opened}+03:00"), policy=policy)
    assert found.due_at is not None
    assert found.due_at.isoformat() == f"{due}:00+03:00"
