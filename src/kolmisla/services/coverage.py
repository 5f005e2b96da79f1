"""Coverage: whether a plan covers a task. Tasks are found by the words of the policy's source."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

from kolmisla.documents.for_pydantic import Answer
from kolmisla.errors import PolicyError, choices, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.service_catalogue import Rate, Task, Verdict, key, words
from kolmisla.services.json_forms import CoverageDict

__all__ = ["Coverage", "coverage", "find", "lines_near"]

CLOSEST = 5  # lines suggested for a task that is not found
LONGEST_COMPARED = 100  # characters of each text that are compared; the time grows with the square of this number
ALIKE = 0.6  # from 0 to 1; texts that are at least this similar are called close


@dataclass(frozen=True, slots=True)
class Coverage(Answer):
    """The verdict on whether a plan covers a task.

    The `verdict` is one of:

    - `included`: the plan covers the task.
    - `extra`: the task can be ordered at the `price`.
    - `not-included`: the task is not covered, and cannot be ordered.
    - `never`: the task is never done.
    - `unknown`: the policy does not know the task; `closest` has similar lines of the policy's source.
    """

    task: str
    """The task's name as the policy writes it, or the given text if the policy does not know the task."""
    plan: str
    """The plan's name as the policy writes it."""
    verdict: Verdict | Literal["unknown"]
    """The verdict: included, extra, not-included, never or unknown."""
    price: str | None = None
    """The price of an extra task, as text with its currency, or None if there is no price."""
    line: str | None = None
    """The line of the policy's source with the given words, else the first line of the task or rate."""
    closest: tuple[str, ...] = ()
    """The lines of the policy's source that are most similar to an unknown task."""

    def to_dict(self) -> CoverageDict:
        """Return a dict ready for JSON: verdict, price, line, plan. For an unknown task the dict also has closest."""
        answer: CoverageDict = {"verdict": self.verdict, "price": self.price, "line": self.line, "plan": self.plan}
        return {**answer, "closest": list(self.closest)} if self.verdict == "unknown" else answer


def coverage(task: str, plan: str, *, policy: Policy = KOLMISOFT) -> Coverage:
    """Return whether a plan covers a task. The latest edition of the policy decides.

    The task is found by its name, its other wordings or its lines in the policy's source. Case and punctuation do not
    matter. The text may also be a rate's name or a line of a rate. The verdict is then `extra`. For another edition,
    pass `policy=policy.at(instant)`. Raise PolicyError for a plan that the policy does not have.

    >>> answer = coverage("MySQL replication re-build", "premium")
    >>> answer.verdict, answer.price, answer.line
    ('extra', '210 EUR', '- MySQL replication re-build')
    >>> coverage("firewall configuration", "premium").verdict
    'unknown'
    """
    check_policy(policy)
    bought_plan = policy.plans.get(plan)
    if bought_plan is None:
        raise PolicyError(f"plan {shown(plan)} is not one of {choices(policy.plans)}")
    entry, line = find(task, policy)
    if entry is None:
        return Coverage(task, bought_plan.name, "unknown", closest=lines_near(task, policy))
    if isinstance(entry, Rate):
        return Coverage(entry.name, bought_plan.name, "extra", entry.told(policy.currency), line)
    if bought_plan.has(entry):
        return Coverage(entry.name, bought_plan.name, "included", line=line)
    price = policy.rates[entry.rate].told(policy.currency) if entry.rate else None
    return Coverage(entry.name, bought_plan.name, entry.verdict, price, line)


def find(text: str, policy: Policy) -> tuple[Task | Rate | None, str | None]:
    """Return the task or rate that has the words of a text, and a line of the policy's source.

    A task goes before a rate. The line is the line with the words. If no line has the words, the line is the first line
    of the task or rate. If the task or rate has no lines, the line is None. For unknown words, return (None, None).
    """
    if not isinstance(text, str):
        raise TypeError(f"a task must be text, not {shown(text)}")
    asked = key(text)
    for wording, entry in _known(policy):
        if asked and key(wording) == asked:
            lines = entry.line.strip().splitlines()
            return entry, wording if wording in lines else next(iter(lines), None)
    return None, None


def lines_near(text: str, policy: Policy) -> tuple[str, ...]:
    """Return the lines closest to a text. Lines with all words of the text come first, and similar lines come next."""
    asked = words(text)[:LONGEST_COMPARED]
    entries = {words(wording)[:LONGEST_COMPARED]: entry for wording, entry in reversed([*_known(policy)])}
    having = [wording for wording in entries if asked and set(asked.split()) <= set(wording.split())]
    near = [*having, *get_close_matches(asked, entries, n=CLOSEST, cutoff=ALIKE)]
    return tuple(dict.fromkeys(_told(entries[wording]) for wording in near))[:CLOSEST]


def _told(entry: Task | Rate) -> str:
    """Return the text that suggests an entry: a task's first line, or a rate's name (a rate's line is a table row)."""
    lines = entry.line.strip().splitlines() if isinstance(entry, Task) else ()
    return lines[0].removeprefix("- ") if lines else entry.name


def _known(policy: Policy) -> Iterator[tuple[str, Task | Rate]]:
    """Yield pairs of a wording and the task or rate that is found with the wording.

    Names and other wordings of tasks come first, then lines of tasks and rates, then names of rates.
    """
    for task in policy.coverage.values():
        yield from ((text, task) for text in (task.name, *task.also))
    entries: list[Task | Rate] = [*policy.coverage.values(), *policy.rates.values()]
    for entry in entries:
        yield from ((line, entry) for line in entry.line.strip().splitlines())
    yield from ((rate.name, rate) for rate in policy.rates.values())
