"""Reads files of tickets, and writes the same rows with deadlines and states.

Public names, each loaded when it is first used: `Layout`, `Log`, `Measuring`, `intake`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    outputs      writes files so that they appear complete or not at all, and text for streams
    json_forms   what measuring a file gives, as dicts for JSON: the counts, and the values added to each row
    endings      finds out whether a file tells how cycles end, and what to type if it does not
    responses    counts first responses for the means that plans promise
    summary      counts the tickets of a file, and their cycles in each state
    tables       reads and writes rows of CSV, JSON and XES
    facts        converts the values of a row to the facts of a ticket
    logs         reads the events of tickets, from the tickets' own rows or from a separate file
    reader       reads the facts of tickets from the rows of a table
    tickets      yields the tickets of a table in order, with their events
    job          judges a row, and writes or rejects it
    plain        judges rows without special cases, fast
    measure      does the whole job: reads tickets, and writes the same rows with deadlines
    bulk         does the same job for large files and for Parquet, many rows at once
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

if TYPE_CHECKING:
    from kolmisla.files.logs.log import Log
    from kolmisla.files.measure import Measuring
    from kolmisla.files.tickets import intake
    from kolmisla.tickets.layouts.layout import Layout

__all__ = ["Layout", "Log", "Measuring", "intake"]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "tickets.layouts.layout": ["Layout"],
        "files.logs.log": ["Log"],
        "files.tickets": ["intake"],
        "files.measure": ["Measuring"],
    },
)
