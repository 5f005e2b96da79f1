"""The countdown of the page "Show a countdown", as a browser ticks it: it shows what is left at each instant."""

import json
import re
import shutil
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from typing import Any

import pytest

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

from kolmisla import KOLMISOFT, Deadline, Event, Ticket, deadline
from kolmisla.times.instants import clock, length

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed")

PAGE = (Path(__file__).parents[2] / "docs" / "countdown.md").read_text(encoding="utf-8")
(SCRIPT,) = re.findall(r"^```js\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
FRIDAY = datetime.fromisoformat("2026-07-03T16:30:00+03:00")
FACTS: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": FRIDAY}
PAUSING = KOLMISOFT.replace(plans=[plan.replace(pausing=["first-response"]) for plan in KOLMISOFT.plans.values()])
LUNCH = [
    Event(kind="paused", at="2026-07-03T17:00:00+03:00"),
    Event(kind="resumed", at="2026-07-03T17:20:00+03:00"),
]
DEADLINES = {
    "a weekend and a holiday": deadline(Ticket(**FACTS)),
    "round the clock": deadline(Ticket(**{**FACTS, "priority": "blocker"})),
    "a pause": deadline(Ticket(**FACTS, events=LUNCH), policy=PAUSING),
    "a pause without an end": deadline(Ticket(**FACTS, events=LUNCH[:1]), policy=PAUSING),
    "raised on Saturday": deadline(
        Ticket(**FACTS, events=[Event(kind="priority", at="2026-07-04T10:00:00+03:00", value="blocker")])
    ),
}


@pytest.fixture(scope="module")
def browser() -> Any:
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


def facts(found: Deadline, at: datetime) -> str:
    """What the page is told, as the document makes it."""
    rows = [[start.isoformat(), end and end.isoformat(), counts] for start, end, counts in found.stretches(at)]
    return json.dumps({"remaining_s": found.status(at).to_dict()["remaining_s"], "stretches": rows})


@pytest.mark.parametrize("name", DEADLINES)
def test_the_page_shows_what_is_left(browser: Any, tmp_path: Path, name: str) -> None:
    found = DEADLINES[name]
    told_at = FRIDAY + timedelta(minutes=5)
    path = tmp_path / "page.html"
    path.write_text(
        f'<meta charset="utf-8"><b data-countdown="{escape(facts(found, told_at))}"></b><script>{SCRIPT}</script>',
        encoding="utf-8",
    )
    page = browser.new_page(timezone_id="America/New_York")
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.clock.install(time=told_at.astimezone(UTC))
    page.goto(path.as_uri())
    minutes = [0, 1, 24, 25, 30, 45, 60, 84, 85, 86, 600, 1045, 1105, 1110, 1600, 5360, 5384, 5400]
    for minute in minutes:
        at = told_at + timedelta(minutes=minute, seconds=20)
        page.clock.set_fixed_time(at.astimezone(UTC))
        page.evaluate("showCountdowns()")
        state = page.get_attribute("b", "data-state")
        status = found.status(max(at, found.ticket.events[-1].at) if found.ticket.events else at)
        if found.due_at and at >= found.due_at:
            assert (state, page.inner_text("b")) == ("due", "0:00:00")
        elif not found.ticket.events or at >= found.ticket.events[-1].at:
            assert page.inner_text("b") == clock(length(status.remaining))
            assert state == (
                "counts" if found.status(at + timedelta(seconds=1)).remaining < status.remaining else "stands"
            )
    assert faults == []
    page.close()


def test_the_page_ticks_by_itself(browser: Any, tmp_path: Path) -> None:
    found = DEADLINES["a weekend and a holiday"]
    path = tmp_path / "page.html"
    path.write_text(
        f'<meta charset="utf-8"><b data-countdown="{escape(facts(found, FRIDAY))}"></b><script>{SCRIPT}</script>',
        encoding="utf-8",
    )
    page = browser.new_page()
    page.clock.install(time=FRIDAY.astimezone(UTC))
    page.goto(path.as_uri())
    assert page.inner_text("b") == "2:00:00"
    page.clock.run_for(90_000)
    assert page.inner_text("b") == "1:58:30"
    page.close()


def test_the_script_is_short() -> None:
    assert len([line for line in SCRIPT.splitlines() if line.strip()]) <= 30
