"""What customers ask, in words that the published page does not have, and the verdicts as worked out from the page.

`phrases.csv` has for each phrase the verdict under each plan, the task of the page that it means, and whether it is
answered, or gets suggestions with that task among them. The first 40 phrases were collected before any was tried.
"""

import csv
from functools import cache
from pathlib import Path

import pytest

from kolmisla import Coverage, coverage

HOURLY, FIXED, SERVER, REQUEST = "100 EUR per started hour", "210 EUR", "210 EUR per server", "depends on request"
PRICES = {
    "3rd party software installation/debugging": HOURLY,
    "Additional security certificate installations/updates/upgrades": HOURLY,
    "Additional server configuration": HOURLY,
    "After working hours support": HOURLY,
    "Configuration of third party software/hardware": HOURLY,
    "Custom Asterisk modifications": REQUEST,
    "Custom database modifications, or restoration after them": REQUEST,
    "Custom development": REQUEST,
    "Data migration": FIXED,
    "Heartbeat / Virtual IP configuration": FIXED,
    "Hourly rate support": HOURLY,
    "Installation": SERVER,
    "Iptables, firewall configuration": HOURLY,
    "Iptables, firewall, network configuration": HOURLY,
    "Linux support": HOURLY,
    "MySQL Replication": FIXED,
    "MySQL Replication configuration": FIXED,
    "MySQL replication re-build": FIXED,
    "Personal Training": HOURLY,
    "Redundancy configuration": FIXED,
    "SSL certificates other than Let's Encrypt": HOURLY,
    "Server migration": FIXED,
    "Server re-installation": SERVER,
    "Zaptel/DAHDI installation/configuration": HOURLY,
}
with (Path(__file__).parent / "phrases.csv").open(encoding="utf-8", newline="") as stream:
    PHRASES = [*csv.DictReader(stream)]
COLLECTED = PHRASES[:40]
answered = cache(coverage)  # each phrase is asked by several tests


@pytest.mark.parametrize("plan", ["premium", "enterprise"])
@pytest.mark.parametrize("row", PHRASES, ids=lambda row: row["phrase"])
def test_a_phrase_of_a_customer(row: dict[str, str], plan: str) -> None:
    answer = answered(row["phrase"], plan)
    told = dict(zip(("premium", "enterprise"), row["told"].split("/") * 2, strict=False))[plan]
    assert told == ("answered" if answer.tasks else "suggested" if answer.closest else "unknown")
    price = PRICES.get(row["task"]) if row[plan] == "extra" else None
    if answer.tasks:
        assert {(task.verdict, task.price) for task in answer.tasks} == {(row[plan], price)}
        assert row["task"] in [task.task for task in answer.tasks]
    elif row["task"]:
        assert (row["task"], row[plan], price) in [(task.task, task.verdict, task.price) for task in answer.closest]
    assert len(answer.closest) <= 3


@pytest.mark.parametrize("plan", ["premium", "enterprise"])
def test_what_is_not_included_is_never_called_included(plan: str) -> None:
    called = [row["phrase"] for row in PHRASES if answered(row["phrase"], plan).verdict == "included"]
    assert [row["phrase"] for row in PHRASES if row["phrase"] in called and row[plan] != "included"] == []
    assert called  # some are


def test_most_of_the_collected_phrases_are_answered() -> None:
    found = [row["phrase"] for row in COLLECTED if answered(row["phrase"], "premium").tasks]
    assert len(found) >= 33, {row["phrase"] for row in COLLECTED} - set(found)


def test_a_text_too_long_to_be_split_is_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.policies.services.matching.LONGEST_TEXT", 14)
    assert coverage("firewall setup", "premium").tasks
    assert coverage("firewall setup?", "premium") == Coverage("firewall setup?", "PREMIUM")
