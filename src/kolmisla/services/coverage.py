"""What a plan covers: the verdict on a task, by the words of the policy's source."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal

from kolmisla.errors import PolicyError, choices, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.service_catalogue import Rate, Task, Verdict, key, words

__all__ = ["Coverage", "coverage", "find", "lines_near"]

CLOSEST = 5  # lines suggested for a task that is not found
LONGEST_COMPARED = 100  # characters of two texts that are compared: it takes their square
ALIKE = 0.6  # how alike two texts are, at least, to be called close


@dataclass(frozen=True, slots=True)
class Coverage:
    """Whether a plan covers a task.

    `verdict`: `included`; `extra`, it can be ordered at the `price`; `not-included`, and there is no way to order
    it; `never` done; `unknown` to the policy, with the `closest` lines it has. `line` is the one it was found by.
    """

    task: str
    """The task's name as the policy writes it; as it was asked for when the policy does not know it."""
    plan: str
    """The plan's name as the policy writes it."""
    verdict: Verdict | Literal["unknown"]
    """Whether the plan has it: included, extra, not-included, never, or unknown."""
    price: str | None = None
    """The price of an extra, as text with its currency; None when nothing is to be paid."""
    line: str | None = None
    """The line of the policy's source that the task was found by."""
    closest: tuple[str, ...] = ()
    """The lines closest to an unknown task."""

    def to_dict(self) -> dict[str, Any]:
        """Ready for JSON: verdict, price, line, plan; for an unknown task also closest."""
        answer = {"verdict": self.verdict, "price": self.price, "line": self.line, "plan": self.plan}
        return {**answer, "closest": list(self.closest)} if self.verdict == "unknown" else answer


def coverage(task: str, plan: str, *, policy: Policy = KOLMISOFT) -> Coverage:
    """Whether a plan covers a task, by the words of the policy's entries or their lines, case and punctuation aside.

    A rate is found by its name or line too: it can be ordered. PolicyError for a plan that the policy does not have. By
    the policy's latest edition; for another ask with `policy.at(instant)`.

    >>> answer = coverage("MySQL replication re-build", "premium")
    >>> answer.verdict, answer.price, answer.line
    ('extra', '210 EUR', '- MySQL replication re-build')
    >>> coverage("firewall configuration", "premium").verdict
    'unknown'
    """
    check_policy(policy)
    bought = policy.plans.get(plan)
    if bought is None:
        raise PolicyError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    found, line = find(task, policy)
    if found is None:
        return Coverage(task, bought.name, "unknown", closest=lines_near(task, policy))
    if isinstance(found, Rate):
        return Coverage(found.name, bought.name, "extra", found.told(policy.currency), line)
    if policy.is_included(found, bought):
        return Coverage(found.name, bought.name, "included", line=line)
    price = policy.rates[found.rate].told(policy.currency) if found.rate else None
    return Coverage(found.name, bought.name, found.verdict, price, line)


def find(text: str, policy: Policy) -> tuple[Task | Rate | None, str | None]:
    """The task, else the rate, that has these words, and its line that has them, else its first one."""
    if not isinstance(text, str):
        raise TypeError(f"a task is a text, not {shown(text)}")
    asked = key(text)
    for known, entry in _known(policy):
        if asked and key(known) == asked:
            lines = entry.line.strip().splitlines()
            return entry, known if known in lines else next(iter(lines), None)
    return None, None


def lines_near(text: str, policy: Policy) -> tuple[str, ...]:
    """The lines closest to a text: those with all its words, then those that look like it."""
    asked = words(text)[:LONGEST_COMPARED]
    known = {words(each)[:LONGEST_COMPARED]: entry for each, entry in reversed([*_known(policy)])}
    having = [each for each in known if asked and set(asked.split()) <= set(each.split())]
    near = [*having, *get_close_matches(asked, known, n=CLOSEST, cutoff=ALIKE)]
    return tuple(dict.fromkeys(_told(known[each]) for each in near))[:CLOSEST]


def _told(entry: Task | Rate) -> str:
    """An entry as it is suggested: the first line of a task, the name of a rate, whose line is a row of a table."""
    lines = entry.line.strip().splitlines() if isinstance(entry, Task) else ()
    return lines[0].removeprefix("- ") if lines else entry.name


def _known(policy: Policy) -> Iterator[tuple[str, Task | Rate]]:
    """What tasks and rates are found by: their own names first, then their lines."""
    for task in policy.coverage.values():
        yield from ((text, task) for text in (task.name, *task.also))
    entries: list[Task | Rate] = [*policy.coverage.values(), *policy.rates.values()]
    for entry in entries:
        yield from ((line, entry) for line in entry.line.strip().splitlines())
    yield from ((rate.name, rate) for rate in policy.rates.values())
