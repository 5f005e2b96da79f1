"""The JSON Schemas of what kolmisla reads and writes, by name."""

from collections.abc import Callable
from typing import Any, get_args

from kolmisla.cli.policies.check import CheckDict
from kolmisla.cli.policies.diff import DiffDict, FingerprintDict
from kolmisla.cli.policies.worst import WorstDict
from kolmisla.cli.reporting.calendar import CalendarDict
from kolmisla.cli.schedules.questions import ElapsedDict, OpenDict, OpenOnDict
from kolmisla.documents.json_types import NUMBER_SCHEMA, TEXT_OR_NULL, JsonSchema, listed, of_type, with_keys
from kolmisla.documents.model import schema_with_parts
from kolmisla.files.json_forms import CyclesDict, MeasuredDict, SummaryDict
from kolmisla.files.summary import COUNTED_STATES, RARE_STATES, UNDECIDED
from kolmisla.policies.json_schema import policy_schema
from kolmisla.policies.services.json_forms import CoverageDict, CoveredTaskDict, QuoteDict
from kolmisla.reports.figures.spent import SpentBy
from kolmisla.reports.json_forms import CalendarDayDict
from kolmisla.tickets.alarms.crossings import CrossingDict
from kolmisla.tickets.answers.json_forms import (
    CycleDict,
    DeadlineDict,
    ExplanationDict,
    QueueEntryDict,
    StatusDict,
    StepDict,
)
from kolmisla.tickets.event import Event
from kolmisla.tickets.layouts.layout_file import LayoutFile
from kolmisla.tickets.ticket import Ticket

__all__ = ["SCHEMAS", "schema_named"]

SCHEMA_DRAFT = "https://json-schema.org/draft/2020-12/schema"
TEXT_SCHEMA: JsonSchema = {"type": "string"}
COUNT: JsonSchema = {"type": "integer", "minimum": 0}
SECONDS_OR_NULL: JsonSchema = {"type": ["number", "null"]}
INSTANT_SCHEMA: JsonSchema = {"type": "string", "format": "date-time"}
OBJECT: JsonSchema = {"type": "object"}
# The keys that the command line adds to an answer: the policy and the data on which the answer depends.
DATA: JsonSchema = dict.fromkeys(("holidays", "tzdata"), TEXT_SCHEMA)
IDENTITY: JsonSchema = {"policy": TEXT_SCHEMA, "digest": TEXT_SCHEMA, **DATA}
STEPS: JsonSchema = {"steps": listed(of_type(StepDict))}


def _identified(form: Any) -> JsonSchema:
    """Return the schema of an answer that the library gives, with the keys of the TypedDict `form`.

    The command line may add the keys in IDENTITY, such as `policy`, so the schema allows them.
    """
    return with_keys(form, also=IDENTITY)


def _printed(*forms: Any, data: JsonSchema = IDENTITY) -> JsonSchema:
    """Return the schema of an answer that only the command line gives.

    The answer has the keys of the TypedDicts `forms` and the keys in `data`.
    """
    return with_keys(*forms, needs=data)


def _queue() -> JsonSchema:
    beside = {"target_s": SECONDS_OR_NULL, "cells": OBJECT}  # the target, and cells of the ticket's row in the file
    return with_keys(QueueEntryDict, also=IDENTITY | beside)


def _deadline() -> JsonSchema:
    used = {"used": {"type": "object", "additionalProperties": TEXT_OR_NULL}}  # the instants of --used
    error = with_keys(needs={"error": TEXT_SCHEMA}, also=IDENTITY)
    proof = with_keys(needs=STEPS, also=IDENTITY)  # for a ticket whose due time is not known
    texts = dict.fromkeys(("due_at", "schedule", "timezone"), TEXT_SCHEMA)
    of_schedule = with_keys(needs={**texts, "breaches_after": TEXT_OR_NULL, "within_s": NUMBER_SCHEMA}, also=IDENTITY)
    return {"anyOf": [with_keys(DeadlineDict, also=IDENTITY | STEPS | used), of_schedule, error, proof]}


def _status() -> JsonSchema:
    added = IDENTITY | STEPS | {"metric": TEXT_SCHEMA, "cycle": COUNT}  # for kolmisla status --metric all
    counted = {"state": {"const": "not-covered"}, "elapsed_s": NUMBER_SCHEMA, "timezone": TEXT_SCHEMA}
    not_covered = with_keys(CycleDict, needs=counted, also=added)
    forms = [with_keys(StatusDict, also=added), with_keys(StatusDict, DeadlineDict, also=added), not_covered]
    return {"anyOf": forms}


def _coverage() -> JsonSchema:
    listed_task = with_keys(CoveredTaskDict, needs={"plan": TEXT_SCHEMA}, also=IDENTITY)  # for kolmisla covers --list
    return {"anyOf": [_identified(CoverageDict), listed_task]}


def _open() -> JsonSchema:
    return {"anyOf": [_printed(OpenDict), _printed(OpenOnDict, CalendarDayDict)]}


def _diff() -> JsonSchema:
    return {"anyOf": [_printed(DiffDict, data=DATA), _printed(FingerprintDict, data=DATA)]}


def _summary() -> JsonSchema:
    """Return the schema of the counts that `kolmisla measure` prints, such as how many cycles of a metric are met."""
    states, rare = dict.fromkeys(COUNTED_STATES, COUNT), dict.fromkeys((*RARE_STATES, UNDECIDED), COUNT)
    metrics = {"type": "object", "additionalProperties": with_keys(CyclesDict, needs=states, also=rare)}
    judged = {"judged_at": INSTANT_SCHEMA, "timezone": TEXT_SCHEMA}
    return with_keys(SummaryDict, needs={"metrics": metrics, **judged, **IDENTITY})


def _measured() -> JsonSchema:
    """Return the schema of a row that `kolmisla measure` writes.

    The row also has the columns of the file of tickets as keys, so any other key is allowed.
    """
    return {**with_keys(MeasuredDict), "additionalProperties": True}


def _tally(**keys: JsonSchema) -> JsonSchema:
    """Return the schema of the figures for a group of tickets. `keys` has the keys that say which group it is."""
    states = dict.fromkeys(("tickets", *COUNTED_STATES, "waiting", "ended"), COUNT)
    rare = dict.fromkeys(RARE_STATES, COUNT)  # only where there are any
    durations = dict.fromkeys(("mean_s", "median_s", "p90_s", "p95_s", "p99_s"), SECONDS_OR_NULL)
    share = {"share": {"type": ["number", "null"], "minimum": 0, "maximum": 1}}
    return with_keys(needs={**keys, **states, **share, **durations}, also=rare)


def _report() -> JsonSchema:
    """Return the schema of a report.

    The inner parts of a report, which only `Report.from_dict` reads, may be any list or object.
    """
    names = {"plan": TEXT_OR_NULL, "priority": TEXT_OR_NULL}
    average = {
        "plan": TEXT_SCHEMA,
        "mean_s": SECONDS_OR_NULL,
        "aim_s": NUMBER_SCHEMA,
        "met": {"type": ["boolean", "null"]},
    }
    texts = ("policy", "digest", "metric", "timezone", "by", "checksum")
    needs: JsonSchema = {
        "report": {"const": 1},
        **dict.fromkeys(texts, TEXT_SCHEMA),
        **dict.fromkeys(("calendars", "notes"), listed(TEXT_SCHEMA)),
        **dict.fromkeys(("split", "since", "until"), TEXT_OR_NULL),
        "at": listed(INSTANT_SCHEMA),
        "opened": {"anyOf": [{**listed(INSTANT_SCHEMA), "minItems": 2, "maxItems": 2}, {"type": "null"}]},
        "total": _tally(),
        "averages": listed(with_keys(needs={**average, "n": COUNT, "apart": listed({})})),
        "attainment": {"type": ["object", "null"]},
        "periods": listed(_tally(period=TEXT_SCHEMA)),
        "plans": listed(_tally(**names)),
        "not_covered": {"type": "object", "additionalProperties": COUNT},
        "rejected": listed(with_keys(needs={"rows": COUNT, "such_as": TEXT_SCHEMA})),
        "lateness": {"type": "object", "additionalProperties": COUNT},
        "opened_when": {
            "type": "object",
            "additionalProperties": with_keys(needs=dict.fromkeys(("tickets", "met", "breached"), COUNT)),
        },
        "used": listed(COUNT),
        "load": listed(listed(COUNT)),
        "judged": {"type": "object", "additionalProperties": listed(INSTANT_SCHEMA)},
        "cells": listed(_tally(period=TEXT_OR_NULL, **names, amounts=listed({"type": "array"}))),
        "splits": listed(_tally(split=TEXT_OR_NULL, amounts=listed({"type": "array"}))),
        "rejects": listed({"type": "array"}),
        "worst": listed(OBJECT),
        "what_if": {"type": ["object", "null"]},
        "responses": listed(OBJECT),
        **dict.fromkeys(("counts", "policy_document"), OBJECT),
    }
    waived: JsonSchema = {"type": "object", "additionalProperties": COUNT}  # by reason, where there are any
    times: JsonSchema = dict.fromkeys(("elapsed_s", "over_s", "paused_s"), NUMBER_SCHEMA)
    part = with_keys(needs={"name": TEXT_OR_NULL, "cycles": COUNT, "ran_out": COUNT, **times})
    spent = with_keys(needs={}, also=dict.fromkeys(get_args(SpentBy), listed(part)))  # where there is any
    return with_keys(needs=needs, also={**DATA, "waived": waived, "spent": spent})


def _vectors() -> JsonSchema:
    """Return the schema of a file of test vectors."""
    pauses = listed({**listed(INSTANT_SCHEMA), "minItems": 2, "maxItems": 2})
    about_hours = {"schedule": TEXT_SCHEMA, "at": INSTANT_SCHEMA}
    asks = [
        with_keys(needs={"what": {"const": "due"}, **about_hours, "within_s": NUMBER_SCHEMA}, also={"pauses": pauses}),
        with_keys(
            needs={"what": {"const": "elapsed"}, **about_hours, "until": INSTANT_SCHEMA}, also={"pauses": pauses}
        ),
        with_keys(needs={"what": {"enum": ["is_open", "next_open", "next_close"]}, **about_hours}),
        with_keys(
            needs={"what": {"const": "ticket"}, "policy": TEXT_SCHEMA, "metric": TEXT_SCHEMA, "ticket": OBJECT},
            also={"at": INSTANT_SCHEMA},
        ),
    ]
    texts = dict.fromkeys(("id", "rule", "reason"), TEXT_SCHEMA)
    vector = with_keys(needs={**texts, "ask": {"anyOf": asks}, "answer": _answer()})
    table: JsonSchema = {"type": "object", "additionalProperties": OBJECT}
    tables = {"schedules": table, "policies": table}
    rules = {"type": "object", "additionalProperties": TEXT_SCHEMA}
    needs = {"version": {"const": 1}, "title": TEXT_SCHEMA, "rules": rules, "vectors": listed(vector)}
    return with_keys(needs=needs, also=tables)


def _answer() -> JsonSchema:
    """Return the schema of an answer to a question in a test vector."""
    times = {"type": ["string", "null"], "format": "date-time"}
    keys = {
        **dict.fromkeys(("due_at", "breaches_after", "opens_at", "closes_at"), times),
        "elapsed_s": NUMBER_SCHEMA,
        "open": {"type": "boolean"},
        "state": TEXT_SCHEMA,
    }
    return {**with_keys(also=keys), "minProperties": 1}


def _line_of_answer() -> JsonSchema:
    """Return the schema of a line that a program under test writes: the id of a question, and the answer."""
    return {
        "anyOf": [with_keys(needs={"id": {}, "answer": _answer()}), with_keys(needs={"id": {}, "error": TEXT_SCHEMA})]
    }


SCHEMAS: dict[str, tuple[str, Callable[[], JsonSchema]]] = {
    "policy": ("a policy, as a document", policy_schema),
    "layout": ("a layout of files, as a document", lambda: schema_with_parts(LayoutFile)),
    "ticket": ("a ticket, as a program gives it", lambda: schema_with_parts(Ticket)),
    "event": ("an event of a ticket, as a program gives it", lambda: schema_with_parts(Event)),
    "deadline": ("Deadline.to_dict(), and a line of kolmisla due --json", _deadline),
    "status": ("Status.to_dict(), and the answer of kolmisla status --json", _status),
    "cycle": ("Cycle.to_dict()", lambda: with_keys(CycleDict)),
    "explanation": ("Explanation.to_dict()", lambda: with_keys(ExplanationDict)),
    "queue": ("QueueEntry.to_dict(), and a line of kolmisla queue --json", _queue),
    "report": ("Report.to_dict(), and the answer of kolmisla report --json", _report),
    "coverage": ("Coverage.to_dict(), and the answer of kolmisla covers --json", _coverage),
    "quote": ("Quote.to_dict(), and the answer of kolmisla quote --json", lambda: _identified(QuoteDict)),
    "elapsed": ("the answer of kolmisla elapsed --json", lambda: _printed(ElapsedDict)),
    "open": ("the answer of kolmisla open --json, for an instant or a date", _open),
    "calendar": ("the answer of kolmisla calendar --json", lambda: _printed(CalendarDict)),
    "summary": ("the counts of kolmisla measure --json", _summary),
    "measured": ("a row that kolmisla measure writes as JSON, without --prefix", _measured),
    "alarms": ("Crossing.to_dict(), and a line of kolmisla alarms --json", lambda: _identified(CrossingDict)),
    "check": ("the answer of kolmisla policy check --json", lambda: _printed(CheckDict, data=DATA)),
    "diff": ("the answer of kolmisla policy diff --json", _diff),
    "worst": ("the answer of kolmisla policy worst --json", lambda: _printed(WorstDict)),
    "vectors": ("a file of test vectors", _vectors),
    "answer": ("a line of kolmisla vectors answer, or of another program", _line_of_answer),
}


def schema_named(name: str) -> dict[str, Any]:
    """Return a JSON Schema (draft 2020-12) by its name in SCHEMAS.

    >>> schema_named("explanation")["title"]
    'kolmisla explanation'
    """
    about, made = SCHEMAS[name]
    return {"$schema": SCHEMA_DRAFT, "title": f"kolmisla {name}", "description": about, **made()}
