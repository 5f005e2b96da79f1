"""What a report looks like: no figure is cut, names of files stay text, and equal reports give equal bytes."""

import csv
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import cache
from html.parser import HTMLParser
from importlib.resources import files
from io import StringIO
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

import pytest

from kolmisla import KOLMISOFT, Metric, Report, Schedule, Target, Ticket, report
from kolmisla.reports.figures.figures import Figures
from kolmisla.reports.figures.periods import By
from kolmisla.reports.views import sentences
from kolmisla.reports.views.charts import shown_periods
from kolmisla.reports.views.texts import text_of_report
from kolmisla.reports.views.words import DEFINITIONS, time_text

AT = datetime(2026, 8, 3, 9, tzinfo=UTC)
HOSTILE = '"><img src=x onerror=alert(1)>'
SCRIPT = "</style><script>alert(1)</script>"
WIDER = KOLMISOFT.replace(
    name="Open from seven",
    schedules={**KOLMISOFT.schedules, "working-hours": Schedule("Europe/Vilnius", {"mon-sat": ["07:00-20:00"]})},
)


def tickets() -> list[Ticket]:
    """Tickets of a year: some answered in time, some late, some not at all, some not covered."""
    made = []
    for number in range(300):
        opened_at = datetime(2025, 8, 4, 6, tzinfo=UTC) + timedelta(days=number * 1.2, minutes=7 * number)
        answered_at = opened_at + timedelta(minutes=number % 7 * 40) if number % 9 else None
        facts: dict[str, Any] = {"opened_at": opened_at, "answered_at": answered_at}
        facts["plan"] = ("enterprise", "premium", None)[number % 20 % 3] if number % 5 == 0 else "premium"
        facts["priority"] = ("blocker", "high", "medium", "low")[number % 4]
        made.append(Ticket(id=f"T-{number:05}", **facts))
    made.append(Ticket(id=SCRIPT, plan="premium", priority="low", opened_at=AT - timedelta(hours=1)))
    made.append(Ticket(id=5, plan="premium", priority="low", opened_at=AT - timedelta(hours=1), channel=SCRIPT))
    made += [
        Ticket(id=id, plan="premium", priority="blocker", opened_at=AT - timedelta(days=365)) for id in (HOSTILE, None)
    ]
    return made


def year(**options: Any) -> Report:
    wrong = Ticket(plan="premium", priority="odd", opened_at=AT - timedelta(days=9))
    return report([*tickets(), wrong], at=AT, errors="null", split="channel", **options)


PROMISING = KOLMISOFT.replace(
    plans=[
        plan.replace(
            attain=[
                {"share": "95 %", "of": "first-response"},
                {"share": "70 %", "of": "first-response", "per": "week"},
            ],
            credits=[{"below": "70 %", "credit": "5 %"}, {"below": "60 %", "credit": "10 %"}],
            cap="7.5 %",
        )
        for plan in KOLMISOFT.plans.values()
    ]
)


def handed_over() -> list[Ticket]:
    """Tickets that owners hand over to one another, and that wait for reasons. Some names are long or hostile."""
    owners = [
        "First line",
        "Second line",
        "Databases",
        HOSTILE,
        "Vendor",
        "A team with a name that is much longer than a column",
    ]
    reasons = ["customer", "vendor", SCRIPT, "a reason of many words, which somebody has written in full", None]
    made = []
    for number, ticket in enumerate(tickets()[:300]):
        turns = [("owner", 30, owners[number % 7 % 6]), ("paused", 40, reasons[number % 5]), ("resumed", 90, None)]
        turns += [("owner", 100 + number, owners[number % 6 * number % 6])] * (number % 3 > 0)
        turns += [("owner", 120 + number, f"Person {number}")] * (number % 10 == 0)
        told = [
            {"kind": kind, "at": ticket.opened_at + timedelta(minutes=minute), "value": value}
            for kind, minute, value in turns
        ]
        made.append(ticket.replace(owner="First line", events=told))
    return made


EMPTY = report([], at=AT)
FEW = report(tickets()[:3], at=AT)
ALL: dict[str, Callable[[], Report]] = {
    "year": lambda: year(what_if=WIDER),
    "days": lambda: year(by="day"),
    "weeks": lambda: year(by="week"),
    "years": lambda: year(by="year"),
    "few": lambda: FEW,
    "empty": lambda: EMPTY,
    "uncovered": lambda: report(tickets()[:50], at=AT, metric="resolution"),
    "shares": lambda: year(policy=PROMISING),
    "no shares": lambda: report([], at=AT, policy=PROMISING),
    "owners": lambda: report(handed_over(), at=AT, policy=PROMISING, split="priority"),
    "questions": lambda: report(tickets()[:50], at=AT, metric="next-response", what_if=KOLMISOFT),
}


@cache
def made_of(name: str) -> Report:
    """A report, which several tests look at."""
    return ALL[name]()


every = pytest.mark.parametrize("name", ALL)
FIGURE = re.compile(r"[\d,.]*\d[\d,.:-]*")


@cache
def page_of(name: str) -> str:
    """The page of a report, which several tests look at."""
    return made_of(name).to_html()


@cache
def figures_of(name: str) -> set[str]:
    """The figures of a report on lines that are wide enough for all of them."""
    return set(FIGURE.findall(text_of_report(made_of(name), 2000)))


@pytest.mark.unmeasured(but=["40-owners", "40-questions"])
@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [40, 41, 60, 79, 80, 100, 132, 200])
def test_no_line_is_too_long_and_no_figure_is_cut(name: str, width: int) -> None:
    for line in text_of_report(made_of(name), width).splitlines():
        assert len(line) <= width
        if not line.startswith('"><') and "…" not in line:
            assert set(FIGURE.findall(line)) <= figures_of(name), line


def test_a_narrow_terminal_is_taken_for_one_of_40_columns() -> None:
    assert text_of_report(FEW, 5) == text_of_report(FEW, 40)
    assert str(FEW) == text_of_report(FEW, 100)


def test_the_answer_comes_first_and_then_what_is_not_in_it() -> None:
    lines = str(made_of("year")).splitlines()
    assert lines[0] == sentences.headline(made_of("year"))
    until_first_gap = "\n".join(lines[: lines.index("")])
    assert "1 rejected: priority 'odd' is not one of" in until_first_gap
    assert "not covered: no support plan" in until_first_gap
    assert "PREMIUM: mean response" in until_first_gap


def test_long_reports_say_what_they_leave_out() -> None:
    assert "the last 60 of " in str(made_of("days"))
    many = report(tickets(), at=AT, split=lambda ticket: str(ticket.id))
    assert "more" in str(many).splitlines()[str(many).splitlines().index("By <lambda>") + 13]
    by, shown = shown_periods(made_of("days"))
    assert (by, len(shown) <= 60) == ("week", True)
    assert sum(tally.tickets for tally in shown) == made_of("days").total.tickets
    assert "Drawn by week, because there are more days than fit" in made_of("days").to_html()


@pytest.mark.unmeasured(but=["owners"])
@every
def test_rows_are_flat_and_alike(name: str) -> None:
    made = made_of(name)
    rows = made.rows()
    assert len({tuple(row) for row in rows}) == 1
    assert all(value is None or isinstance(value, (str, int, float)) for row in rows for value in row.values())
    assert rows[0]["of"] == "total"
    told_of = {"total", "period", "plan", "split", "cell", "attainment", "missed", "owner", "reason"}
    assert {row["of"] for row in rows} <= told_of
    assert [*csv.DictReader(StringIO(made.to_csv()))] == [
        {name: "" if value is None else str(value) for name, value in row.items()} for row in rows
    ]


def test_a_name_is_no_formula_in_csv() -> None:
    formula = report([Ticket(plan="premium", priority="low", opened_at=AT)], at=AT, split=lambda _: "=1+1")
    assert "'=1+1" in formula.to_csv()


@every
def test_markdown_shows_names_as_they_are(name: str) -> None:
    made = made_of(name)
    text = made.to_markdown()
    assert text.startswith(f"# {sentences.headline(made)}\n")
    assert text.endswith("\n")
    assert "<script" not in text.replace("\\<", "")
    tables = [line for line in text.splitlines() if line.startswith("|")]
    assert all(line.endswith("|") for line in tables)


def test_a_name_is_no_entity_in_markdown() -> None:
    made = report([Ticket(plan="premium", priority="low", opened_at=AT)], at=AT, split=lambda _: "&copy; <b> &lt;b&gt;")
    assert r"| \&copy; \<b\> \&lt;b\&gt; |" in made.to_markdown()


class Page(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in ("meta", "rect", "line"):
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text.append(data)


@pytest.mark.unmeasured(but=["owners", "questions", "no shares"])
@every
def test_a_page_is_one_file_without_scripts(name: str) -> None:
    made, html = made_of(name), page_of(name)
    page = Page(html)
    assert page.open == []
    tags = {tag for tag, _ in page.elements}
    assert not tags & {"script", "img", "link", "iframe", "object", "form", "input"}
    assert html.count("<style>") == 1
    for _, attributes in page.elements:
        assert not {"src", "srcset", "onerror", "onload", "onclick"} & set(attributes)
        assert attributes.get("href", "https://").startswith("https://")  # type: ignore[union-attr]
    assert "url(" not in html
    assert "@import" not in html
    policy = next(each for _, each in page.elements if each.get("http-equiv"))
    assert policy["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    assert len(html.encode()) <= (100_000 if made.by != "day" else 300_000)


def test_hostile_names_stay_text() -> None:
    page = Page(page_of("year"))
    text = "".join(page.text)
    assert HOSTILE in text
    assert SCRIPT in text


@every
def test_every_section_begins_with_a_sentence(name: str) -> None:
    sections = re.findall(r"<section>\s*<h2>([^<]+)</h2>\s*<(\w+)>([^<]*)", page_of(name))
    assert sections
    for title, tag, text in sections:
        assert title == "How this is counted" or (tag == "p" and text.strip()), title


@every
def test_every_percentage_of_a_card_has_its_number(name: str) -> None:
    made, html = made_of(name), page_of(name)
    assert f"{made.total.met:,} of {made.total.decided:,} decided" in html
    assert made.policy.digest[:8] in html
    assert made.timezone in html


def test_equal_reports_give_equal_bytes_everywhere(tmp_path: Any) -> None:
    made = made_of("year")
    (tmp_path / "report.json").write_text(json.dumps(made.to_dict()), encoding="utf-8")
    code = (
        "import json, sys; from kolmisla import Report;"
        f"made = Report.from_dict(json.load(open({str(tmp_path / 'report.json')!r}, encoding='utf-8')));"
        "sys.stdout.buffer.write((made.to_html() + str(made) + made.to_csv() + json.dumps(made.to_dict())).encode())"
    )
    wanted = (made.to_html() + str(made) + made.to_csv() + json.dumps(made.to_dict())).encode()
    for seed, lang, zone in (("1", "lt_LT.UTF-8", "Asia/Tokyo"), ("2", "C", "America/New_York")):
        env = {**os.environ, "PYTHONHASHSEED": seed, "LANG": lang, "LC_ALL": lang, "TZ": zone}
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
        assert done.stdout == wanted


def test_a_page_without_jinja2_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    with pytest.raises(ImportError, match=r"a page needs jinja2: pip install 'kolmisla\[report\]'"):
        EMPTY.to_html()


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2."""
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1])
def test_the_colours_can_be_told_apart(scheme: int) -> None:
    css = files("kolmisla.reports.views").joinpath("page.css").read_text("utf-8")
    blocks = re.findall(r":root \{(.*?)\}", css, re.DOTALL)[:2]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", blocks[scheme]))
    for ground in ("ground", "card"):
        for text in ("text", "soft", "alert"):
            assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for area in ("kept", "late", "waiting", "running"):
            assert contrast(colours[area], colours[ground]) >= 3, (area, ground)
    for step in range(1, 7):
        on = colours["on-low" if step <= 3 else "on-high"]
        assert contrast(on, colours[f"h{step}"]) >= 4.5, step
    assert contrast(colours["on-low"], colours["track"]) >= 4.5
    assert contrast(colours["text"], colours["track"]) >= 4.5


@pytest.mark.parametrize(
    ("within", "fine", "text"),
    [
        (timedelta(), False, "0 s"),
        (timedelta(seconds=59.9), False, "59 s"),
        (timedelta(minutes=15, seconds=20), False, "15 min"),
        (timedelta(minutes=15, seconds=20), True, "15 min 20 s"),
        (timedelta(minutes=15), True, "15 min"),
        (timedelta(hours=2), True, "2 h"),
        (timedelta(hours=1, seconds=30), True, "1 h 0 min 30 s"),
        (timedelta(hours=1, seconds=30), False, "1 h"),
        (timedelta(hours=99, minutes=59), False, "99 h 59 min"),
        (timedelta(hours=1234), False, "1,234 h"),
        (None, False, "-"),
    ],
)
def test_a_time_for_people(within: timedelta | None, fine: bool, text: str) -> None:
    assert time_text(within, fine=fine) == text


def test_sentences_of_little_are_careful() -> None:
    assert sentences.period_line(FEW).startswith(f"{FEW.total.met} of {FEW.total.decided} promises were kept in all")
    assert sentences.period_line(EMPTY) == "Nothing is decided yet."
    assert sentences.worst_line(EMPTY) == sentences.split_line(EMPTY) == sentences.when_line(EMPTY)
    assert sentences.headline(EMPTY) == "No promise to judge"
    running = report([Ticket(plan="premium", priority="low", opened_at=AT)], at=AT)
    assert sentences.headline(running) == "No promise decided yet"
    assert sentences.load_line(running) == "1 ticket came."
    assert sentences.load_line(EMPTY) == "No ticket came."
    assert isinstance(running, Figures)


def test_a_long_explanation_is_folded() -> None:
    opened_at = datetime(2026, 7, 7, 6, tzinfo=UTC)
    turns = [
        {"kind": kind, "at": opened_at + timedelta(minutes=minute)}
        for minute, kind in enumerate(("paused", "resumed") * 9, 1)
    ]
    plans = [plan.replace(pausing=("first-response",)) for plan in KOLMISOFT.plans.values()]
    desk = KOLMISOFT.replace(plans=plans)
    late = Ticket(plan="premium", priority="high", opened_at=opened_at, events=turns)
    html = report([late], at=AT, policy=desk).to_html()
    assert "more stretches ..." in html
    assert html.count('class="waiting"') >= 2


def test_a_waiting_ticket_is_told_by_its_own_instant() -> None:
    late = Ticket(plan="premium", priority="high", opened_at=AT - timedelta(days=9))
    both = report([late], at=AT) + report([], at=AT + timedelta(days=60))
    assert "not answered by Mon 3 Aug 2026 12:00" in both.to_html()
    assert "Judged at Mon 3 Aug 2026 12:00 EEST and Fri 2 Oct 2026 12:00 EEST" in both.to_html()
    daily = sum((report([], at=AT + timedelta(days=day)) for day in range(1, 365)), start=both)
    assert ". Judged at 365 instants from Mon 3 Aug 2026 12:00 EEST to Mon 2 Aug 2027 12:00 EEST, by" in daily.to_html()


@pytest.mark.parametrize("by", get_args(By))
def test_the_ends_of_all_years(by: By) -> None:
    first, last = datetime(1, 1, 2, 10, tzinfo=UTC), datetime(9999, 12, 31, 10, tzinfo=UTC)
    alone, other = (Ticket(plan=None, priority="high", opened_at=opened) for opened in (last, first))
    made = report([alone], at=AT, by=by)
    assert [each.period for each in shown_periods(made)[1]] == [each.period for each in made.periods]
    assert "9999" in made.to_html()
    assert "9999" in made.to_markdown()
    drawn_by, both = shown_periods(report([alone, other], at=AT, by=by))
    assert (drawn_by, [each.period for each in both]) == ("year", [date(1, 1, 1), date(9999, 1, 1)])


def test_jinja2_that_cannot_be_loaded_is_no_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken:
        def find_spec(self, name: str, *_: Any) -> None:
            if name == "jinja2":
                raise ImportError("libbroken.so: cannot open shared object file")

    for name in [name for name in sys.modules if name.partition(".")[0] == "jinja2"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Broken(), *sys.meta_path])
    with pytest.raises(ImportError, match="libbroken"):
        EMPTY.to_html()


def test_the_docs_define_in_the_words_of_the_page() -> None:
    page = (Path(__file__).parents[2] / "docs" / "reports.md").read_text(encoding="utf-8")
    told = " ".join(page.split())
    of_tickets = {"ended": "answered", "by": "month", "zone": "Europe/Vilnius", "what": "ticket", "began": "was opened"}
    for term, text in DEFINITIONS:
        assert f"**{term}.** {text.format(**of_tickets)}" in told


def test_the_hours_that_would_help_are_named_with_what_is_not_known() -> None:
    assert sentences.hours_line(EMPTY) == "No late ticket was opened in closed hours."
    html = page_of("year")
    assert "Which hours would help?" in html
    assert "is not known." in sentences.hours_line(made_of("year"))


def answered(month: int, day: int, number: int, *, late: bool = False) -> list[Ticket]:
    """Tickets opened at 11:00 in Vilnius on one day, and answered within the target, or late."""
    opened = datetime(2026, month, day, 8, tzinfo=UTC)
    took = timedelta(days=9) if late else timedelta(minutes=30)
    return [Ticket(plan="premium", priority="high", opened_at=opened, answered_at=opened + took)] * number


def test_groups_that_are_alike_are_not_the_least_and_the_greatest() -> None:
    alike = report([*answered(6, 2, 20), *answered(7, 7, 25)], at=AT)
    assert sentences.period_line(alike) == "100.0 % in each of 2 months with 20 decided tickets or more."
    low = [ticket.replace(priority="low") for ticket in answered(7, 7, 20)]
    assert sentences.plan_line(report([*answered(7, 7, 20), *low], at=AT)).startswith("40 of 40 promises were kept")
    few = report(
        [*answered(5, 5, 19, late=True), *answered(6, 2, 20), *answered(7, 7, 19), *answered(7, 7, 1, late=True)], at=AT
    )
    assert sentences.period_line(few) == (
        "From 95.0 % in July 2026 to 100.0 % in June 2026, among those with 20 decided or more."
    )
    worse = report([*answered(6, 2, 20), *answered(7, 7, 19), *answered(7, 7, 1, late=True)], at=AT)
    assert sentences.period_line(worse) == "From 95.0 % in July 2026 to 100.0 % in June 2026."


def test_only_what_was_broken_is_called_broken_most_often() -> None:
    """The one broken promise is of a group that is too small to be compared."""
    weekend, evening = answered(7, 4, 20), answered(7, 6, 1, late=True)  # the 6th was a holiday
    made = report([*answered(7, 7, 20), *weekend, *evening], at=AT)
    assert made.opened_when["weekend"].met == 20
    assert sentences.when_line(made) == "1 promise was broken."
    both = report([*answered(7, 7, 20), *weekend, *answered(7, 4, 5, late=True)], at=AT)
    assert sentences.when_line(both).startswith("5 promises were broken, most often for tickets opened at a weekend")


def test_tickets_that_nothing_covers_come_too() -> None:
    made = report([ticket.replace(plan=None) for ticket in answered(7, 7, 20)], at=AT)
    assert sentences.load_line(made) == "Tuesday 11:00 to 12:00 is the busiest hour, with 20 of 20."


def test_a_share_is_whole_only_if_all_are_kept() -> None:
    made = report([*answered(7, 7, 2_999), *answered(7, 7, 1, late=True)], at=AT)
    assert (made.total.percent, sentences.headline(made)) == ("99.9 %", "99.9 % of promises kept")
    made = report([*answered(7, 7, 1), *answered(7, 7, 2_999, late=True)], at=AT)
    assert made.total.percent == "0.1 %"


def test_the_hour_with_most_late_tickets_need_not_have_most_of_them() -> None:
    days = [answered(7, day, 1, late=True) for day in (4, 5, 11)]
    told = sentences.hours_line(report([ticket for day in days for ticket in day], at=AT))
    assert told.startswith("3 of 3 late tickets were opened in closed hours; the most in one hour of the week, 2, on")


def test_hours_are_those_on_which_the_ticket_was_opened() -> None:
    """A blocker of a Saturday, which becomes less severe later, counted from the start."""
    opened = datetime(2026, 7, 4, 7, tzinfo=UTC)
    lower = {"kind": "priority", "at": opened + timedelta(hours=4), "value": "high"}
    answered_at = {"kind": "answered", "at": opened + timedelta(days=4)}
    ticket = Ticket(plan="premium", priority="blocker", opened_at=opened, events=[lower, answered_at])
    made = report([ticket] * 20, at=AT)
    assert made.opened_when["in-hours"].tickets == 20
    assert made.which_hours() == ()
    assert sentences.load_line(made).startswith("20 of 20 came while the clock ran (100 %)")


def test_weeks_that_are_drawn_as_months_say_so() -> None:
    weeks = [answered(1, 1, 1)[0].opened_at + number * timedelta(days=7) for number in range(70)]
    tickets = [Ticket(plan="premium", priority="high", opened_at=opened) for opened in weeks]
    at = datetime(2027, 12, 1, tzinfo=UTC)
    page = report(tickets, at=at, by="week").to_html()
    assert "a week is in the month of its Monday" in page
    assert "Tickets by the month in which their week began" in page
    assert "Tickets by the month in which they were opened" in report(tickets, at=at).to_html()
    kinds = ("answered", "asked")
    events = [{"kind": kind, "at": weeks[0] + timedelta(hours=hours)} for hours, kind in enumerate(kinds, 1)]
    target = {"next-response": Target(within=timedelta(hours=2))}
    policy = KOLMISOFT.replace(plans=[plan.replace(targets=target) for plan in KOLMISOFT.plans.values()])
    asked = [ticket.replace(events=events) for ticket in tickets[:1]]
    questions = report(asked, at=at, policy=policy, metric="next-response")
    assert "Questions by the month in which they were asked" in questions.to_html()


def test_a_ticket_with_several_cycles_is_counted_by_cycle() -> None:
    again = Metric(name="fix", starts=("opened",), ends=("resolved",), reopened_within="2 days")  # type: ignore[arg-type]
    plans = [plan.replace(targets={"fix": Target(within=timedelta(hours=2))}) for plan in KOLMISOFT.plans.values()]
    policy = KOLMISOFT.replace(metrics=[again], plans=plans)
    opened = datetime(2026, 7, 7, 8, tzinfo=UTC)
    told = [("resolved", 1), ("reopened", 200), ("resolved", 201)]
    events = [{"kind": kind, "at": opened + timedelta(hours=hours)} for kind, hours in told]
    made = report(
        [Ticket(plan="premium", priority="high", opened_at=opened, events=events)], at=AT, policy=policy, metric=again
    )
    assert sentences.judged_line(made).startswith("2 cycles begun from 7 July 2026 to 15 July 2026")


def test_each_row_of_a_table_has_its_bar() -> None:
    """Only the row for all tickets, in the table of periods, has none."""
    low = [ticket.replace(priority="low") for ticket in answered(7, 7, 5)]
    lines = text_of_report(report([*answered(6, 2, 1), *low], at=AT), 160).splitlines()
    bars = {line.split("  ")[0]: line.count("█") for line in lines}
    assert (bars["2026-06"], bars["2026-07"], bars["all"]) == (5, 24, 0)
    assert (bars["PREMIUM HIGH"], bars["PREMIUM LOW"]) == (5, 24)


def test_what_is_outside_one_part_of_a_sum_may_be_in_another() -> None:
    tickets = [ticket for month in (6, 7, 8) for ticket in answered(month, 4, 5)]
    at = datetime(2026, 9, 2, tzinfo=UTC)
    bounds = [date(2026, month, 1) for month in (6, 7, 8, 9)]
    parts = [report(tickets, at=at, since=since, until=until) for since, until in pairwise(bounds)]
    assert sentences.left_out(parts[0]).endswith(", 10 outside the dates")
    assert sentences.excluded_number(parts[0]) == 10
    for made in (sum(parts), parts[2] + (parts[0] + parts[1]), Report.from_dict(sum(parts).to_dict())):  # type: ignore[union-attr]
        assert isinstance(made, Report)
        assert made.total.tickets == 15
        assert sentences.left_out(made).endswith(", 30 outside the dates of one of the parts")
        assert sentences.excluded_number(made) == 0
    again = sum(parts) + report([], at=at, since=bounds[0], until=bounds[-1])  # the same dates as the sum
    assert sentences.left_out(again).endswith(", 30 outside the dates of one of the parts")
    twice = parts[0] + parts[0]
    assert sentences.left_out(twice).endswith(", 20 outside the dates")


def test_a_missing_group_is_none() -> None:
    def refuses(_: object, __: object) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    na, other = (type(name, (), {"__ne__": refuses, "__str__": lambda _: "?"})() for name in ("NAType", "Other"))
    tickets = answered(7, 7, 8)
    values: Any = iter([math.nan, None, "", "x", "nan", datetime(2026, 7, 7, tzinfo=UTC), na, other])
    made = report(tickets, at=AT, split=lambda _: next(values))
    assert [(tally.split, tally.tickets) for tally in made.splits] == [
        ("", 4),
        ("2026-07-07 00:00:00+00:00", 1),
        ("?", 1),
        ("nan", 1),
        ("x", 1),
    ]


def test_targets_of_owners_are_told_beside_those_of_priorities() -> None:
    own = {
        "first-response": {
            "high": Target(within=timedelta(hours=8)),
            "owners": {"L2": Target(within=timedelta(hours=1))},
        }
    }
    policy = KOLMISOFT.replace(plans=[plan.replace(targets=own) for plan in KOLMISOFT.plans.values()])
    page = report([ticket.replace(owner="L2") for ticket in answered(7, 7, 2)], at=AT, policy=policy).to_html()
    assert "8 h, owners have others" in page
    assert "owners have others" not in report(answered(7, 7, 2), at=AT).to_html()


def test_a_ticket_in_which_nothing_was_asked_is_no_question() -> None:
    """It is counted as not covered, but nobody asked at its opening."""
    target = {"next-response": Target(within=timedelta(hours=2))}
    policy = KOLMISOFT.replace(plans=[plan.replace(targets=target) for plan in KOLMISOFT.plans.values()])
    opened = datetime(2026, 7, 7, 8, tzinfo=UTC)
    events = [{"kind": kind, "at": opened + timedelta(hours=hours)} for hours, kind in ((1, "answered"), (5, "asked"))]
    asked = Ticket(plan="premium", priority="high", opened_at=opened, events=events)
    made = report([asked, *answered(6, 2, 3)], at=AT, policy=policy, metric="next-response")
    assert sentences.judged_line(made).startswith(
        "1 question asked on 7 July 2026, and 3 tickets without one. Judged at"
    )
    assert sum(map(sum, made.load)) == 1
    assert made.total.not_covered == 3
    assert sentences.judged_line(report(answered(6, 2, 3), at=AT, policy=policy, metric="next-response")).startswith(
        "0 questions, and 3 tickets without one. Judged at"
    )
