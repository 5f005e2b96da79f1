"""Law 15: started hours are billed in full, inside and outside working hours apart; a quote adds up."""

from datetime import UTC, datetime, timedelta
from decimal import ROUND_UP, Context, Decimal, Inexact, localcontext
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import ALWAYS, KOLMISOFT, PolicyError, Schedule, Span, TicketError, coverage, quote
from kolmisla.policies import Rate
from kolmisla.policies.services.coverage import names_near
from kolmisla.policies.services.quotes import Item
from kolmisla.policies.terms.service_catalogue import words
from kolmisla.times.amounts import read_amount
from kolmisla.times.forms.numbers import NumberFormat
from tests import oracle
from tests.strategies import US, Case, cases

OFFICE = Case(
    oracle.Desk(
        timezone="Europe/Vilnius",
        hours={day: ["08:00-18:00"] for day in oracle.DAYS[:5]},
        holidays="LT",
        exceptions={},
    ),
    datetime(2026, 12, 24).date(),
    KOLMISOFT.schedules["working-hours"],
)
HOUR = timedelta(hours=1)


@st.composite
def stretches(draw: st.DrawFn) -> Span:
    start, end = sorted([draw(OFFICE.instants()), draw(OFFICE.instants())])
    return Span(start, draw(st.sampled_from([end, start + HOUR, start + HOUR + US, start + US])))


CHEAPER = KOLMISOFT.replace(
    rates={name: rate.replace(price=50) if rate.per else rate for name, rate in KOLMISOFT.rates.items()},
    effective_from=datetime(2026, 12, 24).date(),
    earlier=[KOLMISOFT],
)


def hours(worked: timedelta) -> int:
    return -(-worked // HOUR)


@given(stretches())
def test_the_parts_add_up_to_the_stretch(span: Span) -> None:
    found = quote([span])
    assert sum((line.worked for line in found.lines if line.worked), timedelta()) == span.end - span.start
    inside = oracle.elapsed(OFFICE.desk, span.start, span.end)
    outside = (span.end - span.start) - inside
    assert [(line.task, line.quantity) for line in found.lines] == [
        (name, hours(part))
        for name, part in (("Hourly rate support", inside), ("After working hours support", outside))
        if part
    ]
    assert found.total == 100 * (hours(inside) + hours(outside))


@given(stretches(), st.data())
def test_splitting_makes_no_work_cheaper(span: Span, data: st.DataObject) -> None:
    cut = span.start + data.draw(st.integers(0, (span.end - span.start) // US)) * US
    plan = data.draw(st.sampled_from([None, "premium"]))
    priority = data.draw(st.sampled_from(["blocker", "high", "low"])) if plan else None
    policy = data.draw(st.sampled_from([KOLMISOFT, CHEAPER]))
    whole = quote([span], policy=policy, plan=plan, priority=priority).total
    parts = quote([Span(span.start, cut), Span(cut, span.end)], policy=policy, plan=plan, priority=priority).total
    assert parts >= whole


@given(
    st.lists(stretches() | st.sampled_from([("installation", 2), "data migration", "custom development"]), max_size=6)
)
def test_a_quote_adds_up(items: list[Item]) -> None:
    found = quote(items)
    assert found.total == sum((line.amount or 0 for line in found.lines), Decimal(0))
    assert found.total == sum(quote([item]).total for item in items)
    assert all(line.amount == (line.price or 0) * line.quantity and line.line for line in found.lines)
    assert all(line.price is line.amount is None for line in found.open)
    assert len(found.open) == items.count("custom development")
    assert str(found.total) == f"{found.total:.2f}"


@given(stretches(), st.sampled_from(["blocker", "high"]))
def test_work_that_counts_for_the_ticket_is_the_plans_own(span: Span, priority: str) -> None:
    found = quote([span], plan="Premium", priority=priority)
    schedule = ALWAYS if priority == "blocker" else KOLMISOFT.schedules["working-hours"]
    own = schedule.elapsed(span.start, span.end)
    assert sum((line.worked for line in found.own if line.worked), timedelta()) == own
    billed = sum((line.worked for line in found.lines if line.worked), timedelta())
    assert billed + own == span.end - span.start
    assert not any(line.task == "Hourly rate support" for line in found.lines)  # in hours, the plan has paid for it
    if priority == "blocker":
        assert not found.lines
        assert found.total == 0


@given(cases(), st.data())
def test_work_across_any_schedule(case: Case, data: st.DataObject) -> None:
    policy = KOLMISOFT.replace(schedules={"working-hours": ALWAYS, "always": ALWAYS, "odd": case.schedule})
    policy = policy.replace(work={"schedule": "odd", "inside": "hourly rate support", "outside": "Personal training"})
    start, end = sorted([data.draw(case.instants()), data.draw(case.instants())])
    inside = oracle.elapsed(case.desk, start, end)
    found = {line.task: line.worked for line in quote([Span(start, end)], policy=policy).lines}
    assert found.get("Hourly rate support", timedelta()) == inside
    assert found.get("Personal training", timedelta()) == (end - start) - inside


def span(start: str, end: str) -> Span:
    return Span(*map(datetime.fromisoformat, (start, end)))


def test_the_examples_of_the_page() -> None:
    worked = span("2026-11-20T17:50+02:00", "2026-11-20T18:10+02:00")
    found = quote([worked, ("installation", 2)])
    assert (found.total, found.currency) == (Decimal("620.00"), "EUR")
    assert str(found).splitlines() == [
        "Hourly rate support, 0:10:00          1 started hour  100 EUR  100.00 EUR",
        "After working hours support, 0:10:00  1 started hour  100 EUR  100.00 EUR",
        "Installation                          2 servers       210 EUR  420.00 EUR",
        "total 620.00 EUR",
    ]
    assert found.to_dict()["lines"][0]["worked_s"] == 600
    own = quote([worked], plan="premium", priority="blocker")
    assert str(own) == "PREMIUM BLOCKER, 0:20:00  1 stretch    included in the plan\ntotal 0.00 EUR"
    assert str(quote([])) == "total 0.00 EUR"


def test_training_is_by_started_hours() -> None:
    assert quote([("personal training", timedelta(minutes=61))]).total == 200
    assert quote([("personal training", 3)]).total == 300
    assert quote([("Online Group Training", 1)], plan="premium").total == 0


def test_what_a_plan_includes_is_its_own() -> None:
    found = quote(["full service", "Server migration"], plan="enterprise")
    assert [line.task for line in found.own] == ["Full service"]
    assert [(line.task, line.rate) for line in found.lines] == [("Server migration", "Data migration")]
    assert "Server migration: Data migration  1 piece  210 EUR  210.00 EUR" in str(found)
    hours = {"Linux support": KOLMISOFT.coverage["Linux support"]}
    including = [plan.replace(includes=["Linux support"]) for plan in KOLMISOFT.plans.values()]
    policy = KOLMISOFT.replace(coverage=hours, plans=including)
    assert quote([("linux support", timedelta(minutes=90))], policy=policy, plan="premium").own[0].quantity == 2


def test_changed_prices_hold_from_their_edition() -> None:
    rates = {name: rate.replace(price=150) if rate.per else rate for name, rate in KOLMISOFT.rates.items()}
    dearer = KOLMISOFT.replace(rates=rates, effective_from="2026-12-01", earlier=[KOLMISOFT])
    november, december = (span(f"2026-{m}-20T10:00+02:00", f"2026-{m}-20T11:00+02:00") for m in (11, 12))
    assert quote([november], policy=dearer).total == 100
    assert quote([december], policy=dearer).total == 150
    assert quote(["personal training"], policy=dearer).total == 150
    assert quote(["personal training"], policy=dearer, at=datetime(2026, 11, 24, tzinfo=UTC)).total == 100
    over = quote(
        [span("2026-11-30T23:00+02:00", "2026-12-01T01:00+02:00")], policy=dearer
    )  # cut where the edition begins
    assert [line.amount for line in over.lines] == [Decimal(100), Decimal(150)]
    yet_to_come = KOLMISOFT.replace(effective_from="2030-01-01")
    assert quote([november], policy=yet_to_come, at=datetime(2026, 11, 24, tzinfo=UTC)).total == 100
    francs = KOLMISOFT.replace(currency="CHF", effective_from="2026-12-01", earlier=[KOLMISOFT])
    with pytest.raises(PolicyError, match="a quote must have one currency; the editions have CHF, EUR"):
        quote([november, december], policy=francs)


def test_what_cannot_be_quoted() -> None:
    worked = span("2026-11-20T17:50+02:00", "2026-11-20T18:10+02:00")
    for task, told in (
        ("SNMP service configuration", "task 'SNMP service configuration' cannot be ordered: it is never done"),
        ("Testing customers settings", "cannot be ordered: it is not included, and has no rate"),
        ("Problem troubleshooting", "cannot be ordered: it is included in every plan"),
        ("instalation", "task 'instalation' is not known; did you mean 'Installation'"),
        ("qqq", "task 'qqq' is not known; the rates are Data migration, "),
    ):
        with pytest.raises(PolicyError) as refusal:
            quote([task])
        assert told in str(refusal.value)
    for quantity in (0, -1, 1.5, True, None, 10**7, timedelta(hours=1)):
        with pytest.raises(ValueError, match="a quantity must be a whole number from 1 to 1,000,000, not"):
            quote([("installation", quantity)])  # type: ignore[list-item]
    with pytest.raises(ValueError, match="or a duration, not datetime.timedelta\\(0\\)|from 1"):
        quote([("personal training", timedelta())])
    with pytest.raises(ValueError, match="work must not end before it starts; it runs from"):
        quote([Span(worked.end, worked.start)])
    with pytest.raises(
        TicketError, match="for work under a plan, the priority of the ticket must be given: one of BLOCKER"
    ):
        quote([worked], plan="premium")
    with pytest.raises(TicketError, match="plan 'gold' is not one of"):
        quote([worked], plan="gold", priority="high")
    with pytest.raises(TicketError, match="plan 'gold' is not one of ENTERPRISE, PREMIUM"):
        quote(["Full service"], plan="gold")
    with pytest.raises(TicketError, match="priority 'P9' must come with the plan of the ticket"):
        quote([worked], priority="P9")
    with pytest.raises(
        PolicyError, match="the policy Kolmisoft has no prices for work by time; its rates are Data migration"
    ):
        quote([worked], policy=KOLMISOFT.replace(work=None))
    with pytest.raises(TypeError, match="a task must be text"):
        coverage(5, "premium")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("MySQL replication rebuilt", "MySQL replication re-build"),
        ("SNMP servise", "SNMP service configuration"),
        ("Personel training", "Personal Training"),
    ],
)
def test_a_misspelled_task_is_unknown_and_suggested(asked: str, near: str) -> None:
    answer = coverage(asked, "premium")
    assert (answer.verdict, answer.price, answer.line, answer.rate, answer.task) == ("unknown", None, None, None, asked)
    assert near in [task.task for task in answer.closest]
    assert near in names_near(asked, KOLMISOFT)


@given(st.text())
def test_no_text_is_included_unless_it_is_known(text: str) -> None:
    known = {
        words(each) for task in KOLMISOFT.coverage.values() for each in (task.name, *task.also, *task.line.split("\n"))
    }
    known |= {words(each) for rate in KOLMISOFT.rates.values() for each in (rate.name, rate.line)}
    assert coverage(text, "premium").verdict != "included" or words(text) in known
    assert words(text) not in known or coverage(text, "premium").verdict != "unknown"
    assert len(names_near(text, KOLMISOFT)) <= 3


@given(st.sampled_from(sorted(KOLMISOFT.coverage)), st.data())
def test_case_and_punctuation_do_not_matter(task: str, data: st.DataObject) -> None:
    odd = "".join(data.draw(st.sampled_from([c.upper(), c.lower(), f"{c}"])) for c in task).replace(" ", " ... ")
    assert coverage(odd, "premium").tasks == coverage(task, "premium").tasks


def test_a_rate_without_a_unit_is_for_a_piece() -> None:
    assert Rate(name="R", price="5").counted == "piece"  # type: ignore[arg-type]
    assert Rate(name="R", price="5", per="PT30M").told("EUR") == "5 EUR per started 0:30:00"  # type: ignore[arg-type]
    half = KOLMISOFT.replace(rates={**KOLMISOFT.rates, "R": Rate(name="R", price="5.50", per=timedelta(minutes=30))})  # type: ignore[arg-type]
    told = quote([("r", timedelta(minutes=31))], policy=half)
    assert str(told.total) == "11.00"
    assert str(told).startswith("R  2 started 0:30:00  5.50 EUR  11.00 EUR\n")


def test_a_schedule_combined_prices_work_too() -> None:
    nights = Schedule(timezone="UTC", hours={"mon-sun": ["22:00-06:00"]})
    policy = KOLMISOFT.replace(schedules={**KOLMISOFT.schedules, "working-hours": ALWAYS - nights})
    found = quote([span("2026-11-20T21:30+00:00", "2026-11-20T22:30+00:00")], policy=policy)
    assert [line.worked for line in found.lines] == [timedelta(minutes=30)] * 2


def test_a_line_on_request_has_no_amount() -> None:
    rates = {"audit": {"price": "depends on request"}}
    policy = KOLMISOFT.replace(rates=rates, work=None, coverage={}, plans={"GOLD": {"rank": 1, "targets": {}}})
    (line,) = quote(["audit"], policy=policy).to_dict()["open"]
    assert (line["price"], line["amount"]) == (None, None)


def test_the_names_of_plans_and_priorities_are_asked_for_whatever_is_quoted() -> None:
    with pytest.raises(TicketError, match="priority 'bogus' is not one of BLOCKER"):
        quote([("installation", 1)], plan="premium", priority="bogus")
    plans = [plan for plan in KOLMISOFT.plans.values() if plan.name != "PREMIUM"]
    policy = KOLMISOFT.replace(plans=plans, effective_from=datetime(2026, 7, 6).date(), earlier=[KOLMISOFT])
    for task in ("installation", "problem troubleshooting"):
        with pytest.raises(TicketError, match="plan 'premium' is not one of ENTERPRISE"):
            quote([task], plan="premium", policy=policy)
    before = datetime(2026, 7, 1, tzinfo=UTC)
    assert len(quote(["problem troubleshooting"], plan="premium", policy=policy, at=before).own) == 1


def test_hours_of_a_task_that_a_plan_includes_are_hours() -> None:
    task = KOLMISOFT.coverage["Linux support"]
    assert KOLMISOFT.rates[task.rate or ""].per
    including = [plan.replace(includes=["Linux support"]) for plan in KOLMISOFT.plans.values()]
    (line,) = quote([("Linux support", 2.5 * HOUR)], plan="premium", policy=KOLMISOFT.replace(plans=including)).own
    assert (line.quantity, line.counted) == (3, KOLMISOFT.rates[task.rate or ""].counted)


@pytest.mark.parametrize(
    "context",
    [Context(prec=2), Context(prec=1, rounding=ROUND_UP), Context(prec=3, Emax=3, Emin=-3), Context(traps=[Inexact])],
    ids=["two digits", "rounding up", "small numbers", "exact"],
)
def test_the_decimal_context_of_a_caller_changes_nothing(context: Context) -> None:
    def answers() -> list[Any]:
        quoted = quote([("installation", 12_345), ("personal training", 5 * HOUR)])
        told = (("epoch", "1783085400123.4567"), ("excel", "46206.5"), ("epoch", "99999999999.9"))
        times = [NumberFormat(name).read(text) for name, text in told]
        return [str(quoted), quoted.to_dict(), read_amount("123456.789012", "h"), *times, KOLMISOFT.to_dict()]

    usual = answers()
    with localcontext(context):
        assert answers() == usual
