"""Figures that a policy gives beside those of tickets: aims, targets and hours are of the edition that judged them."""

import tomllib
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

from kolmisla import NEVER, Policy, Report, Schedule, Ticket, report, worst_wait
from kolmisla.files import Measuring
from kolmisla.files.responses import plan_aims
from kolmisla.files.tables import CsvTable
from kolmisla.reports.figures.figures import editions_of, working_hours_of
from kolmisla.reports.figures.openings import week_outline, weekly_hours
from kolmisla.reports.views.words import ended_word

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
DESK = """
name = "Desk"
timezone = "UTC"
[schedules.day.hours]
mon-fri = ["08:00-18:00"]
[priorities.P1]
rank = 1
schedule = "day"
[plans.GOLD]
rank = 1
average.within = "PT15M"
targets.first-response.within = "PT4H"
[[editions]]
effective_from = 2026-08-01
"""
JULY, AUGUST = datetime(2026, 7, 1, 10, tzinfo=UTC), datetime(2026, 8, 3, 10, tzinfo=UTC)


def desk(*changes: str) -> Policy:
    """The desk, with one edition for each change, from 1 August on, 2 August on and so on."""
    editions = "\n".join(
        f"[[editions]]\neffective_from = 2026-08-{day:02}\n{change}" for day, change in enumerate(changes, 1)
    )
    return Policy.from_dict(tomllib.loads(DESK.split("[[editions]]", maxsplit=1)[0] + editions))


def ticket(opened: datetime, took: timedelta = HOUR, **facts: Any) -> Ticket:
    return Ticket(**{"plan": "GOLD", "priority": "P1", "opened_at": opened, "answered_at": opened + took, **facts})


def made(policy: Policy, *opened: datetime, **options: Any) -> Report:
    """A report about tickets opened at these instants, and answered after an hour."""
    return report([ticket(at) for at in opened], policy=policy, at=datetime(2026, 9, 1, tzinfo=UTC), **options)


@pytest.mark.parametrize(
    "change", ['plans.GOLD.average.within = "PT2H"', "plans.GOLD.average = false", "priorities.P1.rank = 2"]
)
def test_the_aim_is_that_of_the_edition_that_judged(change: str) -> None:
    """A later edition changes nothing about the month before, as docs/policies.md says."""
    (average,) = made(desk(change), JULY).averages
    assert (average.plan, average.mean, average.aim, average.met) == ("GOLD", HOUR, 15 * MINUTE, False)


def test_each_aim_has_a_line_of_its_own() -> None:
    policy = desk('plans.GOLD.average.within = "PT2H"', 'plans.GOLD.average.within = "PT15M"')
    assert plan_aims(policy) == [("GOLD", 900_000_000), ("GOLD", 7_200_000_000)]
    together = made(policy, JULY, datetime(2026, 8, 1, 10, tzinfo=UTC), AUGUST)
    assert [(each.aim, each.n, each.met) for each in together.averages] == [
        (15 * MINUTE, 2, False),  # the third edition has the first aim again
        (2 * HOUR, 1, True),
    ]
    parts = sum(made(policy, at) for at in (JULY, datetime(2026, 8, 1, 10, tzinfo=UTC), AUGUST))
    assert isinstance(parts, Report)
    assert parts.averages == together.averages
    assert Report.from_dict(together.to_dict()).averages == together.averages
    assert together.to_markdown().count("| GOLD |") == 3  # two aims, and the kept promises


def test_the_aims_of_a_plan_stand_together() -> None:
    silver = "[plans.SILVER]\nrank = 2\naverage.within = 'PT30M'\ntargets.first-response.within = 'PT9H'\n"
    base = DESK.split("[[editions]]", maxsplit=1)[0]
    later = "[[editions]]\neffective_from = 2026-08-01\nplans.GOLD.average.within = 'PT2H'\n"
    policy = Policy.from_dict(tomllib.loads(base + silver + later))
    minutes = [(name, aim // 60_000_000) for name, aim in plan_aims(policy)]
    assert minutes == [("GOLD", 15), ("GOLD", 120), ("SILVER", 30)]


@pytest.mark.parametrize("metrics", [None, ["first-response", "resolution"]])
def test_the_summary_of_a_file_has_each_aim(metrics: list[str] | None) -> None:
    policy, out = desk('plans.GOLD.average.within = "PT2H"'), StringIO()
    rows = "".join(f"GOLD,P1,{at.isoformat()},{(at + HOUR).isoformat()}\n" for at in (JULY, AUGUST, AUGUST))
    measuring = Measuring(at=datetime(2026, 9, 1, tzinfo=UTC), policy=policy, metrics=metrics)
    summary = measuring.run(CsvTable(StringIO(f"plan,priority,opened_at,answered_at\n{rows}")), out, StringIO())
    told = [line for line in summary.lines(policy) if line.startswith("GOLD: ")]
    assert told == [
        "GOLD: mean response 1:00:00 over 1 answered, aim 0:15:00, missed",
        "GOLD: mean response 1:00:00 over 2 answered, aim 2:00:00, met",
    ]
    assert [(each["aim_s"], each["answered"]) for each in summary.to_dict(policy)["responses"]] == [(900, 1), (7200, 2)]


def targets_on_page(told: Report) -> str:
    (row,) = [line for line in told.to_html().splitlines() if 'second">P1' in line]
    return row.split('<td class="mid">')[1].split("</td>")[0]


def test_the_page_has_the_targets_that_decided() -> None:
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    policy = desk('plans.GOLD.targets.first-response.within = "PT12H"')
    assert targets_on_page(made(policy, JULY)) == "4 h"
    assert targets_on_page(made(policy, AUGUST)) == "12 h"
    assert targets_on_page(made(policy, JULY, AUGUST)) == "4 h, then 12 h"
    many = desk(*(f'plans.GOLD.targets.first-response.within = "PT{hours}H"' for hours in (5, 5, 6, 7)))
    assert (
        targets_on_page(made(many, JULY, datetime(2026, 8, 31, tzinfo=UTC))) == "4 h, then 5 h, then 6 h, then others"
    )


def test_later_cycles_may_be_of_an_earlier_edition() -> None:
    """A question may come long after the opening. A metric that begins with its ticket cannot do so."""
    policy = desk("priorities.P1.rank = 2")
    first, latest = made(policy, JULY), made(policy, AUGUST)
    assert [len(editions_of(each)) for each in (first, latest)] == [1, 1]
    asked = ticket(JULY, events=[{"kind": "asked", "at": AUGUST}])
    questions = report([asked], policy=policy, metric="next-response", at=datetime(2026, 9, 1, tzinfo=UTC))
    assert questions.total.tickets == 1
    assert len(editions_of(questions)) == 2


def test_hours_are_those_of_their_edition() -> None:
    policy = desk('schedules.day.hours.mon-fri = ["08:00-10:00"]')

    def open_on_monday(told: Report) -> list[int]:
        hours = working_hours_of(told)
        assert hours is not None
        assert told.span is not None
        assert hours[0] == "day"
        week = week_outline(hours[1], "UTC", *told.span)
        return [hour for hour in range(24) if week[0][hour]]

    july = [datetime(2026, 7, day, 10, tzinfo=UTC) for day in (1, 20)]
    assert open_on_monday(made(policy, *july)) == [*range(8, 18)]
    assert open_on_monday(made(policy, AUGUST)) == [8, 9]
    assert open_on_monday(made(policy, *july, AUGUST)) == [*range(8, 18)]  # in most weeks
    weekly = [
        weekly_hours(hours[1], *told.span)
        for told in (made(policy, *july), made(policy, AUGUST), made(policy, *july, AUGUST))
        if (hours := working_hours_of(told)) and told.span
    ]
    assert weekly[:2] == [50 * 3_600_000_000, 10 * 3_600_000_000]
    assert weekly[1] < weekly[2] < weekly[0]


def test_an_edition_without_the_schedule_has_no_hours_of_it() -> None:
    policy = desk('schedules.day = false\nschedules.always.open = "always"\npriorities.P1.schedule = "always"')
    assert working_hours_of(made(policy, AUGUST)) is None
    assert working_hours_of(made(policy, JULY)) is not None


def test_tickets_before_all_editions_are_of_the_first() -> None:
    rules = desk().replace(effective_from=AUGUST.date())
    told = made(rules, JULY)
    assert (told.total.not_covered, [edition for _, edition in editions_of(told)]) == (1, [rules])


def test_a_late_cycle_is_explained_itself() -> None:
    """The event that ends a cycle may start the next one, of which nothing is told."""
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    update = '{ starts = ["opened", "answered"], ends = ["answered", "resolved"], repeats = true }'
    text = f"metrics.update = {update}\n{DESK.split('[[editions]]', maxsplit=1)[0]}"
    policy = Policy.from_dict(tomllib.loads(f'{text}targets.update.within = "PT4H"\n'))
    events = [{"kind": kind, "at": JULY.replace(hour=hour)} for kind, hour in (("answered", 16), ("resolved", 17))]
    told = report(
        [Ticket(plan="GOLD", priority="P1", opened_at=JULY, events=events)],
        policy=policy,
        metric=policy.metrics["update"],
        at=datetime(2026, 7, 5, tzinfo=UTC),
    )
    assert [late.cycle for late in told.worst(1)] == [1]
    page = told.to_html()
    assert "due Wed 1 Jul 2026 14:00, ended Wed 1 Jul 2026 16:00" in page
    assert "Wed 2026-07-01 14:00 - Wed 2026-07-01 16:00   2:00:00   6:00:00" in page


def test_what_is_told_of_a_late_cycle_happened_in_it() -> None:
    """The priority was raised, and a due time agreed, in the first cycle. The second one has just begun."""
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    update = '{ starts = ["opened", "answered"], ends = ["answered", "resolved"], repeats = true }'
    low = 'priorities.P2 = { rank = 2, schedule = "day" }\npriority_change = "retroactive"\n'
    text = f"metrics.update = {update}\n{low}{DESK.split('[[editions]]', maxsplit=1)[0]}"
    policy = Policy.from_dict(tomllib.loads(f'{text}targets.update.within = "PT4H"\n'))
    raised = {"kind": "priority", "at": JULY + HOUR, "value": "P1"}
    answered = {"kind": "answered", "at": JULY + 6 * HOUR}
    agreed = {"kind": "due", "at": JULY + HOUR, "value": (JULY + 2 * HOUR).isoformat()}

    def why(*events: dict[str, Any], plan: str | None = "GOLD") -> str:
        late = Ticket(plan=plan, priority="P2", opened_at=JULY, events=[*events, answered])
        at = datetime(2026, 7, 2, tzinfo=UTC)
        return report([late], policy=policy, metric=policy.metrics["update"], at=at).to_html()

    assert "as if P1 from the start" in why(raised)
    bought = {"kind": "plan", "at": JULY + HOUR, "value": "GOLD"}
    assert "day since 11:00: plan GOLD begins" in why(bought, plan=None)
    assert "due Wed 2026-07-01 12:00, as agreed with the customer" in why(agreed)
    assert "agreed" in why(agreed).split("as agreed")[0].split("<pre>")[1]


def test_an_answer_that_took_no_working_time_is_shown() -> None:
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    night = made(desk(), datetime(2026, 7, 4, 10, tzinfo=UTC))  # on a Saturday
    assert night.averages[0].mean == timedelta()
    assert "<b>0 s</b>" in night.to_html()
    assert "<td>0 s</td>" in night.to_html()


def test_a_promise_broken_while_nothing_was_open_is_not_inside_its_target() -> None:
    """An agreed due time on a Saturday is passed on a Saturday, so no more open time than the target was counted."""
    opened, due = datetime(2026, 7, 3, 10, tzinfo=UTC), datetime(2026, 7, 4, 10, tzinfo=UTC)
    agreed = {"kind": "due", "at": opened, "value": due.isoformat()}
    answered = {"kind": "answered", "at": due + HOUR}
    late = Ticket(plan="GOLD", priority="P1", opened_at=opened, events=[agreed, answered])
    told = report([late, ticket(opened)], policy=desk(), at=datetime(2026, 9, 1, tzinfo=UTC))
    assert (told.total.met, told.total.breached) == (1, 1)
    assert [place for place, number in enumerate(told.used, 1) if number] == [3, 11]


def test_the_words_are_of_what_was_judged() -> None:
    """A later edition makes cycles repeat. Before it, a ticket has one."""
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    ola = 'metrics.ola = { starts = ["opened"], ends = ["answered"] }\n'
    more = '[[editions]]\neffective_from = 2026-08-01\nmetrics.ola.starts = ["opened", "asked"]\n'
    text = f'{DESK.split("[[editions]]", maxsplit=1)[0]}targets.ola.within = "PT4H"\n{more}metrics.ola.repeats = true\n'
    policy = Policy.from_dict(tomllib.loads(ola + text))
    july, august = (made(policy, at, metric=policy.metrics["ola"]).to_html() for at in (JULY, AUGUST))
    assert "1 ticket opened on 1 July 2026" in july
    assert "A ticket belongs to the month in which it was opened" in july
    assert "1 cycle begun on 3 August 2026" in august
    assert "A cycle belongs to the month in which it began" in august


def never_open() -> list[Ticket]:
    """Two promises that agreed due times break, opened in closed hours: one on hours that never come, one on others."""
    opened, due = datetime(2026, 7, 4, 10, tzinfo=UTC), datetime(2026, 7, 4, 12, tzinfo=UTC)
    agreed = [{"kind": "due", "at": opened, "value": due.isoformat()}]
    return [
        Ticket(id=number, plan="GOLD", priority="P1", opened_at=opened, schedule=hours, events=agreed)
        for number, hours in enumerate(("never", "day"))
    ]


NEVER_TOO = desk().replace(schedules={**desk().schedules, "never": NEVER})


def test_a_late_ticket_without_a_next_opening_is_counted_once() -> None:
    told = report(never_open(), policy=NEVER_TOO, at=datetime(2026, 9, 1, tzinfo=UTC), what_if=NEVER_TOO)
    assert (told.total.breached, told.rejected) == (2, ())
    assert [(hour.breached, hour.wait) for hour in told.which_hours()] == [(2, timedelta(days=1, hours=22))]
    assert told.what_if is not None
    assert told.what_if.report.total.breached == 2


@pytest.mark.parametrize(
    ("average", "kind", "word"),
    [
        ("", "resolved", "answered or resolved"),
        ("", "answered", "answered or resolved"),  # nothing tells whether a ticket of the plan was answered
        ("average.within = 'PT1M30S'", "resolved", "answered or resolved"),
        ("average.within = 'PT1M30S'", "answered", "answered"),
    ],
)
def test_a_first_response_may_be_a_resolution(average: str, kind: str, word: str) -> None:
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    text = DESK.split("[[editions]]", maxsplit=1)[0].replace('average.within = "PT15M"', average)
    policy = Policy.from_dict(tomllib.loads(text.replace("PT4H", "PT1M30S")))
    ended = Ticket(plan="GOLD", priority="P1", opened_at=JULY, events=[{"kind": kind, "at": JULY + 80 * MINUTE / 60}])
    told = report([ended], policy=policy, at=datetime(2026, 9, 1, tzinfo=UTC))
    page = told.to_html()
    assert f"1 of 1 {word} were inside their target" in page
    assert targets_on_page(told) == "1 min 30 s"
    if average and kind == "answered":
        assert "GOLD, aim 1 min 30 s: met" in page


def frozen() -> Policy:
    """A desk whose holidays are known for 2026 and 2027 only, and whose pauses stop resolutions."""
    known_years = {"frozen": "XX", "years": "2026-2027", "dates": {"2026-01-01": "New Year"}}
    plan = {"rank": 1, "targets": {"resolution": {"within": "PT4H"}}}
    return Policy.from_dict(
        {
            "name": "Desk",
            "timezone": "UTC",
            "schedules": {"day": {"hours": {"mon-fri": ["08:00-18:00"]}, "holidays": known_years}},
            "priorities": {"P1": {"rank": 1, "schedule": "day"}},
            "plans": {"GOLD": plan},
        }
    )


@pytest.mark.parametrize("owner", [None, "L1"])
def test_a_ticket_paused_beyond_the_known_years_is_counted_once(owner: str | None) -> None:
    """It waits for a vendor. How much open time it waits is not known, so it is in no part."""
    policy, opened = frozen(), datetime(2027, 12, 28, 10, tzinfo=UTC)
    paused = {"kind": "paused", "at": opened + HOUR, "value": "vendor"}
    waiting = Ticket(plan="GOLD", priority="P1", opened_at=opened, owner=owner, events=[paused])
    other = ticket(opened, owner=owner, answered_at=None, events=[{"kind": "resolved", "at": opened + HOUR}])
    told = report([waiting, other], policy=policy, metric="resolution", at=datetime(2028, 1, 10, tzinfo=UTC))
    assert (told.total.paused, told.total.met, told.rejected) == (1, 1, ())
    assert dict(told.spent).get(("owner", "L1", "cycles"), 0) == (owner is not None)  # only that of the other one
    assert told.spent_by("reason") == ()
    asked = {"metric": "resolution", "at": datetime(2028, 1, 10, tzinfo=UTC)}
    free = policy.replace(schedules={"day": Schedule("UTC", {"mon-fri": ["08:00-18:00"]})})
    both = report([waiting], policy=free, what_if=policy, **asked)  # type: ignore[arg-type]
    assert (both.total.paused, both.rejected) == (1, ())
    assert both.what_if is not None
    assert both.what_if.flow == ((("paused", "paused"), 1),)


def test_a_ticket_opened_beyond_the_known_years_is_counted_once() -> None:
    """It waits from its opening on, so it has a state, but not whether its hours were open."""
    opened = datetime(2028, 1, 5, 10, tzinfo=UTC)
    waiting = Ticket(plan="GOLD", priority="P1", opened_at=opened, events=[{"kind": "paused", "at": opened}])
    told = report([waiting], policy=frozen(), metric="resolution", at=opened + HOUR, errors="null")
    assert told.total.tickets + told.rejected_rows == 1


HOSTILE = "\x1b[31m\u202ex\u2028y"


def test_names_are_clean_wherever_a_report_shows_them() -> None:
    pytest.importorskip("jinja2", reason="the extra report is not installed")
    policy = desk().replace(name=f"D{HOSTILE}", source=f"https://example.com/{HOSTILE}")
    reason = "secret " * 2_000
    waived = {"kind": "waived", "at": JULY + HOUR, "reason": reason, "metric": "first-response"}
    told = report(
        [ticket(JULY, 9 * HOUR), ticket(JULY, events=[waived])], policy=policy, at=datetime(2026, 9, 1, tzinfo=UTC)
    )
    for text in (told.to_html(), told.to_markdown(), repr(told), *map(repr, worst_wait(policy, 2026))):
        assert not {"\x1b", "\u202e", "\u2028"} & set(text)
        assert reason[:60] not in text
    assert "1 waived: secret secret" in told.to_markdown()


def test_an_answer_to_what_is_not_promised_hides_no_resolution() -> None:
    """The answered ticket counts for the mean, but not for the promise. The other one was resolved unanswered."""
    text = DESK.split("[[editions]]", maxsplit=1)[0].replace("response.within", "response.P1.within")
    policy = Policy.from_dict(tomllib.loads(f'priorities.P2 = {{ rank = 2, schedule = "day" }}\n{text}'))
    resolved = ticket(JULY, answered_at=None, events=[{"kind": "resolved", "at": JULY + HOUR}])
    told = report([ticket(JULY, priority="P2"), resolved], policy=policy, at=datetime(2026, 9, 1, tzinfo=UTC))
    assert (told.total.n, told.total.not_covered) == (1, 1)
    assert ended_word(told) == "answered or resolved"


FIRST = {
    "name": "Desk",
    "timezone": "Europe/Vilnius",
    "priority_change": "carry",
    "waits_for_customer": ["customer"],
    "due_dates": "fixed",
    "channels": ["portal", "phone"],
    "warnings": [75],
    "schedules": {
        "day": {"hours": {"mon-fri": ["08:00-12:00", "13:00-18:00"]}, "holidays": "LT"},
        "long": {"hours": {"mon-sun": ["06:00-22:00"]}},
    },
    "priorities": {"P1": {"rank": 1, "schedule": "long"}, "P2": {"rank": 2, "schedule": "day"}},
    "owners": {"L1": {"schedule": "long"}},
    "metrics": {"ola": {"starts": ["opened", "owner"], "ends": ["owner", "resolved"], "repeats": True}},
    "plans": {
        "GOLD": {
            "rank": 1,
            "average": {"within": "PT15M"},
            "attain": {"share": "95 %", "of": "first-response", "per": "month"},
            "targets": {
                "first-response": {"P1": {"within": "PT1H"}, "P2": {"within": "1 working day"}},
                "resolution": {"within": "PT9H"},
                "ola": {"within": "PT3H"},
            },
        },
        "SILVER": {"rank": 2, "average": {"within": "PT30M"}, "targets": {"first-response": {"within": "PT6H"}}},
    },
}
LATER: list[dict[str, Any]] = [
    {"schedules": {"day": {"hours": {"mon-fri": ["10:00-11:00"]}}}},
    {"schedules": {"day": {"holidays": False}}},
    {"priorities": {"P2": {"rank": 7, "schedule": "long"}, "P9": {"rank": 9, "schedule": "long"}}},
    {"plans": {"GOLD": {"rank": 9, "label": "Best", "pausing": ["first-response"], "after_resolution": "question"}}},
    {"plans": {"GOLD": {"average": False, "attain": {"share": "50 %", "per": "week"}}}},
    {"plans": {"GOLD": {"average": {"within": "PT3H"}, "attain": False, "targets": {"resolution": False}}}},
    {"plans": {"GOLD": {"targets": {"first-response": {"P1": {"within": "PT9H"}, "P2": {"within": "PT9H"}}}}}},
    {"plans": {"SILVER": False, "NEW": {"rank": 3, "targets": {"first-response": {"within": "PT1H"}}}}},
    {"metrics": {"ola": {"starts": ["opened"], "ends": ["resolved"], "repeats": False}}},
    {"priority_change": "restart", "waits_for_customer": ["vendor"], "due_dates": "pause"},
    {"channels": ["portal"], "owners": {"L1": {"schedule": "day"}}, "warnings": [50, 90]},
]


def of_july() -> list[Ticket]:
    """Tickets of July, some with events, some late, some not covered."""
    told = [
        (),
        ("answered",),
        ("paused", "resumed", "answered"),
        ("priority", "answered"),
        ("owner", "owner", "resolved"),
    ]
    values = {"paused": "customer", "priority": "P1", "owner": "L2"}
    return [
        Ticket(
            id=number,
            plan=("GOLD", "SILVER")[number % 2],
            priority=("P1", "P2")[number // 2 % 2],
            channel=("portal", "phone", "mail")[number % 3],
            opened_at=JULY + number * timedelta(hours=17),
            owner=("L1", None)[number // 3 % 2],
            events=[
                {
                    "kind": kind,
                    "at": JULY + number * timedelta(hours=17) + place * number * 11 * MINUTE,
                    "value": values.get(kind),
                }
                for place, kind in enumerate(told[number % 5], 1)
            ],
        )
        for number in range(1, 41)
    ]


@pytest.mark.unmeasured
@pytest.mark.parametrize("later", LATER, ids=range(len(LATER)))
@pytest.mark.parametrize("metric", ["first-response", "next-response", "resolution", "ola"])
def test_a_later_edition_changes_nothing_about_the_month_before(later: dict[str, Any], metric: str) -> None:
    """Each form of a report about July is the same, whatever comes in August."""
    pytest.importorskip("jinja2", reason="the extra report is not installed")

    def forms(document: dict[str, Any]) -> tuple[str, ...]:
        policy = Policy.from_dict(document)
        asked: Any = policy.metrics.get(metric, metric)
        about = report(of_july(), policy=policy, metric=asked, at=datetime(2026, 7, 31, tzinfo=UTC), split="channel")
        texts = (about.to_html(), about.to_markdown(), about.to_csv())
        return tuple(text.replace(policy.digest[:8], "") for text in texts)

    now = forms(FIRST)
    assert "40 tickets" in now[0] or metric == "next-response" or "cycles begun" in now[0]
    for before, after in zip(
        now, forms({**FIRST, "editions": [{"effective_from": "2026-08-01", **later}]}), strict=True
    ):
        assert [line for line in after.splitlines() if line not in before] == []  # and the other way round:
        assert before == after, "a line is missing"
