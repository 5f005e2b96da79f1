"""Answers for millions of rows at once. A schedule answers about instants, and a policy about whole tickets.

This folder needs the extra `columns`: numpy and narwhals. The public names are `breakdown`, `cycles`, `due`, `elapsed`,
`measure`, `next_open`, `with_due`, `with_elapsed` and `with_next_open`. Each name is loaded when it is first used.

Read the files in this order. Each file imports only from files above it in this list, and from folders above this one:

    kernel       the computations, on arrays of integers only
    frames       data frames in memory, and lazy frames of Polars
    sql          DuckDB and Spark
    engines      which engine a frame belongs to
    questions    due, elapsed, next_open
    new_columns  with_due, with_elapsed, with_next_open
    given        what a caller gives: words, tickets and events
    tickets      measure: deadlines and states for the tickets of a frame
    lives        the cycles of any metric in the lives of tickets
    all_cycles   cycles: a row for each cycle of the tickets of a frame
    parts        breakdown: a row for each part of their last cycles
"""

from typing import TYPE_CHECKING

from kolmisla import late_names

try:
    import narwhals
    import numpy
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
