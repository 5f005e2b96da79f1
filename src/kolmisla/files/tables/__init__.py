"""Tables: rows of a file, one at a time, and the same rows written back with values added.

Public names, each loaded when it is first used: `CsvTable`, `JsonDocument`, `JsonTable`, `XesTable`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    opening          files to read: text, also compressed
    table            what a table is, and which format a file has
    csv_table        CSV, read and written
    paths            dotted names and lists: values inside JSON objects
    json_table       JSON Lines, and how rows of every JSON form are written
    json_text        the values of a JSON text, one at a time, in bounded memory
    json_document    JSON that is not one object per line
    xes              event logs in XES
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

if TYPE_CHECKING:
    from kolmisla.files.tables.csv_table import CsvTable
    from kolmisla.files.tables.json_document import JsonDocument
    from kolmisla.files.tables.json_table import JsonTable
    from kolmisla.files.tables.xes import XesTable

__all__ = ["CsvTable", "JsonDocument", "JsonTable", "XesTable"]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "files.tables.csv_table": ["CsvTable"],
        "files.tables.json_document": ["JsonDocument"],
        "files.tables.json_table": ["JsonTable"],
        "files.tables.xes": ["XesTable"],
    },
)
