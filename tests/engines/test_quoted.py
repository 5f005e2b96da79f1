"""Lines of CSV with quotes are read in columns as Python's csv reads them one by one."""

import csv
from io import StringIO

import pytest

pl = pytest.importorskip("polars", reason="the extra polars is not installed")
pytest.importorskip("narwhals", reason="the extra polars is not installed")

from hypothesis import example, given
from hypothesis import strategies as st

from kolmisla.files import Measuring
from kolmisla.files.bulk import rows as texts
from kolmisla.files.bulk.quoted import are_whole_rows, sizes, written_again
from kolmisla.files.bulk.text import measure_text
from kolmisla.files.bulk.written import joined
from kolmisla.files.tables.csv_table import row_of
from tests.engines.test_texts import AT, HEADER, written

pytestmark = pytest.mark.polars

WHOLE = [
    "a,b",
    '"a","b"',
    '"a, b",c,"d"',
    '"a ""x"" b",c',
    '"a ""x"", b",c',
    '"a","say ""x"""',
    '"",""',
    '"""",","',
    ",",
    '" a ", b ',
    'a,"b,""c"",d"',
    '"a,b","c,d"',
]
NOT_WHOLE = ['a"b,c', '"a"b,c', '"a,b', 'a,"b', '"""', '"a" ,b', '"a"","b"']
PIECES = st.lists(st.sampled_from(['"', '""', ",", '","', "a", " ", "é"]), min_size=1, max_size=12).map("".join)


def agree(lines: list[str], delimiter: str) -> None:
    rows = [row_of(line, delimiter) for line in lines]
    column = pl.Series(lines, dtype=pl.String)
    assert sizes(column, delimiter, has_quotes=True).tolist() == [len(row) for row in rows]
    again = zip(written_again(column, delimiter).to_list(), joined(rows, delimiter), rows, strict=True)
    assert [(quick, row) for quick, _, row in again if len(row) > 1] == [
        (plain, row) for plain, row in zip(joined(rows, delimiter), rows, strict=True) if len(row) > 1
    ]


@given(st.lists(PIECES, min_size=1, max_size=4), st.sampled_from(",;\t|"))
@example(WHOLE, ";")
def test_whole_rows_are_read_and_written_as_csv_does(lines: list[str], delimiter: str) -> None:
    lines = [line.replace(",", delimiter) for line in lines]
    if are_whole_rows(lines, delimiter):
        agree(lines, delimiter)


def test_which_lines_are_whole_rows() -> None:
    assert all(are_whole_rows([line], ",") for line in WHOLE)
    agree(WHOLE, ",")
    agree(['"a","b"', "a,b"], ",")
    agree(['"a ""x"" b",c', "a,b"], ",")
    assert not any(are_whole_rows(["a,b", line], ",") for line in NOT_WHOLE)
    assert not are_whole_rows(['a~"b"'], "~")


def test_a_cell_that_csv_refuses_is_refused() -> None:
    row = f'premium,high,2026-07-03T16:30:00+03:00,,,,"{"a, b" * 40_000}"\n'
    before = csv.field_size_limit(131_072)  # a command that ran in this process has raised it
    try:
        with pytest.raises(ValueError, match="the row that begins on line 2 is not CSV: field larger than field limit"):
            written(
                Measuring(at=AT), f"{','.join(HEADER)}\n{row}", lambda *files: measure_text(Measuring(at=AT), *files)
            )
    finally:
        csv.field_size_limit(before)


def test_rows_with_quotes_are_measured_in_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    times = "2026-07-03T16:30:00+03:00", "2026-07-07T08:00:00+03:00"
    row = ("premium", "high", *times, "", "")
    notes = ["with, comma", 'with "quotes"', "plain", '"all", of it', ""]
    for quoting in (csv.QUOTE_MINIMAL, csv.QUOTE_ALL):
        stream = StringIO()
        csv.writer(stream, quoting=quoting).writerows([HEADER, *((*row, note) for note in notes * 3)])
        with monkeypatch.context() as patched:
            patched.setattr(texts, "SIZE", 200)
            plain = written(Measuring(at=AT), stream.getvalue(), Measuring(at=AT).run)
            patched.setattr(Measuring, "judged", None)  # no row is judged as a single one
            patched.setattr(texts, "_of_cells", None)  # nor read as one
            quick = written(Measuring(at=AT), stream.getvalue(), lambda *files: measure_text(Measuring(at=AT), *files))
        assert quick == plain
        assert quick[0].count(",5400,7200,met,") == 15


@pytest.mark.parametrize("note", ['"on two\nlines"', '"a"', '"with, comma"'])
def test_odd_rows_among_rows_with_quotes(note: str) -> None:
    good = f"premium,high,2026-07-03T16:30:00+03:00,2026-07-07T08:00:00+03:00,,,{note}"
    lines = [",".join(HEADER), good, "premium,high", f"{good},more", good.replace("07-03", "17-03"), good]
    text = "\n".join(lines) + "\n"
    plain = written(Measuring(at=AT), text, Measuring(at=AT).run)
    quick = written(Measuring(at=AT), text, lambda *files: measure_text(Measuring(at=AT), *files))
    assert quick == plain
    assert plain[1].count("the row must have 7 cells") == 2
