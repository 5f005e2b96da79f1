"""Converts a report to a document for JSON, and back. A document is read only if its figures agree with each other."""

import json
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar, get_args

from kolmisla.documents.toml_json import hexadecimal
from kolmisla.errors import KolmislaError, choices, shown
from kolmisla.files.responses import PlanAim, Responses
from kolmisla.files.summary import RARE_STATES, SUMMARY_STATES
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.reports.figures.amounts import Amounts
from kolmisla.reports.figures.answers import Average, Rejected
from kolmisla.reports.figures.attainment.share_form import DamagedError, document_of_shares, shares_of_document
from kolmisla.reports.figures.figures import COUNTS, RARE_COUNTS, Figures, WhatIf
from kolmisla.reports.figures.late import Late
from kolmisla.reports.figures.periods import by_named, period_label
from kolmisla.reports.figures.spent import SpentBy, spent_by, spent_dict
from kolmisla.reports.figures.tallies import Counted, Tally
from kolmisla.times.instants import instants_in, length, micros, seconds
from kolmisla.times.zones import zone_named

__all__ = ["FORM", "document_of_report", "report_of_document"]

FORM = 1  # the number of the form of documents; another form will have another number
F = TypeVar("F", bound=Figures)


def document_of_report(report: Figures) -> dict[str, Any]:
    """Convert a report to a dict that JSON can hold.

    A key that ends in `_s` has seconds. `amounts` has pairs: a time in microseconds, and how often it occurs.
    `checksum` is the hash of all other values.
    """
    policy, instant = report.policy, instants_in(zone_named(report.timezone))
    document = {
        "report": FORM,
        "policy": policy.name,
        "digest": policy.digest,
        "calendars": list(report.calendars),
        "notes": list(report.notes),
        "metric": report.metric,
        "timezone": report.timezone,
        "by": report.by,
        "split": report.split,
        "since": _day_text(report.since),
        "until": _day_text(report.until),
        "at": [at.isoformat() for at in report.instants],
        "opened": None if report.span is None else [instant(at).isoformat() for at in report.span],
        "total": report.total.to_dict(),
        "averages": [_average(average) for average in report.averages],
        "attainment": document_of_shares(report.shares, policy, report.metric),
        "periods": [
            {"period": period_label(tally.period, report.by), **tally.to_dict()}
            for tally in report.periods
            if tally.period
        ],
        "plans": [{"plan": tally.plan, "priority": tally.priority, **tally.to_dict()} for tally in report.plans],
        "not_covered": report.not_covered,
        **({"waived": dict(report.waivers)} if report.waivers else {}),
        **_spent(report),
        "rejected": [{"rows": rejected.rows, "such_as": rejected.such_as} for rejected in report.rejected],
        "lateness": report.lateness,
        "opened_when": {when: opened._asdict() for when, opened in report.opened_when.items()},
        "used": list(report.used),
        "load": [list(row) for row in report.load],
        "judged": {period.isoformat(): [instant(at).isoformat() for at in ats] for period, ats in report.judged},
        "cells": [
            {
                "period": _day_text(tally.period),
                "plan": tally.plan,
                "priority": tally.priority,
                **tally.to_dict(),
                "amounts": [*tally.amounts.pairs()],
            }
            for tally in report.cells
        ],
        "splits": [
            {"split": tally.split, **tally.to_dict(), "amounts": [*tally.amounts.pairs()]} for tally in report.splits
        ],
        "counts": {
            "outside": report.outside,
            **({"in_parts": True} if report.in_parts else {}),
            **{
                name: [[_listed(key), number] for key, number in getattr(report, name)]
                for name in COUNTS
                if name not in RARE_COUNTS or getattr(report, name)
            },
        },
        "rejects": [[kind, *rejected] for kind, rejected in report.rejects],
        "responses": [{"plan": plan, "aim": aim, **told._asdict()} for (plan, aim), told in report.responses],
        "worst": [late.to_dict() for late in report.late],
        "what_if": None if report.what_if is None else _what_if(report.what_if),
        "policy_document": policy.to_dict(),
    }
    # `digest` takes valid text only, but the name of a group may have a lone surrogate
    return {**document, "checksum": hexadecimal(json.dumps(document).encode())}


def _spent(report: Figures) -> dict[str, Any]:
    """Return a dict that has, under the key `spent`, how time was spent by owner and by reason of pauses.

    If the report counts no such time, return an empty dict.
    """
    spent = {by: [spent_dict(part) for part in spent_by(report, by)] for by in get_args(SpentBy)}
    told = {by: parts for by, parts in spent.items() if parts}
    return {"spent": told} if told else {}


def _average(average: Average) -> dict[str, Any]:
    return {
        "plan": average.plan,
        "mean_s": None if average.mean is None else seconds(length(average.mean)),
        "aim_s": seconds(length(average.aim)),
        "met": average.met,
        "n": average.n,
        "apart": list(average.apart),
    }


def _what_if(what_if: WhatIf) -> dict[str, Any]:
    return {
        "mended": what_if.mended,
        "broken": what_if.broken,
        "flow": [[*states, number] for states, number in what_if.flow],
        "waits": list(what_if.waits),
        "report": document_of_report(what_if.report),
    }


def _day_text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _listed(key: Any) -> Any:
    return list(key) if isinstance(key, tuple) else key


def report_of_document(kind: type[F], document: object) -> F:
    """Return the report that a dict from `document_of_report` describes, as an object of `kind`.

    Raise TypeError unless `document` is a mapping. Raise ValueError if it has another form or a wrong checksum, or if
    its other figures do not follow from its cells.
    """
    if not isinstance(document, Mapping):
        raise TypeError(f"a report must be a dict, as to_dict() makes it, not {shown(document)}")
    try:
        given = _plain(dict(document))
    except (TypeError, ValueError, RecursionError) as fault:
        raise DamagedError.of(f"{type(fault).__name__} {shown(str(fault))}") from fault
    if given.get("report") != FORM:
        raise ValueError(f"the key report must be {FORM}, as to_dict() writes it, not {shown(given.get('report'))}")
    by_named(given.get("by"))  # whose error is a sentence
    try:
        report = kind(**_fields(kind, given))
        written = _plain(document_of_report(report))
    except (KolmislaError, DamagedError):
        raise
    except (LookupError, TypeError, AttributeError, ValueError, ArithmeticError) as fault:
        raise DamagedError.of(f"{type(fault).__name__} {shown(str(fault))}") from fault
    differ = [name for name in written if written[name] != given.get(name)]
    figures = [name for name in differ if name != "checksum"]
    if figures:
        raise DamagedError.of(f"the values of {choices(figures, ' and ')} do not agree with the other values")
    if differ:
        raise DamagedError.of("its checksum is not that of its values")
    return report


def _plain(document: dict[str, Any]) -> Any:
    """Return a document as it is after it was written as JSON and read again: tuples become lists.

    Raise TypeError or ValueError for a document that JSON cannot hold.
    """
    return json.loads(json.dumps(document))


def _fields(kind: type[F], document: Mapping[str, Any]) -> dict[str, Any]:
    counts, opened, what_if = document["counts"], document["opened"], document["what_if"]
    policy = Policy.from_dict(document["policy_document"])
    metric = metric_in(policy, document["metric"])
    cells = tuple(_tally("cell", cell) for cell in document["cells"])
    return {
        "policy": policy,
        "metric": metric,
        "by": by_named(document["by"]),
        "split": document["split"],
        "since": _day(document["since"]),
        "until": _day(document["until"]),
        "at": _instants(document["at"]),
        "judged": tuple((date.fromisoformat(period), _instants(at)) for period, at in document["judged"].items()),
        "span": None if opened is None else _instants(opened),
        "cells": cells,
        "shares": shares_of_document(document.get("attainment"), policy, metric, cells),
        "splits": tuple(_tally("split", cell) for cell in document["splits"]),
        **{name: _counted(counts.get(name, ()) if name in RARE_COUNTS else counts[name]) for name in COUNTS},
        "outside": counts["outside"],
        "in_parts": counts.get("in_parts", False),
        "rejects": tuple((name, Rejected(rows, such_as)) for name, rows, such_as in document["rejects"]),
        "responses": tuple(map(_responses, document["responses"])),
        "late": tuple(Late.from_dict(late, zone_named(document["timezone"])) for late in document["worst"]),
        "calendars": tuple(document["calendars"]),
        "notes": tuple(document["notes"]),
        "what_if": None
        if what_if is None
        else WhatIf(
            report_of_document(kind, what_if["report"]),
            tuple(((state, other), number) for state, other, number in what_if["flow"]),
            tuple(what_if["waits"]),
        ),
    }


def _tally(of: Any, cell: Mapping[str, Any]) -> Tally:
    return Tally(
        of,
        _day(cell.get("period")),
        cell.get("plan"),
        cell.get("priority"),
        cell.get("split"),
        tuple(cell.get(state, 0) if state in RARE_STATES else cell[state] for state in SUMMARY_STATES),
        cell["waiting"],
        Amounts.counted(cell["amounts"]),
    )


def _responses(told: Mapping[str, Any]) -> tuple[PlanAim, Responses]:
    counts = {name: told[name] for name in Responses._fields}
    return (told["plan"], told["aim"]), Responses(**counts)


def _counted(pairs: Iterable[Any]) -> Counted:
    return tuple((tuple(key) if isinstance(key, list) else key, number) for key, number in pairs)


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


def _instants(texts: Iterable[str]) -> Any:
    return tuple(micros(datetime.fromisoformat(text)) for text in texts)
