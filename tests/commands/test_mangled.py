"""Files that are cut, mixed up or hostile: one sentence, no traceback, no row lost, nothing that a terminal obeys."""

import csv
import json
import random
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

SEED, FILES = 14, 240
KINDS = ("csv", "jsonl", "json", "doc.json", "xes")
ESCAPES = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202e", "\x08\x08", "\r", "\x7f"]
ODD = [*ESCAPES, "=1+1", "@SUM(A1)", "+1", "-1", "é", "\u2028", "", "a,b", 'a"b', "a\nb", "null", "NaN", "\x00", "😀"]
HEADER = ["id", "plan", "priority", "opened_at", "answered_at", "note"]
COUNTED = re.compile(
    r"^([\d,]+) rows?: ([\d,]+) met, ([\d,]+) breached, ([\d,]+) running, .* ([\d,]+) rejected", re.MULTILINE
)

Mangle = Callable[[random.Random, bytes], bytes]


def some_rows(chance: random.Random) -> list[dict[str, Any]]:
    """Rows of tickets, most of them valid."""
    return [
        {
            "id": chance.choice([number, str(number), chance.choice(ODD)]),
            "plan": chance.choice(["premium", "premium", "enterprise", chance.choice(ODD)]),
            "priority": chance.choice(["high", "high", "low", chance.choice(ODD)]),
            "opened_at": chance.choice(["2026-07-03T16:30+03:00", "2026-07-03 16:30", chance.choice(ODD)]),
            "answered_at": chance.choice(["2026-07-03T16:40+03:00", "", chance.choice(ODD)]),
            "note": chance.choice(ODD) * chance.choice([1, 1, 3]),
        }
        for number in range(chance.randint(0, 8))
    ]


def written(chance: random.Random, kind: str) -> str:
    """The text of a file of some kind."""
    rows = some_rows(chance)
    if kind == "csv":
        cells = [HEADER, *([str(value) for value in row.values()] for row in rows)]
        return "".join(
            ",".join('"' + cell.replace('"', '""') + '"' if re.search(r'[,"\r\n]', cell) else cell for cell in line)
            + "\n"
            for line in cells
        )
    if kind == "jsonl":
        return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if kind == "xes":
        pairs = (
            "".join(f"<string key={json.dumps(name)} value='{quoted(str(value))}'/>" for name, value in row.items())
            for row in rows
        )
        return "<log>\n<trace>\n" + "\n".join(f"<event>{each}</event>" for each in pairs) + "\n</trace>\n</log>\n"
    document = {"total": len(rows), "issues": rows, "next": None} if kind == "doc.json" else rows
    return json.dumps(document, indent=chance.choice([None, 1]), ensure_ascii=False)


def quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&apos;")


def put_in(chance: random.Random, data: bytes, new: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + new + data[at:]


def cut(chance: random.Random, data: bytes) -> bytes:
    return data[: chance.randint(0, len(data))]


def without_a_piece(chance: random.Random, data: bytes) -> bytes:
    at = chance.randint(0, len(data))
    return data[:at] + data[at + chance.randint(1, 30) :]


def with_a_line_twice(chance: random.Random, data: bytes) -> bytes:
    lines = data.splitlines(keepends=True) or [b""]
    return b"".join([*lines, chance.choice(lines)])


def deep(chance: random.Random, data: bytes) -> bytes:
    brackets = chance.choice([b"[", b'{"a":', b"<string key='a' value='b'>"]) * 20_000
    return put_in(chance, data, brackets + chance.choice([b"", b"]" * 20_000, b"}" * 20_000]))


MANGLES: Sequence[Mangle] = [
    lambda _, data: data,
    cut,
    without_a_piece,
    with_a_line_twice,
    deep,
    lambda chance, data: put_in(chance, data, b"\x00"),
    lambda chance, data: put_in(chance, data, b"\r"),
    lambda chance, data: put_in(chance, data, b'"'),
    lambda chance, data: put_in(chance, data, b",,,"),
    lambda chance, data: put_in(chance, data, b"\n\n\n"),
    lambda chance, data: put_in(chance, data, chance.choice(ESCAPES).encode()),
    lambda chance, data: put_in(chance, data, bytes([chance.randint(128, 255)])),
    lambda chance, data: put_in(chance, data, chance.choice(ODD).encode()),
    lambda chance, data: put_in(chance, data, b'"id": 1, "id": 2,'),
    lambda chance, data: put_in(chance, data, b"<!DOCTYPE log [<!ENTITY a 'b'>]>"),
    lambda _, data: data.replace(b"note", b"id"),
    lambda _, data: data.replace(b"\n", b"\r"),
    lambda _, data: data.replace(b"\n", b"\r\n"),
    lambda _, data: b"\xef\xbb\xbf" + data,
    lambda _, data: data.decode().encode("utf-16"),
    lambda _, data: data.decode().encode("utf-16-be"),
    lambda _, data: data.decode().encode("latin-1", "replace"),
    lambda chance, data: chance.choice([b"PK\x03\x04", b"\x1f\x8b", b"PAR1", b"\x28\xb5\x2f\xfd"]) + data,
    lambda chance, data: put_in(chance, data, b"x" * 2_000_000),
]


def files() -> list[tuple[str, bytes]]:
    """The names and the bytes of the files, each kind with each way to mangle it, some with two."""
    chance = random.Random(SEED)
    made = []
    for number in range(FILES):
        kind, mangle = KINDS[number % len(KINDS)], MANGLES[number // len(KINDS) % len(MANGLES)]
        data = mangle(chance, written(chance, kind).encode())
        if number >= FILES // 2:
            data = chance.choice(MANGLES[1:14])(chance, data)
        made.append((f"{number}.{kind}", data))
    return made


@pytest.mark.unmeasured
@pytest.mark.parametrize("command", ["measure", "queue"])
def test_mangled_files(command: str, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    statuses = []
    for name, data in files():
        Path(name).write_bytes(data)
        argv = [command, name, "--at", "2026-07-08T12:00+03:00", *(["--rows", "issues"] if "doc" in name else [])]
        if command == "measure":
            argv += ["-o", f"{name}.out"]
        status, out, err = run(*argv)
        statuses.append(status)
        assert status in (0, 1, 2), (name, err)
        assert "Traceback" not in err, name
        assert all(line.isprintable() for line in err.split("\n")), (name, err)
        assert max(map(len, err.split("\n"))) < 2_000, (name, err)
        if status == 2:
            assert err.count("\n") >= 1, name
            assert not Path(f"{name}.out").exists(), name
        elif command == "measure":
            check_counts(name, err)
        else:
            assert all(line.isprintable() for line in out.split("\n")), (name, out)
    assert len(statuses) >= 200
    assert min(map(statuses.count, (0, 1, 2))) > 5  # each comes out


def check_counts(name: str, err: str) -> None:
    """Check that each row is written or rejected, and that both files have as many as the summary says."""
    found = COUNTED.search(err)
    assert found, (name, err)
    rows, rejected = (int(text.replace(",", "")) for text in found.group(1, 5))
    csv.field_size_limit(2**31 - 1)
    with Path(f"{name}.out").open(encoding="utf-8", newline="") as stream:
        out = len(list(csv.reader(stream))) - 1 if name.endswith("csv") else sum(1 for _ in stream)
    with Path(f"{name}.out.rejects.csv").open(encoding="utf-8", newline="") as stream:
        rejects = len(list(csv.reader(stream)))
    assert (out, max(rejects - 1, 0), out + rejected) == (rows - rejected, rejected, rows), name
