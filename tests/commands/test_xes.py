"""Event logs in XES: each event is a row with the attributes of its trace."""

import csv
import gzip
import io
import json
import time
from pathlib import Path
from typing import Any, TextIO, cast

import pytest

from kolmisla.files.tables import XesTable
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

AT = ["--at", "2026-07-06T12:00+03:00"]
LOG = """\
<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<log xes.version="1.0" xmlns="http://www.xes-standard.org">
  <extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
  <global scope="event"><string key="concept:name" value="name"/></global>
  <classifier name="Activity" keys="concept:name"/>
  <string key="source" value="desk"/>
  <trace>
    <string key="concept:name" value="Case&#49;"/>
    <string key="priority" value="high"><string key="inside" value="lost"/></string>
    <list key="tags"><values><string key="tag" value="lost"/></values></list>
    <event>
      <string key="concept:name" value="Opened"/>
      <date key="time:timestamp" value="2026-07-03T16:30:00.000+03:00"/>
      <container key="more"><int key="n" value="7"/></container>
    </event>
    <event><date key="time:timestamp" value="2026-07-03T16:40:00.000+03:00"/>
      <string key="concept:name" value="Answered"/><int key="n" value="007"/><boolean key="empty"/></event>
    <string key="late" value="é"/>
  </trace>
  <trace/>
  <event><string key="concept:name" value="alone"/></event>
</log>
"""
MAPS = ["--map", "id=case:concept:name", "--map", "at=time:timestamp", "--map", "kind=concept:name"]
MAPS += ["--map", "priority=case:priority", "--event-kind", "Opened=", "--event-kind", "Answered=answered"]
AUDIT = ["--events", "log.xes", *MAPS, "--set", "plan=premium", *AT]


def rows(text: str) -> list[Any]:
    return list(XesTable(io.StringIO(text)).rows())


def test_events_are_flat_rows_of_texts() -> None:
    case = {"case:concept:name": "Case1", "case:priority": "high", "case:late": "é"}
    events = [
        (12, {**case, "concept:name": "Opened", "time:timestamp": "2026-07-03T16:30:00.000+03:00"}),
        (17, {**case, "time:timestamp": "2026-07-03T16:40:00.000+03:00", "concept:name": "Answered", "n": "007"}),
        (22, {"concept:name": "alone"}),
    ]
    assert [(line, fields) for line, (_, fields), _ in rows(LOG)] == events
    assert [json.loads(text) for _, (text, _), _ in rows(LOG)] == [fields for _, fields in events]
    prefixed = LOG.replace("<", "<x:").replace("<x:/", "</x:").replace("<x:?", "<?").replace("<x:!", "<!")
    prefixed = prefixed.replace("xmlns=", "xmlns:x=")
    assert rows(prefixed) == rows(LOG)


@pytest.mark.parametrize("name", ["log.xes", "log.xes.gz", "log.txt"])
def test_a_log_is_an_audit_log(name: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).write_bytes(gzip.compress(LOG.encode()) if name.endswith("gz") else LOG.encode())
    argv = [name, *(name if word == "log.xes" else word for word in AUDIT), "-o", "out.jsonl"]
    status, _, err = run("measure", *argv, *(["--format", "xes"] if name == "log.txt" else []))
    assert status == 1
    row = json.loads(Path("out.jsonl").read_text(encoding="utf-8"))
    assert (row["case:concept:name"], row["state"], row["elapsed_s"]) == ("Case1", "met", 600)
    assert "2 rows: 1 met" in err
    rejects = list(csv.reader(Path("out.jsonl.rejects.csv").read_text(encoding="utf-8").splitlines()))
    assert rejects[1][0] == "22"


def test_a_log_may_be_the_events_of_tickets(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.xes").write_text(LOG.replace('  <event><string key="concept:name" value="alone"/></event>\n', ""))
    Path("t.csv").write_text("case:concept:name,case:priority,opened_at\nCase1,high,2026-07-03T16:30+03:00\n")
    status, out, _ = run("measure", "t.csv", *AUDIT)
    assert (status, ",met," in out) == (0, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1 is not XML: no element found"),
        ("<log>\n<trace>\n", "line 3 is not XML: no element found"),
        ("<log>\n<trace></log>", "line 2 is not XML: mismatched tag"),
        ("<log>\n\x00", "line 2 is not XML: not well-formed (invalid token)"),
        ("<log>&lol;</log>", "line 1 is not XML: undefined entity"),
        ("<html/>", "the file is XML, but not XES: its first element must be log, not html"),
        ("<log>\n<event><event/></event></log>", "line 2: the element event must be inside trace or log, not event"),
        ("<log><list>\n<trace/></list></log>", "line 2: the element trace must be inside log, not list"),
        (
            '<?xml version="1.0"?>\n<!DOCTYPE log [<!ENTITY lol "lol">]><log>&lol;</log>',
            "line 2: an event log must not have a document type (DOCTYPE)",
        ),
    ],
)
def test_a_file_that_is_no_log(text: str, told: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.xes").write_text(text)
    assert run("measure", *["log.xes", *AUDIT]) == (2, "", f"kolmisla: log.xes: {told}\n")


def test_a_key_with_two_values_is_a_reject() -> None:
    twice = LOG.replace('<int key="n" value="007"/>', '<int key="n" value="7"/><int key="n" value="8"/>')
    assert [fault for _, _, fault in rows(twice)] == [None, "the key 'n' is given twice", None]
    assert rows(twice)[1][1][0].endswith('"n": "7", "n": "8"}')
    same = LOG.replace('<int key="n" value="007"/>', '<string key="case:concept:name" value="Case1"/>')
    assert [fault for _, _, fault in rows(same)] == [None, None, None]


@pytest.mark.parametrize(
    ("declared", "option", "told"),
    [
        ("ISO-8859-1", None, "the file says that it is in iso8859-1; give --encoding iso8859-1"),
        ("ISO-8859-1", "latin-1", None),
        ("utf-8", "latin-1", None),
        ("US-ASCII", None, None),
        ("klingon", None, "the file says that it is in 'klingon', an encoding unknown to Python"),
    ],
)
def test_the_encoding_that_a_log_names(
    declared: str, option: str | None, told: str | None, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.xes").write_text(LOG.replace("UTF-8", declared), encoding=option or "utf-8")
    status, _, err = run("measure", "log.xes", *AUDIT, *(["--encoding", option] if option else []))
    assert (status, err) == (2, f"kolmisla: log.xes: {told}\n") if told else status == 1


def test_a_byte_that_is_no_text_names_its_line(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("log.xes").write_bytes(LOG.encode("latin-1"))
    status, _, err = run("measure", "log.xes", *AUDIT)
    assert (status, err) == (2, "kolmisla: log.xes: not valid UTF-8: byte 0xe9, at or after line 19\n")


def test_a_log_without_a_declaration() -> None:
    assert rows("<log><trace><event/></trace></log>") == [(1, ("{}", {}), None)]
    with pytest.raises(TypeError, match="stream must be an open text file"):
        XesTable(cast("TextIO", io.BytesIO()))


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("before", "inside"),
    [
        (f"<!--{'x' * 20_000_000}-->", ""),
        (f"<?x {'x' * 20_000_000}?>", ""),
        ("", '<list key="a">' * 250_000 + "</list>" * 250_000),
    ],
    ids=["comment", "instruction", "lists"],
)
def test_what_is_left_out_is_passed_soon(before: str, inside: str) -> None:
    """With each piece, an old expat read a long comment anew; all open elements were copied for each element."""
    began = time.perf_counter()
    text = f'{before}<log><trace><event><string key="a" value="b"/>{inside}</event></trace></log>'
    assert [row[1][1] for row in XesTable(io.StringIO(text)).rows()] == [{"a": "b"}]
    assert time.perf_counter() - began < 20


def test_a_trace_has_at_most_a_thousand_attributes() -> None:
    """Each of its events repeats them."""
    text = "<log>\n<trace>{}<event/><event/></trace></log>"
    many = [f'<string key="{number}" value="{number % 7}"/>' for number in range(1_001)]
    first, second = rows(text.format("".join(many[1:])))
    assert first == second
    assert first[1][1] == {f"case:{number}": str(number % 7) for number in range(1, 1_001)}
    with pytest.raises(ValueError, match="line 2: a trace must have at most 1,000 attributes"):
        rows(text.format("".join(many)))
