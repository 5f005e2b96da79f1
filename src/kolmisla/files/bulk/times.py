"""Converts columns of texts to instants, with the same results as `Layout.time`, which reads one text.

A column is read in the form of its first text. Other rows must be read alone.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from kolmisla.columns.kernel.questions import NULL, Mask
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import Wall
from kolmisla.tickets.layouts.layout import NO_TIME, Layout
from kolmisla.tickets.layouts.repeated import one_reading
from kolmisla.times.forms.formats import TimeFormat, time_format
from kolmisla.times.instants import SECOND, length, micros

__all__ = ["instants_of"]

# 0001 to 9999, because datetime has no year 0
YEAR = "(?:[0-9]{3}[1-9]|[0-9]{2}[1-9]0|[0-9][1-9]00|[1-9]000)"
DIRECTIVES = {
    "%Y": YEAR,
    "%y": "(?:[0-57-9][0-9]|6[0-8])",  # libraries disagree about the century of 69
    "%m": "(?:0[1-9]|1[0-2])",
    "%d": "(?:0[1-9]|[12][0-9]|3[01])",
    "%H": "(?:[01][0-9]|2[0-3])",
    "%I": "(?:0[1-9]|1[0-2])",
    "%M": "[0-5][0-9]",
    "%S": "[0-5][0-9]",
    "%b": "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)",
    "%p": "(?:AM|PM)",
}
ISO = re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d(:\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d(:?)\d\d)?", re.ASCII)
EPOCH_DIGITS = re.compile(r"[1-9](?:\d{9}|\d{12}|\d{15})", re.ASCII)  # without zeros at the beginning
EPOCH_NAMES = {
    10: ("epoch", "epoch-s"),
    13: ("epoch", "epoch-ms"),
    16: ("epoch", "epoch-us"),
}
EPOCH_UNITS = {10: SECOND, 13: 1000, 16: 1}  # microseconds in one unit


KNOWN_FROM, KNOWN_UNTIL = (micros(datetime(year, 1, 2, tzinfo=UTC)) for year in (1900, 2200))


class Form(NamedTuple):
    """A form of written times: a regular expression for the text, and how Polars reads the part with the date."""

    pattern: str
    date: str  # the format of the first `width` characters, or of the whole text if `width` is None
    width: int | None = None
    fraction: bool = False  # whether a fraction may follow
    offset: int = 0  # the number of characters of an offset at the end
    zone: tzinfo | None = None  # the zone of times without an offset; None means the zone of the layout


def instants_of(cells: pl.Series, layout: Layout, name: str) -> tuple[Ints, Mask]:
    """Convert a column of texts to instants. Also return a mask of the texts that could be read.

    A text is read if it has the form of the first one, or means "no time". Without a time, the instant is NULL. Texts
    must have no outer spaces.
    """
    nothing = cells.is_null().to_numpy()
    if layout.none:
        words = [word.casefold() for word in layout.none]
        nothing = nothing | cells.str.to_lowercase().is_in(words).fill_null(False).to_numpy()
    values = np.full(len(cells), NULL)
    if nothing.all():
        return values, nothing
    first = cells[int(np.argmin(nothing))]
    if nothing.any():
        cells = cells.to_frame().select(pl.when(pl.Series(~nothing)).then(pl.first())).to_series()
    formats = layout.formats_of(name)
    if not formats:
        values = _read(cells, _iso(first), layout)
    elif len(formats) == 1 and (digits := EPOCH_DIGITS.fullmatch(first)) and formats[0] in EPOCH_NAMES[len(digits[0])]:
        values = _numbers(cells, len(first))
    elif len(formats) == 1 and layout.language is None:
        values = _read(cells, _form(formats[0]), layout)
    far = (values < KNOWN_FROM) | (values >= KNOWN_UNTIL)  # the zone tables may not reach so far
    values = np.where(far, NULL, values) if far.any() else values
    unread = (values == NULL) & ~nothing
    if unread.any():
        rest = cells.to_frame().select(pl.when(pl.Series(unread)).then(pl.first().str.to_lowercase())).to_series()
        nothing = nothing | rest.is_in(list(NO_TIME)).fill_null(False).to_numpy()
    return values, nothing | (values != NULL)


def _iso(text: str) -> Form | None:
    """Return the form of a text in ISO 8601. For a rare form of ISO 8601, and for any other text, return None."""
    match = ISO.fullmatch(text)
    if match is None:
        return None
    between, seconds, offset, colon = match.groups()
    pattern = f"{DIRECTIVES['%Y']}-{DIRECTIVES['%m']}-{DIRECTIVES['%d']}{between}{DIRECTIVES['%H']}:[0-5][0-9]"
    pattern += r":[0-5][0-9](?:\.[0-9]{1,6})?" if seconds else ""
    if offset == "Z":
        pattern += "Z"
    elif offset:
        pattern += f"[+-](?:0[0-9]|1[0-4]){colon}[0-5][0-9]"
    date = f"%Y-%m-%d{between}%H:%M" + (":%S" if seconds else "")
    zone = UTC if offset == "Z" else None
    width = 19 if seconds else 16
    return Form(pattern, date, width, bool(seconds), len(offset or "") if offset != "Z" else 0, zone)


def _form(pattern: str) -> Form | None:
    """Return the form for a strptime format. If Polars may read its times in another way than Python, return None."""
    form = time_format(pattern)
    if not isinstance(form, TimeFormat):
        return None
    pieces = re.split(r"(%.)", pattern)
    if any(piece.startswith("%") and piece not in DIRECTIVES for piece in pieces) or not pattern.isascii():
        return None
    if any(pieces.count(part) > 1 for part in DIRECTIVES) or ("%p" in pieces) != ("%I" in pieces):
        return None
    return Form("".join(DIRECTIVES.get(piece, re.escape(piece)) for piece in pieces), pattern, zone=form.zone)


def _numbers(cells: pl.Series, digits: int) -> Ints:
    """Convert texts that are numbers with `digits` digits to instants. For any other text, return NULL."""
    plain = cells.str.contains(f"^[1-9][0-9]{{{digits - 1}}}$")
    numbers = cells.set(~plain.fill_null(False), None).str.to_integer(strict=False)
    return _filled(numbers * EPOCH_UNITS[digits])


def _read(cells: pl.Series, form: Form | None, layout: Layout) -> Ints:
    """Convert texts that are written in `form` to instants. For any other text, or if `form` is None, return NULL."""
    if form is None:
        return np.full(len(cells), NULL)
    fits = cells.str.contains(f"^(?:{form.pattern})$").fill_null(False)
    known = cells if fits.all() else cells.set(~fits, None)
    dates = known if form.width is None else known.str.slice(0, form.width)
    walls = _filled(dates.str.to_datetime(form.date, time_unit="us", strict=False))
    if form.fraction:
        walls = _with_fractions(walls, known, form)
    if form.offset:
        return _less_offsets(walls, known.str.slice(-form.offset))
    if form.zone is None or isinstance(form.zone, ZoneInfo):
        zone = layout.zone if form.zone is None else form.zone
        return Wall(zone, one_reading(layout.ambiguous)).instants(walls).values
    ahead = length(form.zone.utcoffset(None) or timedelta())
    return walls if not ahead else np.where(walls == NULL, NULL, walls - ahead)


def _with_fractions(walls: Ints, known: pl.Series, form: Form) -> Ints:
    """Return the wall times with the fractions of seconds added. `known` has the texts of the wall times."""
    if not (known.str.slice(form.width or 0, 1) == ".").any():
        return walls
    digits = known.str.extract(r"\.([0-9]{1,6})").fill_null("")
    micros = digits.str.pad_end(6, "0").str.to_integer(strict=False).fill_null(0).to_numpy()
    return np.where(walls == NULL, NULL, walls + micros)


def _less_offsets(walls: Ints, offsets: pl.Series) -> Ints:
    """Convert wall times to instants. `offsets` has the UTC offset of each wall time as text, such as +03:00."""
    distinct = offsets.unique()
    ahead = pl.Series([_offset(text) for text in distinct], dtype=pl.Int64)
    micros = offsets.replace_strict(distinct, ahead, return_dtype=pl.Int64).fill_null(0).to_numpy()
    return np.where(walls == NULL, NULL, walls - micros)


def _offset(text: str | None) -> int:
    """Convert an offset such as +03:00 or +0300 to microseconds, and None to 0."""
    if text is None:
        return 0
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return (-60 if text[0] == "-" else 60) * minutes * SECOND


def _filled(values: pl.Series) -> Ints:
    """Convert a column of datetimes or integers to integers, with NULL for nulls."""
    return values.cast(pl.Int64).fill_null(NULL).to_numpy()
