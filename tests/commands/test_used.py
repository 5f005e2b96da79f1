"""`kolmisla due --used`, and the header and the verdict of an explanation."""

import json

import pytest

from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

FRIDAY = "2026-07-03T16:30"
PREMIUM = ["--plan", "premium", "--priority", "high"]
PAUSED = ["--metric", "resolution", "--event", "2026-07-06T10:00 paused"]
SHIFTS = ["--policy", "docs/policies/two-shifts.toml", "--plan", "gold", "--priority", "major"]


def test_shares_of_the_target_are_told_in_order(run: Run) -> None:
    assert run("due", FRIDAY, *PREMIUM, "--used", "100,50%, 75,50") == (
        0,
        " 50%  2026-07-03T17:30:00+03:00\n 75%  2026-07-03T18:00:00+03:00\n100%  2026-07-07T08:30:00+03:00\n",
        "",
    )
    found = json.loads(run("due", FRIDAY, *PREMIUM, "--used", "80", "--json")[1])
    assert found["used"] == {"80": "2026-07-07T08:06:00+03:00"}
    assert (found["due_at"], found["policy"]) == ("2026-07-07T08:30:00+03:00", "Kolmisoft")


def test_a_share_that_nobody_knows_ends_with_its_status(run: Run) -> None:
    asked = ["due", "2026-07-06T09:30", *SHIFTS, *PAUSED, "--used", "1,100"]
    status, out, err = run(*asked)
    assert (status, out) == (5, "  1%  2026-07-06T09:34:48+02:00\n100%  not known\n")
    assert err.startswith("kolmisla: no due time is known: paused since 2026-07-06")
    status, out, _ = run(*asked, "--json")
    assert (status, json.loads(out)["used"]) == (5, {"1": "2026-07-06T09:34:48+02:00", "100": None})


@pytest.mark.parametrize("given", ["", "0", "50,", "-1", "1.5", "fifty", "10000", "%"])
def test_what_is_no_share(run: Run, given: str) -> None:
    status, out, err = run("due", FRIDAY, *PREMIUM, f"--used={given}")
    assert (status, out) == (2, "")
    assert "must be whole percentages from 1 to 9999, such as 50,75,100" in err


def test_shares_are_for_one_ticket_and_no_explanation(run: Run) -> None:
    assert run("due", "-", *PREMIUM, "--used", "50")[2] == (
        "kolmisla: --used is for one ticket, not for lines of standard input\n"
    )
    assert run("due", FRIDAY, *PREMIUM, "--used", "50", "--explain")[2] == (
        "kolmisla: give --used or --explain, not both\n"
    )
    assert (
        "asks about a schedule, without a ticket; leave out --used"
        in run("due", FRIDAY, "--within", "PT1H", "--used", "50")[2]
    )


@pytest.mark.parametrize(
    ("answered", "verdict"),
    [
        ("2026-07-07T08:10", "met: 1:40:00 counted of 2:00:00, 0:20:00 left"),
        ("2026-07-07T08:30", "met: 2:00:00 counted of 2:00:00, 0:00:00 left"),
        ("2026-07-07T09:00", "breached: 2:30:00 counted of 2:00:00, 0:30:00 too much"),
    ],
)
def test_an_explanation_ends_with_the_verdict(run: Run, answered: str, verdict: str) -> None:
    _, due, _ = run("due", FRIDAY, *PREMIUM, "--explain", "--event", f"{answered} answered")
    _, status, _ = run("status", FRIDAY, *PREMIUM, "--explain", "--answered-at", answered, "--at", "2026-07-08T12:00")
    assert due.splitlines()[-2] == status.splitlines()[-1] == verdict
    lines = due.splitlines()
    assert lines[1] == "from                   until                  counted     total  why"
    assert [lines[1].index(word) for word in ("until", "why")] == [
        lines[2].index("Fri", 1),
        lines[2].index("working"),
    ]


def test_a_running_ticket_has_a_verdict_only_at_an_instant(run: Run) -> None:
    assert "counted of" not in run("due", FRIDAY, *PREMIUM, "--explain")[1]
    at = run("status", FRIDAY, *PREMIUM, "--explain", "--at", "2026-07-03T17:00")[1]
    assert at.splitlines()[-1] == "running: 0:30:00 counted of 2:00:00, 1:30:00 left"
