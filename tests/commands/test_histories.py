"""Histories of fields and their new values, patterns in words, and defaults for words that the policy lacks."""

import json

import pytest

from tests.answers.test_reports import Desk
from tests.answers.test_reports import desk as desk
from tests.commands.test_answers import run as run

TICKETS = "id,plan,priority,opened_at\n1,gold,P2,2026-07-07T09:00\n"
HISTORY = """id,at,field,new
1,2026-07-07T09:30,assignee,7
1,2026-07-07T10:00,status,pending
1,2026-07-07T11:00,status,open
1,2026-07-07T12:00,status,On-hold
1,2026-07-07T13:00,status,solved
1,2026-07-07T13:30,tags,a b
1,2026-07-07T13:40,tags,
"""
COLUMNS = ["--map", "kind=field", "--map", "value=new", "--metric", "resolution"]
WORDS = ["status:pending=paused:customer", "status:open=resumed", "status:on-hold=paused", "status:solved=resolved"]


def words(*texts: str) -> list[str]:
    return [part for text in texts for part in ("--event-kind", text)]


def test_a_history_of_fields(desk: Desk) -> None:
    (row,) = desk(TICKETS, *COLUMNS, *words(*WORDS), events=HISTORY)
    assert (row["elapsed_s"], row["state"]) == ("7200", "met")  # 09:00 to 10:00 and 11:00 to 12:00
    assert "3 events changed fields that no --event-kind names: tags (2), assignee (1)" in desk.err


def test_a_value_without_a_meaning_is_rejected(desk: Desk) -> None:
    assert not desk(TICKETS, *COLUMNS, *words(*WORDS[1:]), events=HISTORY, status=1)
    assert "on line 3: the value 'pending' of 'status' is not in the layout, which names" in desk.err
    (row,) = desk(TICKETS, *COLUMNS, *words(*WORDS[1:], "status:*="), events=HISTORY)
    assert row["elapsed_s"] == "10800"  # what `pending` was is nothing, 12:00 to 13:00 was a wait
    blank = HISTORY + "1,2026-07-07T14:00,status,\n"
    assert not desk(TICKETS, *COLUMNS, *words(*WORDS, "status:*="), events=blank, status=1)
    assert "a blank value of 'status' is not in the layout" in desk.err  # * never matches a blank
    assert desk(TICKETS, *COLUMNS, *words(*WORDS, "status:="), events=blank)


def test_a_whole_word_and_our_own_kinds_come_first(desk: Desk) -> None:
    events = """id,at,field,new
1,2026-07-07T10:00,status:pending,x
1,2026-07-07T11:00,priority,P3
1,2026-07-07T12:00,core:comment,
"""
    given = words("status:pending=paused", "core:comment=answered", "status:open=resumed")
    (row,) = desk(TICKETS, *COLUMNS, *given, events=events, status=1)  # no word tells a resolution
    assert (row["state"], row["target_s"], row["elapsed_s"]) == ("paused", "144000", "3600")
    (row,) = desk(TICKETS, *COLUMNS[:4], *given, events=events)
    assert (row["state"], row["elapsed_s"]) == ("met", "10800")


def test_without_a_column_of_values_a_colon_is_a_letter(desk: Desk) -> None:
    events = "id,at,kind\n1,2026-07-07T10:00,status:open\n1,2026-07-07T11:00,status\n"
    assert not desk(TICKETS, *words("status:open=answered"), events=events, status=1)
    assert "kind 'status' is not one of answered" in desk.err
    (row,) = desk(TICKETS, *words("status:open=answered", "*="), events=events)
    assert row["elapsed_s"] == "3600"


def test_a_history_in_the_json_of_a_ticket(desk: Desk) -> None:
    events = [
        {"created": "2026-07-07T10:00", "field": "status", "toString": "Waiting"},
        {"created": "2026-07-07T10:30", "field": "labels", "toString": ["a", "b"]},
        {"created": "2026-07-07T11:00", "field": "flagged", "toString": True},
        {"created": "2026-07-07T12:00", "field": "level", "toString": 3},
    ]
    ticket = {"id": 1, "plan": "gold", "priority": "P2", "opened_at": "2026-07-07T09:00", "history": events}
    path = desk.write("t.jsonl", json.dumps(ticket))
    argv = ["measure", path, "--policy", desk.policy, "--at", "2026-07-10T12:00", "--metric", "resolution", "--json"]
    argv += ["--map", "events=history", "--map", "at=created", "--map", "kind=field", "--map", "value=toString"]
    given = words("status:Wait*=paused:customer", "flagged:true=resumed:customer", "level:3=resolved")
    status, out, err = desk._run(*argv, *given)
    assert status == 0, err
    assert json.loads(out.splitlines()[0])["elapsed_s"] == 7200  # 09:00 to 10:00 and 11:00 to 12:00
    assert json.loads(err.splitlines()[-1])["unnamed_fields"] == {"labels": 1}


def test_patterns_and_defaults_of_plans_and_priorities(desk: Desk) -> None:
    tickets = """id,plan,priority,opened_at
1,TI - Sistemas > ERP,P2,2026-07-07T09:00
2,TI - Redes,p1,2026-07-07T09:00
3,,2,2026-07-07T09:00
4,GOLD,,2026-07-07T09:00
"""
    given = ["--value", "plan:TI - Sistemas*=gold", "--value", "plan:TI*=", "--value", "priority:2*=P2"]
    given += ["--default", "plan=gold", "--default", "priority=P3"]
    given += ["--map", "answered_at="]
    rows = desk(tickets, *given)
    assert [row["target_s"] for row in rows] == ["14400", "3600", "14400", "28800"]
    (row,) = desk("id,plan,priority,opened_at\n1,nowhere,urgent,2026-07-07T09:00\n", *given)
    assert row["target_s"] == "28800"  # what the policy does not know is the default, as --default says
    assert not desk("id,plan,priority,opened_at\n1,gold,abc,2026-07-07T09:00\n", "--value", "priority:a*=P1",
                    "--value", "priority:*c=P2", status=1)  # fmt: skip
    assert "'abc' matches 'a*' and '*c', which have different meanings" in desk.err


def test_a_blank_priority_in_a_later_row_of_an_audit_log_is_no_change(desk: Desk) -> None:
    log = """id,plan,priority,at,kind
1,gold,urgent,2026-07-07T09:00,note
1,gold,odd,2026-07-07T10:00,note
1,gold,,2026-07-07T11:00,answered
"""
    argv = ["--events", desk.write("tickets.csv", log), *words("note=")]
    (row,) = desk(log, *argv, "--value", "priority:urgent=P1", "--default", "priority=P3")
    assert (row["target_s"], row["state"]) == ("28800", "met")  # P3 by the second row
    (row,) = desk(log.replace("odd", ""), *argv, "--value", "priority:urgent=P1", "--default", "priority=P3")
    assert (row["target_s"], row["state"]) == ("3600", "breached")


@pytest.mark.parametrize("wrong", ["note=solved", "note=answered:x", "note=paused:", "status:x=nothing"])
def test_kinds_that_are_none(desk: Desk, wrong: str) -> None:
    desk(TICKETS, *COLUMNS, *words(wrong), events=HISTORY, status=2)
    assert "kind '" in desk.err


def test_many_fields_that_no_word_names(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kolmisla.files.logs.events.MOST_FIELDS", 6)
    more = "".join(f"1,2026-07-07T09:{minute}0,custom_{minute}\x1b[2J,7\n" for minute in range(6))
    desk(TICKETS, *COLUMNS, *words(*WORDS), events=HISTORY + more)
    assert "custom_0\\x1b[2J (1)" in desk.err
    assert "\n9 events changed fields" in f"\n{desk.err}"  # two of them after the first six names
    assert "and at least 2 more" in desk.err
    desk(TICKETS, *COLUMNS, *words(*WORDS), "--json", events=HISTORY + more)
    assert sum(json.loads(desk.err.splitlines()[-1])["unnamed_fields"].values()) == 9


COMMENTS = "id,at,kind,who\n1,2026-07-07T10:00,note,ann\n1,2026-07-07T11:00,note,bob\n1,2026-07-07T12:00,note,\n"
ACTED = ["--map", "actor=who", *words("note by others=answered", "note by requester=", "note=")]


def test_who_acted_in_a_file_of_events(desk: Desk) -> None:
    tickets = "id,plan,priority,opened_at,customer\n1,gold,P2,2026-07-07T09:00,ann\n"
    (row,) = desk(tickets, *ACTED, "--map", "requester=customer", events=COMMENTS)
    assert (row["elapsed_s"], row["state"]) == ("7200", "met")
    assert not desk(tickets, *ACTED, events=COMMENTS, status=1)  # the column of the requester is not named
    assert "requester is missing, but the layout needs it to tell who acted" in desk.err
    (row,) = desk(tickets.replace("ann", "eve"), *ACTED, "--map", "requester=customer", events=COMMENTS)
    assert row["elapsed_s"] == "3600"


@pytest.mark.parametrize("audits", [7, [7], {"a": 1}])
def test_events_inside_the_rows_of_a_log_that_are_no_list_of_objects(desk: Desk, audits: object) -> None:
    log = desk.write(
        "log.jsonl", json.dumps({"id": "1", "events": audits, "at": "2026-07-07T10:00", "kind": "answered"})
    )
    argv = ["--events", log, "--map", "events=events", "--map", "answered_at=", "--format", "jsonl"]
    tickets = desk.write(
        "t.jsonl", json.dumps({"id": 1, "plan": "gold", "priority": "P2", "opened_at": "2026-07-07T09:00"})
    )
    status, _, err = desk._run("measure", tickets, "--policy", desk.policy, "--at", "2026-07-10T12:00", *argv)
    assert status == 1
    assert "the ticket's event on line 1: events" in err


RAISED = """id,at,field,was,new
1,2026-07-07T12:00,priority,P2,P1
1,2026-07-07T10:00,priority,low,P2
1,2026-07-07T11:00,status,open,answered
"""
WAS = [*COLUMNS[:4], "--map", "old_value=was", "--value", "priority:low=P3"]


@pytest.mark.parametrize("events", [RAISED, "\n".join([RAISED.split("\n")[0], *reversed(RAISED.split("\n")[1:4])])])
def test_the_priority_at_opening_is_that_before_the_first_change(desk: Desk, events: str) -> None:
    """A row of an export often has the priority of today, here P1."""
    tickets = "id,plan,priority,opened_at\n1,gold,P1,2026-07-07T09:00\n"
    given = words("status:answered=answered")
    (row,) = desk(tickets, *WAS, *given, events=events)
    assert (row["target_s"], row["elapsed_s"], row["state"]) == ("14400", "7200", "met")
    (both,) = desk(tickets, *WAS, *given, "--ambiguous", "both", events=events)
    assert (both["target_s"], both["state"]) == ("14400", "met")
    late = events.replace("10:00,priority,low,P2", "08:00,priority,low,P2")  # before the opening: P2 at opening
    (row,) = desk(tickets, *WAS, *given, events=late)
    assert row["target_s"] == "14400"
    (row,) = desk(tickets, *COLUMNS[:4], *given, events=events.replace("P2,P1", ",P1").replace("low,P2", ",P2"))
    assert row["target_s"] == "14400"


def test_jira_tells_the_priority_before_each_change(desk: Desk) -> None:
    def history(at: str, *items: tuple[str, str | None, str]) -> dict[str, object]:
        told = [{"field": field, "fromString": old, "toString": new} for field, old, new in items]
        return {"created": f"2026-07-0{at}:00.000+0300", "items": told}

    fields = {"created": "2026-07-04T12:00:00.000+0300", "priority": {"name": "P1"}}
    changes = [
        history("6T10:00", ("status", "Open", "Done")),
        history("6T09:00", ("priority", "P3", "P2")),
        history("6T09:30", ("priority", "P2", "P1"), ("labels", None, "a")),
    ]
    issue = {"key": "A-1", "fields": fields, "changelog": {"histories": changes}}
    path = desk.write("issues.json", json.dumps({"issues": [issue]}))
    argv = ["measure", path, "--layout", "jira", "--policy", desk.policy, "--metric", "resolution"]
    status, out, err = desk._run(*argv, "--at", "2026-07-10T12:00")
    row = json.loads(out)
    assert (status, row["target_s"], row["state"]) == (0, 14400, "met"), err
    raised = json.dumps({"issues": [{**issue, "changelog": {"histories": changes[:1]}}]})
    status, out, _ = desk._run("measure", desk.write("issues.json", raised), *argv[2:], "--at", "2026-07-10T12:00")
    assert json.loads(out)["target_s"] == 14400  # no change: the priority of today is that at opening


def test_people_are_the_same_in_any_case_of_letters(desk: Desk) -> None:
    tickets = "id,plan,priority,opened_at,requester\n1,gold,P2,2026-07-07T09:00,Ann\n"
    events = "id,at,kind,actor\n1,2026-07-07T10:00,note,ANN\n1,2026-07-07T11:00,note,bob\n"
    given = words("note by others=answered", "note by requester=", "note=")
    (row,) = desk(tickets, *given, events=events)  # the columns are found by their own names
    assert row["elapsed_s"] == "7200"
    issue = {"number": 3, "author": {"login": "Ann"}, "createdAt": "2026-07-07T06:00Z", "closedAt": None}
    issue["comments"] = [{"author": {"login": "ann"}, "createdAt": "2026-07-07T07:00Z"}]
    path = desk.write("g.json", json.dumps([issue]))
    argv = ["measure", path, "--layout", "github", "--policy", desk.policy, "--default", "priority=P2"]
    status, out, _ = desk._run(*argv, "--at", "2026-07-10T12:00")
    assert (status, json.loads(out)["ended_at"]) == (0, None)


def test_who_could_see_it_is_found_by_its_own_name(desk: Desk) -> None:
    events = "id,at,kind,public\n1,2026-07-07T11:00,comment,true\n1,2026-07-07T10:00,comment,false\n"
    (row,) = desk(TICKETS, *words("comment=answered", "comment internal="), events=events)
    assert row["elapsed_s"] == "7200"


def test_a_pattern_cannot_tell_who_acted(desk: Desk) -> None:
    desk(TICKETS, *words("reply* by others=answered", "*="), events=HISTORY, status=2)
    assert "'reply* by others' must not have a *, because it says who acted; write each word out" in desk.err


def test_a_blank_priority_of_a_history_is_the_default(desk: Desk) -> None:
    events = "id,at,field,new\n1,2026-07-07T10:00,priority,\n1,2026-07-07T11:00,comment,\n"
    given = [*COLUMNS[:4], *words("comment=answered", "status:x=")]
    (row,) = desk(TICKETS, *given, "--default", "priority=P3", events=events)
    assert row["target_s"] == "28800"
    assert not desk(TICKETS, *given, events=events, status=1)
    assert "a change of priority has no value" in desk.err
