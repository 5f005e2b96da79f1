"""Cases that people reported of other systems, each told by its short name, with the answer that is right."""

import csv
import io
from pathlib import Path

import pytest

from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

DESK = """
name = "Case desk"
timezone = "Europe/Vilnius"
[schedules.day]
timezone = "Europe/Vilnius"
hours = { mon-fri = ["08:00-18:00"] }
holidays = "LT"
[priorities]
P1 = { rank = 1, schedule = "day" }
P2 = { rank = 2, schedule = "day" }
P3 = { rank = 3, schedule = "day" }
[plans.GOLD]
rank = 1
pausing = ["resolution", "next-response"]
[plans.GOLD.targets.first-response]
P1 = { within = "PT1H" }
P2 = { within = "PT4H" }
P3 = { within = "PT8H" }
[plans.GOLD.targets.next-response]
P2 = { within = "PT4H" }
[plans.GOLD.targets.resolution]
P1 = { within = "PT4H" }
P2 = { within = "PT8H" }
P3 = { within = "PT40H" }
"""


class Desk:
    """Measures tickets and events by the policy above, in a folder of their own."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._run, self.folder, self.err = run, folder, ""
        (folder / "desk.toml").write_text(DESK, encoding="utf-8")

    @property
    def policy(self) -> str:
        return str(self.folder / "desk.toml")

    def write(self, name: str, text: str) -> str:
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def __call__(self, tickets: str, *argv: str, events: str | None = None, status: int = 0) -> list[dict[str, str]]:
        argv = ("--at", "2026-07-10T12:00", *argv)
        if "--policy" not in argv:
            argv = ("--policy", str(self.folder / "desk.toml"), *argv)
        if events is not None:
            argv = ("--events", self.write("events.csv", events), *argv)
        ended, out, self.err = self._run("measure", self.write("tickets.csv", tickets), *argv)
        assert ended == status, self.err
        return list(csv.DictReader(io.StringIO(out)))


@pytest.fixture
def desk(run: Run, tmp_path: Path) -> Desk:
    return Desk(run, tmp_path)


KOLMISOFT = ["--policy", "src/kolmisla/policies/kolmisoft.toml"]
OPENED = "id,plan,priority,opened_at\n1,gold,P2,2026-07-07T09:00\n"
WAITS = """id,at,kind,value
1,2026-07-07T10:00,paused,customer
1,2026-07-07T11:00,paused,vendor
1,2026-07-07T12:00,resumed,customer
1,2026-07-07T15:00,resumed,vendor
"""


@pytest.mark.parametrize("zone", ["Z", " UTC", "+00:00", " GMT"])
def test_w1_a_letter_in_a_time_format(desk: Desk, zone: str) -> None:
    stamp = "2026-07-03T13:30:00.000{0},2026-07-07T05:20:00.000{0}"
    tickets = f"id,plan,priority,opened_at,answered_at\n1,premium,high,{stamp.format(zone)}\n"
    (row,) = desk(tickets, "--time-format", f"%Y-%m-%dT%H:%M:%S.%f{zone}", *KOLMISOFT)
    assert (row["due_at"], row["state"], row["elapsed_s"]) == ("2026-07-07T08:30:00+03:00", "met", "6600")


def test_w4_tickets_that_nobody_answered(desk: Desk) -> None:
    tickets = "id,plan,priority,opened_at\n1,premium,high,2026-07-07T09:00\n2,premium,high,2026-07-07T09:00\n"
    desk(tickets, *KOLMISOFT, events="id,at,kind\n1,2026-07-07T09:10,answered\n2,2026-07-07T17:00,resolved\n")
    told = "PREMIUM: mean response 0:10:00 over 1 answered, aim 0:25:00, met; 1 resolved without an answer"
    assert told in desk.err.splitlines()


def test_w8_two_reasons_to_wait(desk: Desk) -> None:
    at = ["--metric", "resolution", "--at", "2026-07-07T16:00"]
    (row,) = desk(OPENED, *at, events=WAITS)
    assert (row["elapsed_s"], row["state"]) == ("7200", "running")
    states = WAITS.replace("paused,customer", "Pending Client,").replace("paused,vendor", "Pending 3rd Party,")
    kinds = ["Pending Client=paused", "Pending 3rd Party=paused", "resumed=resumed"]
    (row,) = desk(OPENED, *at, *(word for kind in kinds for word in ("--event-kind", kind)), events=states, status=1)
    assert row["elapsed_s"] == "18000"  # as states: the first resumed ends the waiting


def test_a5_an_eternal_goodbye(desk: Desk) -> None:
    asked = "id,at,kind\n1,2026-07-07T10:00,answered\n1,2026-07-07T10:40,resolved\n1,2026-07-07T10:41,asked\n"
    metric = ["--metric", "next-response"]
    (row,) = desk(OPENED, *metric, events=asked)
    assert (row["state"], row["reason"][:21]) == ("not-covered", "no question was asked")
    (row,) = desk(OPENED, *metric, events=f"{asked}1,2026-07-07T11:00,reopened\n1,2026-07-07T12:00,answered\n")
    assert (row["started_at"], row["elapsed_s"], row["state"]) == ("2026-07-07T10:41:00+03:00", "4740", "met")
    desk.write("desk.toml", DESK.replace("rank = 1\npausing", 'rank = 1\nafter_resolution = "question"\npausing'))
    (row,) = desk(OPENED, *metric, events=asked)
    assert (row["started_at"], row["state"]) == ("2026-07-07T10:41:00+03:00", "breached")


def test_a6_the_customer_answers_while_the_ticket_waits_for_him(desk: Desk) -> None:
    told = "id,at,kind,value\n1,2026-07-07T09:30,answered,\n"
    told += "1,2026-07-07T09:30,paused,customer\n1,2026-07-07T11:00,asked,\n"
    metric = ["--metric", "next-response", "--at", "2026-07-07T12:00"]
    assert desk(OPENED, *metric, events=told)[0]["state"] == "paused"
    desk.write("desk.toml", DESK.replace("[schedules.day]", 'waits_for_customer = ["Customer"]\n[schedules.day]'))
    (row,) = desk(OPENED, *metric, events=told)
    assert (row["state"], row["due_at"]) == ("running", "2026-07-07T15:00:00+03:00")
    (row,) = desk(OPENED, *metric, events=told.replace("customer", "vendor"))
    assert row["state"] == "paused"


@pytest.mark.parametrize("before", ["paused,customer", "paused,"])
def test_a_pause_from_before_the_opening_goes_on(desk: Desk, before: str) -> None:
    told = f"id,at,kind,value\n1,2026-07-06T10:00,{before}\n1,2026-07-07T11:00,resumed,\n"
    (row,) = desk(OPENED, "--metric", "resolution", "--at", "2026-07-07T12:00", events=told)
    assert row["elapsed_s"] == "3600"
    ended = f"{told}1,2026-07-06T11:00,resumed,\n"
    (row,) = desk(OPENED, "--metric", "resolution", "--at", "2026-07-07T12:00", events=ended)
    assert row["elapsed_s"] == "10800"


def test_what_events_could_not_say_is_counted(desk: Desk) -> None:
    told = "id,at,kind,value\n1,2026-07-07T10:00,paused,vendor\n1,2026-07-07T11:00,asked,\n"
    told += "1,2026-07-07T12:00,resumed,customer\n1,2026-07-07T13:00,resumed,Vendor\n"
    (row,) = desk(OPENED, "--metric", "resolution", "--at", "2026-07-07T14:00", events=told)
    assert row["elapsed_s"] == "7200"
    assert desk.err.splitlines()[2:4] == [
        "1 end of a pause changed nothing, because no pause for its reason ran",
        "in 1 ticket the customer asked during a pause, which went on; if the ticket waited for the customer,"
        " name the reason in the policy: waits_for_customer = [...]",
    ]
    desk.write("desk.toml", DESK.replace("[schedules.day]", 'waits_for_customer = ["pending"]\n[schedules.day]'))
    desk(OPENED, "--metric", "resolution", "--at", "2026-07-07T14:00", events=told)
    assert "the customer asked" not in desk.err
