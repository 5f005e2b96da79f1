"""The built-in policy has all that the published page says: each line belongs to an entry, or is a heading.

`page.csv` has the beginning of the SHA-256 of each line of the page, in its order, as it was read in November 2026.
"""

import csv
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from kolmisla import KOLMISOFT, coverage
from kolmisla.documents.model import Entry
from kolmisla.policies.services.quotes import quote

PAGE = Path(__file__).parent / "page.csv"

# Headings, and the rulers of the tables: they say what the lines below them are about.
HEADINGS = [
    "Support",
    "Support plans",
    "The table below outlines the available support plans and their corresponding service levels:",
    "Ticket Priorities",
    "Rates of technical services",
    "| Task | Description | Price |",
    "What is included in PREMIUM support",
    "What is NOT included in ENTERPRISE/PREMIUM support",
    "FULL SERVICE - ENTERPRISE",
    "NOT INCLUDED:",
    "Jobs NOT done by Kolmisoft",
]


def digest(line: str) -> str:
    return sha256(line.encode()).hexdigest()[:16]


def entries() -> Iterator[tuple[str, Entry]]:
    """Every entry of the policy but its schedules, with its place."""
    for what in ("priorities", "plans", "channels", "rates", "coverage"):
        for name, entry in getattr(KOLMISOFT, what).items():
            yield f"{what}.{name}", entry
    for plan in KOLMISOFT.plans.values():
        yield from ((f"plans.{plan.name}.{metric}", target) for metric, target in plan.targets.items())  # type: ignore[misc]
        assert plan.average
        yield f"plans.{plan.name}.average", plan.average
    assert KOLMISOFT.versions
    assert KOLMISOFT.work
    yield from (("versions", KOLMISOFT.versions), ("work", KOLMISOFT.work))


LINES = {**{place: entry.line for place, entry in entries()}, **KOLMISOFT.schedule_lines}
QUOTED = {digest(line): line for text in LINES.values() for line in text.strip().splitlines()}


def test_each_line_of_the_page_is_in_the_policy_or_a_heading() -> None:
    with PAGE.open(encoding="utf-8", newline="") as stream:
        page = {row["sha256"]: row["line"] for row in csv.DictReader(stream)}
    assert set(map(digest, HEADINGS)) <= set(page)
    missing = [
        number for hashed, number in page.items() if hashed not in QUOTED and hashed not in map(digest, HEADINGS)
    ]
    assert not missing
    strange = [line for hashed, line in QUOTED.items() if hashed not in page]
    assert not strange  # nothing is put into the page's mouth
    assert not set(QUOTED.values()) & set(HEADINGS)


def test_each_entry_has_its_line() -> None:
    assert [place for place, line in LINES.items() if not line.strip()] == []
    assert set(KOLMISOFT.schedule_lines) == set(KOLMISOFT.schedules)


HOURLY, FIXED, REQUEST = "100 EUR per started hour", "210 EUR", "depends on request"
SERVER = "210 EUR per server"

# What the page says of each line, read as docs/decisions.md rules: for PREMIUM, and for ENTERPRISE where it differs.
TRUTH: list[tuple[str, str, str | None, str | None]] = [
    ("Problem troubleshooting", "included", None, None),
    ("Answering technical questions", "included", None, None),
    ("Giving a guide for configuration", "included", None, None),
    ('"Let\'s Encrypt" signed SSL certificate installation on the new system (GUI)', "included", None, None),
    (
        "Testing customers settings - we only explain how to do that yourself (TeamViewer and other methods of screen"
        " sharing are not used).",
        "not-included",
        None,
        None,
    ),
    (
        "Custom development - no additional functionality programming is included. It can be ordered separately.",
        "extra",
        REQUEST,
        None,
    ),
    ("Server migration (migration of data and license)", "extra", FIXED, None),
    ("Additional server configuration", "extra", HOURLY, None),
    ("MySQL Replication configuration", "extra", FIXED, None),
    ("MySQL replication re-build", "extra", FIXED, None),
    ("Redundancy configuration", "extra", FIXED, None),
    ("Personal Training (Online Group Training is included)", "extra", HOURLY, None),
    ("Online Group Training", "included", None, None),
    ("Iptables, firewall, network configuration", "extra", HOURLY, None),
    ("Server re-installation", "extra", SERVER, None),
    ("Linux (CentOS, Rocky) support", "extra", HOURLY, None),
    (
        "Custom database modifications AND DB/data restoration after broken DB integrity because of manual interference"
        " into DB",
        "extra",
        REQUEST,
        None,
    ),
    ("Custom Asterisk modifications", "extra", REQUEST, None),
    ("Communicating with different service providers and other third parties", "not-included", None, None),
    ("Zaptel/DAHDI installation/configuration", "extra", HOURLY, None),
    ("Additional security certificate installations/updates/upgrades", "extra", HOURLY, None),
    ("3rd party software installation/debugging", "extra", HOURLY, None),
    ('Installation and maintenance of other than "Let\'s Encrypt" SSL certificates', "extra", HOURLY, None),
    ("Full service", "not-included", None, "included"),
    ("adding providers", "not-included", None, "included"),
    ("We do MOR configurations for you", "not-included", None, "included"),
    (
        "Custom development - no additional functionality programming is included. It can be ordered separately",
        "extra",
        REQUEST,
        None,
    ),
    ("Iptables, firewall configuration", "extra", HOURLY, None),
    (
        "Configuration of third party software/hardware (sotphones, IP phones, dialers, PBXes, gateways, etc)",
        "extra",
        HOURLY,
        None,
    ),
    (
        "Enterprise support plan does not include periodic hand-made reports or documenting configurations/features"
        " additionally.",
        "not-included",
        None,
        None,
    ),
    (
        "Purchasing DIDs, making agreements with other service providers and other tasks which include any monetary"
        " activities.",
        "not-included",
        None,
        None,
    ),
    (
        "After purchase is done by the Client, Kolmisoft engineers are able to configure DID (in the MOR and in the DID"
        " Provider configuration panel) or Provider connection (in the MOR/M2)",
        "not-included",
        None,
        "included",
    ),
    ("SNMP service configuration", "never", None, None),
    ("TDM/PSTN card installation/configuration", "never", None, None),
    ("VPN configuration", "never", None, None),
    ("Partitions and storage devices management", "never", None, None),
    (
        "Too risky not knowing whole network configuration - one small mistake makes server unreachable. This task"
        " should be done by local technician with physical access to the server.",
        "never",
        None,
        None,
    ),
    ("Dealing with 3rd party providers.", "never", None, None),
]


@pytest.mark.parametrize(("task", "premium", "price", "enterprise"), TRUTH, ids=lambda value: str(value)[:40])
def test_the_verdict_on_a_line(task: str, premium: str, price: str | None, enterprise: str | None) -> None:
    for plan, verdict in (("premium", premium), ("Enterprise", enterprise or premium)):
        answer = coverage(task.upper(), plan)
        assert (answer.verdict, answer.price, answer.plan) == (verdict, price, plan.upper())
        assert answer.line in QUOTED.values()


def test_the_table_has_every_line_of_the_coverage() -> None:
    asked = {coverage(task, "premium").task for task, *_ in TRUTH}
    assert asked == set(KOLMISOFT.coverage)
    lines = {line for task in KOLMISOFT.coverage.values() for line in task.line.strip().splitlines()}
    found = {coverage(task, "premium").line for task, *_ in TRUTH}
    assert len(lines - found) == 1  # two lines have the same words, but for a full stop


@pytest.mark.parametrize(
    ("task", "quantity", "total"),
    [
        ("Data migration", 1, "210.00"),
        ("Heartbeat / Virtual IP configuration", 1, "210.00"),
        ("MySQL Replication", 1, "210.00"),
        ("Installation", 3, "630.00"),
        ("Hourly rate support", 2, "200.00"),
        ("After working hours support", 1, "100.00"),
        ("Personal training", 2, "200.00"),
    ],
)
def test_the_rates(task: str, quantity: int, total: str) -> None:
    assert str(quote([(task, quantity)]).total) == total
    assert coverage(task, "premium").verdict == "extra"
    assert (coverage(task, "premium").line or "").startswith(f"| {task} |") == (task != "Personal training")


def test_development_has_no_price_before_asking() -> None:
    found = quote(["custom development"])
    assert (found.lines, str(found.total)) == ((), "0.00")
    assert [line.task for line in found.open] == ["Custom development"]
