"""What a desk is asked to do besides answering, and whether it does it."""

import re
from typing import Literal

from kolmisla.model import Entry
from kolmisla.values import Name

__all__ = ["Task", "Verdict", "key", "words"]

JOINERS = dict.fromkeys(map(ord, "'\u2019-\u2010\u2011"))  # within a word
PUNCTUATION = re.compile(r"[\W_]+")

Verdict = Literal["included", "extra", "not-included", "never"]


class Task(Entry):
    """Something a desk may be asked to do, by its own words; `also` has other words for it.

    `verdict`: `included` in every plan; `extra`, it can be ordered at the `rate` of that name; `not-included`,
    and there is no way to order it; `never` done. A plan that `includes` it is an exception.

    >>> Task(name="Server migration", verdict="extra", rate="data migration").rate
    'data migration'
    """

    name: Name
    verdict: Verdict
    rate: Name | None = None
    also: tuple[Name, ...] = ()


def words(text: str) -> str:
    r"""A text as tasks are compared by: without case and punctuation.

    >>> words('- "Let\'s Encrypt" set-up (GUI)')
    'lets encrypt setup gui'
    """
    return " ".join(PUNCTUATION.sub(" ", text.casefold().translate(JOINERS)).split())


def key(text: str) -> str:
    """The words without the spaces between them: `re-build`, `rebuild` and `re build` are one.

    >>> key("Server re-installation") == key("server re installation")
    True
    """
    return words(text).replace(" ", "")
