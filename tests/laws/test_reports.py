"""A report adds up: every cell, every cut, every order of rows; and its figures are those of the tickets one by one."""

import json
import pickle
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from types import SimpleNamespace
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, NotCoveredError, Policy, Report, Schedule, Ticket, cycles, report
from kolmisla.files.facts import TicketFacts
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, METRICS, MetricName
from kolmisla.reports.figures.amounts import Amounts
from kolmisla.reports.figures.figures import working_hours_of
from kolmisla.reports.figures.openings import Openings, week_outline, weekly_hours
from kolmisla.reports.figures.periods import By, following, period_label, period_of, short_label
from kolmisla.reports.judging.standings import Question
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.tickets.cycles.cycle_clocks import no_cycle
from kolmisla.times.instants import micros
from tests.laws.test_arguments import NaT, NAType
from tests.strategies import US, happenings

HOUR = timedelta(hours=1)
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)
# Around a change of clocks (25 October 2026), a turn of the year, a holiday and a weekend; 23:30 in Vilnius is 21:30.
INSTANTS = [
    datetime(2026, 10, 24, 20, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 24, 21, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 21, 59, 59, tzinfo=UTC),
    datetime(2026, 10, 25, 22, tzinfo=UTC),
    datetime(2025, 12, 31, 21, 59, tzinfo=UTC),
    datetime(2025, 12, 31, 22, tzinfo=UTC),
    datetime(2026, 7, 6, 9, tzinfo=UTC),
    datetime(2026, 7, 3, 14, tzinfo=UTC),
    datetime(2026, 10, 30, 8, tzinfo=UTC),
]
NAMES = {"P1": "blocker", "P2": "high", "P3": "low"}
PLANS = [
    plan.replace(targets={metric: {"within": "PT2H"} for metric in METRICS}, pausing=("first-response", "resolution"))
    for plan in KOLMISOFT.plans.values()
]
# Without tasks and prices, which no report has: a report is written with the documents of its policies.
WITHOUT_TASKS: dict[str, Any] = {"coverage": {}, "rates": {}, "work": None, "examples": ()}
DESK = KOLMISOFT.replace(plans=[plan.replace(includes=()) for plan in PLANS], **WITHOUT_TASKS)
OTHER_DESK = KOLMISOFT.replace(plans=[plan.replace(includes=()) for plan in KOLMISOFT.plans.values()], **WITHOUT_TASKS)
DESK_ZONE = ZoneInfo(DESK.timezone)
bys = st.sampled_from(get_args(By))
metrics = st.sampled_from(METRICS)


@st.composite
def tickets(draw: st.DrawFn) -> Ticket:
    opened_at = draw(st.sampled_from(INSTANTS)) + draw(st.sampled_from([0, 0, 1, -1, 10**9])) * US
    offsets = draw(st.lists(st.integers(0, 10**11), max_size=5, unique=True))
    events = draw(happenings([opened_at + us * US for us in offsets]))
    return Ticket(
        id=draw(st.none() | st.integers(1, 9)),
        plan=draw(st.sampled_from(["enterprise", "premium", "premium", None])),
        priority=draw(st.sampled_from(["blocker", "high", "low"])),
        opened_at=opened_at,
        channel=draw(st.sampled_from([None, None, "phone"])),
        events=[{"kind": kind, "at": at, "value": NAMES.get(value or "", value)} for at, kind, value in events],
    )


many = st.lists(tickets(), max_size=12)


def plain(given: list[Ticket], metric: MetricName, by: By) -> Counter[tuple[Any, ...]]:
    """The cycles by period, plan, priority and state, each judged alone by the public answers."""
    found: Counter[tuple[Any, ...]] = Counter()
    for ticket in given:
        known = ticket.until(AT)
        plan = None if ticket.plan is None else DESK.plans[ticket.plan].name
        rows: list[tuple[datetime, str | None, str]] = []
        try:
            for cycle in cycles(known, policy=DESK, metric=metric):
                priority = cycle.deadline.promise.priority.name if cycle.deadline else None
                rows.append((cycle.started_at, priority, cycle.status(AT).state))
        except NotCoveredError:
            # judged once more through a channel and by a plan that are covered: only the names matter
            covered = known.replace(channel=None, plan="premium")
            for cycle in cycles(covered, policy=DESK.replace(plans=[PLANS[-1]]), metric=metric):
                assert cycle.deadline is not None
                rows.append((cycle.started_at, cycle.deadline.promise.priority.name, "not-covered"))
        if not rows:
            rows = [(ticket.opened_at, DESK.priority(ticket.priority).name, "not-covered")]
        for started_at, priority, state in rows:
            day = started_at.astimezone(DESK_ZONE).date()
            found[period_of(day, by), plan, priority, state] += 1
    return found


@given(many, metrics, bys)
def test_a_report_counts_what_single_tickets_say(given: list[Ticket], metric: MetricName, by: By) -> None:
    made = report(given, policy=DESK, metric=metric, at=AT, by=by)
    counted = Counter(
        {
            (cell.period, cell.plan, cell.priority, state): number
            for cell in made.cells
            for state, number in cell.states().items()
        }
    )
    assert +counted == plain(given, metric, by)


@given(many, metrics, bys)
def test_sums_agree(given: list[Ticket], metric: MetricName, by: By) -> None:
    made = report(given, policy=DESK, metric=metric, at=AT, by=by, split="channel")
    total = made.total
    for parts in (made.periods, made.plans, made.splits, made.cells):
        assert tuple(map(sum, zip(*(part.counts for part in parts), strict=True))) in (total.counts, ())
        assert sum(part.waiting for part in parts) == total.waiting
        assert sum((part.amounts for part in parts), Amounts()) == total.amounts
    for tally in (total, *made.periods, *made.cells):
        assert tally.tickets == tally.met + tally.breached + tally.running + tally.paused + tally.not_covered
        assert tally.n <= tally.decided - tally.waiting
        assert (tally.share is None) == (tally.decided == 0)
        assert tally.share is None or 0 <= tally.share <= 1
    without_one = made.not_covered.get(no_cycle(metric), 0)  # tickets of which no cycle has begun
    assert sum(map(sum, made.load)) == total.tickets - without_one
    assert sum(made.not_covered.values()) == total.not_covered
    assert sum(made.lateness.values()) == total.breached
    assert made.lateness["waiting"] == total.waiting
    assert sum(made.used) == total.n
    assert sum(made.used[:10]) == total.met
    opened = made.opened_when.values()
    assert sum(each.tickets for each in opened) == total.tickets - total.not_covered
    assert (sum(each.met for each in opened), sum(each.breached for each in opened)) == (total.met, total.breached)


@given(many, metrics, st.randoms(use_true_random=False))
def test_the_order_of_tickets_is_nothing(given: list[Ticket], metric: MetricName, random: Any) -> None:
    turned = list(given)
    random.shuffle(turned)
    one, other = (report(each, policy=DESK, metric=metric, at=AT, split="plan") for each in (given, turned))
    assert one == other
    assert json.dumps(one.to_dict()) == json.dumps(other.to_dict())


@given(st.lists(tickets(), max_size=12), st.integers(0, 12), st.integers(0, 12), metrics)
def test_the_report_of_a_union_is_the_union_of_the_reports(
    given: list[Ticket], one: int, other: int, metric: MetricName
) -> None:
    first, second = sorted((one, other))
    parts = [
        report(part, policy=DESK, metric=metric, at=AT, split="plan", what_if=OTHER_DESK)
        for part in (given[:first], given[first:second], given[second:])
    ]
    whole = report(given, policy=DESK, metric=metric, at=AT, split="plan", what_if=OTHER_DESK)
    assert sum(parts) == whole
    assert parts[0] + (parts[1] + parts[2]) == whole
    kept = [Report.from_dict(json.loads(json.dumps(part.to_dict()))) for part in parts]
    assert sum(kept) == whole
    assert pickle.loads(pickle.dumps(whole)) == whole


@given(st.lists(st.integers(-5, 10**7), max_size=40), st.integers(1, 100), st.integers(0, 40))
def test_a_percentile_is_one_of_the_amounts(values: list[int], q: int, cut: int) -> None:
    amounts = Amounts.of(values[:cut]) + Amounts.of(values[cut:])
    assert amounts == Amounts.of(values) == Amounts.counted(sorted(Counter(values).items()))
    assert amounts.n == len(values)
    assert [*amounts.pairs()] == sorted(Counter(values).items())
    found = amounts.percentile(q)
    if not values:
        assert found is None
        assert amounts.mean is None
        return
    assert found in values
    assert found == sorted(values)[-(-q * len(values) // 100) - 1]
    assert Fraction(sum(value <= found for value in values), len(values)) >= Fraction(q, 100)
    following_one = amounts.percentile(min(q + 1, 100))
    assert following_one is not None
    assert found <= following_one
    assert amounts.mean == sum(values) // len(values)


@pytest.mark.parametrize("q", [0, 101, 50.0, True, "50"])
def test_a_percentile_is_a_whole_number(q: Any) -> None:
    with pytest.raises(ValueError, match="must be a whole number from 1 to 100"):
        Amounts.of([1]).percentile(q)


@given(many, metrics, st.sampled_from(INSTANTS), st.sampled_from(INSTANTS))
def test_dates_are_half_open_and_local(given: list[Ticket], metric: MetricName, one: datetime, other: datetime) -> None:
    since, last = sorted(at.astimezone(DESK_ZONE).date() for at in (one, other))
    until = last + timedelta(days=1)
    cut = report(given, policy=DESK, metric=metric, at=AT, by="day", since=since, until=until)
    whole = report(given, policy=DESK, metric=metric, at=AT, by="day")
    assert cut.cells == tuple(cell for cell in whole.cells if cell.period and since <= cell.period < until)
    assert cut.outside + cut.total.tickets == whole.total.tickets
    before = report(given, policy=DESK, metric=metric, at=AT, by="day", until=since)
    after = report(given, policy=DESK, metric=metric, at=AT, by="day", since=until)
    assert (before + cut + after).cells == whole.cells


@given(many, metrics)
def test_the_same_policy_moves_nothing(given: list[Ticket], metric: MetricName) -> None:
    made = report(given, policy=DESK, metric=metric, at=AT, what_if=DESK)
    assert made.what_if is not None
    assert made.what_if.mended == made.what_if.broken == 0
    assert all(state == other for (state, other), _ in made.what_if.flow)
    assert sum(number for _, number in made.what_if.flow) == made.total.tickets
    assert made.what_if.report.cells == made.cells
    _, as_is, other_wait = made.what_if.waits
    assert as_is == other_wait


WIDER = DESK.replace(
    schedules={
        **DESK.schedules,
        "working-hours": Schedule("Europe/Vilnius", {"mon-sat": ["07:00-20:00"]}, holidays="LT"),
    }
)


@given(many, metrics)
def test_wider_hours_with_the_same_targets_mend_nothing(given: list[Ticket], metric: MetricName) -> None:
    """More time counts, so no time counted is less; the answers stay where they were. A due time is never later."""
    given = [each for each in given if all(event.kind != "priority" for event in each.events)]
    made = report(given, policy=DESK, metric=metric, at=AT, what_if=WIDER)
    assert made.what_if is not None
    assert made.what_if.mended == 0
    number, as_is, other = made.what_if.waits
    assert other <= as_is
    assert number <= made.total.tickets - made.total.not_covered


@given(st.dates(date(1999, 12, 1), date(2028, 3, 1)), bys)
def test_periods_follow_one_another(day: date, by: By) -> None:
    period = period_of(day, by)
    after = following(period, by)
    assert period <= day < after
    assert period_of(period, by) == period
    assert period_of(after, by) == after
    assert period_of(after - timedelta(days=1), by) == period
    assert period_label(period, by) < period_label(after, by)
    assert short_label(period, by)[0]


def test_a_day_is_that_of_the_policys_zone() -> None:
    facts: dict[str, Any] = {"plan": "premium", "priority": "high"}
    opened = ["2026-10-24T23:30:00+03:00", "2026-10-25T00:00:00+03:00", "2026-10-25T23:59:59+02:00"]
    made = report([Ticket(**facts, opened_at=at) for at in opened], at=AT, by="day")
    days = [(tally.period, tally.tickets) for tally in made.periods]
    assert days == [(date(2026, 10, 24), 1), (date(2026, 10, 25), 2)]
    assert made.load[5][23] == made.load[6][0] == made.load[6][23] == 1


HIGH: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": "2026-07-07T10:00:00+03:00"}


def test_averages_are_of_answered_tickets_alone() -> None:
    given = [
        Ticket(**HIGH, answered_at="2026-07-07T10:20:00+03:00"),
        Ticket(**HIGH, answered_at="2026-07-07T10:31:00+03:00"),
        Ticket(**HIGH, answered_at="2026-07-07T10:00:00+03:00"),
        Ticket(**HIGH, events=[{"kind": "resolved", "at": "2026-07-07T10:01:00+03:00"}]),
        Ticket(**HIGH),
    ]
    (average,) = report(given, at=AT).averages
    assert (average.plan, average.n, average.met) == ("PREMIUM", 2, False)
    assert (average.mean, average.aim) == (timedelta(minutes=25, seconds=30), timedelta(minutes=25))
    assert average.apart == ("1 resolved without an answer", "1 answered at opening")
    (average,) = report(given[:1], at=AT).averages
    assert average.met
    at_the_aim = [Ticket(**HIGH, answered_at=f"2026-07-07T10:{minute}:00+03:00") for minute in (20, 30)]
    (average,) = report(at_the_aim, at=AT).averages
    assert (average.mean, average.met) == (average.aim, True)
    (average,) = report([*at_the_aim, Ticket(**HIGH, answered_at="2026-07-07T10:25:00.000001+03:00")], at=AT).averages
    assert (average.mean, average.met) == (average.aim, False)
    (average,) = report(given[3:], at=AT).averages
    assert (average.mean, average.met, average.n) == (None, None, 0)


def test_the_worst_are_those_furthest_beyond_their_target() -> None:
    given = [
        Ticket(**HIGH, id=number, answered_at=datetime(2026, 7, 7, 8, tzinfo=UTC) + number * HOUR / 10)
        for number in range(60, 0, -1)
    ]
    given += [Ticket(**{**HIGH, "opened_at": f"2026-07-07T10:00:{second:02}+03:00"}, id="w") for second in range(60)]
    made = report(given, at=AT)
    assert len(made.late) == 100
    worst = made.worst(3)
    assert [late.ticket.id for late in worst] == ["w"] * 3 + [60, 59, 58]
    assert worst[0].over == worst[1].over + timedelta(seconds=1)
    assert worst[3].over == timedelta(hours=5)
    assert worst[3].over > worst[4].over
    assert made.worst(0) == ()
    with pytest.raises(ValueError, match="n must be from 0 to 50, as a report keeps no more, not 51"):
        made.worst(51)


def test_what_cannot_be_judged_raises_or_is_counted() -> None:
    wrong = [Ticket(**{**HIGH, "priority": "odd"}), Ticket(**{**HIGH, "opened_at": "2027-07-07T10:00:00+03:00"})]
    with pytest.raises(ValueError, match="priority 'odd' is not one of"):
        report(wrong, at=AT)
    made = report([*wrong, *wrong[:1], Ticket(**HIGH)], at=AT, errors="null", what_if=DESK)
    assert made.total.tickets == 1
    assert [(rejected.rows, rejected.such_as[:14]) for rejected in made.rejected] == [
        (2, "priority 'odd'"),
        (1, "2026-11-02T11:"),
    ]
    assert made.what_if is not None
    assert dict(made.what_if.flow)["rejected", "rejected"] == 3
    twice = made + made
    assert [rejected.rows for rejected in twice.rejected] == [4, 2]
    assert twice.rejected_rows == 6


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"by": "decade"}, "by must be one of day, week, month, quarter, year, not 'decade'"),
        ({"split": "colour"}, "split must be one of plan, priority, channel, version, or a function of a ticket"),
        ({"split": 5}, "split must be a name or a function of a ticket, not 5"),
        ({"errors": "ignore"}, "errors must be 'raise' or 'null', not 'ignore'"),
        ({"since": "2026-07-01"}, "since must be a date, such as date"),
        ({"since": AT}, "since must be a date"),
        ({"since": date(2026, 7, 1), "until": date(2026, 7, 1)}, "until must be after since .2026-07-01."),
        ({"what_if": "policy"}, "what_if must be a Policy"),
        (
            {"what_if": DESK.replace(timezone="UTC")},
            "same zone, Europe/Vilnius, not UTC",
        ),
        ({"at": datetime(2026, 7, 1)}, "has no offset"),
        ({"metric": "speed"}, "metric"),
    ],
)
def test_a_wrong_argument_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        report([], **{"at": AT, **options})


def test_only_tickets_are_reported() -> None:
    with pytest.raises(TypeError, match="ticket must be a Ticket"):
        report([HIGH], at=AT)
    with pytest.raises(TypeError, match="tickets must be"):
        report(5, at=AT)


def test_only_reports_of_one_kind_are_added() -> None:
    empty = report([], at=AT)
    for other in (
        report([], at=AT, by="day"),
        report([], at=AT, metric="resolution"),
        report([], at=AT, policy=DESK),
        report([], at=AT, split="plan"),
        report([], at=AT, what_if=DESK),
    ):
        with pytest.raises(ValueError, match="only reports of the same kind can be added; these differ: "):
            empty + other
    with pytest.raises(TypeError):
        empty + 1  # type: ignore[operator]


def test_two_instants_stay_with_their_periods() -> None:
    later = AT + timedelta(days=30)
    july, october = (
        report([Ticket(**{**HIGH, "opened_at": f"2026-{month}-07T10:00:00+03:00"})], at=at)
        for month, at in (("07", AT), ("10", later))
    )
    both = july + october
    assert [at.astimezone(UTC) for at in both.instants] == [AT, later]
    assert [len(at) for _, at in both.judged] == [1, 1]
    assert both.judged[0][1] != both.judged[1][1]


def test_a_split_may_be_a_function() -> None:
    def weekday(ticket: Ticket) -> int:
        return ticket.opened_at.isoweekday()

    made = report([Ticket(**HIGH)], at=AT, split=weekday)  # type: ignore[arg-type]
    assert (made.split, made.splits[0].split) == ("weekday", "2")
    none = report([Ticket(**HIGH)], at=AT, split=lambda _: None)
    assert none.splits[0].split == ""


ODD: list[Any] = [NaT(1, 1, 1), NAType(), Decimal("sNaN"), range(10**12), {1, 2}, iter("x"), b"x"]


def nested(depth: int) -> list[Any]:
    deep: list[Any] = []
    for _ in range(depth):
        deep = [deep]
    return deep


def damaged(change: Any) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(json.dumps(report([Ticket(**HIGH)], at=AT, split="plan").to_dict()))
    change(document)
    return document


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it["total"].update(met=5), "the report is damaged: the values of total do not agree"),
        (lambda it: it["cells"][0].update(met=5), "the values of total and periods and plans and cells do not agree"),
        (lambda it: it.update(digest="0" * 64), "damaged: the values of digest do not agree"),
        (lambda it: it.update(checksum="0" * 64), "damaged: its checksum is not that of its values"),
        (lambda it: it.pop("checksum"), "damaged: its checksum is not that of its values"),
        (lambda it: it.update(opened=[]), "damaged: its checksum is not that of its values"),
        (lambda it: it["counts"].update(outside=7), "damaged: its checksum is not that of its values"),
        (lambda it: it["counts"].update(openings=[[1, 2]]), "the report is damaged: TypeError"),
        (lambda it: it["cells"][0].update(met=None), "the report is damaged: TypeError"),
        (lambda it: it.pop("cells"), "damaged: KeyError"),
        (lambda it: it.update(by="decade"), "by must be one of day, week, month, quarter, year, not 'decade'"),
        (lambda it: it.update(report=2), "the key report must be 1, as to_dict.. writes it, not 2"),
        (lambda it: it.update(rejects="x"), "the report is damaged: ValueError 'not enough values"),
        (lambda it: it.update(worst="x"), "the report is damaged: ValueError 'dictionary update sequence"),
        (lambda it: it.update(judged={"a": 1}), "the report is damaged: ValueError .*Invalid isoformat"),
        (lambda it: it.update(since="soon"), "the report is damaged: ValueError .*Invalid isoformat"),
        (lambda it: it.update(metric="none"), "metric 'none' is not one of"),
        *((lambda it, odd=odd: it.update(notes=odd), "the report is damaged: TypeError") for odd in ODD),
        *((lambda it, odd=odd: it.update(report=odd), "the report is damaged: TypeError") for odd in ODD),
        (lambda it: it.update(notes=nested(100_000)), "the report is damaged: RecursionError"),
    ],
)
def test_a_damaged_document_is_refused(change: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Report.from_dict(damaged(change))


def test_a_document_is_a_dict() -> None:
    with pytest.raises(TypeError, match="a report must be a dict"):
        Report.from_dict("{}")  # type: ignore[arg-type]


def test_a_report_is_frozen_and_has_a_short_repr() -> None:
    made = report([Ticket(**HIGH)], at=AT)
    with pytest.raises(AttributeError):
        made.by = "day"  # type: ignore[misc]
    assert repr(made) == "<Report Kolmisoft first-response, 1 cycles>"
    assert made.metric == FIRST_RESPONSE
    assert isinstance(made.policy, Policy)
    assert hash(made.total.amounts) == hash(Amounts())
    assert repr(made.total.amounts) == "<Amounts, 0 of them>"
    assert made.total.amounts.__eq__(5) is NotImplemented


def test_most_tickets_round_the_clock_leave_the_working_hours() -> None:
    blocker = Ticket(**{**HIGH, "priority": "blocker"})
    hours = working_hours_of(report([blocker, blocker, Ticket(**HIGH)], at=AT))
    assert hours is not None
    assert hours[0] == "working-hours"
    assert working_hours_of(report([blocker], at=AT)) is None


def test_a_policy_without_the_priority_rejects_in_what_if() -> None:
    priorities = [priority for priority in KOLMISOFT.priorities.values() if priority.name != "LOW"]
    other = KOLMISOFT.replace(priorities=priorities)
    made = report([Ticket(**HIGH), Ticket(**{**HIGH, "priority": "low"})], at=AT, what_if=other)
    assert made.what_if is not None
    assert dict(made.what_if.flow) == {("breached", "breached"): 1, ("breached", "rejected"): 1}
    assert made.what_if.report.rejected_rows == 1


SHIFT = Schedule(
    "Europe/Vilnius",
    {"mon-fri": ["08:00-12:00", "13:00-18:00"], "sat": ["22:00-02:00"]},
    holidays={"2026-07-06": "Statehood Day"},
    exceptions={"2026-07-08": []},
)


@pytest.mark.parametrize(
    ("at", "when"),
    [
        ("2026-07-07T08:00", "in-hours"),
        ("2026-07-07T07:59:59", "before-opening"),
        ("2026-07-07T12:00", "in-a-break"),
        ("2026-07-07T18:00", "after-closing"),
        ("2026-07-06T12:00", "holiday"),
        ("2026-07-08T12:00", "no-hours"),
        ("2026-07-05T12:00", "weekend"),
        ("2026-07-05T01:00", "in-hours"),
        ("2026-07-04T12:00", "before-opening"),
    ],
)
def test_when_a_ticket_was_opened(at: str, when: str) -> None:
    instant = micros(datetime.fromisoformat(f"{at}+03:00"))
    openings = Openings()
    assert openings.when(SHIFT, instant) == openings.when(SHIFT, instant) == when


def test_the_outline_of_a_week_is_what_is_open_in_most_weeks() -> None:
    first, last = (micros(datetime.fromisoformat(f"2026-{day}T00:00+03:00")) for day in ("06-29", "07-20"))
    outline = week_outline(((0, SHIFT.timeline),), "Europe/Vilnius", first, last)
    assert [hour for hour in range(24) if outline[2][hour]] == [8, 9, 10, 11, 13, 14, 15, 16, 17]
    assert [hour for hour in range(24) if outline[5][hour]] == [22, 23]
    assert [hour for hour in range(24) if outline[6][hour]] == [0, 1]
    office = Schedule("UTC", {"mon-fri": ["08:00-18:00"]})
    assert weekly_hours(((0, office.timeline),), first, last) == 50 * 3_600_000_000
    assert weekly_hours(((0, office.timeline),), office.timeline.end, office.timeline.end) == 0


def test_a_frame_needs_an_extra_or_a_real_frame() -> None:
    class Frame:
        pass

    Frame.__module__ = "pandas.core"
    with pytest.raises((ImportError, TypeError), match="needs|tickets must be a pandas or Polars data frame"):
        report(Frame(), at=AT)
    with pytest.raises(TypeError, match="split must be the name of a column of the frame, not "):
        report(Frame(), at=AT, split=lambda _: None)


def test_options_of_frames_are_refused_with_tickets() -> None:
    with pytest.raises(TypeError, match="these arguments need a data frame: events, timezone; a Ticket has"):
        report([], at=AT, events=[], timezone="UTC")


def test_the_hours_that_are_closed_when_late_tickets_come() -> None:
    late: dict[str, Any] = {"plan": "premium", "priority": "high"}
    saturday = [Ticket(**late, opened_at=f"2026-07-11T10:{minute}:00+03:00") for minute in (10, 40)]
    sunday = Ticket(**late, opened_at="2026-07-12T10:00:00+03:00")
    inside = Ticket(**late, opened_at="2026-07-10T10:00:00+03:00")
    kept = Ticket(**late, opened_at="2026-07-11T11:00:00+03:00", answered_at="2026-07-11T12:00:00+03:00")
    made = report([*saturday, sunday, inside, kept], at=AT)
    first, second = made.which_hours()
    assert (first.weekday, first.hour, first.breached) == (5, 10, 2)
    assert first.wait == timedelta(hours=2 * 45 + 1, minutes=10)
    assert (second.weekday, second.hour, second.breached, second.wait) == (6, 10, 1, timedelta(hours=22))
    assert made.which_hours(1) == (first,)
    assert made.which_hours(0) == ()
    for k in (-1, 1.0, True):
        with pytest.raises(ValueError, match="k must be a whole number, 0 or more"):
            made.which_hours(k)  # type: ignore[arg-type]


@given(many)
def test_closed_hours_are_those_of_breached_tickets_outside_their_hours(given: list[Ticket]) -> None:
    made = report(given, policy=DESK, at=AT)
    outside = sum(opened.breached for when, opened in made.opened_when.items() if when != "in-hours")
    assert sum(hour.breached for hour in made.which_hours(168)) == outside
    assert all(hour.wait > timedelta() for hour in made.which_hours(168))


def test_a_ticket_among_the_worst_is_not_counted_again() -> None:
    tallying = Tallying(Question(DESK, FIRST_RESPONSE, micros(AT)), Scope())
    late = TicketFacts("7", "premium", "high", None, None, micros(AT - 90 * 24 * HOUR), ())
    tallying.consider(late, None)
    (worst,) = tallying.worst()
    assert worst.elapsed > worst.target
    assert tallying.report().total.tickets == 0


def test_a_frame_is_reported_by_the_room_that_needs_an_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    made = report([], policy=DESK, at=AT)
    asked: list[Any] = []

    class Frame:
        """What looks like a frame of pandas."""

    Frame.__module__ = "pandas.core.frame"

    def module(name: str) -> Any:
        asked.append(name)
        return SimpleNamespace(report_of_frame=lambda *_: made, FrameQuestion=lambda *asked: asked)

    monkeypatch.setattr("kolmisla.reports.judging.tickets.import_module", module)
    assert report(Frame(), policy=DESK, at=AT).cells == made.cells
    assert asked == ["kolmisla.columns", "kolmisla.reports.judging.frames"]


@pytest.mark.parametrize("channel", ["support-system", "phone"])
def test_a_cell_is_of_the_plan_and_the_priority_in_force_with_a_promise_or_without(channel: str) -> None:
    changes = [("plan", "enterprise"), ("priority", "low")]
    events = [{"kind": kind, "at": "2026-07-07T11:00:00+03:00", "value": value} for kind, value in changes]
    made = report(
        [Ticket(**{**HIGH, "channel": channel, "plan": plan}, events=events) for plan in (None, "premium")], at=AT
    )
    assert [(cell.plan, cell.priority) for cell in made.cells] == [("ENTERPRISE", "LOW")]
