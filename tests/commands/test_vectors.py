"""`kolmisla vectors`: the files are what the script writes, kolmisla has their answers, other programs are judged."""

import json
import os
import runpy
import signal
import subprocess
import sys
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from kolmisla.cli.ports.answering import answer_to
from kolmisla.cli.ports.vectors import _differences, _vectors
from tests.commands.test_answers import Run, piped
from tests.commands.test_answers import run as run

ROOT = Path(__file__).parents[2]
VECTORS = ROOT / "docs" / "vectors"
WRITTEN = runpy.run_path(str(ROOT / "scripts" / "vectors.py"))["vector_files"]()
OFFICE = {"timezone": "UTC", "hours": {"fri": ["08:00-18:00"]}}


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: path.name)
def test_the_files_are_what_the_script_writes(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == WRITTEN[path]


def test_the_folder_has_nothing_else() -> None:
    assert {*VECTORS.iterdir()} == {*WRITTEN}
    documents = [json.loads(text) for text in WRITTEN.values()]
    vectors = [vector for document in documents for vector in document["vectors"]]
    assert len(vectors) == 468
    assert {vector["ask"]["what"] for vector in vectors} == {
        "due",
        "elapsed",
        "is_open",
        "next_open",
        "next_close",
        "ticket",
    }
    for document in documents:
        assert document["version"] == 1
        assert {vector["rule"] for vector in document["vectors"]} == {*document["rules"]}


def test_kolmisla_has_these_answers(run: Run) -> None:
    status, out, error = run("vectors", "run", str(VECTORS), sys.executable, "-m", "kolmisla", "vectors", "answer")
    assert (status, out, error) == (0, "468 vectors: 468 agree, 0 differ\n", "")


def test_each_answer_alone() -> None:
    for vector in _vectors(str(VECTORS)):
        told = json.loads(json.dumps(answer_to(json.loads(vector.question)["ask"])))
        assert not list(_differences(vector, [told]))


def written(folder: Path, *vectors: dict[str, Any]) -> str:
    file = folder / "vectors.json"
    file.write_text(json.dumps({"version": 1, "schedules": {"office": OFFICE}, "vectors": vectors}), encoding="utf-8")
    return str(file)


def vector(id: str, what: str, answer: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": id,
        "ask": {"what": what, "schedule": "office", "at": "2026-07-03T16:00:00Z", **more},
        "answer": answer,
    }


DUE = vector("due", "due", {"due_at": "2026-07-03T18:00:00Z", "breaches_after": "2026-07-10T08:00:00Z"}, within_s=7200)
OPEN = vector("open", "is_open", {"open": True})


def program(tmp_path: Path, text: str) -> list[str]:
    """A program that has the questions in `asked`, and a function `told` that writes an answer."""
    head = "import json, sys\nasked = [json.loads(line) for line in sys.stdin]\n"
    head += "def told(id, **answer): print(json.dumps({'id': id, 'answer': answer}), flush=True)\n"
    (tmp_path / "program.py").write_text(head + text, encoding="utf-8")
    return [sys.executable, str(tmp_path / "program.py")]


DUE_TOLD = "told('due', due_at='2026-07-03T21:00:00+03:00', breaches_after='2026-07-10T08:00:00.000+00:00', more=1)\n"


@pytest.mark.parametrize(
    ("text", "status", "lines"),
    [
        (DUE_TOLD + "told('open', open=True)", 0, []),
        (DUE_TOLD + "told('open', open=1)", 1, ["open: open must be True, not 1"]),
        (DUE_TOLD + "told('open')", 1, ["open: open must be True, not missing"]),
        (DUE_TOLD, 1, ["open: has no answer"]),
        (DUE_TOLD + "told('open', open=True)\n" + DUE_TOLD, 1, ["due: must be answered once, not 2 times"]),
        (DUE_TOLD + DUE_TOLD, 1, ["due: must be answered once, not 2 times", "open: has no answer"]),
        (DUE_TOLD + "print(json.dumps({'id': 'open', 'error': 'cannot'}))", 1, ["open: has no answer: 'cannot'"]),
        (
            "told('due', due_at='soon', breaches_after=None)\ntold('open', open=True)",
            1,
            [
                "due: due_at must be 2026-07-03T18:00:00Z, not 'soon'",
                "due: breaches_after must be 2026-07-10T08:00:00Z, not None",
            ],
        ),
    ],
)
def test_a_program_is_judged(run: Run, tmp_path: Path, text: str, status: int, lines: list[str]) -> None:
    found = run("vectors", "run", written(tmp_path, DUE, OPEN), *program(tmp_path, text))
    agree = 2 - len({line.partition(":")[0] for line in lines})
    told = [*lines, f"2 vectors: {agree} agree, {2 - agree} differ"]
    assert found == (status, "".join(f"{line}\n" for line in told), "")


def test_a_program_reads_all_that_a_question_needs(run: Run, tmp_path: Path) -> None:
    text = f"assert asked[0]['ask']['schedule'] == {OFFICE!r}, asked\ntold('open', open=True)"
    assert run("vectors", "run", written(tmp_path, OPEN), *program(tmp_path, text))[0] == 0


def test_lines_that_are_no_answers_are_named(run: Run, tmp_path: Path) -> None:
    text = "print('hello')\nprint('[1]')\n" + "told('open', open=True)"
    status, out, error = run(
        "vectors", "run", written(tmp_path, DUE, OPEN, OPEN | {"id": "o"}), *program(tmp_path, text)
    )
    assert status == 1
    told = """each line must be an answer such as {"id": "...", "answer": {"due_at": "..."}}, not 'hello\\n'"""
    assert error.splitlines()[0] == told
    assert "due: has no answer" in out


def test_the_output_is_bounded(run: Run, tmp_path: Path) -> None:
    many = [OPEN | {"id": str(number)} for number in range(30)]
    text = "for question in asked: told(question['id'], open='x' * 100_000)"
    status, out, _ = run("vectors", "run", written(tmp_path, *many), *program(tmp_path, text))
    assert (status, len(out.splitlines())) == (1, 22)
    assert out.splitlines()[-2:] == ["and 10 more differences", "30 vectors: 0 agree, 30 differ"]
    assert len(out) < 5_000


@pytest.mark.parametrize(
    ("text", "ended"),
    [
        ("told('open', open=True)\nsys.exit(3)", 3),
        ("while True: told('open', open=True)", None),
        ("import time\ntold('open', open=True)\ntime.sleep(60)", None),
    ],
)
def test_a_program_that_fails_or_does_not_end(run: Run, tmp_path: Path, text: str, ended: int | None) -> None:
    """It is ended when it has written one line more than there are questions, or when its time is over."""
    status, out, error = run("vectors", "--timeout", "PT2S", "run", written(tmp_path, OPEN), *program(tmp_path, text))
    agree = "while" not in text
    twice = "" if agree else "open: must be answered once, not 2 times\n"
    assert (status, out) == (1, f"{twice}1 vector: {agree:d} agree, {not agree:d} differ\n")
    assert f"ended with status {'-9' if ended is None else ended}" in error or ended is None


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no groups of processes")
@pytest.mark.parametrize("elsewhere", [False, True])
def test_what_a_program_has_started_does_not_keep_us_waiting(run: Run, tmp_path: Path, elsewhere: bool) -> None:
    """It is ended too, unless it is in a session of its own. Then it still runs when we have gone on."""
    text = (
        f"import subprocess\nchild = subprocess.Popen(['sleep', '50'], start_new_session={elsewhere})\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(child.pid))\ntold('due', due_at='soon')\n"
    )
    asked = ["vectors", "--timeout", "PT1S", "run", written(tmp_path, DUE, OPEN), *program(tmp_path, text)]
    status, out, _ = run(*asked)
    assert (status, out.splitlines()[-1]) == (1, "2 vectors: 0 agree, 2 differ")
    pid = int((tmp_path / "pid").read_text())
    if elsewhere:
        os.kill(pid, signal.SIGKILL)  # raises an error if it has ended
    else:
        wait_for_the_end(pid)


def wait_for_the_end(pid: int) -> None:
    """Return when a process that was killed is gone, or waits to be reaped by whoever has inherited it."""
    stat = Path(f"/proc/{pid}/stat")
    for _ in range(500):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        if stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return
        sleep(0.02)
    raise AssertionError(f"{pid} still runs")


def test_a_colon_in_an_id_is_a_part_of_it(run: Run, tmp_path: Path) -> None:
    vectors = written(tmp_path, OPEN | {"id": "a:1"}, OPEN | {"id": "a:2"}, OPEN)
    _, out, _ = run("vectors", "run", vectors, *program(tmp_path, "told('open', open=True)"))
    assert out.splitlines() == ["a:1: has no answer", "a:2: has no answer", "3 vectors: 1 agree, 2 differ"]


@pytest.mark.parametrize("id", ["[1]", "{}", "1", "None", "True"])
def test_an_answer_whose_id_is_no_text(run: Run, tmp_path: Path, id: str) -> None:
    found = run("vectors", "run", written(tmp_path, OPEN), *program(tmp_path, f"told({id}, open=True)"))
    assert (found[0], found[1]) == (1, "open: has no answer\n1 vector: 0 agree, 1 differ\n")
    assert found[2].startswith("each line must be an answer such as")


@pytest.mark.parametrize("wrong", [{"id": [1]}, {"id": 1}, {"answer": [1]}, {"answer": "x"}, {"answer": None}], ids=str)
def test_a_vector_of_another_form(run: Run, tmp_path: Path, wrong: dict[str, Any]) -> None:
    status, _, error = run("vectors", "run", written(tmp_path, OPEN | wrong), "cat")
    assert (status, "is not a file of vectors: TypeError: an " in error) == (2, True)


def test_messages_cut_what_a_file_has(run: Run, tmp_path: Path) -> None:
    long = "x" * 100_000
    lost = {**OPEN, "ask": {**OPEN["ask"], "schedule": long}}
    status, _, error = run("vectors", "run", written(tmp_path, lost), "cat")
    assert (status, len(error) < 500) == (2, True)
    differing = [{**OPEN, "id": long, "answer": {long: long}}]
    status, out, error = run("vectors", "run", written(tmp_path, *differing), *program(tmp_path, "told('y')"))
    assert (status, len(out) < 500, error) == (1, True, "")


def test_a_key_that_is_repeated_is_refused(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = Path(written(tmp_path, OPEN))
    path.write_text(path.read_text(encoding="utf-8").replace('"open": true', '"open": false, "open": true'), "utf-8")
    status, _, error = run("vectors", "run", str(path), "cat")
    assert (status, "has the key 'open' twice in one object" in error) == (2, True)
    monkeypatch.setattr(sys, "stdin", piped('{"id": "a", "id": "b", "ask": {}}\n'))
    assert run("vectors", "answer")[0] == 1
    text = """print('{"id": "open", "answer": {"open": false, "open": true}}')"""
    status, out, error = run("vectors", "run", written(tmp_path, OPEN), *program(tmp_path, text))
    assert (status, out) == (1, "open: has no answer\n1 vector: 0 agree, 1 differ\n")
    assert "each line must be an answer" in error


@pytest.mark.skipif(sys.platform == "win32", reason="this platform has no such signals")
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_ends_the_program_too(tmp_path: Path, ending: signal.Signals) -> None:
    text = f"import os, time\nopen({str(tmp_path / 'pid')!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)"
    asked = ["vectors", "run", written(tmp_path, OPEN), *program(tmp_path, text)]
    ours = subprocess.Popen([sys.executable, "-m", "kolmisla", *asked], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    pid = tmp_path / "pid"
    while not (pid.exists() and pid.read_text()):
        assert ours.poll() is None
        sleep(0.02)
    ours.send_signal(ending)
    assert ours.communicate(timeout=20)[0] == b""
    assert ours.returncode == 128 + ending
    wait_for_the_end(int(pid.read_text()))


def test_a_file_may_begin_with_a_byte_order_mark(run: Run, tmp_path: Path) -> None:
    path = Path(written(tmp_path, OPEN))
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert run("vectors", "run", str(path), *program(tmp_path, "told('open', open=True)"))[0] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["run"], "give the vectors and a program: kolmisla vectors run PATH PROGRAM"),
        (["run", "{folder}"], "give the vectors and a program: kolmisla vectors run PATH PROGRAM"),
        (["run", "{folder}", "cat"], "has no vectors"),
        (["run", "{twice}", "cat"], "has the id 'open' twice"),
        (["run", "{other}", "cat"], "is not a file of vectors: KeyError: 'vectors'"),
        (["run", "{lost}", "cat"], "is not a file of vectors: KeyError: 'nowhere'"),
        (["run", "{folder}/missing.json", "cat"], "missing.json: No such file or directory"),
        (["run", "{good}", "{folder}/missing"], "missing: No such file or directory"),
        (["answer", "{good}"], "kolmisla vectors answer reads questions from standard input"),
    ],
)
def test_what_is_refused(run: Run, tmp_path: Path, words: list[str], told: str) -> None:
    paths = {"folder": str(tmp_path / "empty")}
    (tmp_path / "empty").mkdir()
    lost = {**OPEN, "ask": {**OPEN["ask"], "schedule": "nowhere"}}
    for name, vectors in (("twice", [OPEN, OPEN]), ("lost", [lost]), ("good", [OPEN])):
        (tmp_path / name).mkdir()
        paths[name] = written(tmp_path / name, *vectors)
    paths["other"] = str(tmp_path / "other.json")
    Path(paths["other"]).write_text("{}", encoding="utf-8")
    status, out, error = run("vectors", *(word.format(**paths) for word in words))
    assert (status, out) == (2, "")
    assert told in error


def test_each_question_gets_a_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    questions = [
        {"id": 1, "ask": {"what": "is_open", "schedule": OFFICE, "at": "2026-07-03T18:00:00Z"}},
        {"id": 2, "ask": {"what": "why"}},
        {"id": 3, "ask": {"what": "due", "schedule": OFFICE}},
        {"id": 4, "ask": {"what": "due", "schedule": OFFICE, "at": "2026-07-03T18:00:00Z", "within_s": 1e300}},
    ]
    lines = [*map(json.dumps, questions), "{", "[]", "[" * 100_000]
    monkeypatch.setattr(sys, "stdin", piped("\n".join(lines)))
    status, out, error = run("vectors", "answer")
    told = [json.loads(line) for line in out.splitlines()]
    assert status == 1
    assert told[0] == {"id": 1, "answer": {"open": False}}
    assert told[1] == {
        "id": 2,
        "error": "ValueError: the key 'what' must be one of due, elapsed, is_open, next_open, next_close, ticket, "
        "not 'why'",
    }
    assert [answer["id"] for answer in told] == [1, 2, 3, 4, None, None, None]
    assert len(error.splitlines()) == 6


def test_what_is_not_known_is_null_or_an_error() -> None:
    last = {"timezone": "UTC", "hours": {}, "exceptions": {"2026-07-03": ["08:00-18:00"]}}
    ask = {"what": "due", "schedule": last, "at": "2026-07-03T16:00:00Z", "within_s": 7200}
    assert answer_to(ask) == {"due_at": "2026-07-03T18:00:00+00:00", "breaches_after": None}
    pauses = [["2026-07-03T12:00:00Z", "2026-07-03T13:00:00Z"]]
    with pytest.raises(ValueError, match="the key 'what' must not be 'next_close' for a schedule with pauses"):
        answer_to({**ask, "what": "next_close", "pauses": pauses})
    assert answer_to({**ask, "what": "is_open", "at": "2026-07-03T12:30:00Z", "pauses": pauses}) == {"open": False}
