"""Names of months, days and halves of the day in other languages."""

import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from babel import Locale
from babel.dates import format_datetime
from hypothesis import given
from hypothesis import strategies as st

from kolmisla.cli import main
from kolmisla.errors import TicketError
from kolmisla.files import Layout
from kolmisla.tickets.layouts.layout_file import LayoutFile
from kolmisla.times.forms import languages
from kolmisla.times.forms.languages import language_named
from kolmisla.times.reading import read

ZONE = ZoneInfo("Europe/Vilnius")
LANGUAGES = ["de", "es", "fr", "it", "pt-BR", "lt", "lv", "et", "pl", "cs", "ru", "uk", "tr", "el", "fi", "hu", "ar"]
LANGUAGES += ["ja", "zh", "ko", "en", "sv", "nl", "vi", "he"]


def told(text: str, pattern: str, language: str | None) -> str:
    return read(text, zone=ZONE, pattern=pattern, language=language).replace(tzinfo=None).isoformat(timespec="minutes")


@pytest.mark.parametrize(
    ("language", "pattern", "text", "wanted"),
    [
        ("de", "%d/%b/%y %I:%M %p", "04/Mai/26 4:30 PM", "2026-05-04T16:30"),
        ("de", "%a, %d %b %Y %H:%M:%S %z", "Di, 1 Nov 2011 10:47:24 +0200", "2011-11-01T10:47"),
        ("de", "%a, %d %b %Y %H:%M:%SZ", "Di, 1 Nov 2011 10:47:24z", "2011-11-01T10:47"),
        ("de", "%d. %B %Y %H:%M", "4. MÄRZ 2026  10:00", "2026-03-04T10:00"),
        ("de", "%d. %b. %Y %H:%M", "4. Mär. 2026 10:00", "2026-03-04T10:00"),
        ("de", "%d. %b %Y %H:%M", "4. Ma\u0308rz. 2026 10:00", "2026-03-04T10:00"),
        ("es", "%d/%b/%y %I:%M %p", "18/jul/26 9:10 AM", "2026-07-18T09:10"),
        *[("es", "%d/%b/%y %H:%M", f"18/{name}/26 9:10", f"2026-{month:02}-18T09:10") for name, month in
          (("ene", 1), ("abr", 4), ("Ago", 8), ("sep", 9), ("sept", 9), ("dic.", 12), ("agosto", 8))],
        ("es", "%d/%b/%y %I:%M %p", "18/ago/26 9:10 p.\u00a0m.", "2026-08-18T21:10"),
        ("es", "%d de %B de %Y %I:%M%p", "18 de Agosto de 2026 9:10PM", "2026-08-18T21:10"),
        ("es", "%d/%b/%y %H:%M", "18/aug/26 9:10", "2026-08-18T09:10"),  # in English, as some columns are
        ("lt", "%Y m. %B %d d. %H:%M", "2026 m. gegužės 4 d. 10:00", "2026-05-04T10:00"),
        ("lt", "%Y %B %d %H:%M", "2026 gegužė 4 10:00", "2026-05-04T10:00"),
        ("tr", "%d %B %Y %H:%M", "4 MAYIS 2026 10:00", "2026-05-04T10:00"),
        ("tr", "%d %B %Y %H:%M", "4 HAZİRAN 2026 10:00", "2026-06-04T10:00"),
        ("ja", "%Y年%b%d日 %H:%M", "2026年10月4日 10:00", "2026-10-04T10:00"),
        ("de", "%d%%%b%%%y %H:%M", "04%Mai%26 4:30", "2026-05-04T04:30"),
        ("teo", "%d %b %Y %H:%M", "4 Mar 2026 10:00", "2026-05-04T10:00"),  # a name of its own wins over English
        ("de", "%d.%m.%Y %H:%M", "04.05.2026 10:00", "2026-05-04T10:00"),
        (None, "%d/%b/%y %I:%M %p", "04/May/26 4:30 PM", "2026-05-04T16:30"),
    ],
)  # fmt: skip
def test_names_are_read(language: str | None, pattern: str, text: str, wanted: str) -> None:
    assert told(text, pattern, language) == wanted


@given(
    st.sampled_from(LANGUAGES),
    st.datetimes(datetime(1970, 1, 1), datetime(2068, 1, 1)),
    st.sampled_from([("d MMM y HH:mm", "%d %b %Y %H:%M"), ("EEEE, d. MMMM y, HH:mm", "%A, %d. %B %Y, %H:%M"),
                     ("y LLLL d HH:mm", "%Y %B %d %H:%M"), ("dd/LLL/yy HH:mm", "%d/%b/%y %H:%M"),
                     ("EEE, d MMM y HH:mm", "%a, %d %b %Y %H:%M"), ("d MMM y hh:mm a", "%d %b %Y %I:%M %p")]),
    st.sampled_from([str, str.upper, str.lower, lambda text: text.replace(".", "")]),
)  # fmt: skip
def test_what_babel_writes_is_read(language: str, at: datetime, forms: tuple[str, str], change: Any) -> None:
    written, pattern = forms
    locale = Locale.parse(language.replace("-", "_"))
    if "a" in written and locale.language in ("zh", "lt", "lv", "et", "ar"):
        return  # these have other digits, or parts of the day in place of its halves
    text = change(format_datetime(at, written, locale=locale))
    if not text.isascii() and any(letter.isdigit() and not letter.isascii() for letter in text):
        return
    pattern = pattern.replace(".", "") if change("a.") == "a" else pattern
    minute = at.replace(second=0, microsecond=0)
    found = read(text, zone=ZoneInfo("UTC"), pattern=pattern, language=language).replace(tzinfo=None)
    assert abs(found - minute) in (timedelta(0), timedelta(days=36_525), timedelta(days=36_524))  # of two digits


@pytest.mark.parametrize(
    ("text", "pattern", "language", "fault"),
    [
        ("04/Mei/26 10:00", "%d/%b/%y %H:%M", "de", "'04/Mei/26 10:00' is not a time .* with the names of de"),
        ("04/Mai/26 10:00", "%d/%b/%y %H:%M", None, "is not a time written as '?%d/%b/%y %H:%M'?$"),
        ("31/Feb/26 10:00", "%d/%b/%y %H:%M", "de", "is not a time written as"),
        ("04.05.26", "%d/%m/%y %H:%M", "de", "is not a time written as '?%d/%m/%y %H:%M'?$"),
        ("x", "%d/%b/%y %H:%M", "german", "'german' is not a known language; did you mean de"),
        ("x", "%d/%b/%y %H:%M", "d\x1b", r"'d\\x1b' is not a known language; use a code such as de, es or pt-BR"),
        ("x", "%a %x %H", "de", "the time format '%a %x %H' must not have %x with a language; write the parts"),
    ],
)  # fmt: skip
def test_what_is_refused(text: str, pattern: str, language: str | None, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        read(text, zone=ZONE, pattern=pattern, language=language)


def test_without_babel_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "babel", None)
    language_named.cache_clear()
    with pytest.raises(ValueError, match=r"names in other languages need babel: pip install 'kolmisla\[languages\]'"):
        language_named("de")
    assert "babel" not in languages.__dict__


def test_a_layout_has_a_language() -> None:
    layout = Layout(pattern="%d/%b/%y %H:%M", language="es")
    assert layout.time("opened_at", "18/ene/26 9:10").isoformat() == "2026-01-18T09:10:00+02:00"
    assert layout.time("opened_at", "2026-01-18T09:10").isoformat() == "2026-01-18T09:10:00+02:00"  # ISO as well
    with pytest.raises(TicketError, match="opened_at: '18/xyz/26 9:10' is not a time written as"):
        layout.time("opened_at", "18/xyz/26 9:10")
    for pattern in (None, "%d.%m.%Y %H:%M", "epoch"):
        with pytest.raises(ValueError, match="a language must come with a time format that has names"):
            Layout(language="es", pattern=pattern)
    with pytest.raises(ValueError, match="'spanish' is not a known language; did you mean es"):
        Layout(pattern="%d/%b/%y %H:%M", language="spanish")
    with pytest.raises(TypeError, match="language must be"):
        Layout(pattern="%d/%b/%y %H:%M", language=5)  # type: ignore[arg-type]


def test_a_file_of_a_layout_may_say_it(tmp_path: Path) -> None:
    layout, tickets, out = tmp_path / "l.toml", tmp_path / "t.csv", tmp_path / "o.csv"
    layout.write_text('[times]\nformat = "%d/%b/%y %I:%M %p"\nlanguage = "es"\n', encoding="utf-8")
    assert LayoutFile.load(layout).times.language == "es"
    facts = "premium,high,18/ago/26 9:10 AM,18/ago/26 9:20 AM\npremium,high,18/Aug/26 9:10 AM,\n"
    tickets.write_text(f"plan,priority,opened_at,answered_at\n{facts}", encoding="utf-8")
    options = ["measure", str(tickets), "-o", str(out), "--at", "2026-09-01T10:00Z"]
    assert main([*options, "--layout", str(layout)]) == 0
    assert main([*options, "--time-format", "%d/%b/%y %I:%M %p", "--time-language", "es"]) == 0
    assert out.read_text(encoding="utf-8").splitlines()[1].split(",")[4] == "2026-08-18T11:10:00+03:00"
    assert main([*options, "--layout", str(layout), "--time-language", "de"]) == 1  # an option wins
