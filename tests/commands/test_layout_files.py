"""Layouts as files: read and checked like a policy, changed by options, shown, and proposed for a file."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kolmisla.errors import LayoutError
from kolmisla.tickets.layouts.column_words import HEADERS, likeness
from kolmisla.tickets.layouts.guess import guess
from kolmisla.tickets.layouts.layout_file import LayoutFile, built_in_layouts, layout_text
from kolmisla.times.reading import read
from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import Run
from tests.commands.test_answers import run as run

LAYOUT = """
name = "Ours"
[file]
delimiter = ";"
encoding = "latin-1"
[columns]
opened_at = "Ge\\u00f6ffnet"
answered_at = ["Reply", "Antwort"]
priority = "Prio"
[constants]
plan = "gold"
[defaults]
priority = "P3"
[words.priority]
hoch = "P2"
other = ""
[times]
timezone = "Europe/Vilnius"
format = "%d.%m.%Y %H:%M"
formats = { answered_at = "%d.%m.%y %H:%M" }
none = "nie"
tolerance = "PT1M"
"""
TICKETS = "Geöffnet;ANTWORT;Prio;Plan\n07.07.2026 09:00;07.07.26 10:00;hoch;silver\n07.07.2026 09:00;nie;other;gold\n"


@pytest.fixture
def ours(desk: Desk) -> Desk:
    desk.write("ours.toml", LAYOUT)
    (desk.folder / "t.csv").write_bytes(TICKETS.encode("latin-1"))
    return desk


def measured(ours: Desk, *argv: str, status: int = 0) -> list[list[str]]:
    layout = [] if "--layout" in argv else ["--layout", str(ours.folder / "ours.toml")]
    common = ["--policy", ours.policy, "--at", "2026-07-10T12:00"]
    ended, out, ours.err = ours._run("measure", str(ours.folder / "t.csv"), *common, *layout, *argv)
    assert ended == status, ours.err
    return [line.split(";")[4:] for line in out.splitlines()[1:]]


def test_a_layout_says_it_all(ours: Desk) -> None:
    one, other = measured(ours)
    assert (one[2:5], other[3:5]) == (["3600", "14400", "met"], ["28800", "breached"])  # P2, and P3 by default


def test_options_change_what_a_layout_says(ours: Desk) -> None:
    (one, other) = measured(ours, "--value", "priority:hoch=P1", "--default", "priority=P2")
    assert (one[3], other[3]) == ("3600", "14400")
    assert len(measured(ours, "--map", "plan=Plan", status=1)) == 1  # the column in place of the constant
    assert "plan 'silver' is not one of GOLD" in ours.err
    (one, other) = measured(ours, "--set", "priority=P1")  # the constant in place of the column
    assert [one[3], other[3]] == ["3600", "3600"]
    (one, other) = measured(ours, "--map", "answered_at=")
    assert one[4] == other[4] == "breached"
    assert not measured(ours, "--time-format", "%Y", status=2)
    (one, _) = measured(ours, "--time-format", "%d.%m.%Y %H:%M", "--time-format", "answered_at=%d.%m.%y %H:%M")
    assert one[2] == "3600"
    assert not measured(ours, "--encoding", "utf-8", status=2)
    assert not measured(ours, "--delimiter", ",", status=2)
    (one, _) = measured(ours, "--timezone", "UTC")
    assert one[0] == "2026-07-07T16:00:00+03:00"


def test_a_layout_has_all_its_faults_told_at_once(ours: Desk, run: Run) -> None:
    path = ours.write(
        "wrong.toml",
        """
about = 7
colums = {}
[file]
delimiter = ";;"
encoding = "klingon"
format = "xls"
audit = "yes"
rows = 3
[columns]
opened = "x"
plan = 7
id = ["a", 5]
[defaults]
id = "7"
[words]
kind = {}
priority = { P1 = 1 }
plan = "gold"
[times]
timezone = "Mars"
format = ["%H", "%d.%m.%Y %H:%M"]
formats = { at = 7 }
none = [1]
tolerance = "1h"
""",
    )
    status, out, err = run("layout", "check", path)
    assert status == 2
    assert err == f"kolmisla: {path}: 19 faults\n"
    for text in (
        "about: must be a string, not 7",
        "colums: is not known here; did you mean columns?",
        "file.delimiter: a delimiter must be one character other than",
        "file.encoding: 'klingon' is not an encoding",
        "file.format: must be 'csv', 'jsonl', 'json', 'xes' or 'parquet', not 'xls'",
        "file.audit: must be true or false, not 'yes'",
        "file.rows: must be a string, not 3",
        "columns.opened: is not known here; the keys are id, plan, priority, opened_at",
        "defaults.id: is not known here; the keys are plan, priority, channel, version",
        "words.kind: is not known here",
        "times.timezone: ",
        "times.format.0: ",
        "times.tolerance: '1h' is not a duration",
    ):
        assert text in out
    status, _, err = run("layout", "show", path)
    assert (status, err.count("\n")) == (2, 1)
    assert f"{path}: layout with 19 faults: " in err
    status, _, err = run("measure", "tickets.csv", "--layout", path)
    assert (status, " 19 faults; kolmisla layout check " in err) == (2, True)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[events]\nNew = 'opened'\n", "kind 'opened' is not one of"),
        ("[columns]\nplan = 'x'\n[constants]\nplan = 'y'\n", "plan has both a column and a constant"),
        ("[constants]\nopened_at = 'soon'\n", "opened_at: 'soon' is not a time"),
        ("columns = 7\n", "columns: must be a table (a mapping), not 7"),
        ("words = { plan = 7 }\n", "must be a table (a mapping), not 7"),
        ("not toml", "is not TOML"),
        ("", None),
    ],
)
def test_what_a_layout_may_not_say(ours: Desk, run: Run, text: str, told: str | None) -> None:
    path = ours.write("one.toml", text)
    status, out, err = run("layout", "check", path)
    assert status == (2 if told else 0)
    assert told is None or told in out + err
    assert told is not None or out == f"{path}: no faults\n"


def test_names_and_files_that_are_no_layouts(run: Run, tmp_path: Path) -> None:
    status, _, err = run("layout", "show", "jirra")
    assert (status, "one of bugzilla, freshdesk, " in err) == (2, True)
    assert run("layout", "show", str(tmp_path / "none.toml"))[0] == 2
    assert "No such file" in run("measure", "t.csv", "--layout", str(tmp_path / "none.toml"))[2]
    assert "a layout must be a .toml or .json file" in run("measure", "t.csv", "--layout", "x")[2]
    with pytest.raises(LayoutError, match="a layout must be"):
        layout_text("x")


def test_layouts_are_shown_with_their_comments(run: Run, ours: Desk) -> None:
    status, out, _ = run("layout", "show", "jira")
    assert status == 0
    assert '\n# A state that is not listed is refused. Add yours: "status:In Test" = "resumed"' in out
    assert run("layout", "check", "jira") == (0, "jira: no faults, Jira\n", "")
    status, out, _ = run("layout", "show")
    assert [line.split()[0] for line in out.splitlines()] == built_in_layouts()
    path = ours.folder / "ours.toml"
    assert run("layout", "show", str(path))[1].split() == LAYOUT.split()
    document = LayoutFile.load(path).to_dict()
    ours.write("ours.json", json.dumps(document))
    assert LayoutFile.load(ours.folder / "ours.json") == LayoutFile.load(path)


def test_the_form_of_a_layout_gives_way_to_the_ending_of_the_file(run: Run, ours: Desk) -> None:
    """A layout for documents also reads the same objects as JSON Lines."""
    issue = {"key": "A-1", "fields": {"created": "2026-07-07T09:00Z", "priority": {"name": "P2"}}}
    path = ours.write("issues.jsonl", json.dumps(issue))
    argv = ("measure", path, "--layout", "jira", "--policy", ours.policy, "--map", "answered_at=")
    status, out, err = run(*argv, "--at", "2026-07-07T12:00Z")
    assert (status, json.loads(out)["elapsed_s"]) == (0, 10800), err
    path = ours.write("list.json", json.dumps([issue]))
    argv = ("measure", path, "--layout", "jira", "--policy", ours.policy, "--map", "answered_at=")
    assert run(*argv, "--rows", "[]")[0] == 0


WIDE = """Ticket No;Opened;Erste Antwort;Closed date;Severity;Plan
7;07/13/2026 09:00;;07/14/2026 10:00;S1;gold
8;07/02/2026 09:00;;;P2;gold
"""


def test_a_layout_is_proposed_for_a_file(run: Run, ours: Desk) -> None:
    path = ours.write("wide.csv", WIDE)
    status, out, _ = run("layout", "guess", path, "--policy", ours.policy)
    assert status == 0
    assert (
        out
        == """[file]
delimiter = ";"

[columns]
resolved_at = "Closed date"
opened_at = "Opened"
id = "Ticket No"
priority = "Severity"
plan = "Plan"
# not used: Erste Antwort

[times]
format = "%m/%d/%Y %H:%M"

[words.priority]
# fill in the policy's name for each word, and delete the # before it
# "S1" = ""
"""
    )
    proposed = ours.write("wide.toml", out.replace('# "S1" = ""', 'S1 = "P1"'))
    argv = ("measure", path, "--layout", proposed, "--policy", ours.policy, "--metric", "resolution")
    status, out, _ = run(*argv, "--at", "2026-07-20T12:00")
    assert [line.split(";")[-3] for line in out.splitlines()[1:]] == ["breached", "breached"]


def test_of_many_columns_forty_are_named() -> None:
    lines = guess(
        ["Created", *(f"c{n}" for n in range(43))], [["2026-07-03T10:00Z", *["x"] * 43]], form={}
    ).splitlines()
    assert lines[-1].startswith("# not used: c0, c1, ")
    assert lines[-1].endswith(", c39 and 3 more")


def test_what_is_no_time_is_not_read_in_every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file may have thousands of columns, and there are 45 formats."""
    tried: list[str] = []

    def counted(text: str, **options: Any) -> datetime:
        tried.append(text)
        return read(text, **options)

    monkeypatch.setattr("kolmisla.tickets.layouts.guess.read", counted)
    guess(["a", "b", "c", "d"], [["word", "7", "2026/7", "7/14/2026 9:05"]] * 3, form={})
    assert [tried.count(text) for text in ("word", "7", "2026/7")] == [0, 1, 1]
    assert tried.count("7/14/2026 9:05") > 45


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("t.csv", "id,opened\n1,07/02/2026 09:00\n", ['format = "%d/%m/%Y %H:%M"  # unsure: or %m/%d/%Y %H:%M']),
        ("t.csv", "id,opened\n1,1783328400\n", ['opened_at = "opened"', 'format = "epoch"']),
        ("t.csv", "id,opened\n1,16/ene/26\n", ["# unsure: opened_at may be opened, but '16/ene/26' cannot be read"]),
        ("t.csv", "sep=;\nid;when\n1;x\n", ["# unsure: no column looks like the time of opening; write opened_at ="]),
        ("t.csv", 'id,"a ""b"" \x1b[2J"\n1,7\n', ['# not used: a "b" \\x1b[2J']),
        ("t.csv", 'no,"Opened ""x"" \x1b"\n1,2026-07-02T09:00\n', ['opened_at = "Opened \\"x\\" \\u001b"']),
        ("t.csv", "id,opened\n1,NULL\n", ["# unsure: opened_at may be opened"]),
        ("t.json", '{"issues": [{"id": 1, "made": {"created": "2026-07-02T09:00Z"}}]}', ['created"']),
        (
            "log.csv",
            "id,at,state,at2\n1,2026-07-02T09:00,New,\n1,2026-07-02T10:00,On hold,\n1,2026-07-02T11:00,Solved,\n",
            ['audit = true  # unsure: or false', 'at = "at"', 'kind = "state"', '"On hold" = "paused"  # unsure'],
        ),
        (
            "log.csv",
            "id,created,field,to\n1,2026-07-02T09:00,status,solved\n1,2026-07-02T09:00,size,\n",
            ['event_id = "id"', 'at = "created"', 'value = "to"', '"status:solved" = "resolved"  # unsure'],
        ),
        (
            "log.csv",
            "id,opened,state\n1,2026-07-02T09:00,New\n1,2026-07-02T10:00,7\n",
            ['at = "opened"', '"7" = ""  # unsure'],
        ),
        (
            "j.csv",
            "Issue key,Priority,Created,Resolved\n",
            ["# the file has the columns of the built-in layout jira-csv"],
        ),
    ],
)  # fmt: skip
def test_what_is_proposed(run: Run, ours: Desk, name: str, text: str, lines: list[str]) -> None:
    argv = ["--rows", "issues"] if name.endswith(".json") else []
    status, out, err = run("layout", "guess", ours.write(name, text), *argv)
    assert status == 0, err
    for line in lines:
        assert line in out


OPENED, ENDED = "02/07/2026 09:00", "25/07/2026 09:00"


@pytest.mark.parametrize(
    ("id", "opened", "answered", "resolved", "priority", "due"),
    [
        ("Ticket-Nr.", "Erstellt am", "Erste Antwort", "Gelöst am", "Priorität", "Antwort fällig"),
        ("TICKETNUMMER", "ERSTELLT", "ERSTE REAKTION AM", "GESCHLOSSEN", "PRIORITÄT", "LÖSUNG FÄLLIG AM"),
        ("N° de ticket", "Créé le", "Première réponse", "Résolu le", "Priorité", "Réponse : date d'échéance"),
        ("Numero", "Cree", "Date de première réponse", "Clos le", "Priorite", "Dernière réponse"),
        ("Número", "Fecha de creación", "Primera respuesta", "Fecha de resolución", "Prioridad", "Fecha límite"),
        ("N.º de ticket", "Creada", "Fecha de primera respuesta", "Cerrado", "PRIORIDAD", "Última respuesta"),
        ("Numer zgłoszenia", "Utworzono", "Pierwsza odpowiedź", "Rozwiązano", "Priorytet", "Zaktualizowano"),
        ("NUMER", "Data utworzenia", "Data pierwszej odpowiedzi", "ZAMKNIĘTO", "priorytet", "Termin"),
        ("Užklausos nr.", "Sukurta", "Pirmas atsakymas", "Išspręsta", "Prioritetas", "Terminas"),
        ("Numeris", "Sukūrimo data", "Atsakyta", "UŽDARYTA", "PRIORITETAS", "Atnaujinta"),
        ("Ticket", "Created", "First response", "Resolved", "Priority", "Resolution due"),
    ],
)
def test_headers_in_several_languages(
    run: Run, ours: Desk, id: str, opened: str, answered: str, resolved: str, priority: str, due: str
) -> None:
    """Each fact has its column for certain, and the time when something is due is no fact."""
    header = f"{due};{priority};{resolved};{answered};{opened};{id}\n"
    path = ours.write("t.csv", f"{header}{ENDED};P1;{ENDED};{ENDED};{OPENED};7\n")
    status, out, err = run("layout", "guess", path, "--policy", ours.policy)
    columns = out.partition("[columns]\n")[2].partition("\n\n")[0].splitlines()
    facts = {"answered_at": answered, "resolved_at": resolved, "opened_at": opened, "id": id, "priority": priority}
    assert (status, columns) == (0, [*(f'{fact} = "{it}"' for fact, it in facts.items()), f"# not used: {due}"]), err


def test_a_resolution_is_likelier_than_a_closing(run: Run, ours: Desk) -> None:
    path = ours.write("t.csv", f"Nr;Erstellt;Geschlossen;Solved;Gelöst\n7;{OPENED};{ENDED};{ENDED};{ENDED}\n")
    _, out, _ = run("layout", "guess", path)
    assert '\nresolved_at = "Gelöst"  # unsure: or Geschlossen, Solved\n' in out


@pytest.mark.parametrize(("word", "means"), [("laufend", ""), ("ausstehend", ""), ("End", "resolved")])
def test_a_word_inside_another_means_nothing(run: Run, ours: Desk, word: str, means: str) -> None:
    rows = f"1;2026-07-02T09:00;x\n1;2026-07-02T10:00;{word}\n"
    _, out, _ = run("layout", "guess", ours.write("log.csv", f"Vorgangsnummer;Zeit;Status\n{rows}"))
    assert f'"{word}" = "{means}"  # unsure\n' in out
    assert ('kind = "Status"\n' in out, "resolved_at" in out) == (True, False)


def test_a_star_in_a_file_s_word_is_no_pattern(run: Run, ours: Any) -> None:
    rows = "1,2026-07-03T09:00,A*,New\n1,2026-07-03T09:30,AB,*\n2,2026-07-03T09:00,A*,Closed*\n"
    _, out, _ = run("layout", "guess", ours.write("log.csv", f"Ticket,When,Severity,Status\n{rows}"))
    assert {line.partition(" = ")[0] for line in out.splitlines() if "*" in line} == {
        r'# "A\\*"',
        r'"\\*"',
        r'"Closed\\*"',
    }


def test_the_table_of_headers_is_plain() -> None:
    """A header that is not written as it is looked up would never be found, and one of two facts be found by chance."""
    every = [(fact, header) for fact, headers in HEADERS.items() for header in headers]
    assert [header for fact, header in every if likeness(fact, header) is None] == []
    assert len({header for _, header in every}) == len(every)


def test_what_no_layout_is_proposed_for(run: Run, ours: Desk) -> None:
    assert run("layout", "guess")[2] == "kolmisla: name a file of tickets or of events: kolmisla layout guess FILE\n"
    status, _, err = run("layout", "guess", ours.write("t.parquet", "PAR1"))
    assert (status, "t.parquet is Parquet" in err) == (2, True)
    assert run("layout", "guess", str(ours.folder / "none.csv"))[0] == 2
    path = ours.write("damaged.csv", "")
    for begin, told in (
        (b"\x1f\x8b\x08\x00", "the compressed file is damaged: "),
        (b"\xff\xb5,b\n", "not valid UTF-8: "),
    ):
        Path(path).write_bytes(begin)
        status, _, err = run("layout", "guess", path)
        assert (status, err.startswith(f"kolmisla: {path}: {told}")) == (2, True)
    for letters, fits in ((10, True), (2_000, False)):
        out = run("layout", "guess", ours.write("long.csv", f"opened at {'x' * letters}\n2026-07-03T10:00\n"))[1]
        assert ('opened_at = "opened at x' in out, "no column looks like" in out) == (fits, not fits)


def test_options_replace_words_of_a_layout_in_any_case(ours: Desk) -> None:
    (one, _) = measured(ours, "--value", "priority:HOCH=P1")
    assert one[3] == "3600"


MUST_BE_P = "must be a priority of policy Case desk, not"
MUST_BE_G = "must be a plan of policy Case desk, not"


@pytest.mark.parametrize(
    ("layout", "options", "told"),
    [
        ("[words.priority]\n'P1 !' = 'P22'", "", f"one.toml: words.priority.P1 ! {MUST_BE_P} 'P22'; did you mean P2?"),
        ("[words.priority]\n'*' = 'urgent'", "", f"priority.* {MUST_BE_P} 'urgent'; its priorities are P1, P2, P3"),
        ("[words.plan]\nG = 'gld'", "", f"one.toml: words.plan.G {MUST_BE_G} 'gld'; did you mean GOLD?"),
        ("[defaults]\npriority = 'P11'", "", f"one.toml: defaults.priority {MUST_BE_P} 'P11'; did you mean P1?"),
        ("[constants]\nplan = 'glod'", "", f"one.toml: constants.plan {MUST_BE_G} 'glod'; did you mean GOLD?"),
        ("[events]\nUp = 'priority:P11'", "", f"one.toml: events.Up {MUST_BE_P} 'P11'; did you mean P1?"),
        ("", "--value priority:7=P11", f"kolmisla: --value priority:7 {MUST_BE_P} 'P11'; did you mean P1?"),
        ("", "--default plan=gol", f"kolmisla: --default plan {MUST_BE_G} 'gol'; did you mean GOLD?"),
        ("", "--set priority=P11", f"kolmisla: --set priority {MUST_BE_P} 'P11'; did you mean P1?"),
        ("", "--event-kind Up=priority:P11", f"kolmisla: --event-kind Up {MUST_BE_P} 'P11'; did you mean P1?"),
        ("freshdesk", "--set plan=gol", f"kolmisla: --set plan {MUST_BE_G} 'gol'; did you mean GOLD?"),
        ("freshdesk", "--value priority:Urgent=P11", f"--value priority:Urgent {MUST_BE_P} 'P11'; did you mean P1?"),
        (
            "[words.priority]\na = 'P11'\nb = 'P1'\nc = 'P22'",
            "--default plan=gol",
            f"kolmisla: --default plan {MUST_BE_G} 'gol'; did you mean GOLD?; {{0}}: words.priority.a {MUST_BE_P}"
            f" 'P11'; did you mean P1?; {{0}}: words.priority.c {MUST_BE_P} 'P22'; did you mean P2?",
        ),
    ],
)
def test_names_that_the_policy_lacks(run: Run, ours: Desk, layout: str, options: str, told: str) -> None:
    """They are refused before a row is read: the file of tickets is not even there."""
    name = layout if layout == "freshdesk" else ours.write("one.toml", layout)
    for act in ("measure", "queue", "report"):
        status, out, err = run(act, "none.csv", "--policy", ours.policy, "--layout", name, *options.split())
        assert (status, out, err.count("\n")) == (2, "", 1)
        assert err.endswith(f"{told.format(name)}\n"), err


@pytest.mark.parametrize(
    ("layout", "options"),
    [
        ("[words.priority]\nP1 = 'P22'", "--value priority:p1=P2"),  # the option replaces the word
        ("[defaults]\nplan = 'gol'", "--default plan=Gold"),
        ("[constants]\nplan = 'gol'", "--map plan=plan"),
        ("[constants]\nplan = 'G'\n[words.plan]\nG = 'gold'", ""),  # the word translates the constant
        ("[constants]\nplan = 'G'\n[words.plan]\nG = ''", "--default plan=gold"),
        ("[words.priority]\n'*' = ''\nlow = ' p1 '", "--default priority=P2 --value priority:?="),
        ("[events]\nUp = 'priority:top'\nBy = 'priority'\n[words.priority]\ntop = 'P1'", ""),
        ("[words.version]\n'1' = '2'\n[defaults]\nchannel = 'mail'", ""),  # a policy may promise nothing for a channel
        ("freshdesk", "--default plan=gold"),  # its words for Urgent and others are for any policy
    ],
)
def test_names_that_are_no_faults(run: Run, ours: Desk, layout: str, options: str) -> None:
    name = layout if layout == "freshdesk" else ours.write("one.toml", layout)
    text = "Ticket ID,Created time,id,plan,priority,opened_at\n7,2026-07-07T09:00,7,gold,P1,2026-07-07T09:00\n"
    path = ours.write("t.csv", text)
    argv = ("--policy", ours.policy, "--layout", name, "--map", "answered_at=", "--at", "2026-07-07T09:30")
    status, out, err = run("measure", path, *argv, *options.split())
    assert (status, ",running," in out) == (0, True), err


def test_a_channel_of_an_own_layout_is_not_the_default(run: Run, ours: Desk) -> None:
    """The layout says which channel it is. The policy promises nothing for it, and the default is for the rest."""
    channels = (
        (ours.folder / "desk.toml").read_text(encoding="utf-8").replace("[sche", "channels = ['portal']\n[sche", 1)
    )
    ours.write("desk.toml", channels)
    name = ours.write("one.toml", "[words.channel]\nM = 'mail'\n[defaults]\nchannel = 'portal'")
    path = ours.write("t.csv", "plan,priority,opened_at,channel\ngold,P1,2026-07-07T09:00,M\n")
    argv = ("--policy", ours.policy, "--layout", name, "--map", "answered_at=", "--at", "2026-07-07T09:30")
    status, out, err = run("measure", path, *argv)
    assert (status, "nothing is promised for channel 'mail'" in out) == (0, True), out + err


def test_an_option_replaces_a_tolerance_and_all_formats(ours: Desk) -> None:
    early = TICKETS.replace("07.07.26 10:00", "07.07.26 08:59")
    (ours.folder / "t.csv").write_bytes(early.encode("latin-1"))
    assert len(measured(ours)) == 2
    assert len(measured(ours, "--tolerance", "PT0S", status=1)) == 1
    assert not measured(ours, "--time-format", "%d.%m.%Y %H:%M", status=1)[1:]  # also of the answer


def test_a_fact_with_several_columns_takes_the_first_value(ours: Desk) -> None:
    """CSV and JSON give the same: a blank in the first column leaves it to the next."""
    ours.write("two.toml", 'columns = { answered_at = ["First", "Second"] }\n')
    rows = [("1", "", "2026-07-07T10:00"), ("2", "2026-07-07T09:30", "2026-07-07T10:00"), ("3", "", "")]
    text = "id,plan,priority,opened_at,First,Second\n" + "".join(
        f"{a},gold,P2,2026-07-07T09:00,{b},{c}\n" for a, b, c in rows
    )
    argv = ["--layout", str(ours.folder / "two.toml")]
    found = ours(text, *argv)
    assert [row["elapsed_s"] for row in found] == ["3600", "1800", "118800"]
    lines = [
        {"id": a, "plan": "gold", "priority": "P2", "opened_at": "2026-07-07T09:00", "First": b, "Second": c}
        for a, b, c in rows
    ]
    path = ours.write("two.jsonl", "".join(json.dumps(line) + "\n" for line in lines))
    _, out, _ = ours._run("measure", path, "--policy", ours.policy, "--at", "2026-07-10T12:00", *argv)
    assert [str(json.loads(line)["elapsed_s"]) for line in out.splitlines()] == ["3600", "1800", "118800"]


def test_one_column_settles_the_format_of_the_others(run: Run, ours: Desk) -> None:
    text = "id,opened,closed\n1,07/02/2026 09:00,07/25/2026 09:00\n"
    status, out, _ = run("layout", "guess", ours.write("us.csv", text))
    assert (status, 'format = "%m/%d/%Y %H:%M"\n' in out) == (0, True)


@pytest.mark.parametrize(
    ("fact", "header"),
    [
        ("answered_at", "Tempo para atendimento + Progresso"),
        ("answered_at", "response by"),
        ("answered_at", "first_response_sla"),
        ("resolved_at", "close by"),
        ("resolved_at", "Expected resolution"),
        ("resolved_at", "Prazo de fechamento"),
    ],
)
def test_a_header_of_a_due_time_is_no_answer(fact: str, header: str) -> None:
    assert likeness(fact, header) is None


@pytest.mark.parametrize("word", ["Status: done", "status:DONE", " STATUS :Done ", "status: Done"])
def test_an_option_replaces_a_word_of_a_history_however_it_is_spelled(ours: Desk, word: str) -> None:
    text = '[columns]\nid = "n"\nat = "at"\nkind = "field"\nvalue = "to"\n[events]\n"status:Done" = "resolved"\n'
    ours.write("h.toml", 'name = "H"\n' + text)
    ours.write("h.csv", "n,plan,priority,opened_at\n1,gold,P2,2026-07-07T09:00\n")
    events = ours.write("he.csv", "n,at,field,to\n1,2026-07-07T10:00,status,Done\n1,2026-07-07T11:30,status,Gone\n")
    given = ["--policy", ours.policy, "--at", "2026-07-07T12:00", "--metric", "resolution", "--events", events]
    common = ["measure", str(ours.folder / "h.csv"), *given, "--layout", str(ours.folder / "h.toml")]
    words = ["--event-kind", f"{word}=paused", "--event-kind", "status:Gone=resolved"]
    ended, out, err = ours._run(*common, *words, "--timezone", "Europe/Vilnius")
    assert ended == 0, err
    assert "2026-07-07T11:30:00+03:00" in out
