"""Answers questions about millions of rows at once: about instants on a schedule, and about tickets under a policy.

This folder needs the extra `columns`: numpy and narwhals. The public names are `breakdown`, `cycles`, `due`, `elapsed`,
`measure`, `next_open`, `with_due`, `with_elapsed` and `with_next_open`. Each name is loaded when it is first used.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    kernel       the computations, on arrays of integers only
    frames       reads data frames in memory and lazy frames of Polars, and adds answers to them
    sql          writes and runs the queries for DuckDB and Spark
    engines      finds the engine that a frame belongs to: DuckDB, Spark, or none
    questions    due, elapsed and next_open, for arrays and columns
    new_columns  with_due, with_elapsed and with_next_open, for frames
    given        reads what a caller gives: tickets, events, the names of columns, and how to translate words
    tickets      measure: deadlines and states for the tickets of a frame
    lives        finds and judges the cycles of any metric
    all_cycles   cycles: a row for each cycle of the tickets of a frame
    parts        breakdown: a row for each part of the last cycle of a ticket, by owner, priority or reason
"""

from typing import TYPE_CHECKING

from kolmisla.names import late_names

try:
    import narwhals
    import numpy.ma  # Polars would load it when it first gets an array, where a fork would not wait
except ImportError as error:
    if error.name is None:  # the package is installed, but cannot be loaded
        raise
    raise ImportError(f"kolmisla.columns needs {error.name}: pip install 'kolmisla[columns]'") from error

if TYPE_CHECKING:
    from kolmisla.columns.all_cycles import cycles
    from kolmisla.columns.new_columns import with_due, with_elapsed, with_next_open
    from kolmisla.columns.parts import breakdown
    from kolmisla.columns.questions import due, elapsed, next_open
    from kolmisla.columns.tickets import measure

__all__ = [
    "breakdown",
    "cycles",
    "due",
    "elapsed",
    "measure",
    "next_open",
    "with_due",
    "with_elapsed",
    "with_next_open",
]

__getattr__, __dir__ = late_names(
    __name__,
    {
        "columns.all_cycles": ["cycles"],
        "columns.parts": ["breakdown"],
        "columns.questions": ["due", "elapsed", "next_open"],
        "columns.new_columns": ["with_due", "with_elapsed", "with_next_open"],
        "columns.tickets": ["measure"],
    },
)


del narwhals, numpy
