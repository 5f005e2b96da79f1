"""Coverage: whether a plan covers a task. The task is found by its words, as people ask for it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from kolmisla.documents.for_pydantic import Answer
from kolmisla.errors import PolicyError, choices, shown
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.plan import Plan
from kolmisla.policies.policy import Policy
from kolmisla.policies.services.json_forms import CoverageDict, CoveredTaskDict
from kolmisla.policies.services.matching import Entries, Known, TaskQuestion, chosen, entries_of
from kolmisla.policies.terms.service_catalogue import Rate, Task, Verdict, key

__all__ = ["Coverage", "CoveredTask", "coverage", "covered_tasks", "find", "names_near"]

CLOSEST = 3  # the most tasks that are suggested for a text that is not found
GRAVITY: Mapping[str, int] = {
    "never": 0,
    "not-included": 1,
    "extra": 2,
    "included": 3,
}  # verdicts in order, the worst first


@dataclass(frozen=True, slots=True)
class CoveredTask(Answer):
    """A task or a rate of a policy, and what a plan says about it."""

    task: str
    """The name of the task or of the rate, as the policy writes it."""
    verdict: Verdict
    """The verdict: included, extra, not-included or never."""
    price: str | None
    """The price of an extra task, as text with its currency, or None if there is no price."""
    line: str | None
    """A line of the policy's source: the line with the given words, else the first line about the task or rate.

    It is None if the policy has no line about the task or rate.
    """
    rate: str | None
    """The name of the rate that prices the task, or None if there is no price."""
    rate_line: str | None
    """The first line of the policy's source about the rate, or None if there is no such line."""

    def to_dict(self) -> CoveredTaskDict:
        """Return a dict ready for JSON: task, verdict, price, line, rate, rate_line."""
        return {
            "task": self.task,
            "verdict": self.verdict,
            "price": self.price,
            "line": self.line,
            "rate": self.rate,
            "rate_line": self.rate_line,
        }

    def __str__(self) -> str:
        """Return the name, the verdict and the price as text for people."""
        return f"{self.task}: {self.verdict.replace('-', ' ')}{f', {self.price}' if self.price else ''}"


@dataclass(frozen=True, slots=True)
class Coverage(Answer):
    """The verdict on whether a plan covers a task.

    The `verdict` is one of:

    - `included`: the plan covers the task.
    - `extra`: the task can be ordered at the `price`.
    - `not-included`: the task is not covered, and cannot be ordered.
    - `never`: the task is never done.
    - `unknown`: the text does not clearly name a task of the policy; `closest` has the nearest tasks.
    """

    asked: str
    """The given text."""
    plan: str
    """The plan's name as the policy writes it."""
    tasks: tuple[CoveredTask, ...] = ()
    """The tasks and rates that the text names. All have the same verdict and the same price."""
    closest: tuple[CoveredTask, ...] = ()
    """At most three tasks that an unknown text may mean, each with its verdict and price."""

    @property
    def task(self) -> str:
        """The name of the first item of `tasks` in the policy's spelling, or the given text if `tasks` is empty."""
        return self.tasks[0].task if self.tasks else self.asked

    @property
    def verdict(self) -> Verdict | Literal["unknown"]:
        """The verdict: included, extra, not-included, never or unknown."""
        return self.tasks[0].verdict if self.tasks else "unknown"

    @property
    def price(self) -> str | None:
        """The price of an extra task, as text with its currency, or None if there is no price."""
        return self.tasks[0].price if self.tasks else None

    @property
    def line(self) -> str | None:
        """The line that quotes the policy's source about the first item of `tasks`, or None if there is no line."""
        return self.tasks[0].line if self.tasks else None

    @property
    def rate(self) -> str | None:
        """The name of the rate that gives the price of the first item of `tasks`, or None if there is no price."""
        return self.tasks[0].rate if self.tasks else None

    def to_dict(self) -> CoverageDict:
        """Return a dict ready for JSON: verdict, price, line, plan, rate, tasks. An unknown task also has closest."""
        answer: CoverageDict = {
            "verdict": self.verdict,
            "price": self.price,
            "line": self.line,
            "plan": self.plan,
            "rate": self.rate,
            "tasks": [task.to_dict() for task in self.tasks],
        }
        return answer if self.tasks else {**answer, "closest": [task.to_dict() for task in self.closest]}


def coverage(task: str, plan: str, *, policy: Policy = KOLMISOFT) -> Coverage:
    """Return whether a plan covers a task. The latest edition of the policy decides.

    The task is found by its name, one of its other wordings, or a line that the policy quotes about it (the field
    `line`). Case, plurals, punctuation and the order of words do not matter. The text may also be a rate's name or a
    line about a rate. The verdict is then `extra`.

    Any other text is looked up by its words and common synonyms. A task or rate fits if it has every word of the text.
    If all that fit have the same verdict and price, this verdict and price are the answer. The answer `included` needs
    more: the words of the text must be exactly those of a task's name, and none of them may also be in a text about a
    rate, or about a task that the plan does not include. Otherwise the verdict is `unknown`.

    For another edition, pass `policy=policy.at(instant)`. Raise PolicyError for a plan that the policy does not have.

    >>> answer = coverage("MySQL replication re-build", "premium")
    >>> answer.verdict, answer.price, answer.line
    ('extra', '210 EUR', '- MySQL replication re-build')
    >>> [task.task for task in coverage("firewall setup", "premium").tasks]
    ['Iptables, firewall, network configuration', 'Iptables, firewall configuration']
    >>> print(*coverage("training", "premium").closest, sep="; ")
    Personal Training: extra, 100 EUR per started hour; Online Group Training: included
    """
    check_policy(policy)
    bought_plan = _plan(plan, policy)
    entry, line = find(task, policy)
    if entry is not None:
        return Coverage(task, bought_plan.name, (_covered(entry, bought_plan, policy, line),))
    entries, question = entries_of(policy), TaskQuestion(task)
    named, fitting = entries.with_wording(question), entries.fitting(question)
    for found, certain in ((named, True), (fitting, False)):
        answers = tuple(_covered(known.entry, bought_plan, policy) for known in found)
        if len({(answer.verdict, answer.price) for answer in answers}) == 1 and (
            certain or answers[0].verdict != "included" or _is_included(question, found, entries, bought_plan)
        ):
            return Coverage(task, bought_plan.name, answers)
    return Coverage(task, bought_plan.name, closest=tuple(_closest(question, entries, bought_plan, policy)))


def covered_tasks(plan: str, *, policy: Policy = KOLMISOFT) -> tuple[CoveredTask, ...]:
    """Return what a plan says about each task of a policy, and about each rate whose name no task has.

    The latest edition decides. Raise PolicyError for an unknown plan.

    >>> str(covered_tasks("premium")[-1])
    'After working hours support: extra, 100 EUR per started hour'
    """
    check_policy(policy)
    bought_plan = _plan(plan, policy)
    return tuple(_covered(known.entry, bought_plan, policy) for known in entries_of(policy).known)


def find(text: str, policy: Policy) -> tuple[Task | Rate | None, str | None]:
    """Return the task or rate that `text` names, and the line to quote about it, or (None, None) for an unknown text.

    `text` may be a name, another wording of a task, or a quoted line. A task counts before a rate. Raise TypeError if
    `text` is not text.
    """
    if not isinstance(text, str):
        raise TypeError(f"a task must be text, not {shown(text)}")
    asked = key(text)
    for wording, entry in _texts(policy):
        if asked and key(wording) == asked:
            return entry, wording if wording in entry.line.strip().splitlines() else _first_line(entry)
    return None, None


def names_near(text: str, policy: Policy) -> tuple[str, ...]:
    """Return at most three names of tasks or rates that an unknown text may mean."""
    return tuple(near.known.entry.name for near in entries_of(policy).nearest(TaskQuestion(text))[:CLOSEST])


def _plan(name: str, policy: Policy) -> Plan:
    if (plan := policy.plans.get(name)) is None:
        raise PolicyError(f"plan {shown(name)} is not one of {choices(policy.plans)}")
    return plan


def _covered(entry: Task | Rate, plan: Plan, policy: Policy, line: str | None = None) -> CoveredTask:
    """Return what a plan says about a task or rate. Without `line`, the first line of the task or rate is quoted."""
    line = line or _first_line(entry)
    if isinstance(entry, Rate):
        return CoveredTask(entry.name, "extra", entry.told(policy.currency), line, entry.name, _first_line(entry))
    if plan.has(entry):
        return CoveredTask(entry.name, "included", None, line, None, None)
    rate = policy.rates[entry.rate] if entry.rate else None
    if rate is None:
        return CoveredTask(entry.name, entry.verdict, None, line, None, None)
    return CoveredTask(entry.name, entry.verdict, rate.told(policy.currency), line, rate.name, _first_line(rate))


def _is_included(question: TaskQuestion, found: Iterable[Known], entries: Entries, plan: Plan) -> bool:
    """Return whether a question clearly asks for something that a plan includes.

    Its words must be exactly a name in `found`. None of them may be in a text about a rate, or about a task that the
    plan does not include.
    """
    others = [known for known in entries.known if isinstance(known.entry, Rate) or not plan.has(known.entry)]
    return any(known.says(question) for known in found) and not any(known.hinted_at(question) for known in others)


def _closest(question: TaskQuestion, entries: Entries, plan: Plan, policy: Policy) -> list[CoveredTask]:
    """Return at most three tasks or rates that a question may mean.

    They are sorted by verdict: `never` first, then `not-included`, `extra` and `included`.
    """

    def said(known: Known) -> tuple[str, str | None]:
        task = _covered(known.entry, plan, policy)
        return task.verdict, task.price

    near = chosen(entries.nearest(question), question, said)[:CLOSEST]
    tasks = [_covered(entry.known.entry, plan, policy) for entry in near]
    return sorted(tasks, key=lambda task: GRAVITY[task.verdict])


def _first_line(entry: Task | Rate) -> str | None:
    return next(iter(entry.line.strip().splitlines()), None)


def _texts(policy: Policy) -> Iterator[tuple[str, Task | Rate]]:
    """Yield each text by which a task or rate is found, with this task or rate.

    Texts that count before others come first: names and wordings of tasks, then quoted lines, then names of rates.
    """
    for task in policy.coverage.values():
        yield from ((text, task) for text in (task.name, *task.also))
    entries: list[Task | Rate] = [*policy.coverage.values(), *policy.rates.values()]
    for entry in entries:
        yield from ((line, entry) for line in entry.line.strip().splitlines())
    yield from ((rate.name, rate) for rate in policy.rates.values())
