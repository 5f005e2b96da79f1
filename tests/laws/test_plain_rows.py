"""The short path of plain rows, and the pieces of a file: the same as every row by itself."""

import csv
import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Metric, Policy
from kolmisla.errors import TicketError
from kolmisla.files import Layout, Measuring, plain
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.files.tables.csv_table import MANY_CHARACTERS, width_fault
from kolmisla.tickets.layouts.kinds import acts_of
from kolmisla.tickets.layouts.repeated import one_reading

AT = datetime(2026, 10, 26, 9, tzinfo=UTC)
COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version", "resolved_at")
TIMES = st.builds(
    lambda minutes, form: (datetime(2026, 10, 20, 5, tzinfo=UTC) + timedelta(minutes=minutes)).strftime(form),
    st.integers(0, 9_000),
    st.sampled_from(["%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:00+03:00", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S.5+00:00"]),
)
# Friday 16:00, two hours before closing; an instant after all are judged; and forms that are not plain.
EDGES = ["2026-10-23T13:00:00Z", "2026-10-23T16:00:00+03:00", "2026-10-26T08:00:00Z", "2026-10-26T09:30Z"]
ODD = ["", "soon", "2026-10-25T03:30", " 2026-10-20T09:00Z ", "2210-01-05T09:00Z", "9999-12-31T23:59Z"]
USUAL = ["premium", "ENTERPRISE"]
CLEAN = st.tuples(
    st.just("1"),
    st.sampled_from(USUAL),
    st.sampled_from(["high", "blocker", "low"]),
    TIMES | st.sampled_from(EDGES),
    st.sampled_from(["", *EDGES]) | TIMES | st.sampled_from(EDGES),
    *[st.just("")] * 3,
)
ROWS = st.tuples(
    st.sampled_from(["1", "", "A 7"]),
    st.sampled_from([*USUAL * 3, " Enterprise", "gold", ""]),
    st.sampled_from([*["high", "blocker", "low"] * 2, "BLOCKER ", "P1", "odd", ""]),
    TIMES | st.sampled_from(EDGES) | st.sampled_from([*EDGES, *ODD]),
    st.just("") | TIMES | st.sampled_from(EDGES) | st.sampled_from([*EDGES, *ODD, "NULL"]),
    st.sampled_from([*[""] * 6, "phone", "support-system"]),
    st.sampled_from([*[""] * 6, "X18", "none"]),
    st.sampled_from([*[""] * 8, "2026-10-22T09:00Z"]),
)
OWN_HOURS = KOLMISOFT.to_dict()
OWN_HOURS["schedules"]["nights"] = {"timezone": "Europe/Vilnius", "hours": {"mon-fri": ["20:00-23:00"]}}
for name in OWN_HOURS["plans"]:
    OWN_HOURS["plans"][name]["average"]["schedule"] = "nights"
POLICIES: dict[str, Policy] = {
    "kolmisoft": KOLMISOFT,
    "other hours for the mean": Policy.from_dict(OWN_HOURS),
    "editions": KOLMISOFT.replace(releases={"X17": "2025-02-01", "X18": "2026-10-22"}),
}


def table(rows: list[tuple[str, ...]], shape: str) -> Any:
    stream = StringIO()
    if shape == "json":
        for row in rows:
            cells = {name: cell or None for name, cell in zip(COLUMNS, row, strict=True)}
            stream.write(json.dumps({**cells, "id": 7} if row[0] == "1" else cells) + "\n")
        return JsonTable(StringIO(stream.getvalue()))
    there = [place for place, name in enumerate(COLUMNS) if shape != "few" or name in ("priority", "opened_at")]
    delimiter = DELIMITERS.get(shape, ",")
    writer = csv.writer(stream, delimiter=delimiter, quoting=csv.QUOTE_ALL if shape == "quoted" else csv.QUOTE_MINIMAL)
    writer.writerows([[row[place] for place in there] for row in [COLUMNS, *rows]])
    if shape == "ragged":
        stream.write("1,premium,high\n")
    return CsvTable(StringIO(stream.getvalue()), delimiter)


LAYOUTS: list[dict[str, Any]] = [
    {},
    {"ambiguous": "later"},
    {"channel": None, "constants": {"version": "X18"}},
    {"values": {"priority": {"P*": "high"}, "plan": {"g*": "premium", "*d": ""}}},
    {"constants": {"answered_at": "2026-10-23T09:00Z"}},
]
DELIMITERS = {"tabs": "\t", "blanks": " ", "dashes": "-"}  # times have blanks and dashes, so these need quotes
SHAPES = ["csv", "csv", "json", "ragged", "few", "quoted", *DELIMITERS]


@given(
    st.lists(CLEAN | ROWS, max_size=12) | st.lists(CLEAN, min_size=15, max_size=25),
    st.sampled_from(SHAPES),
    st.sampled_from(["kolmisoft", "kolmisoft", *POLICIES]),
    st.sampled_from([*[LAYOUTS[0]] * 4, *LAYOUTS]),
    st.sampled_from([10_000, 10_000, 10_000, 0, 2]),
)  # fmt: skip
def test_plain_rows_are_judged_as_all_others(
    rows: Any, shape: str, policy: str, layout: dict[str, Any], most: int
) -> None:
    given_layout = Layout(**{"sole": {"plan": "premium"} if shape == "few" else {}, **layout})

    def ran(metrics: Any) -> tuple[list[str], str, Any]:
        out, rejects = StringIO(), StringIO()
        measuring = Measuring(at=AT, policy=POLICIES[policy], layout=given_layout, metrics=metrics)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(plain, "MOST_TERMS", most)
            summary = measuring.run(table(rows, shape), out, rejects)
        if shape == "json":
            written = [json.loads(line) for line in out.getvalue().splitlines()]
        else:
            written = list(csv.DictReader(StringIO(out.getvalue()), delimiter=DELIMITERS.get(shape, ",")))
        for row in written:
            for added in ("metric", "cycle", "started_at"):
                row.pop(added, None)
        return sorted(map(str, [sorted(row.items(), key=str) for row in written])), rejects.getvalue(), summary.to_dict(
            POLICIES[policy]
        )  # fmt: skip

    assert ran(None) == ran(["first-response"])


def test_a_response_on_hours_that_do_not_know_the_year() -> None:
    """24x7 answers for more years than working hours do."""
    text = "plan,priority,opened_at,answered_at\npremium,blocker,2105-01-05T09:00Z,2105-01-05T10:00Z\n"
    for metrics in (None, ["first-response"]):
        out = StringIO()
        measuring = Measuring(at=datetime(2106, 1, 1, tzinfo=UTC), metrics=metrics)
        summary = measuring.run(CsvTable(StringIO(text)), out, StringIO())
        assert next(csv.DictReader(StringIO(out.getvalue())))["response_s"] == ""
        assert summary.responses["PREMIUM", 1_500_000_000].beyond == 1


def test_a_row_that_has_an_added_key_already() -> None:
    row = {"plan": "premium", "priority": "high", "opened_at": "2026-10-20T09:00Z", "due_at": None}
    with pytest.raises(ValueError, match="line 1: the row has due_at already; choose a prefix"):
        Measuring(at=AT).run(JsonTable(StringIO(json.dumps(row))), StringIO(), StringIO())


CELLS = st.text('a "\r\n\x00\x1f\u2003;', max_size=4)


@given(
    st.lists(st.lists(CELLS, min_size=1, max_size=3), max_size=8),
    st.integers(1, 30) | st.just(2**20),
    st.sampled_from(["\n", "\r\n"]),
)
def test_pieces_of_csv_are_its_rows(cells: list[list[str]], size: int, end: str) -> None:
    stream = StringIO()
    csv.writer(stream, lineterminator=end).writerows([["a", "b"], *cells])
    text = stream.getvalue()
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    begun, rows = 1, []
    for row in reader:
        fault = f"the row must have 2 cells, like the header, not {len(row)}"
        rows += [(begun, row, None if len(row) == 2 else fault)] * bool(row)
        begun = reader.line_num + 1
    assert list(CsvTable(StringIO(text, newline="")).rows()) == rows[1:]
    found: list[Any] = []
    cut = CsvTable(StringIO(text, newline=""))
    for piece in cut.pieces(size):
        if isinstance(piece, list):
            found += piece
        else:
            line, texts = piece
            lines = ((line + i, text.split(cut.delimiter)) for i, text in enumerate(texts))
            found += [(at, row, width_fault(row, 2)) for at, row in lines]
    assert found == rows[1:]


@given(st.lists(st.sampled_from(['{"a": 1}', "", '{"a": "x"} ', "[7]", '{"a": 1, "a": 2}', "{"]), max_size=8),
       st.integers(1, 30), st.sampled_from(["\n", "\r\n", "\r"]))  # fmt: skip
def test_pieces_of_json_lines_are_its_rows(lines: list[str], size: int, end: str) -> None:
    text = '{"id": 7}' + end + end.join(lines)
    rows = list(JsonTable(StringIO(text, newline=None)).rows())
    found: list[Any] = []
    for piece in JsonTable(StringIO(text, newline="")).pieces(size):
        if isinstance(piece, list):
            found += [(line, row[0]) for line, row, _ in piece]
        else:
            line, texts = piece
            found += [(line + i, text) for i, text in enumerate(texts)]
    assert found == [(line, row[0]) for line, row, _ in rows]


def test_who_acted_and_who_could_see_it() -> None:
    assert acts_of("ann", "ann", "TRUE", None) == ["by requester public", "public", "by requester"]
    assert acts_of(7, "8", None, 0) == ["by others public", "public", "by others"]
    assert acts_of(None, None, None, True) == ["internal"]
    with pytest.raises(TicketError, match="requester is missing, but the layout needs it to tell who acted"):
        acts_of("ann", None, None, None)
    with pytest.raises(TicketError, match="internal: must be true or false, not 'maybe'"):
        acts_of(None, None, None, "maybe")


def test_columns_have_one_reading() -> None:
    assert [one_reading(each) for each in (None, "both", "earlier")] == ["refuse", "refuse", "earlier"]


def test_pieces_of_blank_lines_have_no_rows() -> None:
    assert list(CsvTable(StringIO("a,b\n\n\n\n1,2\n", newline="")).pieces(1)) == [(5, ["1,2"])]
    assert list(JsonTable(StringIO("\n\n\n{}\n", newline="")).pieces(1)) == [(4, ["{}"])]


def test_a_first_response_of_the_policys_own_is_not_plain() -> None:
    """An answer does not end it, so no row is judged the quick way."""
    own = Metric(name="first-response", starts=("opened",), ends=("resolved",), reopened="ignore")
    policy = KOLMISOFT.replace(metrics=[own])
    text = "plan,priority,opened_at,answered_at\npremium,high,2026-07-03T16:30+03:00,2026-07-03T16:40+03:00\n"
    out = StringIO()
    Measuring(at=datetime(2026, 7, 8, tzinfo=UTC), policy=policy).run(CsvTable(StringIO(text)), out, StringIO())
    assert ",breached," in out.getvalue()


def test_too_many_terms_are_not_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "plan,priority,opened_at\npremium,high,2026-10-20T09:00Z\npremium,low,2026-10-20T09:00Z\n"
    found = []
    for most in (10_000, 1):
        monkeypatch.setattr(plain, "MOST_TERMS", most)
        out = StringIO()
        Measuring(at=AT).run(CsvTable(StringIO(text)), out, StringIO())
        found.append(out.getvalue())
    assert found[0] == found[1]
    assert found[0].count("2026-10-20") >= 4


@pytest.mark.parametrize("end", ["", "\n"])
def test_a_large_piece_of_csv_has_the_lines_of_the_file(end: str) -> None:
    table = CsvTable(StringIO(f"a,b\n1,2\n3,4{end}", newline=""))
    assert list(table.pieces(MANY_CHARACTERS)) == [(2, ["1,2", "3,4"])]


def test_a_file_of_one_column() -> None:
    out = StringIO()
    layout = Layout(constants={"plan": "premium", "priority": "high"})
    Measuring(at=AT, layout=layout).run(CsvTable(StringIO("opened_at\n2026-10-20T09:00Z\n")), out, StringIO())
    [row] = csv.DictReader(StringIO(out.getvalue()))
    assert (row["due_at"], row["state"]) == ("2026-10-20T14:00:00+03:00", "breached")


def test_a_word_for_which_two_patterns_disagree_rejects_its_row() -> None:
    layout = Layout(values={"priority": {"P*": "high", "*1": "low"}})
    row = {"plan": "premium", "priority": "P1", "opened_at": "2026-10-20T09:00Z"}
    out, rejects = StringIO(), StringIO()
    Measuring(at=AT, layout=layout).run(JsonTable(StringIO(json.dumps(row))), out, rejects)
    assert out.getvalue() == ""
    assert "'P1' matches 'P*' and '*1', which have different meanings" in rejects.getvalue()


@pytest.mark.parametrize("value", [0, 0.0, False, [], {}])
@pytest.mark.parametrize("key", ["resolved_at", "closed_at", "reopened_at", "answered_at"])
def test_a_value_of_json_that_is_no_time_is_a_reject_on_every_path(key: str, value: Any) -> None:
    """Python takes such a value for false. It is not null, so it does not stand for a missing time."""
    row = {"id": "T2", "plan": "premium", "priority": "high", "opened_at": "2026-10-20T09:00Z", key: value}
    for metrics in (None, ["first-response"]):
        out, rejects = StringIO(), StringIO()
        summary = Measuring(at=AT, metrics=metrics).run(JsonTable(StringIO(json.dumps(row))), out, rejects)
        assert (summary.rows, summary.rejected) == (1, 1)
        assert f"{key}: " in rejects.getvalue()
