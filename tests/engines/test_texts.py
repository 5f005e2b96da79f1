"""A large CSV file is measured in columns, and its output is the same to the byte."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Schedule
from kolmisla.files import Layout, Measuring
from kolmisla.files.bulk import rows as texts
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.tables import CsvTable, JsonDocument, JsonTable
from kolmisla.policies.terms.metrics import METRICS
from tests.engines.tickets import POLICIES

pytestmark = pytest.mark.polars

AT = datetime.fromisoformat("2026-11-20T12:00+02:00")

FORMS = [
    "2026-07-03T16:30:00+03:00",
    "2026-07-03T18:00:00+03:00",
    "2026-07-10T16:00:00+03:00",
    "2026-07-03T16:30:00.5+03:00",
    "2026-07-03 16:30:00+03:00",
    "2026-07-03T16:30+03:00",
    "2026-07-03T16:30:00Z",
    "2026-07-03T16:30:00+30:00",
    "2026-07-03T24:30:00+03:00",
    "2026-02-30T16:30:00+03:00",
    "2026-7-3T16:30:00",
    "2026-07-03T16:30:60",
    "2026-07-03T16:30:00",
    "2026-07-07T09:30:00",
    "2026-10-25T03:30:00",
    "2026-03-29T03:30:00",
    "1999-07-03T16:30:00",
    "2026-12-03T16:30:00",
    "yesterday",
    "",
]
SOME_TIME = "2026-0{}-1{}T1{}:{}5:00{}".format
TIMES = st.sampled_from(FORMS) | st.builds(
    SOME_TIME, *[st.integers(1, 5)] * 4, st.sampled_from(["", "+03:00", "-11:30"])
)
ROWS = st.tuples(
    st.sampled_from(["premium", "gold", "BASIC", "", "nonsense"]),
    st.sampled_from(["high", "urgent", "NORMAL", "minor", "", "nonsense"]),
    TIMES,
    st.just("") | TIMES,
    st.sampled_from(["", "", "mail", "phone"]),
    st.sampled_from(["", "", "X18", "X1"]),
    st.sampled_from(["plain", "with, comma", 'with "quotes"', "on two\nlines"]),
)
HEADER = ("plan", "priority", "opened_at", "answered_at", "channel", "version", "note")


def written(measuring: Measuring, text: str, run: Any) -> tuple[str, str, list[str]]:
    out, rejects = StringIO(), StringIO()
    summary = run(CsvTable(StringIO(text, newline="")), out, rejects)
    return out.getvalue(), rejects.getvalue(), list(summary.lines(measuring.policy))


@given(
    st.lists(ROWS, max_size=12),
    st.sampled_from(sorted(POLICIES)),
    st.sampled_from([None, "earlier", "later"]),
    st.sampled_from([None, "%Y-%m-%dT%H:%M:%S"]),
    st.booleans(),
)
def test_not_a_byte_is_another(rows: list[Any], desk: str, ambiguous: Any, pattern: str | None, short: bool) -> None:
    stream = StringIO()
    csv.writer(stream).writerows([HEADER, *rows, *([["premium"]] if short else [])])
    layout = Layout(ambiguous=ambiguous, pattern=pattern, channel=None, values={"priority": {"urgent": "blocker"}})
    measuring = Measuring(at=AT, policy=POLICIES[desk], layout=layout)
    plain = written(measuring, stream.getvalue(), measuring.run)
    quick = written(measuring, stream.getvalue(), lambda *files: measure_text(measuring, *files))
    assert quick == plain


def test_pieces_and_what_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "SIZE", 100)
    row = "premium,high,2026-07-03T16:30:00+03:00,2026-07-07T08:00:00+03:00,,,\n"
    text = ",".join(HEADER) + "\n" + row * 7
    measuring = Measuring(at=AT)
    plain = written(measuring, text, measuring.run)
    monkeypatch.setattr(Measuring, "judged", None)  # no row goes the way of a single one
    quick = written(measuring, text, lambda *files: measure_text(measuring, *files))
    assert quick == plain
    assert quick[0].count("2026-07-07T08:30:00+03:00,2026-07-07T08:30:00+03:00,5400,7200,met,") == 7


# Forms of times that are read quickly, and the formats that say so.
QUICK: dict[str, tuple[str, Any]] = {
    "offset": ("%Y-%m-%dT%H:%M:%S+03:00", None),
    "offset, blank": ("%Y-%m-%d %H:%M:%S-0530", None),
    "UTC": ("%Y-%m-%dT%H:%M:%SZ", None),
    "milliseconds": ("%Y-%m-%dT%H:%M:%S.123+0300", None),
    "fractions": ("%Y-%m-%d %H:%M:%S.000250", None),
    "minutes": ("%Y-%m-%d %H:%M", None),
    "wall": ("%Y-%m-%dT%H:%M:%S", None),
    "days first": ("%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M"),
    "clock": ("%m/%d/%y %I:%M %p", "%m/%d/%y %I:%M %p"),
    "names": ("%d-%b-%Y %H:%M:%S", "%d-%b-%Y %H:%M:%S"),
    "zone": ("%Y/%m/%d %H.%M America/New_York", "%Y/%m/%d %H.%M America/New_York"),
    "literal": ("%Y-%m-%d %H:%M:%S UTC", "%Y-%m-%d %H:%M:%S UTC"),
    "ahead": ("%d/%m/%Y %H:%M +0200", "%d/%m/%Y %H:%M +0200"),
    "epoch": ("%s", "epoch"),
    "epoch-s": ("%s", "epoch-s"),
    "epoch-ms": ("%s000", "epoch-ms"),
    "epoch-us": ("%s000000", "epoch"),
}
FACTS = ("id", "plan", "priority", "opened_at", "answered_at", "resolved_at", "closed_at")
MINUTES = st.integers(0, 500_000)


def in_form(form: str, minute: int) -> str:
    at = datetime(2026, 1, 5, 8, 7, 9) + timedelta(minutes=minute)  # on a clock, whatever the zone
    return at.strftime(QUICK[form][0].replace("%s", str(int(at.replace(tzinfo=UTC).timestamp()))))


@st.composite
def exports(draw: st.DrawFn) -> tuple[list[tuple[Any, ...]], dict[str, Any]]:
    """Rows with the times of each column in one form, and the layout that reads them."""
    forms = [draw(st.sampled_from(sorted(QUICK))) for _ in FACTS[3:]]
    rows: list[tuple[Any, ...]] = []
    for id in range(draw(st.integers(1, 8))):
        opened = draw(MINUTES)
        ends = [draw(st.none() | st.integers(0, 5000)) for _ in forms[1:]]
        minutes = [opened, *(None if end is None else opened + end for end in ends)]
        times = ["" if m is None else in_form(form, m) for form, m in zip(forms, minutes, strict=True)]
        none = draw(st.sampled_from(["", "NULL", "n/a", "?", "Never"]))
        times = [time or (none if place else time) for place, time in enumerate(times)]
        plan = draw(st.sampled_from(["premium", " Enterprise ", "gold member", "", "None"]))
        rows.append((id, plan, draw(st.sampled_from(["high", "P1", "LOW", "urgent", ""])), *times))
    formats = {name: [QUICK[form][1]] for name, form in zip(FACTS[3:], forms, strict=True) if QUICK[form][1]}
    return rows, {
        "formats": formats,
        "none": ["?", "NEVER"],
        "ambiguous": draw(st.sampled_from([None, "earlier", "later"])),
        "values": {"plan": {"gold*": "premium"}, "priority": {"p1": "blocker"}},
        "defaults": draw(st.sampled_from([{}, {"priority": "medium"}])),
        "known": {"plan": ["ENTERPRISE", "PREMIUM"], "priority": ["BLOCKER", "HIGH", "MEDIUM", "LOW"]},
        "channel": None,
    }


def file_of(rows: list[tuple[Any, ...]], shape: str) -> Any:
    stream = StringIO()
    if shape in ("jsonl", "flat"):
        objects = [dict(zip(FACTS, [row[0], *(cell or None for cell in row[1:])], strict=True)) for row in rows]
        if shape == "jsonl":
            objects += [{**objects[0], "events": [{"at": "2026-07-03T17:00Z", "kind": "answered"}]}, {"id": []}]
        stream.write("".join(f"{json.dumps(each)}\n" for each in objects))
        return lambda: JsonTable(StringIO(stream.getvalue()))
    quoting: Any = csv.QUOTE_ALL if shape == "quoted" else csv.QUOTE_MINIMAL
    between = ";" if shape == "semicolons" else "-" if shape == "hyphens" else ","
    ends = "\r\n" if shape == "crlf" else "\n"
    csv.writer(stream, quoting=quoting, delimiter=between, lineterminator=ends).writerows([FACTS, *rows])
    if shape == "ragged":
        stream.write("7,premium\n\n8,premium,high,soon,,,,,\n")
    return lambda: CsvTable(StringIO(stream.getvalue(), newline=""), between)


SHAPES = ["plain", "plain", "flat", "flat", "quoted", "semicolons", "hyphens", "crlf", "ragged", "jsonl"]
METRIC_LISTS: list[Any] = [None, ["resolution"], ["first-response"], list(METRICS), ["next-response"]]


@given(exports(), st.sampled_from(SHAPES), st.sampled_from(METRIC_LISTS), st.sampled_from([40, 200, 10**6]))
def test_every_usual_form_of_a_file(export: Any, shape: str, metrics: Any, size: int) -> None:
    rows, layout = export
    table = file_of(rows, shape)
    measuring = Measuring(at=AT, policy=DESKS["kolmisoft"], layout=Layout(**layout), metrics=metrics, prefix="sla_")

    def ran(run: Any) -> tuple[str, str, list[str]]:
        out, rejects = StringIO(), StringIO()
        summary = run(table(), out, rejects)
        return out.getvalue(), rejects.getvalue(), list(summary.lines(measuring.policy))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "SIZE", size)
        assert ran(lambda *files: measure_text(measuring, *files)) == ran(measuring.run)


@pytest.mark.parametrize("form", sorted(QUICK))
@pytest.mark.parametrize("shape", ["plain", "quoted", "jsonl", "flat"])
def test_each_usual_form_of_times_is_quick(form: str, shape: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        (7, "premium", "high", in_form(form, 200_000 + m), in_form(form, 201_000 + m), "NULL", "") for m in range(5)
    ]
    formats = {name: [QUICK[form][1]] for name in FACTS[3:]} if QUICK[form][1] else {}
    measuring = Measuring(at=AT, layout=Layout(formats=formats), metrics=["first-response", "resolution"])
    table = file_of(rows, shape)
    alone, out = StringIO(), StringIO()
    measuring.run(table(), alone, StringIO())
    judged, asked = Measuring.judged, []

    def ask(self: Measuring, facts: Any) -> Any:
        asked.append(facts)
        return judged(self, facts)

    monkeypatch.setattr(Measuring, "judged", ask)
    measure_text(measuring, table(), out, StringIO())
    assert out.getvalue() == alone.getvalue()
    assert len(asked) == (shape == "jsonl")  # only the object with events


@pytest.mark.parametrize("ambiguous", [None, "earlier", "later"])
def test_each_form_of_a_time_beside_each_other(ambiguous: Any) -> None:
    """Whatever is not read quickly leaves its whole row to the way of a single one."""
    pairs = [(opened, answered) for opened in FORMS for answered in FORMS]
    rows = [("premium", "high", opened, answered, "", "", "") for opened, answered in pairs]
    stream = StringIO()
    csv.writer(stream).writerows([HEADER, *rows])
    measuring = Measuring(at=AT, layout=Layout(ambiguous=ambiguous, channel=None))
    plain = written(measuring, stream.getvalue(), measuring.run)
    quick = written(measuring, stream.getvalue(), lambda *files: measure_text(measuring, *files))
    assert quick == plain
    assert plain[0].count("\n") > len(FORMS)


DAYS = ["2026-07-03", "2024-02-29", "2026-02-29", "2026-10-25", "2026-03-29", "1972-01-07", "1970-01-01", "1960-06-06"]
DAYS += ["0000-05-05", "0001-01-01", "0400-02-29", "1899-12-31", "1900-01-01", "1915-07-05", "2100-02-29"]
DAYS += ["2100-07-05", "2150-07-06", "2199-12-31", "2200-12-31", "2201-01-01", "9999-12-31", "\u0662026-07-03"]
CLOCKS = ["16:30:00", "00:00:00", "03:30:00", "23:59:59", "00:20:00", "24:00:00", "16:30", "16:30:00.5", "16:30:00,25"]
OFFSETS = ["", "+03:00", "Z", "z", "-00:44:30", "-00:00", "+0300", "+03", "+14:00", "-14:00", "+15:00", "+23:59"]
OFFSETS += ["+24:00", "+03:60", " +03:00", "+01:35:36"]
HOSTILE = st.builds("{}{}{}{}".format, *map(st.sampled_from, (DAYS, "TTTt _", CLOCKS, OFFSETS))) | TIMES
NAMES = st.sampled_from(
    ["premium", "high", " Premium ", "PREMIUM", "urgent", "gold", "", "  ", "nonsense", "P1", "high"]
)
HOSTILE_ROWS = st.tuples(
    st.just("premium") | NAMES,
    st.just("high") | NAMES,
    HOSTILE,
    st.just("") | HOSTILE,
    st.sampled_from(["", "", "\u00a0", "support-system", "Support System", "mail", "phone"]),
    st.sampled_from(["", "", "X18", "x18 ", "X1", "17"]),
    st.sampled_from(["", "on two\nlines", "\u2028"]),
)
LAYOUTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "any channel": {"channel": None},
    "another channel": {"channel": "mail"},
    "an unknown channel": {"channel": "phone"},
    "constants": {"constants": {"plan": "premium", "priority": " high", "version": "X18"}, "ambiguous": "earlier"},
    "words": {"values": {"priority": {"P1": "blocker"}, "plan": {"gold": ""}}, "columns": {"opened_at": "answered_at"}},
    "monrovia": {"timezone": "Africa/Monrovia", "ambiguous": "later"},
}
WORKDAYS = Schedule("Africa/Monrovia", {"mon-fri": ["08:00-17:00"]})
MONROVIA = KOLMISOFT.replace(timezone="Africa/Monrovia", schedules={**KOLMISOFT.schedules, "working-hours": WORKDAYS})
DESKS = {
    **POLICIES,
    "kolmisoft": KOLMISOFT,
    "monrovia": MONROVIA,
    "released": KOLMISOFT.replace(releases=["X17", "X18"]),
}


NOWS = [AT, datetime.fromisoformat("2200-06-01T00:00Z"), datetime.fromisoformat("1972-06-01T00:00Z")]


def check(rows: list[Any], measuring: Measuring) -> None:
    stream = StringIO()
    csv.writer(stream).writerows([HEADER, *rows])
    plain = written(measuring, stream.getvalue(), measuring.run)
    quick = written(measuring, stream.getvalue(), lambda *files: measure_text(measuring, *files))
    assert quick == plain


@given(
    st.lists(HOSTILE_ROWS, max_size=12),
    st.sampled_from(sorted(DESKS)),
    st.sampled_from(sorted(LAYOUTS)),
    st.sampled_from(NOWS),
)
def test_hostile_rows_are_the_same_to_the_byte(rows: list[Any], desk: str, layout: str, at: datetime) -> None:
    check(rows, Measuring(at=at, policy=DESKS[desk], layout=Layout(**LAYOUTS[layout])))


@pytest.mark.unmeasured
@pytest.mark.parametrize(
    ("desk", "layout"),
    [
        (desk, layout)
        for desk in sorted(DESKS)
        for layout in sorted(LAYOUTS)
        if desk == "kolmisoft" or layout == "plain" or desk == layout
    ],
)
def test_far_years_and_odd_offsets_are_the_same_to_the_byte(desk: str, layout: str) -> None:
    """Wall times by themselves: beside a time with an offset none of them is read quickly.

    How a time is read depends on its zone, which the desk or the layout gives, and on no other of their terms.
    """
    plan, priority = ("gold", "urgent") if desk in ("desk", "editions") else ("premium", "high")
    for offsets in (OFFSETS[1:], [""]):
        times = [f"{day}T{clock}{offset}" for day in DAYS for clock in CLOCKS[:3] for offset in offsets]
        # every fourth time is also that of a ticket without a plan
        names = [(n, name) for n in range(len(times)) for name in (plan, "") if name or n % 4 == 0]
        rows = [(name, priority, times[n], "", "", "", "") for n, name in names]
        check(rows, Measuring(at=NOWS[1], policy=DESKS[desk], layout=Layout(**LAYOUTS[layout])))


def large_and_small(text: str, layout: Layout, size: int, *, json_lines: bool = False) -> tuple[Any, Any]:
    """What the large and the small way give for a text, in pieces of a size."""
    measuring = Measuring(at=AT, layout=layout, metrics=["first-response"])
    table = JsonTable if json_lines else CsvTable

    def ran(run: Any) -> tuple[str, str, list[str]]:
        out, rejects = StringIO(), StringIO()
        summary = run(table(StringIO(text, newline="")), out, rejects)
        return out.getvalue(), rejects.getvalue(), list(summary.lines(measuring.policy))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "SIZE", size)
        return ran(lambda *files: measure_text(measuring, *files)), ran(measuring.run)


HEAD = "plan,priority,opened_at,answered_at\n"
PLAIN = "premium,high,2026-07-03T16:30:00Z,2026-07-03T17:00:00Z\n"


@pytest.mark.parametrize(
    ("text", "formats"),
    [
        (f"{HEAD}premium,high,0001783085400,0001783089600\n", ["epoch"]),  # zeros are not digits of its size
        (f"{HEAD}premium,high,0000001783085400,1783089600\n", ["epoch"]),
        (f"{HEAD}\ufeffpremium,high,2026-07-03T16:30:00Z,\n{PLAIN}", None),
        (f"{HEAD}premium,high\n{PLAIN}{PLAIN}", None),  # the first row of a piece is short
        (f"{HEAD}premium,high,1868-11-26T11:17:53,\n", None),
        (f"{HEAD}premium,high,0001-01-01T00:00:00,\n{PLAIN}", None),
        (f"{HEAD}premium,high,9999-12-31T23:59:59,\n{PLAIN}", None),
        (f"{HEAD}gold,high,2300-07-01T10:00:00,\n", None),
        (f"{HEAD}{PLAIN}\n\n\n\n{PLAIN}\n\n", None),
    ],
)
@pytest.mark.parametrize("size", [1, 60, 10**6])
def test_odd_begins_of_pieces_and_odd_times(text: str, formats: Any, size: int) -> None:
    large, small = large_and_small(text, Layout(timezone="Europe/Vilnius", pattern=formats), size)
    assert large == small


@pytest.mark.parametrize("size", [1, 60, 10**6])
def test_blank_lines_and_hints_of_json_lines(size: int) -> None:
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z"}
    text = json.dumps({"plan": "premium", "tickets": [row]}) + "\n\n\n" + f"{json.dumps(row)}\n" * 3 + "\n\n"
    large, small = large_and_small(text, Layout(), size, json_lines=True)
    assert large == small
    assert "--rows tickets" in small[1]


FLAT = ["2026-07-03T16:30:00Z", "2026-07-03T17:00:00Z"]
ODD_OBJECTS = [
    '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": 7}',
    '{"plan": "pre\\u006dium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": 7}',
    '{"plan": "premium", "priority": "high", "opened_at": 1783085400, "answered_at": "", "n": -1.5e3}',
    '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": [7]}',
    '{"plan":"premium","priority":"high","opened_at":"2026-07-03T16:30:00Z","answered_at":null,"n":"a \\"b\\" \\\\"}',
    '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": 7, "n": 8}',
    '{"priority": "high", "plan": "premium", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": 7}',
    '{"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "due_at": 7}',
    '{"plan": true, "priority": 1, "opened_at": "2026-07-03T16:30:00Z", "answered_at": null, "n": 7}',
    "[7]",
    '{"plan": "premium"',
]


@pytest.mark.parametrize("first", range(3))
@pytest.mark.parametrize(
    "layout",
    [
        {},
        {"constants": {"plan": "enterprise"}},
        {"sole": {"plan": "premium"}},
        {"sole": {"plan": "premium"}, "columns": {"plan": ""}},
        {"sole": {"plan": "premium"}, "columns": {"plan": "nowhere"}},
        {"columns": {"answered_at": "n.at"}},
        {"others": {"answered_at": ["n"]}},
        {"columns": {"plan": "a", "priority": "b", "opened_at": "c", "answered_at": "d"}},
    ],
)
def test_flat_objects_and_odd_ones_among_them(first: int, layout: dict[str, Any]) -> None:
    odd = [text for text in ODD_OBJECTS if "due_at" not in text]
    odd += ['{"plan": null, "priority": "high", "opened_at": "2026-07-03T16:30:00Z"}'] if "sole" in layout else []
    lines = [odd[first]] * 120 + odd if first != 1 else odd[1:] * 3
    large, small = large_and_small("".join(f"{line}\n" for line in lines), Layout(**layout), 10**6, json_lines=True)
    assert large == small


@pytest.mark.parametrize("first", ["", '{"n": 1}\n', ODD_OBJECTS[0] + "\n"])
def test_an_object_with_an_added_key_ends_the_run(first: str) -> None:
    text = first + ODD_OBJECTS[7] + "\n"
    for run in (Measuring.run, measure_text):
        with pytest.raises(ValueError, match="the row has due_at already; choose a prefix"):
            run(Measuring(at=AT), JsonTable(StringIO(text)), StringIO(), StringIO())


@pytest.mark.parametrize(
    "layout",
    [
        {"pattern": ["%d.%m.%Y %H:%M", "%Y.%m.%d %H:%M"]},
        {"pattern": "%d.%m.%Y %H:%M:%S.%f"},
        {"pattern": "%d.%m.%Y %H:%M %p"},
        {"pattern": "excel"},
        {"pattern": "%d/%b/%Y %H:%M", "language": "de"},
    ],
)
def test_formats_that_are_read_row_by_row(layout: dict[str, Any]) -> None:
    text = HEAD + "premium,high,03.07.2026 16:30,\npremium,high,46206.6875,\npremium,high,03/Jul/2026 16:30,\n"
    large, small = large_and_small(text, Layout(**layout), 10**6)
    assert large == small


def test_other_tables_are_measured_row_by_row() -> None:
    table = JsonDocument(StringIO(json.dumps([{"plan": "premium", "priority": "high", "opened_at": FLAT[0]}])))
    out = StringIO()
    summary = measure_text(Measuring(at=AT), table, out, StringIO())
    assert (summary.rows, out.getvalue().count("due_at")) == (1, 1)


def test_a_file_of_one_column() -> None:
    layout = Layout(constants={"plan": "premium", "priority": "high"})
    large, small = large_and_small("opened_at\n2026-07-03T16:30:00Z\n a \n2026-07-04T16:30:00Z\n", layout, 10**6)
    assert large == small
    assert large[0].count(",breached,") == 2
