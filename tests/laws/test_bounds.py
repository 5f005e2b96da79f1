"""What a clock has counted at the least and at the most, if times are exact to the minute or DST repeats them."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT
from kolmisla.cli import main
from kolmisla.files import Layout, Log, Measuring
from kolmisla.files.tables import CsvTable
from kolmisla.policies.terms.metrics import MetricName
from kolmisla.tickets.cycles.bounds import bounds_of
from kolmisla.tickets.cycles.cycle_clocks import Terms, cycle_clocks
from kolmisla.tickets.event import Moment
from kolmisla.tickets.exports import as_states
from kolmisla.tickets.layouts.repeated import Repeated
from kolmisla.times.instants import micros
from tests.engines.tickets import desk

MINUTE = 60_000_000
PRECISION = 3 * MINUTE
EIGHT = micros(datetime(2026, 7, 7, 4, 58, tzinfo=UTC))  # two minutes before the office opens
NOON = micros(datetime(2026, 7, 7, 8, 58, tzinfo=UTC))  # two minutes before a break of another schedule
DESKS = [desk(priority_change=change) for change in ("carry", "retroactive", "restart")]
KINDS = st.sampled_from(["paused", "resumed", "resolved", "reopened", "answered", "priority"])
PRIORITIES = st.sampled_from(["urgent", "normal", "minor"])
REASONS = st.sampled_from([None, "vendor", "customer"])
lives = st.lists(st.tuples(st.integers(0, 9), KINDS, PRIORITIES, REASONS), max_size=5)


def elapsed_with(policy: Any, metric: MetricName, opened: int, moments: list[Moment], now: int) -> int:
    return cycle_clocks(policy, Terms("basic", "normal"), opened, moments, metric)[0].elapsed(now)


def events_of(opened: int, told: Any) -> list[Moment]:
    """The events of rows. A row `paused` names a state, so it ends all pauses before it."""
    events = []
    for minutes, kind, priority, reason in told:
        at = opened + minutes * MINUTE
        events += [Moment(at, "resumed")] * (kind == "paused")
        events.append(Moment(at, kind, {"priority": priority, "paused": reason}.get(kind)))
    return as_states(events)


def rows_of(opened: int, moments: list[Moment]) -> list[int]:
    """The number of each event's true instant; 0 is that of the opening.

    Two events of one written time are one: the end of a pause with a pause that begins then, and two changes of
    priority, also with events between them. A change at the written time of the opening comes with the opening.
    """
    rows, changed = [0], (opened, 0)
    for before, moment in zip([None, *moments], moments, strict=False):
        new = max(rows) + 1
        if moment.kind == "priority":
            at, place = changed
            if at == moment.at:
                rows[place:] = [rows[place]] * (len(rows) - place)
                new = rows[place]
            changed = (moment.at, len(rows))
        elif before and before.at == moment.at and moment.kind == "paused" and before.kind in ("resumed", "reopened"):
            new = rows[-1]
        rows.append(new)
    return rows[1:]


def shifted(moments: list[Moment], chosen: Any) -> list[Moment]:
    return [moment._replace(at=at) for moment, at in zip(moments, chosen, strict=True)]


@given(
    st.sampled_from(DESKS), st.sampled_from(["first-response", "resolution"]), st.sampled_from([EIGHT, NOON]), lives,
    st.integers(0, 12), st.data(),
)  # fmt: skip
def test_each_choice_of_instants_is_between_the_bounds(
    policy: Any, metric: MetricName, opened: int, told: Any, until: int, data: st.DataObject
) -> None:
    now = opened + until * MINUTE
    moments = [moment for moment in events_of(opened, told) if moment.at <= now]
    rows = rows_of(opened, moments)
    at_of = {0: opened} | {row: moment.at for row, moment in zip(rows, moments, strict=True)}
    times = [*at_of.values()]

    def with_instants(instants: list[int]) -> int:
        true = dict(zip(at_of, instants, strict=True))
        return elapsed_with(policy, metric, true[0], shifted(moments, [true[row] for row in rows]), now)

    clock = cycle_clocks(policy, Terms("basic", "normal"), opened, moments, metric)[0]
    bounds = bounds_of(clock, now, PRECISION)
    assert 0 <= bounds.least <= clock.elapsed(now) <= bounds.most
    chosen, before = [], opened
    for at in times:
        before = data.draw(st.integers(max(before, at), max(before, min(at + PRECISION - 1, now))))
        chosen.append(before)
    assert bounds.least <= with_instants(chosen) <= bounds.most
    if any(moment.kind == "priority" for moment in moments) or len(times) > 4:
        return  # while the schedule is in doubt, both bounds may be out of reach
    ends = sorted({at + more for at in times for more in (0, PRECISION - 1)})
    each = [[end for end in (*ends, now) if at <= end <= min(at + PRECISION - 1, now)] for at in times]
    reached = [with_instants([*instants]) for instants in product(*each) if [*instants] == sorted(instants)]
    assert (min(reached), max(reached)) == (bounds.least, bounds.most)


@given(st.sampled_from([EIGHT, NOON]), lives, st.sampled_from(["first-response", "resolution"]))
def test_exact_times_have_one_answer(opened: int, told: Any, metric: MetricName) -> None:
    now = opened + 60 * MINUTE
    moments = events_of(opened, told)
    for policy in DESKS:
        clock = cycle_clocks(policy, Terms("basic", "normal"), opened, moments, metric)[0]
        state, counted = clock.state_at(now)
        for precision in (0, 1):
            assert bounds_of(clock, now, precision) == (counted, counted, (state, state))


def test_a_pause_is_the_longest_for_the_least_and_the_shortest_for_the_most() -> None:
    """08:00, paused from 10:00 to 10:30, answered at 11:00: 150 minutes, and up to two less or more."""
    at = {
        name: EIGHT + (2 + m) * MINUTE for name, m in (("opened", 0), ("paused", 120), ("resumed", 150), ("end", 180))
    }
    moments = [Moment(at["paused"], "paused"), Moment(at["resumed"], "resumed"), Moment(at["end"], "answered")]
    clock = cycle_clocks(DESKS[0], Terms("basic", "normal"), at["opened"], moments, "first-response")[0]
    bounds = bounds_of(clock, at["end"] + 600 * MINUTE, MINUTE)
    assert (bounds.least, bounds.most) == (148 * MINUTE + 2, 152 * MINUTE - 2)


def test_a_pause_whose_reason_changes_is_one_pause() -> None:
    """08:00, waiting for one or another from 10:00 to 10:30, answered at 11:00: no more doubt than with one reason."""
    told = [(122, "paused", "", "customer"), (132, "paused", "", "vendor"), (142, "paused", "", "customer")]
    moments = events_of(EIGHT, [*told, (152, "resumed", "", None), (182, "answered", "", None)])
    clock = cycle_clocks(DESKS[0], Terms("basic", "normal"), EIGHT + 2 * MINUTE, moments, "first-response")[0]
    bounds = bounds_of(clock, EIGHT + 600 * MINUTE, MINUTE)
    assert (len(clock.pauses), bounds.least, bounds.most) == (3, 148 * MINUTE + 2, 152 * MINUTE - 2)


def test_a_change_of_schedule_in_doubt() -> None:
    """From 08:00 to 08:03 either the office or the short hours count; the short ones begin at nine."""
    moments = [Moment(EIGHT + 2 * MINUTE, "priority", "minor")]
    clock = cycle_clocks(DESKS[0], Terms("basic", "normal"), EIGHT, moments, "first-response")[0]
    bounds = bounds_of(clock, EIGHT + 10 * MINUTE, PRECISION)
    assert (bounds.least, bounds.most) == (0, PRECISION - 1)


def test_nothing_counts_before_a_plan_that_may_begin_later() -> None:
    """Opened at 08:00 without a plan, which the ticket gets at 09:00 or up to three minutes later."""
    moments = [Moment(EIGHT + 62 * MINUTE, "plan", "basic")]
    clock = cycle_clocks(DESKS[0], Terms(None, "normal"), EIGHT + 2 * MINUTE, moments, "first-response")[0]
    bounds = bounds_of(clock, EIGHT + 122 * MINUTE, PRECISION)
    assert (bounds.least, bounds.most) == (57 * MINUTE + 1, 60 * MINUTE)


AT = datetime.fromisoformat("2026-11-20T12:00+02:00")


def rows(text: str, *, events: str = "", metrics: Any = None, precision: Any = None, **layout: Any) -> Any:
    out, rejects = io.StringIO(), io.StringIO()
    options = {} if precision is None else {"precision": precision}
    measuring = Measuring(at=AT, layout=Layout(**layout), metrics=metrics, **options)
    log = Log.read(CsvTable(io.StringIO(f"id,at,kind,value\n{events}")), measuring.layout) if events else None
    header = "id,plan,priority,opened_at,answered_at\n"
    summary = measuring.run(CsvTable(io.StringIO(header + text)), out, rejects, log=log)
    return (
        list(csv.DictReader(io.StringIO(out.getvalue()))),
        summary,
        list(csv.DictReader(io.StringIO(rejects.getvalue()))),
    )


def told(row: Any) -> tuple[Any, ...]:
    return tuple(row[name] for name in ("state", "elapsed_s", "elapsed_least_s", "elapsed_most_s"))


def test_a_minute_decides_nothing_that_it_does_not_know() -> None:
    text = "".join(
        f"1,premium,high,2026-07-03T14:10,2026-07-03T16:{minute}\n" for minute in ("08", "09", "10", "11", "12")
    )
    found, summary, _ = rows(text, precision=timedelta(minutes=1))
    assert [told(row) for row in found] == [
        ("met", "7080", "7020.000001", "7139.999999"),
        ("met", "7140", "7080.000001", "7199.999999"),
        ("undecided", "7200", "7140.000001", "7259.999999"),
        ("breached", "7260", "7200.000001", "7319.999999"),
        ("breached", "7320", "7260.000001", "7379.999999"),
    ]
    assert list(summary.lines(KOLMISOFT))[:2] == [
        "5 rows: 2 met, 2 breached, 0 running, 0 not-covered, 1 undecided, 0 rejected",
        "met: 50.0 % of 4",
    ]
    assert summary.to_dict(KOLMISOFT)["metrics"]["first-response"]["undecided"] == 1
    exact, summary, _ = rows(text)
    assert "elapsed_least_s" not in exact[0]
    assert "undecided" not in summary.to_dict(KOLMISOFT)["metrics"]["first-response"]


def test_an_open_cycle_may_be_undecided_too() -> None:
    found, *_ = rows(
        "1,premium,high,2026-11-20T10:00,\n2,premium,high,2026-11-20T10:02,\n", precision=timedelta(minutes=1)
    )
    assert [told(row)[0] for row in found] == ["running", "running"]
    found, *_ = rows("1,premium,high,2026-11-20T09:59,\n", precision=timedelta(minutes=2))
    assert told(found[0]) == ("undecided", "7260", "7140.000001", "7260")


def test_what_is_not_promised_has_its_bounds_all_the_same() -> None:
    text = "1,premium,high,2026-07-03T14:10,\n2,,high,2026-07-03T14:10,\n"
    found, *_ = rows(text, metrics=["resolution", "next-response"], precision=timedelta(minutes=1))
    assert [(row["metric"], *told(row)) for row in found] == [
        ("resolution", "not-covered", "3520200", "3520140.000001", "3520200"),
        ("resolution", "not-covered", "", "", ""),
    ]
    found, *_ = rows(text, metrics=["next-response"], precision=timedelta(minutes=1))
    assert [told(row) for row in found] == [("not-covered", "", "", "")] * 2


def test_a_repeated_time_is_read_both_ways() -> None:
    """BLOCKER counts round the clock; DST repeats 03:00 to 04:00 on 25 October."""
    text = "1,premium,blocker,2026-10-25T03:30,2026-10-25T05:30\n2,premium,blocker,2026-10-25T02:50,2026-10-25T03:55\n"
    text += "3,premium,blocker,2026-10-25T03:30,2026-10-25T03:10\n4,premium,blocker,2026-10-25T01:00,2026-10-25T03:59\n"
    text += "5,premium,blocker,2026-10-25T03:30,2026-10-25T03:40\n"
    text += "6,premium,blocker,2026-10-25T03:30+03:00,2026-10-25T04:30\n"
    text += "7,premium,blocker,2026-10-25T03:50,2026-10-25T03:51+03:00\n"
    text += "8,premium,blocker,2026-10-25T03:30,2026-10-25T03:30\n"
    found, summary, (reject,) = rows(text, ambiguous="both")
    assert [told(row) for row in found] == [
        ("undecided", "10800", "7200", "10800"),
        ("undecided", "3900", "3900", "7500"),
        ("met", "2400", "2400", "2400"),  # the opening was the earlier, the answer the later
        ("breached", "10740", "10740", "14340"),
        ("met", "7200", "7200", "7200"),  # an offset leaves no doubt
        ("met", "60", "60", "60"),  # nor does an answer that is not before the opening
        ("met", "0", "0", "3600"),
    ]
    assert reject["id"] == "5"
    assert reject["reason"] == (
        "the opening at 2026-10-25T03:30:00+03:00 may be before or after answered at 2026-10-25T03:40:00+03:00,"
        " because DST repeats the hour; choose --ambiguous earlier or later"
    )
    assert summary.states["first-response"]["undecided"] == 2


def test_both_together() -> None:
    text = "1,premium,blocker,2026-10-25T03:30,2026-10-25T05:29\n"
    found, *_ = rows(text, ambiguous="both", precision=timedelta(minutes=1))
    assert told(found[0]) == ("undecided", "10740", "7080.000001", "10799.999999")


@pytest.mark.parametrize(
    ("opened", "fault"),
    [
        ("2026-03-29T03:30", "opened_at: 2026-03-29T03:30:00 is a wall time that Europe/Vilnius skips"),
        ("2026-10-25T05:00", "is before opened_at"),
    ],
)
def test_a_skipped_time_is_refused(opened: str, fault: str) -> None:
    _, _, (reject,) = rows(f"1,premium,high,{opened},2026-10-25T03:30\n", ambiguous="both")
    assert fault in reject["reason"]


def test_events_between_two_readings_are_refused() -> None:
    events = "1,2026-10-25T03:50,paused,\n1,2026-10-25T03:10,resumed,\n2,2026-10-25T03:10,answered,\n"
    text = "1,premium,high,2026-10-24T03:00,\n2,premium,blocker,2026-10-25T03:30,\n"
    found, _, (reject,) = rows(text, events=events, ambiguous="both")
    assert reject["reason"] == (
        "resumed at 2026-10-25T03:10:00+03:00 may be before or after paused at 2026-10-25T03:50:00+03:00,"
        " because DST repeats the hour; choose --ambiguous earlier or later"
    )
    assert told(found[0]) == ("met", "2400", "2400", "2400")


DOUBT = "the opening at 2026-10-25T03:30:00+03:00 may be before or after priority at"


@pytest.mark.parametrize(
    ("opened", "answered", "tolerance", "told_is"),
    [
        ("03:30", "03:29:59+02:00", 0, ("met", "3599", "3599", "3599")),
        ("03:30", "03:30+02:00", 0, ("met", "3600", "0", "3600")),
        ("03:30", "03:29+02:00", 2, ("met", "3540", "0", "3540")),
        ("03:30", "03:27+02:00", 2, ("met", "3420", "3420", "3420")),
        ("03:30+02:00", "03:29", 2, ("met", "0", "0", "0")),
        ("03:30+02:00", "03:27", 2, None),
    ],
)
def test_what_an_answer_tells_of_the_opening(
    opened: str, answered: str, tolerance: int, told_is: tuple[str, ...] | None
) -> None:
    """An answer is not before the opening, but for the tolerance."""
    text = f"1,premium,blocker,2026-10-25T{opened},2026-10-25T{answered}\n"
    found, _, rejects = rows(text, ambiguous="both", tolerance=timedelta(minutes=tolerance))
    assert [told(row) for row in found] == ([] if told_is is None else [told_is])
    assert len(rejects) == (told_is is None)


@pytest.mark.parametrize("at", ["03:50+03:00", "03:20", "03:50"])
def test_a_change_of_priority_may_be_before_the_opening(at: str) -> None:
    events = f"1,2026-10-25T{at},priority,high\n1,2026-10-25T05:00,answered,\n"
    _, _, (reject,) = rows("1,premium,blocker,2026-10-25T03:30,\n", events=events, ambiguous="both")
    assert reject["reason"].startswith(DOUBT)


@pytest.mark.parametrize(
    ("opened", "at", "is_certain"),
    [
        ("03:30+02:00", "03:20", True),  # both readings are before the opening
        ("03:30+03:00", "03:50", True),  # and both after it
        ("03:30+03:00", "03:20", False),
        ("03:30+02:00", "03:50", False),
    ],
)
def test_a_change_beside_an_opening_that_is_certain(opened: str, at: str, is_certain: bool) -> None:
    events = f"1,2026-10-25T{at},priority,high\n1,2026-10-25T05:00,answered,\n"
    found, _, rejects = rows(f"1,premium,blocker,2026-10-25T{opened},\n", events=events, ambiguous="both")
    assert (len(found), len(rejects)) == ((1, 0) if is_certain else (0, 1))


def test_a_change_at_the_opening_is_at_the_opening() -> None:
    events = "1,2026-10-25T03:30,priority,low\n1,2026-10-25T05:00,answered,\n"
    found, *_ = rows("1,premium,blocker,2026-10-25T03:30,\n", events=events, ambiguous="both")
    assert len(found) == 1


@pytest.mark.parametrize("tolerance", [0, 2])
def test_an_event_whose_readings_are_both_before_the_opening_is_before_it(tolerance: int) -> None:
    events, layout = "1,2026-10-25T03:30,answered,\n", {"tolerance": timedelta(minutes=tolerance)}
    _, _, (reject,) = rows("1,premium,high,2026-10-25T05:00,\n", events=events, ambiguous="both", **layout)
    assert "answered at 2026-10-25T03:30:00+03:00" in reject["reason"]
    assert "opened_at" in reject["reason"]


def test_a_repeated_instant_is_an_integer() -> None:
    assert Repeated.of(5, 9) == 5
    assert Repeated.of(5, 9).later == 9


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tickets, out = tmp_path / "t.csv", tmp_path / "o.csv"
    tickets.write_text(
        "plan,priority,opened_at,answered_at\npremium,high,2026-07-03T14:10,2026-07-03T16:10\n", encoding="utf-8"
    )
    options = ["measure", str(tickets), "-o", str(out), "--at", "2026-11-20T12:00"]
    assert main([*options, "--precision", "PT1M", "--ambiguous", "both", "--json"]) == 0
    printed, err = capsys.readouterr()
    assert json.loads(printed)["metrics"]["first-response"]["undecided"] == 1
    assert "0 met, 0 breached, 0 running, 0 not-covered, 1 undecided" in err
    assert (
        out.read_text(encoding="utf-8").splitlines()[0].endswith(",ended_at,response_s,elapsed_least_s,elapsed_most_s")
    )
    for wrong, sentence in (
        (["--precision", "PT0S"], "--precision must be more than 0, such as PT1M"),
        (["--precision", "1"], "'1' is not a duration"),
        (["--ambiguous", "both", "--at", "2026-10-25T03:30"], "is a wall time that Europe/Vilnius repeats"),
    ):
        try:
            assert main([*options, *wrong]) == 2
        except SystemExit as status:
            assert status.code == 2
        assert sentence in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["queue", str(tickets), "--ambiguous", "both"])
    with pytest.raises(ValueError, match="precision must be 0 or more, not -1 day"):
        Measuring(at=AT, precision=timedelta(seconds=-1))
    with pytest.raises(ValueError, match="must be 'earlier' or 'later', or for files also 'both', not 'soon'"):
        Layout(ambiguous="soon")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="the file has elapsed_most_s already"):
        Measuring(at=AT, precision=timedelta(1)).added(["elapsed_most_s"])
