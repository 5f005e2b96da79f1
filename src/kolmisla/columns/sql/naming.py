"""Makes a table in which SQL looks up the instant that a target in days names, such as 16:00 on the next working day.

The table has a row for each course in each bucket. SQL finds a row by the bucket in which the opening lies.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from kolmisla.columns.kernel.naming.amounts import NamedTargets
from kolmisla.columns.kernel.naming.named_instants import STARTS_AT_ONCE
from kolmisla.columns.kernel.promises import Entitlement
from kolmisla.columns.kernel.questions import NULL
from kolmisla.columns.kernel.timeline import LAST
from kolmisla.columns.sql.lookups import (
    SINCE_COLUMN,
    UNTIL_COLUMN,
    Dialect,
    Join,
    Lookups,
    LookupTable,
    QueryStep,
    step_function,
    table_name,
)

__all__ = ["NamedLookup"]

COURSE_COLUMNS = ("base", "grows", SINCE_COLUMN, UNTIL_COLUMN)
NULLS_BUCKET = -1  # the bucket with a row of nulls
PER_COURSE = 2  # the number of buckets for each course, on average


class NamedLookup:
    """A lookup table of the instants that targets in days name, and the SQL that reads the table.

    `entitlements` have the targets. `blocks` has the numbers of the blocks of time in which tickets are opened. A block
    lasts STARTS_AT_ONCE.
    """

    def __init__(self, entitlements: Sequence[Entitlement], blocks: Sequence[int], dialect: Dialect) -> None:
        first, last = blocks[0] * STARTS_AT_ONCE, (blocks[-1] + 1) * STARTS_AT_ONCE
        self._first, self._last, self._dialect = first, last, dialect
        named = NamedTargets.among(entitlements)
        buckets, columns, begin = [np.array([NULLS_BUCKET])], {name: [np.array([NULL])] for name in COURSE_COLUMNS}, 0
        places, widths = [], []
        for target in named.targets:
            since, base, grows = target.courses(blocks)
            width = max((last - first + 1) // (PER_COURSE * len(since)), 1)
            function = step_function(since, {"base": base, "grows": grows}, first, last, width)
            buckets.append(function.bucket + begin)
            rows = len(function.bucket)
            always = {SINCE_COLUMN: np.full(rows, NULL + 1), UNTIL_COLUMN: np.full(rows, LAST)}
            for name, parts in columns.items():
                parts.append({**always, **function.columns}[name])
            places.append(begin)
            widths.append(width)
            begin += (last - first) // width + 1
        self._at, self._width = (
            np.array([NULL if number < 0 else values[number] for number in named.number.tolist()], np.int64)
            for values in (places, widths)
        )
        self._table: LookupTable = {
            "bucket": np.concatenate(buckets),
            **{name: np.concatenate(parts) for name, parts in columns.items()},
        }
        self._name = table_name("named", self._table)

    @property
    def columns(self) -> LookupTable:
        """Three columns by entitlement: whether its target is in days, its first bucket, and the width of its buckets.

        If the target is not in days, the bucket and the width are NULL.
        """
        in_days = (self._at != NULL).astype(np.int64)
        return {"kolmisla_in_days": in_days, "kolmisla_named_at": self._at, "kolmisla_named_width": self._width}

    @property
    def tables(self) -> dict[str, LookupTable]:
        """The lookup table, by its name."""
        return {self._name: self._table}

    def is_beyond(self, opened: str) -> str:
        """Return SQL for a condition: the target is in days, and the table does not cover the opening.

        `opened` is SQL for the instant of the opening.
        """
        return f"kolmisla_in_days = 1 AND ({opened} < {self._first} OR {opened} >= {self._last})"

    def steps(self, lookups: Lookups, slot: Mapping[str, object], opened: str, target: str) -> list[QueryStep]:
        """Return the steps of a query that add the column `target`: each ticket's target as an amount of open time.

        `opened` is the column of openings. `slot` says where `lookups` has the ticket's schedule. An amount that is not
        known is null.
        """
        at = f"b.{opened}"
        bucket = self._dialect.quotient(f"{at} - {self._first}", "b.kolmisla_named_width")
        known = f"b.kolmisla_in_days = 1 AND {at} >= {self._first} AND {at} < {self._last}"
        key = f"CASE WHEN {known} THEN b.kolmisla_named_at + {bucket} ELSE {NULLS_BUCKET} END"
        in_course = f"{at} >= n.{SINCE_COLUMN} AND {at} < n.{UNTIL_COLUMN}"
        own_row = f"n.bucket = {key} AND (n.bucket = {NULLS_BUCKET} OR ({in_course}))"
        join = Join(self._name, "n", own_row)
        amount = f"{lookups.worked('k', 'b.kolmisla_named')} - {lookups.worked('c', at)}"
        counted = [lookups.counted("k", slot, "b.kolmisla_named"), lookups.counted("c", slot, at)]
        return [
            QueryStep("b", [join], ["b.*", f"n.base + n.grows * {at} AS kolmisla_named"]),
            QueryStep(
                "b",
                counted,
                ["b.*", f"CASE WHEN b.kolmisla_in_days = 1 THEN {amount} ELSE b.kolmisla_target END AS {target}"],
            ),
        ]
