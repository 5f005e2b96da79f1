"""A process may fork at any moment, whatever its other threads do; the child answers without waiting."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kolmisla import KOLMISOFT
from tests.first_uses import WATCH

SCRIPT = """
import multiprocessing, os, sys, threading, time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo
from kolmisla import KOLMISOFT, Policy, Schedule, Ticket, deadline
from kolmisla.schedules import read
ticket = Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
going, zone = True, ZoneInfo("Europe/Vilnius")
written = KOLMISOFT.to_dict()

def work(country):
    n = 0
    while going:
        n += 1
        fresh = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays=country)
        fresh.due(datetime(2012 + n % 80, 1, 5, tzinfo=UTC), timedelta(hours=150_000))
        policy = Policy.from_dict(written)
        policy.digest, policy.editions
        deadline(ticket, policy)

def parse():
    n = 0
    while going:
        n += 1
        read(f"2026-07-03 16:30 {n}", zone=zone, pattern=f"%Y-%m-%d %H:%M {n}")

def ask():
    office = KOLMISOFT.schedules["working-hours"]
    office.due(datetime(2026, 7, 3, 13, 30, tzinfo=UTC), timedelta(hours=2))
    Schedule(timezone="UTC", hours={"mon": ["08:00-18:00"]}, holidays="LT").holiday_name(datetime(2031, 1, 1).date())
    deadline(ticket)
    read("3.7.2026 16:30", zone=zone, pattern="%d.%m.%Y %H:%M")

threads = [threading.Thread(target=work, args=(country,)) for country in ("LT", "PL")]
threads.append(threading.Thread(target=parse))
sys.setswitchinterval(1e-5)
for thread in threads:
    thread.start()
hung = 0
for _ in range(8):
    child = os.fork()
    if not child:
        ask()
        os._exit(0)
    give_up = time.monotonic() + 20
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        if time.monotonic() > give_up:
            os.kill(child, 9)
            os.waitpid(child, 0)
            hung += 1
            break
        time.sleep(0.005)
    if hung:
        break
going = False
print(hung)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
def test_a_forked_child_answers_while_threads_compile() -> None:
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", SCRIPT], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0", done.stderr


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform does not fork")
@pytest.mark.parametrize(
    "first", ["kolmisla.deadline", "kolmisla.KOLMISOFT.digest", "kolmisla.Schedule('UTC', {'mon': ['x']})"]
)
def test_a_child_finds_no_module_half_loaded(first: str) -> None:
    """A thread loads what is only loaded when it is used; the child asks for the same."""
    code = f"""
import os, threading, time, kolmisla
def ask():
    try:
        {first}
    except ValueError:
        pass
threading.Thread(target=ask).start()
time.sleep(0.01)
child = os.fork()
if not child:
    ask()
    os._exit(0)
for _ in range(1_000):
    if os.waitpid(child, os.WNOHANG) != (0, 0):
        break
    time.sleep(0.02)
else:
    os.kill(child, 9)
    print("hung")
"""
    done = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "", done.stderr


FIRST_USES = {
    "a policy in a file": "kolmisla.Policy.load('desk.toml')",
    "a policy with a calendar file": "kolmisla.Policy.load('closed.json')",
    "a name that must be escaped": "kolmisla.errors.clean('premium\\x1b')",
    "a page": "kolmisla.report([ticket()], at=AT).to_html()",
    "a layout": "LayoutFile.load('jira')",
    "a layout in an encoding": "LayoutFile.from_dict({'file': {'encoding': 'cp1257'}, 'columns': {}})",
    "a time in a format": "kolmisla.schedules.read('3.7.2026 16:30', zone=UTC, pattern='%d.%m.%Y %H:%M')",
    "holidays of a country": "kolmisla.Schedule('UTC', {'mon': ['08:00-18:00']}, holidays='CN').due(AT, 2 * HOUR)",
    "a digest": "kolmisla.KOLMISOFT.digest, kolmisla.KOLMISOFT.fingerprint()",
    "a written policy": "kolmisla.KOLMISOFT.dump('written.json')",
    "a calendar file": "due_calendar(kolmisla.queue([ticket()], AT), at=AT)",
    "names of months": "Layout(pattern='%d %B %Y %H:%M', language='de')",
    "an explanation": "str(kolmisla.explain(ticket(), at=AT))",
    "a model of pydantic": "TypeAdapter(kolmisla.Ticket).json_schema()",
}
SETUP = """
from datetime import UTC, datetime, timedelta
from pydantic import TypeAdapter
import kolmisla, kolmisla.errors, kolmisla.schedules
from kolmisla.files import Layout
from kolmisla.reports import due_calendar
from kolmisla.tickets.layouts.layout_file import LayoutFile

AT, HOUR = datetime(2026, 7, 6, 9, tzinfo=UTC), timedelta(hours=1)

def ticket():
    return kolmisla.Ticket(plan="premium", priority="high", opened_at="2026-07-03T16:30:00+03:00")
"""
ASK = """
try:
    {first}
except (kolmisla.KolmislaError, ImportError):
    pass
print(unguarded)
"""
CLOSED = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:x
BEGIN:VEVENT
UID:1
DTSTART;VALUE=DATE:20260102
RRULE:FREQ=YEARLY;UNTIL=20300102
SUMMARY:x
END:VEVENT
END:VCALENDAR
"""


@pytest.mark.parametrize("first", FIRST_USES)
def test_what_is_loaded_at_its_first_use_is_loaded_while_a_fork_waits(first: str, tmp_path: Path) -> None:
    """Whoever loads it: Python loads a codec, and other packages load their own modules."""
    document = KOLMISOFT.to_dict()
    (tmp_path / "desk.toml").write_text('name = "Desk"', encoding="utf-8-sig")
    document["schedules"]["working-hours"]["holidays"] = "closed.ics"
    (tmp_path / "closed.json").write_text(json.dumps(document), encoding="utf-8")
    (tmp_path / "closed.ics").write_text(CLOSED, encoding="utf-8", newline="\r\n")
    script = f"{SETUP}{WATCH}{ASK.replace('{first}', FIRST_USES[first])}"
    run = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(run, capture_output=True, text=True, cwd=tmp_path, check=True)
    assert done.stdout == "[]\n", done.stderr


def test_threads_that_extend_one_table_both_ways_agree() -> None:
    from kolmisla import Schedule

    def fresh() -> Schedule:
        return Schedule(timezone="UTC", hours={"mon-fri": ["08:00-18:00"]})

    shared, late, early = fresh(), datetime(2101, 3, 7, tzinfo=UTC), datetime(1911, 3, 7, tzinfo=UTC)
    for at, hours in ((late, 9_000), (early, 9_000), (late, -90_000), (early, 200_000)):
        assert shared.due(at, timedelta(hours=hours)) == fresh().due(at, timedelta(hours=hours))
