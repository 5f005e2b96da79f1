"""The policies in docs/policies are complete, and answer as the desks that they describe would."""

import csv
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import kolmisla
from kolmisla import Policy, Ticket, deadline
from kolmisla.cli import main
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.schedules import read
from tests.answers.test_boston import EXCERPT, NOISE, WHOLE, ZONE

POLICIES = Path(__file__).parents[2] / "docs" / "policies"
MINUTE = timedelta(seconds=60)
DAY = timedelta(days=1)


@pytest.mark.parametrize("path", sorted(POLICIES.iterdir()), ids=lambda path: path.name)
def test_a_policy_has_no_faults(path: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["policy", "check", "--strict", str(path)]) == 0
    assert "no faults, digest " in capsys.readouterr().out
    policy = Policy.load(path)
    policy.dump(tmp_path / "again.toml")
    assert Policy.load(tmp_path / "again.toml") == policy
    assert main(["policy", "show", str(path)]) == 0
    assert capsys.readouterr().out.startswith(policy.name)


def test_the_built_in_policy_has_no_notes(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["policy", "check", "--strict", str(Path(kolmisla.__file__).parent / "policies" / "kolmisoft.toml")]) == 0
    )
    assert "no faults, digest " in capsys.readouterr().out


def due(
    policy: Policy,
    plan: str,
    priority: str,
    opened_at: str,
    metric: MetricName = "first-response",
    channel: str = "phone",
) -> str:
    ticket = Ticket(
        plan=plan, priority=priority, channel=channel, opened_at=read(opened_at, zone=ZoneInfo(policy.timezone))
    )
    found = deadline(ticket, policy=policy, metric=metric).due_at
    assert found
    return found.isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("plan", "priority", "metric", "opened_at", "expected"),
    [
        ("gold", "critical", "first-response", "2026-07-05T03:00", "2026-07-05T03:15+02:00"),
        ("silver", "critical", "resolution", "2026-07-05T03:00", "2026-07-05T11:00+02:00"),
        ("gold", "major", "first-response", "2026-07-06T09:30", "2026-07-06T11:00+02:00"),  # over the break at 10:00
        ("silver", "major", "first-response", "2026-07-06T13:00", "2026-07-06T17:00+02:00"),  # into the second shift
        ("gold", "minor", "first-response", "2026-07-03T20:00", "2026-07-04T08:00+02:00"),  # on Saturday morning
        ("gold", "major", "resolution", "2026-07-04T13:00", "2026-07-06T13:30+02:00"),
        ("silver", "minor", "resolution", "2026-07-06T06:00", "2026-07-10T22:00+02:00"),  # 75 h are five days of 15 h
        ("gold", "question", "first-response", "2026-12-24T09:00", "2026-12-28T13:30+01:00"),  # short, then Christmas
        ("gold", "minor", "resolution", "2026-06-03T06:00", "2026-06-05T22:00+02:00"),  # Corpus Christi, in Bavaria
    ],
)  # fmt: skip
def test_two_shifts(plan: str, priority: str, metric: MetricName, opened_at: str, expected: str) -> None:
    policy = Policy.load(POLICIES / "two-shifts.toml")
    assert due(policy, plan, priority, opened_at, metric) == expected
    for name in policy.priorities:  # an answer and a resolution, under either plan
        targets = [each.target(metric, name) for each in policy.plans.values() for metric in METRICS]
        assert len([target for target in targets if target]) == 4


@pytest.mark.parametrize("year", range(2026, 2031))
def test_two_shifts_in_years_to_come(year: int) -> None:
    """On a weekday or a Saturday, 24 and 31 December end at 10:00; Christmas, New Year and Assumption are closed."""
    shifts = Policy.load(POLICIES / "two-shifts.toml").schedules["shifts"]
    zone = ZoneInfo("Europe/Berlin")
    for day in (date(year, 12, 24), date(year, 12, 31)):
        opened = list(shifts.spans(*(datetime.combine(day, time(), zone) + n * DAY for n in range(2))))
        worked = [] if day.weekday() == 6 else [(time(6), time(10))]
        assert [(span.start.time(), span.end.time()) for span in opened] == worked
    for day in (date(year, 12, 25), date(year, 12, 26), date(year, 1, 1), date(year, 8, 15), date(year, 1, 6)):
        assert not list(shifts.spans(*(datetime.combine(day, time(), zone) + n * DAY for n in range(2))))


@pytest.mark.parametrize(("year", "day"), [(2026, "10-12"), (2028, "10-09"), (2030, "10-14")])
def test_follow_the_sun_in_years_to_come(year: int, day: str) -> None:
    """Denver keeps Frances Xavier Cabrini Day, and not Columbus Day; Dublin keeps the October bank holiday."""
    schedules = Policy.load(POLICIES / "follow-the-sun.toml").at(datetime(2030, 1, 1, tzinfo=UTC)).schedules
    assert schedules["america"].is_open(datetime.fromisoformat(f"{year}-{day}T10:00-06:00"))  # Columbus Day
    assert schedules["america"].holiday_name(
        date(year, 10, next(n for n in range(1, 8) if not date(year, 10, n).weekday()))
    )
    last = max(n for n in range(25, 32) if not date(year, 10, n).weekday())
    assert schedules["europe"].holiday_name(date(year, 10, last)) == "October Bank Holiday"


@pytest.mark.parametrize(
    ("priority", "metric", "opened_at", "expected"),
    [
        ("urgent", "first-response", "2026-07-06T00:00", "2026-07-06T01:30+00:00"),  # Singapore opens at 00:30
        ("urgent", "first-response", "2026-07-05T12:00", "2026-07-06T01:30+00:00"),  # on a Sunday all are closed
        ("urgent", "first-response", "2026-07-03T22:30", "2026-07-06T01:30+00:00"),  # Friday's end: independence day
        ("urgent", "first-response", "2026-07-08T22:30", "2026-07-09T01:00+00:00"),  # Denver to 23:00, then Singapore
        ("urgent", "resolution", "2026-07-07T00:30", "2026-07-07T12:30+00:00"),  # no gap between Asia and Europe
        ("normal", "first-response", "2026-07-06T16:00", "2026-07-07T08:30+00:00"),  # Dublin to 16:30 in summer time
        ("normal", "first-response", "2026-09-25T16:00", "2026-09-28T08:30+00:00"),  # Friday to Monday
        ("normal", "first-response", "2026-10-02T16:00", "2026-10-03T09:30+00:00"),  # by the second edition, Saturday
    ],
)  # fmt: skip
def test_follow_the_sun(priority: str, metric: MetricName, opened_at: str, expected: str) -> None:
    policy = Policy.load(POLICIES / "follow-the-sun.toml")
    assert due(policy, "global", priority, opened_at, metric) == expected


def measured(path: Path, folder: Path) -> tuple[int, set[str]]:
    """How many requests get a deadline, and those for which it is not the city's, or the verdict is not."""
    out = folder / "out.csv"
    options = ["--policy", str(POLICIES / "boston-311.toml"), "--set", "plan=city", "--ambiguous", "earlier"]
    names = {"id": "case_id", "priority": "business_days", "opened_at": "opened_local", "answered_at": "closed_local"}
    maps = [text for name, column in names.items() for text in ("--map", f"{name}={column}")]
    assert main(
        ["measure", str(path), "-o", str(out), *options, *maps, "--prefix", "our_", "--at", "2016-01-20T12:00"]
    ) in (0, 1)
    rows, off = 0, set()
    with out.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            rows += 1
            ours, theirs = read(row["our_breaches_after"]), read(row["target_local"], zone=ZONE, ambiguous="earlier")
            if abs(ours - theirs) > MINUTE:
                off.add(row["case_id"])
            elif (
                row["closed_local"] and abs(read(row["closed_local"], zone=ZONE, ambiguous="earlier") - theirs) > MINUTE
            ):
                assert (row["our_state"] == "met") == (row["on_time"] == "ONTIME"), row
    return rows, off


def test_boston(tmp_path: Path) -> None:
    rows, off = measured(EXCERPT, tmp_path)
    assert rows > 300
    assert off <= NOISE


@pytest.mark.skipif(not WHOLE.exists(), reason="the whole file (12,426 requests) is not part of the project")
def test_all_of_boston(tmp_path: Path) -> None:
    rows, off = measured(WHOLE, tmp_path)
    assert rows == 12_422  # four were closed before they were opened
    assert off <= NOISE
