"""Write docs/vectors: questions and answers in JSON, to which a program in any language can be held.

    python scripts/vectors.py

The answers are not kolmisla's own. They come from other projects' tests and documents, from a city's published data,
from examples worked out by hand, and from the slow oracle of the tests, which shares no code with kolmisla. A test
compares what this script writes with the files, and holds kolmisla to them.
"""

import csv
import json
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from holidays import country_holidays

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests import oracle  # noqa: E402  # the root of the project must be on the path

VERSION = 1
FOLDER = ROOT / "docs" / "vectors"
ANSWERS = ROOT / "tests" / "answers"
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MOST_OF_BOSTON = 60
SECOND = timedelta(seconds=1)

RULES = {
    "half-open": "A schedule that opens at 08:00 and closes at 18:00 is open at 08:00:00 and closed at 18:00:00.",
    "elapsed": "The open time between two instants, in real time across changes of clocks; negative backwards.",
    "due": "The earliest instant at which the duration has been counted. At closing time it is closing time.",
    "next-open": "The instant itself if the schedule is open then, else the next opening.",
    "next-close": "The end of the open stretch that contains or follows the instant, strictly after it.",
    "two-instants": "due_at is the earliest instant, breaches_after the latest, at which just the target is counted.",
    "met": "A promise is kept if the time counted is at most the target.",
    "pauses": "No time counts during a pause. Pauses that overlap are one.",
    "priority-change": (
        "carry: time counted stays counted, the rest runs by the new priority. retroactive: all time is counted by the"
        " new priority. restart: counting begins anew at the change."
    ),
    "reopening": "The time between a resolution and a reopening does not count.",
}


def utc(at: datetime) -> str:
    """Return an instant as text in UTC."""
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def instant(text: str) -> str:
    """Return a text that means an instant, in UTC; without an offset it is in UTC already."""
    at = datetime.fromisoformat(text)
    return utc(at if at.tzinfo else at.replace(tzinfo=UTC))


def spelled(schedule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a schedule with its hours day by day, and its days as dates in ISO 8601."""
    hours: dict[str, list[str]] = {}
    for days, spans in schedule["hours"].items():
        first, _, last = days.partition("-")
        for day in DAYS[DAYS.index(first) : DAYS.index(last or first) + 1]:
            hours[day] = list(spans)
    ordered = {day: hours[day] for day in DAYS if day in hours}
    return {**schedule, "hours": ordered}


def of_peers() -> dict[str, Any]:
    """Return the questions of other projects' tests and documents about schedules."""
    table = json.loads((ANSWERS / "peers.json").read_text(encoding="utf-8"))
    named = {"next_open": ("next-open", "opens_at"), "next_close": ("next-close", "closes_at")}
    named |= {"due": ("due", "due_at"), "elapsed": ("elapsed", "elapsed_s"), "is_open": ("half-open", "open")}
    vectors = []
    for number, case in enumerate(table["cases"]):
        rule, key = named[case["op"]]
        ask = {"what": case["op"], "schedule": case["schedule"], "at": instant(case["start"])}
        ask |= {"within_s": case["within_s"]} if "within_s" in case else {}
        ask |= {"until": instant(case["end"])} if "end" in case else {}
        ask |= {"pauses": [[instant(at) for at in pause] for pause in case["pauses"]]} if "pauses" in case else {}
        told, place = case["expected"], Counter(case["id"] for case in table["cases"][: number + 1])[case["id"]]
        vectors.append(
            {
                "id": f"{case['id']}-{place}" if place > 1 else case["id"],
                "ask": ask,
                "answer": {key: instant(told) if key.endswith("_at") else told},
                "rule": "pauses" if "pauses" in case else rule,
                "reason": f"expected by {case['source']}",
            }
        )
    schedules = {name: spelled(schedule) for name, schedule in table["schedules"].items()}
    schedules["24x7"] = {"open": "always"}
    used = {vector["ask"]["schedule"] for vector in vectors}
    return {
        "title": "What other projects' tests and documents expect of schedules",
        "schedules": {name: schedule for name, schedule in schedules.items() if name in used},
        "vectors": vectors,
    }


def of_boston() -> dict[str, Any]:
    """Return deadlines that the City of Boston published for requests of 2015."""
    zone, vectors = ZoneInfo("America/New_York"), []
    days = country_holidays("US", subdiv="MA", years=(2015, 2016))
    city = {
        "timezone": zone.key,
        "hours": {day: ["08:30-17:00"] for day in DAYS[:5]},
        "holidays": [day.isoformat() for day in sorted(days) if day.weekday() < 5],
    }
    desk = oracle.Desk(zone.key, city["hours"], [date.fromisoformat(day) for day in city["holidays"]])
    with (ANSWERS / "boston311.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            opened, target = (
                datetime.fromisoformat(row[name]).replace(tzinfo=zone) for name in ("opened_local", "target_local")
            )
            within = int(row["business_days"]) * timedelta(hours=8.5)
            due = oracle.due(desk, opened, within)
            # some rows of the city do not follow its rule, or are rounded
            if due is None or oracle.next_open(desk, due) != target or len(vectors) == MOST_OF_BOSTON:
                continue
            vectors.append(
                {
                    "id": f"boston-{row['case_id']}",
                    "ask": {
                        "what": "due",
                        "schedule": "city",
                        "at": utc(opened),
                        "within_s": int(within.total_seconds()),
                    },
                    "answer": {"breaches_after": utc(target)},
                    "rule": "two-instants",
                    "reason": f"the city's target, {row['business_days']} working days after the opening",
                }
            )
    return {
        "title": "Deadlines that the City of Boston published for requests of 2015",
        "schedules": {"city": city},
        "vectors": vectors,
    }


def of_the_page() -> dict[str, Any]:
    """Return the examples of the built-in policy, with Lithuania's holidays as dates."""
    path = ROOT / "src" / "kolmisla" / "policies" / "kolmisoft.toml"
    document = tomllib.loads(path.read_text(encoding="utf-8"))
    zone, vectors = ZoneInfo(document["timezone"]), []

    def read(text: str) -> str:
        at = datetime.fromisoformat(text)
        return utc(at if at.tzinfo else at.replace(tzinfo=zone))

    for number, example in enumerate(document["examples"], 1):
        answer = {name: read(example[name]) for name in ("due_at", "breaches_after") if name in example}
        answer |= {"state": example["state"]} if "state" in example else {}
        ticket = {name: example[name] for name in ("plan", "priority", "channel") if name in example}
        ticket["opened_at"] = read(example["opened_at"])
        ticket["events"] = [{**event, "at": read(event["at"])} for event in example.get("events", ())]
        if "answered_at" in example:
            ticket["events"].append({"at": read(example["answered_at"]), "kind": "answered"})
        if not answer or "version" in example:  # not covered, or about releases
            continue
        ask = {"what": "ticket", "policy": "kolmisoft", "metric": example.get("metric", "first-response")}
        ask |= {"at": read(example["at"])} if "at" in example else {}
        rule = "two-instants" if "breaches_after" in example else "met" if "state" in answer else "due"
        vectors.append(
            {
                "id": f"page-{number}",
                "ask": {**ask, "ticket": ticket},
                "answer": answer,
                "rule": rule,
                "reason": example["note"],
            }
        )
    lithuania = [day for year in (2025, 2026, 2027) for day in sorted(oracle.lithuanian_holidays(year))]
    schedules = {
        name: {"open": "always"}
        if "open" in schedule
        else {
            "timezone": zone.key,
            "hours": spelled(schedule)["hours"],
            "holidays": [day.isoformat() for day in lithuania],
        }
        for name, schedule in document["schedules"].items()
    }
    kept = {"priorities": ("rank", "schedule"), "plans": ("rank", "targets")}
    rest = {part: {name: _only(entry, keys) for name, entry in document[part].items()} for part, keys in kept.items()}
    policy = {"name": "Kolmisoft", "timezone": zone.key, "schedules": schedules, **rest}
    policy["channels"] = {name: {} for name in document["channels"]}
    return {
        "title": "Tickets under Kolmisoft's published support page, worked out by hand",
        "policies": {"kolmisoft": policy},
        "vectors": vectors,
    }


def _only(entry: Any, keys: tuple[str, ...]) -> Any:
    """Return an entry with some of its keys, and without the lines that quote the page."""
    if not isinstance(entry, dict):
        return entry
    chosen = {key: value for key, value in entry.items() if key in keys or not keys}
    return {key: _only(value, ()) for key, value in chosen.items() if key != "line"}


def of_lives() -> dict[str, Any]:
    """Return tickets with events, whose answers other systems document or test."""
    table = json.loads((ANSWERS / "lives.json").read_text(encoding="utf-8"))
    policies, vectors = {}, []
    for case in table["cases"]:
        name = f"{case['schedule']}-{case['within']}-{case.get('change', 'carry')}"
        policies[name] = {
            "name": name,
            "timezone": "UTC",
            "schedules": {"hours": table["schedules"][case["schedule"]], "always": {"open": "always"}},
            "priorities": {"P1": {"rank": 1, "schedule": "always"}, "P2": {"rank": 2, "schedule": "hours"}},
            "plans": {
                "PLAN": {
                    "rank": 1,
                    "targets": {metric: {"within": case["within"]} for metric in ("first-response", "resolution")},
                }
            },
            "priority_change": case.get("change", "carry"),
        }
        events = []
        for text in case.get("events", ()):
            at, kind, *value = text.split(" ")
            events.append({"at": instant(at), "kind": kind, **({"value": value[0]} if value else {})})
        ticket = {"plan": "PLAN", "priority": "P2", "opened_at": instant(case["opened_at"]), "events": events}
        ask = {"what": "ticket", "policy": name, "metric": case.get("metric", "resolution"), "ticket": ticket}
        ask |= {"at": instant(case["at"])} if "at" in case else {}
        told = case["expected"]
        times = {key: at and instant(at) for key, at in told.items() if key in ("due_at", "breaches_after")}
        vectors.append(
            {
                "id": case["id"],
                "ask": ask,
                "answer": {**told, **times},
                "rule": case["rule"],
                "reason": f"{case['reason']} ({case['source']})",
            }
        )
    return {
        "title": "The life of a ticket, as other systems document or test it",
        "policies": policies,
        "vectors": vectors,
    }


WEEKDAYS = {"mon-fri": ["08:00-18:00"]}
# Schedules at which open time is easily counted wrongly, each with instants near its edges.
EDGES: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "vilnius": (
        {"timezone": "Europe/Vilnius", "hours": WEEKDAYS, "holidays": ["2026-07-06", "2026-12-24", "2026-12-25"]},
        "hours that end before a weekend and a holiday",
        [
            "2026-07-03T16:00+03:00",
            "2026-07-03T17:59:59.999999+03:00",
            "2026-07-03T18:00+03:00",
            "2026-12-23T17:00+02:00",
        ],
    ),
    "night": (
        {"timezone": "Europe/Vilnius", "hours": {"mon-sun": ["22:00-06:00"]}},
        "a night in which clocks change",
        ["2026-03-28T23:00+02:00", "2026-03-29T02:59:59+02:00", "2026-10-24T23:00+03:00", "2026-10-25T03:30+03:00"],
    ),
    "lunch": (
        {"timezone": "America/New_York", "hours": {"mon-fri": ["08:30-12:00", "13:00-17:00"]}},
        "hours with a break",
        [
            "2026-03-06T11:00-05:00",
            "2026-03-06T12:00-05:00",
            "2026-03-06T16:59:59.999999-05:00",
            "2026-10-30T16:00-04:00",
        ],
    ),
    "lord-howe": (
        {"timezone": "Australia/Lord_Howe", "hours": {"mon-sun": ["00:00-04:00"]}},
        "a change of clocks by half an hour",
        ["2026-04-04T23:00+11:00", "2026-10-03T23:00+10:30"],
    ),
    "apia": (
        {"timezone": "Pacific/Apia", "hours": {"mon-sun": ["09:00-17:00"]}},
        "a date that does not exist: 30 December 2011",
        ["2011-12-29T16:00-10:00", "2011-12-29T17:00-10:00"],
    ),
    "whole-days": (
        {"timezone": "Europe/London", "hours": {"mon-fri": ["00:00-24:00"]}},
        "days that touch at midnight",
        ["2026-03-27T23:00+00:00", "2026-10-23T23:30+01:00"],
    ),
}
AMOUNTS = (1e-6, 3600, 7200, 36_000)  # seconds


def of_edges() -> dict[str, Any]:
    """Return questions at the edges of schedules, answered by the oracle of the tests."""
    vectors: list[dict[str, Any]] = []
    for name, (schedule, about, texts) in EDGES.items():
        given = spelled(schedule)
        closed = [date.fromisoformat(day) for day in schedule.get("holidays", ())]
        desk = oracle.Desk(schedule["timezone"], given["hours"], closed)
        for number, at in enumerate(map(datetime.fromisoformat, texts), 1):
            for what, rule, more, answer in _asked(desk, at):
                ask = {"what": what, "schedule": name, "at": utc(at), **more}
                id = f"{name}-{number}-{what}" + (f"-{more['within_s']:g}" if "within_s" in more else "")
                vectors.append({"id": id, "ask": ask, "answer": answer, "rule": rule, "reason": about})
    return {
        "title": "Edges: closing times, holidays, changes of clocks, a date that does not exist",
        "schedules": {name: spelled(schedule) for name, (schedule, _, _) in EDGES.items()},
        "vectors": vectors,
    }


def _asked(desk: oracle.Desk, at: datetime) -> Iterator[tuple[str, str, dict[str, Any], dict[str, Any]]]:
    """Yield questions about an instant: what is asked, the rule, the rest of the question, and the answer."""
    for seconds in AMOUNTS:
        due = oracle.due(desk, at, timedelta(seconds=seconds))
        kept = due and oracle.next_open(desk, due)
        assert due
        assert kept
        answer = {"due_at": utc(due), "breaches_after": utc(kept)}
        yield "due", "due" if kept == due else "two-instants", {"within_s": seconds}, answer
    later = at + timedelta(days=4, microseconds=1)
    whole, rest = divmod(oracle.elapsed(desk, at, later) // timedelta(microseconds=1), 1_000_000)
    yield (
        "elapsed",
        "elapsed",
        {"until": utc(later)},
        {"elapsed_s": whole + rest / 1_000_000 if rest else whole},
    )
    yield "is_open", "half-open", {}, {"open": desk.is_open(at)}
    opens, closes = oracle.next_open(desk, at), oracle.next_close(desk, at)
    assert opens
    assert closes
    yield "next_open", "next-open", {}, {"opens_at": utc(opens)}
    yield "next_close", "next-close", {}, {"closes_at": utc(closes)}


FILES = {"peers": of_peers, "boston": of_boston, "page": of_the_page, "lives": of_lives, "edges": of_edges}


def vector_files() -> dict[Path, str]:
    """Return the text of each file by its path. A line has one vector, so that a change is one line."""
    texts = {}
    for name, made in FILES.items():
        parts = made()
        used = {vector["rule"] for vector in parts["vectors"]}
        rules = {rule: text for rule, text in RULES.items() if rule in used}
        head = {"version": VERSION, "title": parts["title"], "rules": rules}
        tables = {key: parts[key] for key in ("schedules", "policies") if key in parts}
        lines = [f'"{key}": {json.dumps(value, ensure_ascii=False)}' for key, value in head.items()]
        lines += [f'"{key}": {_lines(value)}' for key, value in tables.items()]
        rows = ",\n".join(json.dumps(vector, ensure_ascii=False) for vector in parts["vectors"])
        texts[FOLDER / f"{name}.json"] = "{\n" + ",\n".join([*lines, f'"vectors": [\n{rows}\n]']) + "\n}\n"
    return texts


def _lines(table: Mapping[str, Any]) -> str:
    rows = (f"{json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}" for name, value in table.items())
    return "{\n" + ",\n".join(rows) + "\n}"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for path, text in vector_files().items():
        path.write_text(text, encoding="utf-8")
