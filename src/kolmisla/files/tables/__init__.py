"""Reads the rows of a file, one at a time, and writes the same rows with values added.

Public names, each loaded when it is first used: `CsvTable`, `JsonDocument`, `JsonTable`, `XesTable`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    opening          opens files of text, also compressed ones
    table            says what a table must be able to do, and which format a file has
    csv_table        reads and writes CSV
    paths            finds values inside JSON objects by paths such as fields.priority.name
    json_table       reads JSON Lines, and writes rows of JSON in any form
    json_text        reads the values of a JSON text one at a time, in bounded memory
    json_document    reads JSON that is not one object per line
    xes              reads event logs in XES
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

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
