"""Text that describes a policy to people."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from kolmisla.errors import clean
from kolmisla.policies.plan import Plan, Priority, PriorityChange
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_of, metrics_of
from kolmisla.policies.terms.metrics import Metric
from kolmisla.policies.terms.service_catalogue import Task
from kolmisla.policies.terms.targets import Target
from kolmisla.policies.terms.warnings import WITHOUT_WARNINGS, Threshold, threshold_text
from kolmisla.schedules.words import schedule_words
from kolmisla.times.instants import clock, length

__all__ = ["described"]

Sections = dict[str, dict[str, list[str]]]  # the lines of each row, by the title of the section and the name of the row

PRIORITY_CHANGE_TEXTS: dict[PriorityChange, str] = {
    "carry": "the time already counted stays counted, and the rest runs on the new priority's schedule",
    "retroactive": "all time is counted as if the new priority had held from the start",
    "restart": "counting begins anew at the change",
}


def described(policy: Policy) -> Iterator[str]:
    r"""Yield the lines of a text that describes a policy to people.

    The text describes the earliest edition and, for each later edition, what differs from the previous one.

    >>> from kolmisla import KOLMISOFT
    >>> print(*list(described(KOLMISOFT))[:5], sep="\n")
    Kolmisoft, times of Europe/Vilnius, effective from the start
    https://wiki.kolmisoft.com/index.php/Support
    <BLANKLINE>
    Schedules
      working-hours  mon-fri 08:00-18:00, without the holidays of LT, Europe/Vilnius
    """
    first, *later = policy.editions
    yield f"{first.name}, times of {first.timezone}, {_since(first)}"
    if first.source:
        yield first.source
    yield from _listed(_rows(first))
    for before, edition in pairwise([first, *later]):
        changes = _changes(_rows(before), _rows(edition))
        pairs = {"name": (before.name, edition.name), "source": (before.source, edition.source)}
        told = [f"{name} {new or 'removed'}" for name, (old, new) in pairs.items() if new != old]
        alike = {**before.to_dict(), "effective_from": None} == {**edition.to_dict(), "effective_from": None}
        rest = "nothing changes" if alike else "what changes is not shown here, such as other words for a task"
        yield f"Edition {_since(edition)}: {'what changes' if changes or told else rest}"
        yield from told
        yield from _listed(changes)
    if policy.releases:
        releases = (f"{name} ({day})" if day else name for name, day in policy.releases.items())
        yield from ("Releases", f"  {', '.join(releases)}", "")
    if policy.examples:
        yield from ("Examples", f"  {len(policy.examples):,}, which kolmisla policy check compares with the rules", "")
    yield f"digest {policy.digest}"


def _since(edition: Policy) -> str:
    return f"effective from {edition.effective_from or 'the start'}"


def _rows(edition: Policy) -> Sections:
    """Return the sections of the text about an edition, by title.

    A section maps the name of each row to the lines of this row. Sections without rows are left out.
    """
    return {
        title: {name: [text] if isinstance(text, str) else text for name, text in texts.items()}
        for title, texts in _sections(edition)
        if texts
    }


def _changes(before: Sections, after: Sections) -> Sections:
    """Return the sections `after` with only those rows that differ from `before`, the sections of the earlier edition.

    A row that only `before` has becomes the line `removed`.
    """
    changes: Sections = {}
    for title in dict.fromkeys([*after, *before]):
        old, new = before.get(title, {}), after.get(title, {})
        rows = {
            name: new.get(name, ["removed"]) for name in dict.fromkeys([*new, *old]) if new.get(name) != old.get(name)
        }
        if rows:
            changes[title] = rows
    return changes


def _listed(sections: Sections) -> Iterator[str]:
    """Yield the lines of the text about `sections`.

    In each section, names are in one column and texts in another. The last line is empty.
    """
    for title, rows in sections.items():
        yield from ("", title)
        width = max(len(clean(name)) for name in rows)
        for name, lines in rows.items():
            for number, line in enumerate(lines):
                yield f"  {clean('' if number else name).ljust(width)}  {clean(line)}".rstrip()
    yield ""


def _sections(policy: Policy) -> Iterator[tuple[str, Mapping[str, str | list[str]]]]:
    """Yield the title and the rows of each section of a policy's text. Rows map names to a text or to several lines."""
    hours = {
        name: schedule_words(schedule.to_dict(named=policy.schedules)) for name, schedule in policy.schedules.items()
    }
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
        yield f"Plan {plan.name}", dict(_of_plan(plan, policy))
    yield (
        "A promise holds for",
        {
            "channels": ", ".join(policy.channels) or "any",
            "versions": f"the latest {policy.versions.latest} of the releases" if policy.versions else "any",
        },
    )
    yield "When a priority changes", {policy.priority_change: PRIORITY_CHANGE_TEXTS[policy.priority_change]}
    if policy.metrics:
        yield "Metrics", {metric.name: _metric(metric) for metric in policy.metrics.values()}
    if policy.owners:
        yield "Owners", {owner.name: f"counted on {owner.schedule}" for owner in policy.owners.values()}
    if policy.due_dates != "fixed":
        yield "Agreed due times", {policy.due_dates: "later pauses move them"}
    if policy.waits_for_customer:
        yield "A customer's question ends", {"pauses for": ", ".join(policy.waits_for_customer)}
    yield "Warnings", _warnings(policy, ranked)
    if policy.rates:
        yield "Rates", {rate.name: rate.told(policy.currency) for rate in policy.rates.values()}
    if policy.work:
        inside, outside = policy.work.inside, policy.work.outside
        yield "Work", {f"inside {policy.work.schedule}": inside, f"outside {policy.work.schedule}": outside}
    if policy.coverage:
        yield "Coverage", {task.name: _verdict(task, policy) for task in policy.coverage.values()}


def _of_plan(plan: Plan, policy: Policy) -> Iterator[tuple[str, str]]:
    yield "rank", f"{plan.rank} {plan.label}"
    for metric, promised in plan.targets.items():
        if isinstance(promised, Target):
            yield metric, _target(promised)
            continue
        for name, target in promised.items():
            if isinstance(target, Target):
                yield f"{metric} {name}", _target(target)
            else:
                yield from ((f"{metric} of {owner}", _target(own)) for owner, own in target.items())
    if plan.average:
        yield "average", f"{_target(plan.average)}, an aim over many tickets"
    for promise in plan.attainments:
        yield f"share of {promise.of} ({promise.per})", str(promise)
    metrics = ((name, metric_of(policy, name)) for name in metrics_of(policy))
    paused = [name for name, metric in metrics if plan.paused_by(metric, own=name in policy.metrics) == "all"]
    if paused or not plan.pauses:
        yield "pausing", ", ".join(paused) or "none"
    for metric, pauses in plan.pauses.items():
        yield f"pauses of {metric}", pauses if isinstance(pauses, str) else ", ".join(pauses)
    if plan.after_resolution != "goodbye":
        yield "after a resolution", f"a message of the customer is a {plan.after_resolution}"
    if plan.includes:
        yield "includes", ", ".join(plan.includes)


def _metric(metric: Metric) -> list[str]:
    """Return the lines that describe a metric, such as what starts and ends its cycles and what a reopening does."""
    starts = metric.starts.items() if isinstance(metric.starts, Mapping) else [("", metric.starts)]
    lines = [f"starts{f' ({opener})' if opener else ''}: {', '.join(kinds) or 'never'}" for opener, kinds in starts]
    lines.append(f"ends: {', '.join(metric.ends)}")
    if metric.cancels:
        lines.append(f"cancelled by: {', '.join(metric.cancels)}")
    if metric.after:
        lines.append(f"only after: {', '.join(metric.after)}")
    lines.append("repeats" if metric.repeats else "once")
    if metric.pauses is not None:
        pauses = metric.pauses if isinstance(metric.pauses, str) else ", ".join(metric.pauses)
        lines.append(f"pauses: {pauses}")
    within = metric.reopened_within
    later = "" if within is None else f", new-cycle later than {clock(length(within))} of real time"
    return [*lines, f"reopened: {metric.reopened}{later}"]


def _warnings(policy: Policy, priorities: Iterable[Priority]) -> dict[str, str]:
    """Return the rows about warnings: one for each priority or metric with its own warnings, and one for all others.

    Return an empty dict if neither the policy nor any priority or metric sets warnings.
    """
    listed = {priority.name: priority.warnings for priority in priorities}
    listed |= {f"metric {metric.name}": metric.warnings for metric in policy.metrics.values()}
    own = {name: warnings for name, warnings in listed.items() if warnings is not None}
    if policy.warnings is None and not own:
        return {}
    whole = WITHOUT_WARNINGS if policy.warnings is None else policy.warnings
    return {name: _thresholds(warnings) for name, warnings in {"all other" if own else "all": whole, **own}.items()}


def _thresholds(listed: Iterable[Threshold]) -> str:
    return ", ".join(map(threshold_text, listed)) or "none"


def _target(target: Target) -> str:
    return str(target) + (f" on {target.schedule}" if target.schedule else "")


def _verdict(task: Task, policy: Policy) -> str:
    """Return a line that describes a task: its verdict, its price, and the plans that include it.

    The plans are left out if the verdict is `included`, because then every plan includes the task.
    """
    text = task.verdict.replace("-", " ")
    if task.rate:
        text += f": {policy.rates[task.rate].told(policy.currency)}"
    including = [plan.name for plan in policy.plans.values() if plan.has(task)]
    return f"{text}; included in {', '.join(including)}" if including and task.verdict != "included" else text
