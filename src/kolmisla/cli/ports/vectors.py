"""`kolmisla vectors`: test a program with test vectors, or answer the questions in them as kolmisla does."""

import argparse
import json
import os
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Event, Thread
from typing import IO, Any, NamedTuple

from kolmisla.cli.ports.answering import answer_to
from kolmisla.cli.terminal import EXIT_DONE, EXIT_REJECTED, failed, print_json, say, tell
from kolmisla.documents.toml_json import without_repeats
from kolmisla.errors import KolmislaError, as_text, brief, expect, named, number_of, shown
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.files.tables.opening import reading

__all__ = ["run_vectors"]

LONGEST_ANSWER = 1 << 16  # how many bytes an answer may have
MOST_DIFFERENCES = 20  # how many differences are printed
AN_ANSWER = '{"id": "...", "answer": {"due_at": "..."}}'
# The errors that are raised for JSON of an unexpected form, or with numbers that are too large.
NOT_OF_FORM = (ValueError, LookupError, TypeError, AttributeError, OverflowError, RecursionError)
CAN_END_GROUPS = hasattr(os, "killpg")  # Windows has no groups of processes
INSTANTS = ("due_at", "breaches_after", "opens_at", "closes_at")


class Vector(NamedTuple):
    """A test vector: a question, with the answer that a program must give."""

    id: str
    question: str  # the line of JSON that the program reads
    answer: Mapping[str, Any]


def run_vectors(options: argparse.Namespace) -> int:
    """Test a program with test vectors, or answer the questions on standard input."""
    if options.act == "answer":
        if options.path is not None:
            raise ValueError("kolmisla vectors answer reads questions from standard input, and takes no PATH")
        return _answer()
    if options.path is None or not options.program:
        raise ValueError("give the vectors and a program: kolmisla vectors run PATH PROGRAM [ARGUMENT ...]")
    vectors = list(_vectors(options.path))
    repeated = [id for id, count in Counter(vector.id for vector in vectors).items() if count > 1]
    if repeated or not vectors:
        raise ValueError(f"{options.path} has {f'the id {shown(repeated[0])} twice' if repeated else 'no vectors'}")
    told, status = _answers(options.program, vectors, options.timeout.total_seconds())
    found = [[*_differences(vector, told.get(vector.id, []))] for vector in vectors]
    differences, differing = [line for lines in found for line in lines], sum(map(bool, found))
    for line in differences[:MOST_DIFFERENCES]:
        say(line)
    if len(differences) > MOST_DIFFERENCES:
        say(f"and {len(differences) - MOST_DIFFERENCES:,} more differences")
    say(f"{number_of(len(vectors), 'vector')}: {len(vectors) - differing:,} agree, {differing:,} differ")
    if status:
        return failed(f"{shown(options.program[0])} ended with status {status}", EXIT_REJECTED)
    return EXIT_REJECTED if differing else EXIT_DONE


def _vectors(path: str) -> Iterator[Vector]:
    """Yield the test vectors in a file, or in all files of a folder.

    Raise ValueError for a file that does not have the form of test vectors.
    """
    files = sorted(Path(path).glob("*.json")) if Path(path).is_dir() else [Path(path)]
    for file in files:
        try:
            document = _json(file.read_text(encoding="utf-8-sig"))
            tables = {"schedule": document.get("schedules", {}), "policy": document.get("policies", {})}
            for entry in document["vectors"]:
                whole = {what: tables[what][entry["ask"][what]] for what in tables if what in entry["ask"]}
                question = json.dumps({"id": entry["id"], "ask": {**entry["ask"], **whole}})
                expect("an id", entry["id"], str)
                expect("an answer", entry["answer"], dict)
                yield Vector(entry["id"], question, entry["answer"])
        except NOT_OF_FORM as fault:
            raise ValueError(f"{file} is not a file of vectors: {_named(fault)}") from None


def _json(text: str | bytes) -> Any:
    return json.loads(text, object_pairs_hook=without_repeats)


def _answers(program: Sequence[str], vectors: Sequence[Vector], timeout: float) -> tuple[dict[str, list[Any]], int]:
    """Give a program the questions. Return its answers by the id of the question, and its exit status.

    The program is ended after `timeout` seconds, or one second after it has written a line for each question.
    """
    lines: list[bytes] = []
    answered = Event()
    with tempfile.TemporaryFile() as questions:
        questions.write("".join(f"{vector.question}\n" for vector in vectors).encode())
        questions.seek(0)
        process = subprocess.Popen(  # noqa: S603  # the user asks for this program
            program, stdin=questions, stdout=subprocess.PIPE, start_new_session=True
        )

    def read(output: IO[bytes]) -> None:
        with output:
            # one line more than questions, because it may be a second answer to a question
            while len(lines) <= len(vectors) and (line := output.readline(LONGEST_ANSWER)):
                lines.append(line)
                if len(lines) == len(vectors):
                    answered.set()
        answered.set()

    reader = Thread(target=read, args=[process.stdout], daemon=True)  # a child of the program may keep its output open
    try:
        reader.start()
        answered.wait(timeout)
    finally:
        _end(process, 1 if answered.is_set() else 0)
    reader.join(1)  # the program has ended, so its output has too, unless a child in another group keeps it open
    told: dict[str, list[Any]] = {}
    for id, answer in _told(list(lines)):
        told.setdefault(id, []).append(answer)
    return told, process.returncode


def _end(process: "subprocess.Popen[bytes]", patience: int) -> None:
    """Wait `patience` seconds for a program to end by itself. Then end it and the programs that it has started."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(patience)
    with suppress(ProcessLookupError):  # nothing is left to end
        os.killpg(process.pid, signal.SIGKILL) if CAN_END_GROUPS else process.kill()
    process.wait()


def _told(lines: Iterable[bytes]) -> Iterator[tuple[str, Any]]:
    """Yield the id of a question and the answer in each line that a program has written.

    Leave out lines that are no answers, and report them on standard error.
    """
    for line in lines:
        try:
            told = _json(line)
            expect("an id", told["id"], str)
            yield told["id"], told.get("answer", told.get("error"))
        except NOT_OF_FORM:
            tell(f"each line must be an answer such as {AN_ANSWER}, not {shown(line.decode(errors='replace'))}")


def _differences(vector: Vector, answers: Sequence[Any]) -> Iterator[str]:
    """Yield a text for each key of the right answer that a program's answer lacks or has wrong.

    `answers` has all its answers to the question of `vector`. If there is not exactly one, yield only a text that says
    so.
    """
    if len(answers) > 1:
        yield f"{named(vector.id)}: must be answered once, not {len(answers):,} times"
        return
    told = answers[0] if answers else None
    if not isinstance(told, Mapping):
        yield f"{named(vector.id)}: has no answer" + (f": {shown(told)}" if told is not None else "")
        return
    for key, must in vector.answer.items():
        if key not in told or not _same(key, must, told[key]):
            given = shown(told[key]) if key in told else "missing"
            yield f"{named(vector.id)}: {named(key)} must be {named(as_text(must))}, not {given}"


def _same(key: str, one: Any, other: Any) -> bool:
    """Tell whether two values for the key `key` of an answer mean the same.

    Equal instants may have different offsets. The value True does not mean the number 1.
    """
    if key in INSTANTS and isinstance(one, str):
        try:
            return datetime.fromisoformat(one) == datetime.fromisoformat(other)
        except (ValueError, TypeError):
            return False
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _named(fault: Exception) -> str:
    """Return the name and the text of an error. The text of an error that Python raises may be long, and is cut."""
    return f"{type(fault).__name__}: {fault if isinstance(fault, KolmislaError) else brief(fault)}"


def _answer() -> int:
    """Answer each question on standard input with a line on standard output."""
    status = EXIT_DONE
    with reading(STANDARD_STREAM, "utf-8-sig") as (stream, _):
        for number, line in enumerate(stream, 1):
            id = None
            try:
                question = _json(line)
                id = question["id"]
                print_json({"id": id, "answer": answer_to(question["ask"])})
            except (KolmislaError, *NOT_OF_FORM) as fault:
                told = _named(fault)
                print_json({"id": id, "error": told})
                status = failed(f"line {number}: {told}", EXIT_REJECTED)
    return status
