"""A policy as text for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from kolmisla.errors import clean
from kolmisla.instants import clock, length
from kolmisla.policies.plan import Plan, PriorityChange, Target
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.service_catalogue import Task

__all__ = ["described"]

PRIORITY_CHANGE_TEXTS: dict[PriorityChange, str] = {
    "carry": "the time already counted stays counted, and the rest runs on the new priority's schedule",
    "retroactive": "all time is counted as if the new priority had held from the start",
    "restart": "counting begins anew at the change",
}


def described(policy: Policy) -> Iterator[str]:
    r"""Yield the lines of a text that describes a policy to people. The text begins with the latest edition.

    >>> from kolmisla import KOLMISOFT
    >>> print(*list(described(KOLMISOFT))[:5], sep="\n")
    Kolmisoft, times of Europe/Vilnius, effective from the start
    https://wiki.kolmisoft.com/index.php/Support
    <BLANKLINE>
    Schedules
      working-hours  mon-fri 08:00-18:00, without the holidays of LT, Europe/Vilnius
    """
    for edition in reversed(policy.editions):
        since = f"effective from {edition.effective_from}" if edition.effective_from else "effective from the start"
        yield f"{edition.name}, times of {edition.timezone}, {since}"
        if edition.source:
            yield edition.source
        for title, texts in _sections(edition):
            rows = {clean(name): clean(text) for name, text in texts.items()}
            if not rows:
                continue
            yield from ("", title)
            width = max(map(len, rows))
            yield from (f"  {name.ljust(width)}  {text}".rstrip() for name, text in rows.items())
        yield ""
    if policy.releases:
        releases = (f"{name} ({day})" if day else name for name, day in policy.releases.items())
        yield from ("Releases", f"  {', '.join(releases)}", "")
    if policy.examples:
        yield from ("Examples", f"  {len(policy.examples):,}, which kolmisla policy check compares with the rules", "")
    yield f"digest {policy.digest}"


def _sections(policy: Policy) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield each section as its title and its rows. The rows are a mapping from names to texts."""
    hours = {name: _hours(schedule.to_dict(named=policy.schedules)) for name, schedule in policy.schedules.items()}
    ranked = sorted(policy.priorities.values(), key=lambda priority: priority.rank)
    yield "Schedules", hours
    if ranked:
        yield (
            "Priorities",
            {
                priority.name: f"{priority.rank}, counted on {priority.schedule}: {priority.meaning}".rstrip(": ")
                for priority in ranked
            },
        )
    for plan in sorted(policy.plans.values(), key=lambda plan: plan.rank):
        yield f"Plan {plan.name}", dict(_of_plan(plan))
    yield (
        "A promise holds for",
        {
            "channels": ", ".join(policy.channels) or "any",
            "versions": f"the latest {policy.versions.latest} of the releases" if policy.versions else "any",
        },
    )
    yield "When a priority changes", {policy.priority_change: PRIORITY_CHANGE_TEXTS[policy.priority_change]}
    if policy.waits_for_customer:
        yield "A customer's question ends", {"pauses for": ", ".join(policy.waits_for_customer)}
    if policy.rates:
        yield "Rates", {rate.name: rate.told(policy.currency) for rate in policy.rates.values()}
    if policy.work:
        inside, outside = policy.work.inside, policy.work.outside
        yield "Work", {f"inside {policy.work.schedule}": inside, f"outside {policy.work.schedule}": outside}
    if policy.coverage:
        yield "Coverage", {task.name: _verdict(task, policy) for task in policy.coverage.values()}


def _hours(document: Mapping[str, Any]) -> str:
    """Return one line of text that describes a schedule. `document` is the schedule's document."""
    if "open" in document:
        return f"{document['open']} open"
    if "timezone" not in document:
        [(sign, parts)] = document.items()
        return f"{sign} of " + ", ".join(part if isinstance(part, str) else f"({_hours(part)})" for part in parts)
    texts = [f"{days} {' '.join(hours)}" for days, hours in document["hours"].items()] or ["no weekly hours"]
    holidays = document.get("holidays")
    if holidays:
        texts.append("without " + (f"the holidays of {holidays}" if isinstance(holidays, str) else ", ".join(holidays)))
    for day, hours in document.get("exceptions", {}).items():
        texts.append(f"on {day} {' '.join(hours) or 'closed'}")
    return ", ".join([*texts, document["timezone"]])


def _of_plan(plan: Plan) -> Iterator[tuple[str, str]]:
    yield "rank", f"{plan.rank} {plan.label}"
    for metric, promised in plan.targets.items():
        if isinstance(promised, Target):
            yield metric, _target(promised)
        else:
            yield from ((f"{metric} {priority}", _target(target)) for priority, target in promised.items())
    if plan.average:
        yield "average", f"{_target(plan.average)}, an aim over many tickets"
    for promise in plan.attainments:
        yield f"share of {promise.of} ({promise.per})", str(promise)
    yield "pausing", ", ".join(plan.pausing) or "none"
    if plan.after_resolution != "goodbye":
        yield "after a resolution", f"what a customer writes is a {plan.after_resolution}"
    if plan.includes:
        yield "includes", ", ".join(plan.includes)


def _target(target: Target) -> str:
    return f"within {clock(length(target.within))}" + (f" on {target.schedule}" if target.schedule else "")


def _verdict(task: Task, policy: Policy) -> str:
    """Return one line of text for a task: its verdict, its price, and the plans that include it despite the verdict."""
    text = task.verdict.replace("-", " ")
    if task.rate:
        text += f": {policy.rates[task.rate].told(policy.currency)}"
    including = [plan.name for plan in policy.plans.values() if plan.has(task)]
    return f"{text}; included in {', '.join(including)}" if including and task.verdict != "included" else text
