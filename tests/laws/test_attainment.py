"""Promised shares: what a document may say, and what a report tells, beside counts by hand and ticket by ticket."""

import json
import pickle
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Context, Decimal, localcontext
from fractions import Fraction
from typing import Any, get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, NotCoveredError, Plan, Policy, PolicyError, Report, Ticket, cycles, report
from kolmisla.documents.decimals import PERCENT, percent_text
from kolmisla.documents.names import folded
from kolmisla.policies import Attainment, Credit
from kolmisla.policies.description import described
from kolmisla.policies.terms.attainment import Per
from kolmisla.policies.terms.metrics import METRICS, MetricName
from kolmisla.reports.figures.attainment.attained import Attained
from kolmisla.reports.figures.attainment.shares import ShareCount, ShareKey, Shares
from kolmisla.reports.figures.periods import By
from kolmisla.reports.figures.tallies import MET, NOT_MEASURED
from kolmisla.reports.judging.shares import ShareCounting
from kolmisla.reports.views.attainment import attainment_line, attainment_notes, credit_lines, open_lines, share_rows
from tests.laws.test_reports import AT, DESK, DESK_ZONE, many

TARGETS = {metric: {"within": "PT2H"} for metric in METRICS}
FIRST = {"share": "95 %", "of": "first-response"}
STEPS = [{"below": "95 %", "credit": "5 %"}, {"below": "90 %", "credit": "20 %"}]


@pytest.mark.parametrize(
    ("given", "share"),
    [
        ("95 %", "0.95"),
        ("95%", "0.95"),
        (" 99.9\N{NO-BREAK SPACE}% ", "0.999"),
        ("0 %", "0"),
        ("100.0 %", "1"),
        ("0.000001 %", "0.00000001"),
        (Decimal("0.95"), "0.95"),
        (Decimal("0.9500000000000000"), "0.95"),
        (Decimal(1), "1"),
    ],
)
def test_a_percentage_is_an_exact_decimal(given: Any, share: str) -> None:
    with localcontext(Context(prec=1)):
        read = PERCENT.read(given)
        assert PERCENT.read(percent_text(read)) == read
        assert str(PERCENT.read(percent_text(read))) == str(read)
    assert read == Decimal(share)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0.95, '0.95 is not a percentage such as "95 %" or Decimal.*; a float cannot hold an exact share'),
        ("95", "'95' is not a percentage"),
        (95, "95 is not a percentage"),
        (True, "True is not a percentage"),
        (None, "None is not a percentage"),
        (Decimal("NaN"), "is not a percentage"),
        (Decimal("Infinity"), "is not a percentage"),
        ("95,5 %", "'95,5 %' is not a percentage"),
        ("-5 %", "'-5 %' is not a percentage"),
        ("101 %", "must be from 0 % to 100 %, such as \"95 %\" or .*, not '101 %'"),
        (Decimal(95), r"must be from 0 % to 100 %.*not Decimal\('95'\)"),
        (Decimal("-0.1"), "must be from 0 % to 100 %"),
        (Decimal("0.123456789"), "must have at most six decimals"),
    ],
)
def test_what_is_no_percentage_is_refused(given: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PERCENT.read(given)


def plan(**changes: Any) -> Plan:
    return Plan.from_dict({"name": "GOLD", "rank": 1, "targets": TARGETS, **changes})


@pytest.mark.parametrize(
    ("changes", "faults"),
    [
        (
            {"attain": {"share": 0.95, "of": "", "per": "decade"}},
            ["attain.share: 0.95 is not a percentage", "attain.of: is empty", "attain.per: must be 'day', 'week', "],
        ),
        ({"attain": {}}, ["attain.share: is missing", "attain.of: is missing"]),
        (
            {"attain": [{**FIRST, "share": "0 %"}, {"of": "x"}]},
            ["attain.0.share: must be more than 0 %", "attain.1.share: is"],
        ),
        ({"attain": "95 %"}, ['attain: must be a table such as { share = "95 %", of = "resolution" }, or a list of']),
        (
            {"attain": {**FIRST, "of": "speed"}},
            ["attain.of: 'speed' is not a metric with a target: first-response, next-response, resolution"],
        ),
        ({"attain": [FIRST, FIRST]}, ["attain.1: must promise one share of first-response per month, not two"]),
        (
            {"attain": {**FIRST, "credits": [{"below": "95 %", "credit": "5 %"}] * 2}},
            ["attain.credits.1.below: must differ in each step, but 95 % is given twice"],
        ),
        (
            {"attain": {**FIRST, "credits": [{"below": "80 %", "credit": "5 %"}, {"below": "95 %", "credit": "5 %"}]}},
            ["attain.credits.0.credit: must be more than the 5 % below 95 %, not 5 %"],
        ),
        (
            {"attain": {**FIRST, "credits": [{"below": "95.1 %", "credit": "5 %"}]}},
            ["attain.credits: must have no step with below = 95.1 %, which is more than the promised share of 95 %"],
        ),
        (
            {"attain": {**FIRST, "credits": [{"below": "0 %", "credit": "0 %"}, {"below": 5}]}},
            [
                "credits.0.below: must be more than 0 %",
                "credits.0.credit: must be more",
                "credits.1.below",
                "credit: is missing",
            ],
        ),
        (
            {"attain": {**FIRST, "share": "90 %"}, "credits": STEPS},
            ["credits: must have no step with below = 95 %, which is more than the promised share of 90 %"],
        ),
        ({"credits": STEPS, "cap": "5 %"}, ["credits: needs a promised share: attain = {", "cap: needs a promised"]),
        ({"attain": {**FIRST, "cap": "5 %"}}, ["attain.cap: must be left out, because there are no credits to limit"]),
        ({"attain": FIRST, "cap": "5 %"}, ["cap: must be left out, because there are no credits to limit"]),
        (
            {"attain": {**FIRST, "credits": STEPS, "cap": "9 %"}, "credits": STEPS, "cap": "9 %"},
            ["credits: must be left out, because each promised share has its own credits", "cap: must be left out"],
        ),
        (
            {"attain": [{**FIRST, "of": "speed"}, {**FIRST, "cap": "5 %"}], "rank": 1},
            ["attain.0.of: 'speed' is not", "attain.1.cap: must be left out"],
        ),
    ],
)
def test_what_is_wrong_with_a_promised_share_is_told(changes: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(PolicyError) as caught:
        plan(**changes)
    told = [str(fault) for fault in caught.value.faults]
    assert len(told) >= len(faults)
    for fault in faults:
        assert any(fault in each for each in told), told


def test_the_forms_of_a_promise_are_one() -> None:
    one = plan(attain=FIRST, credits=STEPS, cap="15 %")
    assert plan(attain=[FIRST], credits=STEPS[::-1], cap="15.0%") == one
    assert Plan.from_dict({"name": "GOLD", **one.to_dict()}) == one
    steps = (Credit(below=Decimal("0.95"), credit=Decimal("0.05")), Credit(below=Decimal("0.9"), credit=Decimal("0.2")))
    promise = Attainment(share=Decimal("0.95"), of="First response", credits=steps, cap=Decimal("0.15"))
    assert one.attainments == plan(attain=promise).attainments == (promise,)
    assert str(promise) == (
        "95 % of first-response per month; 5 % credit below 95 %, 20 % credit below 90 %, at most 15 %"
    )
    assert pickle.loads(pickle.dumps(one)) == one
    both = plan(
        attain=[{**FIRST, "credits": STEPS, "cap": "9 %"}, {**FIRST, "of": "resolution", "per": "all"}],
        credits=STEPS[:1],
    )
    own, inherited = both.attainments
    assert (own.cap, len(own.credits)) == (Decimal("0.09"), 2)
    assert str(inherited) == "95 % of resolution over the whole time; 5 % credit below 95 %"
    assert str(plan(attain=FIRST).attainments[0]) == "95 % of first-response per month"


def test_the_periods_are_those_of_reports() -> None:
    assert get_args(Per) == (*get_args(By), "all")


def desk(*editions: tuple[date | None, Any]) -> Policy:
    """The desk of the laws of reports, whose PREMIUM promises shares, in editions."""
    made = []
    for since, attain in editions:
        plans = [each.replace(**(attain if each.name == "PREMIUM" else {})) for each in DESK.plans.values()]
        made.append(DESK.replace(plans=plans, effective_from=since))
    return made[-1].replace(earlier=made[:-1])


LOW_STEPS = [{"below": "70 %", "credit": "5 %"}, {"below": "33.3 %", "credit": "40 %"}]
PROMISES: list[dict[str, Any]] = [
    {
        "share": "70 %",
        "of": metric,
        "per": per,
        "credits": [{"below": "70 %", "credit": "5 %"}, {"below": "33.3 %", "credit": "40 %"}],
        "cap": "30 %",
    }
    for metric in METRICS
    for per in ("week", "all")
]
STRICTER = [{**promise, "share": "90 %"} for promise in PROMISES]
TURN = date(2026, 10, 25)  # in the midst of a week, on the day of a change of clocks
EDITIONS = desk((None, {"attain": PROMISES}), (date(2026, 1, 1), {"attain": PROMISES}), (TURN, {"attain": STRICTER}))


@given(many, st.sampled_from(METRICS), st.sampled_from(get_args(By)))
def test_attainment_is_what_single_tickets_say(given: list[Ticket], metric: MetricName, by: By) -> None:
    counted: dict[tuple[str, date | None, bool], Counter[str]] = defaultdict(Counter)
    missed: dict[tuple[str, date | None, bool], list[Any]] = defaultdict(list)
    for ticket in given:
        try:
            judged = cycles(ticket.until(AT), policy=EDITIONS, metric=metric)
        except NotCoveredError:
            continue
        if ticket.plan != "premium":
            continue
        later = ticket.opened_at.astimezone(DESK_ZONE).date() >= TURN
        for cycle in judged:
            day, state = cycle.started_at.astimezone(DESK_ZONE).date(), cycle.status(AT).state
            keys: list[tuple[str, date | None, bool]] = [("week", day - timedelta(days=day.weekday()), later)]
            for key in (*keys, ("all", None, later)):
                counted[key][state] += 1
                missed[key] += [ticket.id] * (state == "breached")
    made = report(given, policy=EDITIONS, metric=metric, at=AT, by=by)
    told = {(str(line.promise.per), line.period, line.edition == 2): line for line in made.attainment}
    assert told.keys() == counted.keys()
    for place, line in told.items():
        numbers = {"met": line.met, "breached": line.breached, "running": line.running, "paused": line.paused}
        assert +Counter(numbers) == counted[place]
        assert Counter(line.tickets) == Counter(missed[place])
        assert line.promise.share == (Decimal("0.9") if place[2] else Decimal("0.7"))
        agrees(line)
    assert Report.from_dict(json.loads(json.dumps(made.to_dict()))) == made
    assert pickle.loads(pickle.dumps(made)) == made


def agrees(line: Attained) -> None:
    """Whether all that a line tells follows from its counts, computed slowly and exactly."""
    met, decided, open_ones = line.met, line.met + line.breached, line.running + line.paused
    promised = Fraction(str(line.promise.share))
    cut = line.whole == "cut"

    def credit(share: Fraction) -> Fraction:
        steps = [Fraction(str(step.credit)) for step in line.promise.credits if share < Fraction(str(step.below))]
        return min(max(steps, default=Fraction(0)), Fraction(str(line.promise.cap)))

    def check(share: Decimal | None, given: Decimal | None, part: int, whole: int, *, told: bool) -> None:
        if not whole or not told:
            assert (share is None or cut, given) == (True, None)
            return
        exact = Fraction(part, whole)
        assert share is not None
        assert given is not None
        assert 0 <= exact - Fraction(share) < Fraction(1, 10_000)
        assert (Fraction(share) < promised) == (exact < promised)
        assert Fraction(given) == credit(exact)

    check(line.share, line.credit, met, decided, told=not cut)
    check(line.best, line.credit_at_best, met + open_ones, decided + open_ones, told=not cut)
    check(line.worst, line.credit_at_worst, met, decided + open_ones, told=not cut)
    if cut:
        assert (line.state, line.may_be_missed, line.below) == ("cut", None, None)
        return

    def survives(more: int) -> bool:
        """Whether the share is kept when so many more are missed, and all others that still run are met."""
        kept, judged = met + max(open_ones - more, 0), decided + max(open_ones, more)
        return not judged or Fraction(kept, judged) >= promised

    most = open_ones if line.whole == "whole" else 200
    surviving = [more for more in range(most + 1) if survives(more)]
    assert line.may_be_missed == (max(surviving) if surviving else None)
    if line.whole == "goes-on":
        assert line.state == "open"
    else:
        possible = {Fraction(met + kept, decided + open_ones) >= promised for kept in range(open_ones + 1)}
        assert line.state == ("open" if len(possible) == 2 else "kept" if possible == {True} else "missed")


@given(many, st.integers(0, 12), st.integers(0, 12), st.sampled_from(METRICS))
def test_attainment_of_a_union_is_that_of_its_parts(
    given: list[Ticket], one: int, other: int, metric: MetricName
) -> None:
    first, second = sorted((one, other))
    cuts = (given[:first], given[first:second], given[second:])
    parts = [report(part, policy=EDITIONS, metric=metric, at=AT, what_if=EDITIONS) for part in cuts]
    whole = report(given, policy=EDITIONS, metric=metric, at=AT, what_if=EDITIONS)
    assert sum(parts) == parts[0] + (parts[1] + parts[2]) == whole
    assert sum(parts).attainment == whole.attainment  # type: ignore[union-attr]
    assert whole.what_if is not None
    assert whole.what_if.report.attainment == whole.attainment


def attained(met: int, breached: int, running: int = 0, **changes: Any) -> Attained:
    """A line with these counts, of a month that is over unless `whole` says otherwise."""
    promise = Attainment.from_dict({"credits": STEPS, "cap": "15 %", **FIRST, **changes.pop("promise", {})})
    facts: dict[str, Any] = {"plan": "GOLD", "period": date(2026, 7, 1), "edition": 0, "paused": 0, "whole": "whole"}
    tickets = tuple(range(breached))
    return Attained(
        **{**facts, **changes}, promise=promise, met=met, breached=breached, running=running, tickets=tickets,
        opened_from=None, opened_before=None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("counts", "share", "state", "credit"),
    [
        ((1_187, 63), "0.9496", "missed", "0.05"),  # 94.96 % of 1,250: 95.0 % when rounded, and below 95 % all the same
        ((1_188, 62), "0.9504", "kept", "0"),
        ((19, 1), "0.9500", "kept", "0"),  # exactly 95 %
        ((18, 2), "0.9000", "missed", "0.05"),  # exactly 90 % is not below 90 %
        ((899_999, 100_001), "0.8999", "missed", "0.15"),  # a step of 20 %, and a cap of 15 %
        ((0, 1), "0.0000", "missed", "0.15"),
    ],
)
def test_shares_by_hand(counts: tuple[int, int], share: str, state: str, credit: str) -> None:
    line = attained(*counts)
    assert (str(line.share), line.state, line.credit, line.is_final) == (share, state, Decimal(credit), True)
    agrees(line)


@pytest.mark.parametrize(
    ("counts", "whole", "spare", "state"),
    [
        ((99, 1, 0), "whole", 0, "kept"),  # the month is over, and nothing runs
        ((99, 1, 0), "goes-on", 4, "open"),  # 99 of 104 are 95.19 %, 99 of 105 are 94.29 %
        ((95, 5, 0), "goes-on", 0, "open"),
        ((94, 6, 0), "goes-on", None, "open"),  # missed so far; tickets to come can mend it
        ((94, 6, 0), "whole", None, "missed"),
        ((0, 0, 20), "whole", 1, "open"),  # 19 of 20
        ((0, 0, 20), "goes-on", 1, "open"),
        ((90, 4, 6), "whole", 1, "open"),  # 95 of 100; with two missed 94 of 100
        ((98, 0, 2), "whole", 2, "kept"),  # both may be missed: 98 of 100
        ((98, 0, 2), "goes-on", 5, "open"),  # 98 of 103 are 95.15 %, 98 of 104 are 94.23 %
        ((10, 2, 3), "whole", None, "missed"),  # 13 of 15 at best
        ((0, 0, 0), "goes-on", 0, "open"),
    ],
)  # fmt: skip
def test_how_many_may_be_missed_by_hand(
    counts: tuple[int, int, int], whole: Any, spare: int | None, state: str
) -> None:
    line = attained(*counts, whole=whole)
    assert (line.may_be_missed, line.state) == (spare, state)
    agrees(line)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 9), st.sampled_from(["whole", "goes-on", "cut"]),
       st.sampled_from(["50 %", "66.7 %", "95 %", "99.999 %", "100 %"]))  # fmt: skip
def test_all_follows_from_the_counts(met: int, breached: int, running: int, whole: Any, share: str) -> None:
    assume(met + breached + running)
    steps = [{"below": "50 %", "credit": "5 %"}, {"below": "33.33 %", "credit": "40 %"}]
    agrees(attained(met, breached, running, whole=whole, promise={"share": share, "credits": steps}))


def ticket(day: str, minutes: int | None = 20, **facts: Any) -> Ticket:
    opened_at = datetime.fromisoformat(f"{day}T10:00+03:00")
    answered_at = None if minutes is None else opened_at + timedelta(minutes=minutes)
    return Ticket(
        **{"plan": "premium", "priority": "high", "opened_at": opened_at, "answered_at": answered_at, **facts}
    )


GOLD = desk((None, {"attain": FIRST, "credits": STEPS, "cap": "15 %"}))
JULY = [
    ticket("2026-07-01", id=1),
    ticket("2026-07-14", 150, id="b"),
    ticket("2026-07-14", 150),
    ticket("2026-07-30", id=2),
]
AUGUST = [ticket("2026-08-05", 150, id=3)]
END = datetime(2026, 9, 3, 6, tzinfo=UTC)


def states(made: Report) -> dict[str, tuple[str, str | None]]:
    return {
        line.label: (line.state, None if line.credit is None else percent_text(line.credit)) for line in made.attainment
    }


def july(since: str | None = None, until: str | None = None, at: datetime = END, **options: Any) -> Report:
    days = {"since": since, "until": until}
    limits: dict[str, Any] = {name: date.fromisoformat(f"2026-{day}") for name, day in days.items() if day}
    return report([*JULY, *AUGUST], policy=GOLD, at=at, **limits, **options)


def test_a_period_that_the_dates_cut_has_no_verdict() -> None:
    assert states(july()) == {"2026-07": ("missed", "15 %"), "2026-08": ("missed", "15 %")}
    assert states(july("07-01", "08-01")) == {"2026-07": ("missed", "15 %")}
    assert states(july("07-02")) == {"2026-07": ("cut", None), "2026-08": ("missed", "15 %")}
    assert states(july(until="07-31")) == {"2026-07": ("cut", None)}
    assert states(july(by="year")) == states(july(by="day")) == states(july())
    (line,) = july("07-02", "07-31").attainment
    assert (line.met, line.breached, line.best, line.worst, line.credit_at_best) == (1, 2, None, None, None)
    assert line.share == Decimal("0.3333")


def test_a_period_that_goes_on_is_open() -> None:
    """July ends at midnight in Vilnius, which is 21:00 in UTC."""
    for minutes, state in ((20 * 60 + 59, "open"), (21 * 60, "missed")):
        made = report(JULY, policy=GOLD, at=datetime(2026, 7, 31, tzinfo=UTC) + timedelta(minutes=minutes))
        assert states(made) == {"2026-07": (state, "15 %")}


def test_parts_of_a_period_make_a_whole_one() -> None:
    first, second = july(until="07-14"), july("07-14")
    assert states(first)["2026-07"] == states(second)["2026-07"] == ("cut", None)
    assert states(first + second) == states(july())
    assert (first + second).attainment == july().attainment
    assert Report.from_dict(json.loads(json.dumps((first + second).to_dict()))).attainment == july().attainment
    gap = july(until="07-14") + july("07-15")
    assert states(gap)["2026-07"] == ("cut", None)


def test_reports_of_other_dates_do_not_hide_a_cut() -> None:
    """The whole month of one team, and half of the month of another one."""
    both = july("07-01", "08-01") + report([ticket("2026-07-02", 150)], policy=GOLD, at=END, until=date(2026, 7, 14))
    assert states(both)["2026-07"] == ("cut", None)
    teams = july("07-01", "08-01") + report([], policy=GOLD, at=END, since=date(2026, 7, 1), until=date(2026, 8, 1))
    assert states(teams) == {"2026-07": ("missed", "15 %")}
    unborn = report([], policy=GOLD, at=END, since=date(2027, 1, 1))
    assert states(july() + unborn) == states(july())


def test_months_that_were_judged_one_after_another_are_whole() -> None:
    earlier = datetime(2026, 8, 3, tzinfo=UTC)
    months = july("08-01", "09-01") + report(
        JULY, policy=GOLD, at=earlier, since=date(2026, 7, 1), until=date(2026, 8, 1)
    )
    assert states(months) == {"2026-07": ("missed", "15 %"), "2026-08": ("missed", "15 %")}


def test_two_editions_in_one_month_are_two_lines() -> None:
    policy = desk((None, {"attain": FIRST}), (date(2026, 7, 14), {"attain": {**FIRST, "share": "50 %"}}))
    before, after, august = report([*JULY, *AUGUST], policy=policy, at=END).attainment
    assert (before.label, before.opened_from, before.opened_before) == ("2026-07", None, date(2026, 7, 14))
    assert (before.met, before.breached, before.state, before.promise.share) == (1, 0, "kept", Decimal("0.95"))
    assert (after.label, after.opened_from, after.opened_before) == ("2026-07", date(2026, 7, 14), None)
    assert (after.met, after.breached, after.state, after.promise.share) == (1, 2, "missed", Decimal("0.5"))
    assert (august.opened_from, august.opened_before) == (None, None)
    cut = report([*JULY, *AUGUST], policy=policy, at=END, since=date(2026, 7, 14)).attainment
    assert [line.state for line in cut] == ["missed", "missed"]  # all of the second promise is there
    ended = report(JULY[:1], policy=policy, at=datetime(2026, 7, 20, tzinfo=UTC)).attainment
    assert [line.state for line in ended] == ["kept"]  # no more tickets can come under the first promise
    made = report(JULY, policy=policy, at=END)
    for text in (str(made), made.to_markdown()):
        assert "2026-07 PREMIUM, 95 % promised: of tickets opened before 2026-07-14" in text
        assert "2026-07 PREMIUM, 50 % promised: of tickets opened from 2026-07-14" in text
    assert "opened from 2026-07-14</small>" in made.to_html()


def test_an_edition_promises_from_its_midnight_on() -> None:
    policy = desk((None, {"attain": FIRST}), (date(2026, 7, 14), {"attain": {**FIRST, "share": "50 %"}}))
    midnight = datetime.fromisoformat("2026-07-14T00:00+03:00")
    for opened_at, promised in ((midnight, "0.5"), (midnight - timedelta(microseconds=1), "0.95")):
        (line,) = report([ticket("2026-07-14", None, opened_at=opened_at)], policy=policy, at=END).attainment
        assert line.promise.share == Decimal(promised)


def test_an_equal_promise_in_two_editions_is_one() -> None:
    policy = desk((None, {"attain": FIRST}), (date(2026, 7, 14), {"attain": FIRST, "label": "new"}))
    (line,) = report(JULY, policy=policy, at=END).attainment
    assert (line.met, line.breached, line.opened_from, line.opened_before) == (2, 2, None, None)
    turned = desk((None, {"attain": FIRST}), (date(2026, 7, 2), {}), (date(2026, 7, 15), {"attain": FIRST}))
    lines = report(JULY, policy=turned, at=END).attainment
    assert [(line.edition, line.met, line.breached) for line in lines] == [(0, 1, 0), (2, 1, 0)]
    assert Report.from_dict(report(JULY, policy=turned, at=END).to_dict()).attainment == lines


def test_a_share_over_the_whole_time_stays_open() -> None:
    policy = desk((None, {"attain": {**FIRST, "per": "all"}}))
    (line,) = report(JULY, policy=policy, at=END).attainment
    assert (line.label, line.state, line.met, line.breached) == ("all", "open", 2, 2)
    (cut,) = report(JULY, policy=policy, at=END, since=date(2026, 1, 1)).attainment
    assert cut.state == "cut"
    begun = desk((date(2026, 1, 1), {"attain": {**FIRST, "per": "all"}}))
    (line,) = report(JULY, policy=begun, at=END, since=date(2026, 1, 1)).attainment
    assert line.state == "open"  # the report has all the time of the promise


def test_a_share_of_another_metric_is_not_told() -> None:
    made = report(JULY, policy=GOLD, at=END, metric="resolution")
    assert made.attainment == ()
    assert attainment_line(made) == "No share of resolution is promised, so this report cannot tell what was attained."
    (note,) = attainment_notes(made)
    assert note.startswith("PREMIUM promises 95 % of first-response per month; 5 % credit below 95 %, ")
    assert note.endswith(": not shown here, because this report is about the metric resolution")
    document = made.to_dict()["attainment"]
    assert (document["lines"], document["other_metrics"][0]["plan"]) == ([], "PREMIUM")
    assert Report.from_dict(made.to_dict()) == made
    for text in (str(made), made.to_markdown(), made.to_html()):
        assert "cannot tell what was attained" in text


def test_what_is_shown_by_hand() -> None:
    made = july()
    assert attainment_line(made) == "2 promised shares: 2 missed."
    assert [*credit_lines(made)] == [
        "PREMIUM in 2026-07: 15 % credit, capped from 20 %, because 50.00 % of 4 is below 90 %;"
        " missed: b, 1 without an id",
        "PREMIUM in 2026-08: 15 % credit, capped from 20 %, because 0.00 % of 1 is below 90 %; missed: 3",
    ]
    assert [(row.period, row.plan, row.cells[:4]) for row in share_rows(made)] == [
        ("2026-07", "PREMIUM", ("50.00 %", "95 %", "missed", "15 %")),
        ("2026-08", "PREMIUM", ("0.00 %", "95 %", "missed", "15 %")),
    ]
    one = july(until="08-01")
    assert attainment_line(one) == (
        "1 promised share: 1 missed. PREMIUM in 2026-07: 50.00 % of 4 decided, 95 % promised."
    )
    enough = report([*JULY * 6, *AUGUST], policy=GOLD, at=END)
    assert attainment_line(enough) == (
        "2 promised shares: 2 missed. The least against its promise is PREMIUM in 2026-07:"
        " 50.00 % of 24 decided, 95 % promised."
    )
    assert attainment_line(report([], policy=GOLD, at=END)) == (
        "No ticket of a plan with a promised share is in this report."
    )
    running = report([ticket("2026-09-03", None, id=5)], policy=GOLD, at=datetime(2026, 9, 3, 8, tzinfo=UTC))
    assert attainment_line(running) == "1 promised share: 1 still open."
    assert share_rows(running)[0].cells == ("-", "95 %", "open", "-", "0", "100.00 %", "0.00 %", "0", "1")
    assert [*credit_lines(running)] == []
    ends = "0.00 % to 100.00 % when the running tickets are decided (1)"
    assert [*open_lines(running)] == [f"PREMIUM in 2026-09: 0 more may be missed; {ends}"]
    for text in (str(running), running.to_markdown(), running.to_html()):
        assert "0 more may be missed; 0.00 % to 100.00 % when" in text
    late = report([ticket("2026-09-02", 150)], policy=GOLD, at=END)
    assert [*open_lines(late)] == [
        "PREMIUM in 2026-09: below the promise, even if all others are kept; the period goes on, and no ticket runs"
    ]
    assert [*open_lines(made)] == []


def test_a_credit_so_far_says_how_it_may_end() -> None:
    """Kept are 224 of 249, or 89.96 %; with the one that runs 225 of 250, exactly 90 %, or 224 of 250."""
    late = [ticket("2026-09-02", 150, id=f"late {number:02}") for number in range(24)]
    late += [ticket("2026-09-02", 150, id="late 01"), ticket("2026-09-03", None), *[ticket("2026-09-02")] * 224]
    made = report(late, policy=GOLD, at=datetime(2026, 9, 3, 8, tzinfo=UTC))
    (told,) = credit_lines(made)
    assert told.startswith(
        "PREMIUM in 2026-09: 15 % credit so far, capped from 20 %, 5 % to 15 % when all is decided, because"
        " 89.95 % of 249 is below 90 %; missed: late 00, late 01 (2 times), late 02, "
    )
    assert told.endswith("late 19, 4 more")
    assert attainment_line(made).endswith("PREMIUM in 2026-09: 89.95 % of 249 decided, 95 % promised.")


def test_lines_that_are_not_shown_are_told() -> None:
    policy = desk((None, {"attain": {**FIRST, "per": "day"}}))
    days = [ticket(f"2026-07-{day:02}") for day in range(1, 31)]
    made = report(
        [*days, ticket("2026-07-01", priority="odd")], policy=policy, at=END, until=date(2026, 8, 1), errors="null"
    )
    assert [row.period for row in share_rows(made)] == [f"2026-07-{day:02}" for day in range(7, 31)]
    assert [*attainment_notes(made)] == [
        "the 24 latest of 30 promised shares; the JSON and CSV forms have all",
        "1 rejected row is in no share",
    ]
    cut = july("07-02")
    (note,) = attainment_notes(cut)
    assert note.startswith("a period is cut if this report, or one that was added to it, has only some of the dates")
    assert "1 cut by the dates of this report" in attainment_line(cut)


def test_the_rows_have_what_was_attained() -> None:
    made = july(until="08-01")
    rows = made.rows()
    (line,) = (row for row in rows if row["of"] == "attainment")
    assert (line["tickets"], line["met"], line["breached"], line["running"]) == (4, 2, 2, 0)
    assert [line[name] for name in ("period", "plan", "per", "promised", "attained", "verdict", "final", "credit")] == [
        "2026-07", "PREMIUM", "month", "95 %", "50 %", "missed", True, "15 %",
    ]  # fmt: skip
    assert [row["ticket"] for row in rows if row["of"] == "missed"] == ["b", None]
    assert len({tuple(row) for row in rows}) == 1
    assert "promised" not in report(JULY, at=END).rows()[0]


def test_a_policy_without_shares_shows_none() -> None:
    made = report(JULY, at=END)
    assert (made.attainment, made.shares, made.to_dict()["attainment"]) == ((), None, None)
    for text in (str(made), made.to_markdown(), made.to_html(), made.to_csv()):
        assert "ttainment" not in text
    old = {name: value for name, value in made.to_dict().items() if name != "attainment"}
    assert Report.from_dict(json.loads(json.dumps(old))) == made  # as it was written before there were shares


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda it: it.update(attainment=None), "attainment is missing, although the policy promises shares"),
        (lambda it: it.pop("attainment"), "attainment is missing, although the policy promises shares"),
        (lambda it: it["attainment"].update(lines=[]), "attainment do not agree with the counts in cells"),
        (lambda it: it["attainment"]["lines"][0].update(met=9), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(credit="0 %"), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(tickets=[]), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(per="decade"), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(edition=1), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(begins="2026-07-02"), "the values of attainment do not agree"),
        (lambda it: it["attainment"]["lines"][0].update(begins=None), "the values of attainment do not agree"),
        (lambda it: it["attainment"].pop("scopes"), "the report is damaged: KeyError"),
    ],
)  # fmt: skip
def test_damaged_shares_are_refused(change: Any, message: str) -> None:
    document = json.loads(json.dumps(july().to_dict()))
    change(document)
    with pytest.raises(ValueError, match=message):
        Report.from_dict(document)


def test_a_share_of_some_editions_may_not_exceed_the_cells() -> None:
    policy = desk((None, {}), (date(2026, 7, 14), {"attain": FIRST}))
    made = report(JULY, policy=policy, at=END)
    (line,) = made.attainment
    assert (line.met, line.breached, made.total.met) == (1, 2, 2)
    document = json.loads(json.dumps(made.to_dict()))
    document["attainment"]["lines"][0]["met"] = 3
    with pytest.raises(ValueError, match="the values of attainment do not agree with the counts in cells"):
        Report.from_dict(document)


def test_a_plan_that_the_last_edition_no_longer_has_is_told_last() -> None:
    first = desk((None, {"attain": FIRST}))
    last = DESK.replace(plans=[DESK.plans["ENTERPRISE"].replace(attain=FIRST)], effective_from=date(2026, 8, 1))
    enterprise = ticket("2026-08-05", plan="enterprise")
    made = report([*JULY, enterprise], policy=last.replace(earlier=[first]), at=END)
    assert [(line.plan, line.label) for line in made.attainment] == [("ENTERPRISE", "2026-08"), ("PREMIUM", "2026-07")]


def test_counts_are_added_and_a_cycle_in_another_state_is_in_none() -> None:
    key = ShareKey("GOLD", 0, "month", "2026-07-01")
    parts = [ShareCount.of(key, (1, 1, 0, 0), [each]) for each in ("b", 7)]
    one, other = (Shares.of([part], None, None, 5) for part in parts)
    assert (one + other).parts[0].tickets == (7, "b")
    assert (one + other).parts[0].counts == (2, 2, 0, 0)
    counting = ShareCounting(GOLD, "first-response")
    for state in (NOT_MEASURED, MET):
        counting.take("PREMIUM", 0, date(2026, 7, 1), state, 1)
    shares = counting.shares(None, None, 5)
    assert shares is not None
    assert [part.counts for part in shares.parts] == [(1, 0, 0, 0)]


def test_the_description_shows_promised_shares() -> None:
    text = "\n".join(
        described(desk((None, {"attain": [FIRST, {**FIRST, "per": "quarter"}], "credits": STEPS, "cap": "15 %"})))
    )
    assert "share of first-response (month)" in text
    assert "95 % of first-response per quarter; 5 % credit below 95 %, 20 % credit below 90 %, at most 15 %" in text
    assert "share of" not in "\n".join(described(KOLMISOFT))


def spelling(name: str) -> Policy:
    """A desk that promises a metric of its own, whose name the promised share spells in another way."""
    metric = {"starts": ["opened"], "ends": ["answered"]}
    plan = {"rank": 1, "targets": {name: {"within": "PT1M"}}, "attain": {"share": "95 %", "of": name.swapcase()}}
    return DESK.replace(metrics={name: metric}, plans={"gold": plan})


@pytest.mark.parametrize("name", ["fix", "FIX", "Fix it", "fix_it"])
def test_a_share_of_a_metric_of_any_spelling_is_counted(name: str) -> None:
    """The promise, the question and the other policy may each spell the name of the metric in a way of its own."""
    facts: dict[str, Any] = {"priority": "high", "opened_at": AT - timedelta(days=3), "answered_at": AT}
    tickets = [Ticket(plan="gold", **facts), Ticket(plan="gold", **facts), Ticket(plan=None, **facts)]
    policy = spelling(name)
    asked: Any = name.upper()
    made = report(tickets, at=AT, policy=policy, metric=asked)
    assert [(line.promise.of, line.decided, line.state) for line in made.attainment] == [(folded(name), 2, "missed")]
    assert not [*attainment_notes(made)]
    document = made.to_dict()
    assert (document["attainment"]["other_metrics"], Report.from_dict(document)) == ([], made)
    compared = report(tickets, at=AT, policy=policy, metric=asked, what_if=spelling(name.swapcase())).what_if
    assert compared is not None
    assert (compared.mended, compared.broken, compared.report.total) == (0, 0, made.total)
    assert compared.report.not_covered == made.not_covered == {"no support plan": 1}


@pytest.mark.parametrize("of", ["first-response", "resolution"])
def test_a_metric_s_name_reaches_no_page_as_it_is(of: str) -> None:
    name = "ola\x1b[31m\u202e<script>alert(1)</script>\n|"
    targets = {name: {"within": "PT1H"}, of: {"within": "PT1H"}}
    plan = {"rank": 1, "targets": targets, "attain": {"share": "95 %", "of": of}}
    policy = DESK.replace(metrics={name: {"starts": ["opened"], "ends": ["answered"]}}, plans={"gold": plan})
    asked: Any = name
    made = report([Ticket(plan="gold", priority="high", opened_at=AT)], at=AT, policy=policy, metric=asked)
    for text in (made.to_html(), made.to_markdown(), str(made)):
        assert not {"\x1b", "\u202e"} & set(text)
        assert "<script>alert" not in text or text == str(made)
