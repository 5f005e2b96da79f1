"""The form of the files of a help desk system: their format, the character between cells, and the encoding."""

import codecs
from typing import Any, ClassVar, Literal

from kolmisla.documents.model import Model, field
from kolmisla.documents.values import TEXT, Kind, one_of, optional
from kolmisla.errors import KolmislaError, LayoutError, shown
from kolmisla.names import LOADING

__all__ = ["FileForm", "FileFormat", "LayoutPart", "read_delimiter", "read_encoding"]

FileFormat = Literal["csv", "jsonl", "json", "xes", "parquet"]


def read_delimiter(text: Any) -> str:
    r"""Return the character between the cells of a CSV file. The text `\t` means a tab.

    Raise ValueError unless the text is one character other than a double quote and the end of a line.

    >>> read_delimiter(";"), read_delimiter("\\t") == chr(9)
    (';', True)
    """
    character = "\t" if text == "\\t" else text
    if not isinstance(character, str) or len(character) != 1 or character in '\r\n"':
        raise ValueError(
            "a delimiter must be one character other than a double quote and the end of a line, such as ; or \\t for a"
            f" tab, not {shown(text)}"
        )
    return character


def read_encoding(text: Any) -> str:
    """Return the name of an encoding. For UTF-8, return `utf-8-sig`, which allows a byte order mark.

    Raise ValueError if the encoding is unknown, or does not encode text.

    >>> read_encoding("UTF-8"), read_encoding("cp1257")
    ('utf-8-sig', 'cp1257')
    """
    try:
        with LOADING:  # the first use loads the codec
            "".encode(TEXT.read(text))
    except LookupError:  # no such encoding, or it does not encode text
        raise ValueError(f"{shown(text)} is not an encoding such as utf-8 or cp1257") from None
    return "utf-8-sig" if codecs.lookup(text).name == "utf-8" else str(text)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError(f"must be true or false, not {shown(value)}")
    return value


class LayoutPart(Model):
    """The base class of a layout's parts. Invalid data raises LayoutError, which lists every fault."""

    error: ClassVar[type[KolmislaError]] = LayoutError


class FileForm(LayoutPart):
    """The form of the files of a help desk system.

    In a JSON document, `rows` is the path to the rows of tickets, and `event_rows` is the path to the rows of events.
    If `audit` is True, the file of tickets is an audit log: each row says how a ticket was from one instant on.
    """

    format: FileFormat | None = field(optional(one_of(FileFormat)), default=None)
    rows: str | None = field(optional(TEXT), default=None)
    event_rows: str | None = field(optional(TEXT), default=None)
    audit: bool = field(Kind(_read_flag, {"type": "boolean"}), default=False)
    delimiter: str | None = field(optional(Kind(read_delimiter, {"type": "string"})), default=None)
    encoding: str | None = field(optional(Kind(read_encoding, {"type": "string"})), default=None)
