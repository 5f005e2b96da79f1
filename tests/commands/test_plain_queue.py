"""The queue of plain rows is the queue of their tickets."""

from pathlib import Path

import pytest

from kolmisla.cli.queues.waiting import PlainQueue
from tests.commands.test_answers import Run, run  # noqa: F401  # a fixture

AT = ["--at", "2026-07-14T11:00"]
MESSY = """id,plan,priority,opened_at,answered_at,subject,channel
7,premium,high,2026-07-03T16:30,,a,
A-1,enterprise,low,2026-07-06 09:00,,b,
 12 ,Premium, HIGH,2026-07-07T09:00:00+03:00,,c,
12,premium,high,2026-07-07T09:00:00+03:00,,d,
,premium,blocker,2026-07-11T23:30Z,,e,
8,premium,low,2026-07-07T09:00,2026-07-07T09:30,answered,
9,premium,low,2026-07-07T09:00,2026-07-20T09:30,answered later,
10,premium,low,2026-07-07T09:00,2026-07-07T08:30,answered before,
11,premium,low,2026-07-20T09:00,,opened later,
13,,low,2026-07-07T09:00,,no plan,
14,gold,low,2026-07-07T09:00,,unknown plan,
15,premium,low,soon,,no time,
16,premium,low,2026-07-07T09:00,soon,no time,
17,premium,low,2026-07-07T09:00,,phone,phone
18,premium,low,2026-07-07T09:00
19,premium,low,1200-01-01T09:00,,before all known years,
20,premium,blocker,0001-01-01T00:00+03:00,,before all years,
21,premium,blocker,0001-01-01T12:00Z,,in the first year,
"22",premium,medium,2026-07-14T10:59:59.5,,"quoted, with a comma",
23,premium,high,2026-07-14T09:00,,just not breached,
\x1b[2J,premium,medium,2026-07-14T10:00,,an id that a terminal would obey,
"""
DESK = """name = "Desk"
timezone = "Asia/Kathmandu"
[schedules.day]
hours = { mon-fri = ["09:00-17:00"] }
[priorities]
any = { rank = 1, schedule = "day" }
[plans.all]
rank = 1
targets = { first-response = { within = "PT4H" } }
"""
ANY = "opened_at,priority\n2026-07-13T09:00,any\n2026-07-13T09:01,\n2026-07-03T09:00Z,Any\n"


@pytest.mark.parametrize(
    ("text", "options"),
    [
        (MESSY, []),
        (MESSY.replace(",", ";").replace("quoted;", "quoted,"), ["--delimiter", ";"]),
        (MESSY, ["--limit", "4"]),
        (MESSY, ["--timezone", "America/New_York"]),
        (MESSY, ["--set", "id=7"]),
        (MESSY, ["--set", "plan=premium"]),
        (MESSY, ["--value", "plan:gold=premium", "--none", "soon"]),
        (MESSY, ["--map", "answered_at="]),
        (MESSY, ["--map", "id=subject"]),
        (MESSY, ["--map", "id="]),
        (MESSY, ["--show", "subject"]),
        (MESSY, ["--metric", "resolution"]),
        (MESSY.replace("answered_at", "resolved_at"), []),
        (MESSY.replace("answered_at", "reply"), []),
        (MESSY.split("\n", 1)[0], []),
        (ANY, ["--policy", "desk.toml"]),
    ],
)  # fmt: skip
def test_plain_rows_wait_as_tickets_do(
    run: Run,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    text: str,
    options: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_text(text, encoding="utf-8")
    Path("desk.toml").write_text(DESK, encoding="utf-8")
    quick = run("queue", "t.csv", *AT, *options)
    monkeypatch.setattr(PlainQueue, "of", lambda *_: None)
    assert quick == run("queue", "t.csv", *AT, *options)
    assert quick[0] in (0, 1)
