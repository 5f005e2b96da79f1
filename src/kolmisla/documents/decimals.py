"""Prices and percentages that people write, such as `99.50` and `95 %`, as exact decimals."""

import re
from decimal import Decimal
from typing import Any, Literal

from kolmisla.documents.values import Kind
from kolmisla.errors import as_text, shown
from kolmisla.times.amounts import EXACT

__all__ = ["ON_REQUEST", "PERCENT", "PRICE", "Percent", "decimal_text", "in_cents", "percent_text", "price_text"]

ON_REQUEST: Literal["depends on request"] = "depends on request"  # written for a price that is given only on request

CENT = Decimal("0.01")
PRICE_PATTERN = r"[0-9]{1,9}(\.[0-9]{1,2})?"
PERCENT_PATTERN = r"\s*([0-9]{1,3})(?:\.([0-9]{1,6}))?\s*%\s*"
FINEST = -8  # the least exponent of the last digit: 1E-8 is a millionth of a percent


def in_cents(price: Decimal) -> Decimal:
    """Return a price with two decimals. The decimal context of the caller does not change the result.

    >>> in_cents(Decimal(210))
    Decimal('210.00')
    """
    return price.quantize(CENT, context=EXACT)


def price_text(price: Decimal) -> str:
    """Return a price as text. Leave out the cents if they are zero.

    >>> price_text(Decimal("210.00")), price_text(Decimal("99.5"))
    ('210', '99.50')
    """
    return str(int(price)) if price == int(price) else f"{price:.2f}"


def _price(value: Any) -> Decimal | Literal["depends on request"]:
    if isinstance(value, str) and value == ON_REQUEST:
        return ON_REQUEST
    text = as_text(value) if type(value) in (int, str, Decimal) else ""
    if not re.fullmatch(PRICE_PATTERN, text):
        why = "; a float cannot hold money" if isinstance(value, float) else ""
        raise ValueError(f'{shown(value)} is not a price such as "210", "99.50" or "{ON_REQUEST}"{why}')
    return Decimal(text)


class Percent(Decimal):
    """A percentage as an exact decimal. Documents write it with a percent sign: `95 %` is 0.95.

    >>> PERCENT.read("99.9 %") == Decimal("0.999")
    True
    """

    __slots__ = ()


def percent_text(share: Decimal) -> str:
    """Return a decimal as text in percent, without rounding.

    >>> percent_text(Decimal("0.999")), percent_text(Decimal("0.950"))
    ('99.9 %', '95 %')
    """
    _, digits, exponent = share.as_tuple()
    text = f"{Decimal((0, digits, int(exponent) + 2)):f}"  # a product could be rounded by the caller's decimal context
    return f"{text.rstrip('0').rstrip('.') if '.' in text else text} %"


def decimal_text(value: Any) -> Any:
    """Return a price or a percentage as text. Any other value is returned unchanged.

    >>> decimal_text(PERCENT.read("95 %")), decimal_text(Decimal(210)), decimal_text(0.5)
    ('95 %', '210', 0.5)
    """
    if isinstance(value, Percent):
        return percent_text(value)
    return price_text(value) if isinstance(value, Decimal) else value


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
    """Return a decimal without trailing zeros, so that equal shares have equal text."""
    _, digits, exponent = share.as_tuple()
    while len(digits) > 1 and not digits[-1]:
        digits, exponent = digits[:-1], int(exponent) + 1
    return Percent((0, digits, int(exponent) if any(digits) else 0))


PERCENT: Kind[Percent] = Kind(
    _percent, {"type": "string", "pattern": f"^{PERCENT_PATTERN}$", "examples": ["95 %", "99.9 %"]}
)
_PRICES = [
    {"type": "string", "pattern": f"^{PRICE_PATTERN}$"},
    {"type": "integer", "minimum": 0},
    {"const": ON_REQUEST},
]
PRICE = Kind(_price, {"anyOf": _PRICES, "examples": ["210", "99.50", ON_REQUEST]})
