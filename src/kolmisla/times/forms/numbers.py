"""Times that are numbers: seconds, milliseconds, microseconds or nanoseconds since 1970, and the days of Excel."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import NamedTuple

from kolmisla.errors import shown
from kolmisla.times.amounts import EXACT

__all__ = ["NUMBER_FORMATS", "NumberFormat", "is_number"]

EPOCH_START = datetime(1970, 1, 1, tzinfo=UTC)
EXCEL_START = datetime(1899, 12, 30)  # noqa: DTZ001  # serial 0 of the 1900 system, as counted back from day 61
FIRST_EXCEL = 61  # 1900-03-01; just before it, Excel counts 1900-02-29, a date that did not exist
UNITS_A_SECOND = {"epoch-s": 1, "epoch-ms": 10**3, "epoch-us": 10**6, "epoch-ns": 10**9}
# A number below one of these sizes is in the unit beside the size. 10**11 seconds are in the year 5138, and 10**11
# milliseconds in 1973.
BY_SIZE = ((10**11, "epoch-s"), (10**14, "epoch-ms"), (10**17, "epoch-us"))
DECIMAL = re.compile(r"[+-]?\d{1,25}(\.\d{1,25})?", re.ASCII)
MILLISECONDS_A_DAY = 86_400_000


def is_number(text: str) -> bool:
    """Tell whether a text is a decimal number. Such a text is a time only in a format such as `epoch`."""
    return DECIMAL.fullmatch(text.strip()) is not None


class NumberFormat(NamedTuple):
    """A format of times that are numbers.

    `epoch` counts from 1970 in UTC; the size of the number tells the unit, unless the name does, as in `epoch-ms`.
    `excel` is the number in an Excel cell that shows a date.
    """

    name: str
    zone: tzinfo | None = None

    def read(self, text: str) -> datetime:
        """Read a time. The result is in UTC; for `excel`, it is naive, and rounded to the millisecond.

        Raise ValueError for text in another format, and for a time that a datetime cannot hold.

        >>> NumberFormat("epoch").read("1783085400000").isoformat()
        '2026-07-03T13:30:00+00:00'
        """
        if not is_number(text):
            raise ValueError
        number = Decimal(text.strip())
        try:
            if self.name == "excel":
                if number < FIRST_EXCEL:
                    raise ValueError
                return EXCEL_START + timedelta(
                    milliseconds=int(EXACT.multiply(number, MILLISECONDS_A_DAY).to_integral_value())
                )
            unit = self.name
            if unit == "epoch":
                unit = next((unit for limit, unit in BY_SIZE if number.copy_abs() < limit), "epoch-ns")
            return EPOCH_START + timedelta(
                microseconds=int(EXACT.divide(EXACT.multiply(number, 10**6), UNITS_A_SECOND[unit]))
            )
        except OverflowError:
            raise ValueError(f"{shown(text)} is a time outside the years 1 to 9999") from None


NUMBER_FORMATS = ("epoch", *UNITS_A_SECOND, "excel")
