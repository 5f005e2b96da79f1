"""Reading files of tickets, and writing the same rows with deadlines and states.

Public names, each loaded when it is first used: `Layout`, `Log`, `Measuring`, `intake`.

Read the files in this order. Each file imports only from the files above it, and from folders above this one:

    atomic       files that appear whole or not at all
    json_forms   the counts of a job, and the values added to a row, as dicts for JSON
    endings      what a run knows about the ends of cycles
    summary      the counts of a job
    tables       rows of CSV, JSON and XES, read and written
    facts        a row as the facts of a ticket, or as an event
    logs         the events of tickets: in the rows of a file, and in a log
    reader       the facts of tickets from rows
    tickets      tickets in order, with their events
    job          a row that is judged and written, or rejected
    plain        a fast way to judge plain rows
    measure      the main job, from a file of tickets to the same rows with deadlines
    bulk         the main job on large files of text and of Parquet, in columns
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

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
