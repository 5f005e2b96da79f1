"""Layouts that are written in files. A layout file says how a help desk system writes its exports."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Self

from kolmisla.documents.model import field, record
from kolmisla.documents.toml_json import document_in, read_document
from kolmisla.documents.values import DURATION, TEXT, ZONE, Kind, list_of, one_of, optional, read_parts
from kolmisla.errors import LayoutError, PolicyError, as_text, choices, shown
from kolmisla.names import files_of
from kolmisla.tickets.layouts.fact_names import EVENT_COLUMNS, FACTS, OLD_VALUE, TERMS, TERMS_OF_EVENTS, TRANSLATED, WHO
from kolmisla.tickets.layouts.file_form import FileForm, LayoutPart
from kolmisla.tickets.layouts.kinds import Kinds
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.forms.formats import time_format
from kolmisla.times.zones import Ambiguous

__all__ = ["LayoutFile", "Times", "built_in_layouts", "layout_text"]

LAYOUT_ENDING = ".toml"


def _words(value: Any) -> Mapping[str, str]:
    """Read a table that maps words to words. The words keep their capital and small letters."""
    if not isinstance(value, Mapping):
        raise ValueError(f"must be a table (a mapping), not {shown(value)}")
    words = list(read_parts(((as_text(word), word) for word in value), TEXT.read))
    return dict(zip(words, read_parts(value.items(), TEXT.read), strict=True))


def _texts(value: Any) -> tuple[str, ...]:
    """Read one text or a list of texts. Return a tuple."""
    return (TEXT.read(value),) if isinstance(value, str) else list_of(TEXT).read(value)


def _columns(value: Any) -> str | tuple[str, ...]:
    """Read the name of one column, or a list of names."""
    return TEXT.read(value) if isinstance(value, str) else list_of(TEXT).read(value)


def _formats(value: Any) -> tuple[str, ...]:
    """Read one time format or a list of them. Raise ValueError for a format that cannot be used."""

    def checked(text: Any) -> str:
        time_format(TEXT.read(text))
        return str(text)

    return tuple(read_parts(enumerate(_texts(value)), checked))


def _table(of: Kind[Any], known: Iterable[str]) -> Kind[Mapping[str, Any]]:
    """Return a reader of tables. It raises ValueError for a key that is not in `known`.

    The argument `of` is the reader for the values of a table.
    """
    names = [*known]

    def of_name(part: tuple[Any, Any]) -> tuple[str, Any]:
        name, content = part
        if name not in names:
            raise ValueError(f"is not known here; the keys are {choices(names)}")
        return name, of.read(content)

    def read(value: Any) -> Mapping[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueError(f"must be a table (a mapping), not {shown(value)}")
        return dict(read_parts(((as_text(name), (name, content)) for name, content in value.items()), of_name))

    return Kind(read, {"type": "object", "properties": dict.fromkeys(names, of.schema), "additionalProperties": False})


WORDS = Kind(_words, {"type": "object", "additionalProperties": {"type": "string"}})
SOME_TEXTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
TEXTS, TIME_FORMATS = Kind(_texts, SOME_TEXTS), Kind(_formats, SOME_TEXTS)
SOME_COLUMNS = Kind(_columns, SOME_TEXTS)
IN_COLUMNS = (*FACTS, *EVENT_COLUMNS, *TERMS_OF_EVENTS, *WHO, OLD_VALUE)


class Times(LayoutPart):
    """How a help desk system writes times. `format` is for all times, and `formats` for those of single facts.

    If times have names of months or days, `language` is the language of these names.
    """

    timezone: str | None = field(optional(ZONE), default=None)
    ambiguous: Ambiguous | None = field(optional(one_of(Ambiguous)), default=None)
    format: tuple[str, ...] = field(TIME_FORMATS, default=())
    formats: Mapping[str, tuple[str, ...]] = field(_table(TIME_FORMATS, IN_COLUMNS), default={})
    none: tuple[str, ...] = field(TEXTS, default=())
    tolerance: timedelta | None = field(optional(DURATION), default=None)
    language: str | None = field(optional(TEXT), default=None)


class LayoutFile(LayoutPart):
    """A layout as people write it in a file, with the keys below. See `Layout` for their meaning.

    `events` maps the system's words for kinds of event to our kinds. `words` maps its words for other facts to our
    words. A fact may have a list of columns. A later column of the list is read where all earlier columns are missing
    or have no value. All columns of a list may be missing. Invalid data raises LayoutError, which lists every fault.

    >>> LayoutFile.load("jira").file.rows
    'issues'
    """

    name: str = field(TEXT, default="")
    about: str = field(TEXT, default="")
    file: FileForm = field(record(FileForm), default=FileForm())
    columns: Mapping[str, str | tuple[str, ...]] = field(_table(SOME_COLUMNS, IN_COLUMNS), default={})
    constants: Mapping[str, str] = field(_table(TEXT, IN_COLUMNS), default={})
    defaults: Mapping[str, str] = field(_table(TEXT, TERMS), default={})
    words: Mapping[str, Mapping[str, str]] = field(_table(WORDS, TRANSLATED), default={})
    events: Mapping[str, str] = field(WORDS, default={})
    times: Times = field(record(Times), default=Times())

    def _check(self) -> None:
        """Raise ValueError if the columns, constants or words of the file do not make a valid Layout."""
        Kinds(self.events, is_history=bool(self.columns.get("value")))
        Layout(columns=self.first_columns, constants=self.constants)

    @property
    def first_columns(self) -> dict[str, str]:
        """The column of each fact, or the first of its columns. The facts are the keys."""
        return {name: given if isinstance(given, str) else (*given, "")[0] for name, given in self.columns.items()}

    @property
    def other_columns(self) -> dict[str, tuple[str, ...]]:
        """The second and later columns of each fact that has a list of columns. The facts are the keys."""
        return {name: given[1:] for name, given in self.columns.items() if not isinstance(given, str)}

    @classmethod
    def load(cls, named: str | PathLike[str]) -> Self:
        """Return the built-in layout with this name, or the layout in a file that ends in `.toml` or `.json`.

        Raise LayoutError for an unknown name or an invalid file. Raise OSError if the file cannot be read.
        """
        place = str(named)
        try:
            if file := _built_in().get(place):
                return cls.from_dict(document_in(file.read_bytes(), file.name))
            if not place.lower().endswith((".toml", ".json")):
                known = f"a layout must be a .toml or .json file, or one of {choices(built_in_layouts())}"
                raise LayoutError(f"{known}, not {shown(place)}")
            return cls.from_dict(read_document(named))
        except LayoutError as error:
            if not error.faults:
                raise
            raise LayoutError.listing(error.faults, f"{place}: {cls._heading(len(error.faults))}") from error
        except PolicyError as error:  # the document is not a table
            raise LayoutError(str(error)) from error

    @classmethod
    def _heading(cls, count: int) -> str:
        return f"layout with {count} fault{'s' * (count > 1)}: "


def _built_in() -> dict[str, Any]:
    """Return the files of the layouts that come with kolmisla, by the name of the layout."""
    folders = (files_of(str(__package__)) / "built_in").iterdir()
    found = [(Path(file.name), file) for folder in folders if folder.is_dir() for file in folder.iterdir()]
    return {name.stem: file for name, file in found if name.suffix == LAYOUT_ENDING}


def built_in_layouts() -> list[str]:
    """Return the names of the layouts that come with kolmisla.

    >>> built_in_layouts()[:2]
    ['bugzilla', 'freshdesk']
    """
    return sorted(_built_in())


def layout_text(name: str) -> str:
    """Return the text of a built-in layout, with its comments. Raise LayoutError for an unknown name."""
    LayoutFile.load(name)
    return str(_built_in()[name].read_text(encoding="utf-8"))
