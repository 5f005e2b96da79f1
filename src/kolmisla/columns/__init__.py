"""Millions of rows at once: the answers of a schedule, and of a policy for whole tickets, column by column.

    kolmisla.columns.due, elapsed, next_open   a schedule's questions for arrays and columns
    kolmisla.columns.measure                   deadlines, time counted and states for frames of tickets

Needs the extra `columns`: numpy and narwhals.
"""

try:
    import narwhals
    import numpy
except ImportError as error:
    raise ImportError(f"kolmisla.columns needs {error.name}: pip install 'kolmisla[columns]'") from error

from kolmisla.columns.adding import with_due, with_elapsed, with_next_open
from kolmisla.columns.answers import due, elapsed, next_open
from kolmisla.columns.tickets import measure

__all__ = ["due", "elapsed", "measure", "next_open", "with_due", "with_elapsed", "with_next_open"]

del narwhals, numpy
