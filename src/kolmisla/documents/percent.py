"""Percentages that people write, such as `95 %`, as exact decimals."""

import re
from decimal import Decimal
from typing import Any

from kolmisla.documents.values import Kind
from kolmisla.errors import shown

__all__ = ["PERCENT", "Percent", "percent_text"]

PERCENT_PATTERN = r"\s*([0-9]{1,3})(?:\.([0-9]{1,6}))?\s*%\s*"
FINEST = -8  # the exponent of the last digit: a millionth of a percent


class Percent(Decimal):
    """A share or a credit as an exact decimal, which documents write in percent: `95 %` is 0.95.

    >>> PERCENT.read("99.9 %") == Decimal("0.999")
    True
    """

    __slots__ = ()


def percent_text(share: Decimal) -> str:
    """Return a decimal as a text in percent, without rounding.

    >>> percent_text(Decimal("0.999")), percent_text(Decimal("0.950"))
    ('99.9 %', '95 %')
    """
    _, digits, exponent = share.as_tuple()
    text = f"{Decimal((0, digits, int(exponent) + 2)):f}"  # a product could be rounded by the caller's decimal context
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def _percent(value: Any) -> Percent:
    match = re.fullmatch(PERCENT_PATTERN, value) if isinstance(value, str) else None
    if match is not None:
        given = Decimal(f"{match[1]}.{match[2] or '0'}E-2")
    elif isinstance(value, Decimal) and value.is_finite():
        given = value
    else:
        why = "; a float cannot hold an exact share" if isinstance(value, float) else ""
        raise ValueError(f'{shown(value)} is not a percentage such as "95 %" or Decimal("0.95"){why}')
    if not 0 <= given <= 1:
        told = f'from 0 % to 100 %, such as "95 %" or Decimal("0.95"), not {shown(value)}'
        raise ValueError(f"a percentage must be {told}")
    share = _shortest(given)
    if int(share.as_tuple().exponent) < FINEST:
        raise ValueError(f"a percentage must have at most six decimals, not {shown(value)}")
    return share


def _shortest(share: Decimal) -> Percent:
    """Return a finite decimal without trailing zeros, so that equal shares are written alike."""
    _, digits, exponent = share.as_tuple()
    while len(digits) > 1 and not digits[-1]:
        digits, exponent = digits[:-1], int(exponent) + 1
    return Percent((0, digits, int(exponent) if any(digits) else 0))


PERCENT: Kind[Percent] = Kind(
    _percent, {"type": "string", "pattern": f"^{PERCENT_PATTERN}$", "examples": ["95 %", "99.9 %"]}
)
