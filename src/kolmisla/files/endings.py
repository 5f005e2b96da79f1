"""Finds out whether a file tells how cycles end, and what a user must type if it does not."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kolmisla.errors import choices, named
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import has_metric, metric_of, promised_metrics
from kolmisla.policies.terms.metrics import (
    BUILT_IN_METRICS,
    FIRST_RESPONSE,
    NEXT_RESPONSE,
    OPENERS,
    RESOLUTION,
    THE_OPENING,
    EventKind,
    Metric,
    trigger_of,
)
from kolmisla.tickets.layouts.column_words import is_first_answer, likeness

__all__ = ["OTHER_FIELDS", "TOLD_BY", "Endings", "MetricEnds", "ends_of"]

# The kind of event that the column of a fact tells of, by the name of the fact.
TOLD_BY: dict[str, EventKind] = {
    "answered_at": "answered",
    "answered_after": "answered",
    "resolved_at": "resolved",
    "resolved_after": "resolved",
    "closed_at": "resolved",
}
WHAT: dict[str, str] = {
    FIRST_RESPONSE: "an answer",
    NEXT_RESPONSE: "an answer to a question",
    RESOLUTION: "a resolution",
}
COLUMN: dict[str, str] = {"answered": "answered_at", "resolved": "resolved_at"}  # the fact to map, by kind of event

MOST_HINTS = 3  # the most columns that a sentence suggests
OTHER_FIELDS = ""  # in place of the names of fields, if there are too many to count each
MOST_FIELDS_TOLD = 5  # the most fields of a history that a summary lists


class MetricEnds(NamedTuple):
    """What ends the cycles of a metric: kinds of event, and words for such an event, such as `an answer`.

    `column` is a fact that tells of such an event, such as `answered_at`, or None.
    """

    kinds: tuple[str, ...]
    what: str
    column: str | None


def ends_of(policy: Policy, metrics: Iterable[str]) -> dict[str, MetricEnds]:
    """Return what ends the cycles of each metric, by the metric's name.

    An event counts if it ends such cycles in at least one edition of the policy.

    >>> from kolmisla import KOLMISOFT
    >>> ends_of(KOLMISOFT, ["resolution"])["resolution"]
    MetricEnds(kinds=('resolved',), what='a resolution', column='resolved_at')
    """
    return {
        name: _ends_of(name, [metric_of(edition, name) for edition in policy.editions if has_metric(edition, name)])
        for name in metrics
    }


def _ends_of(name: str, known: Sequence[Metric]) -> MetricEnds:
    """Return what ends the cycles of one metric. `known` has the metric as each edition defines it."""
    kinds = tuple(dict.fromkeys(trigger_of(end).kind for metric in known for end in metric.ends))
    is_built_in = all(metric == BUILT_IN_METRICS.get(name) for metric in known)
    at_opening = any(THE_OPENING in metric.starts_for(opener) for metric in known for opener in OPENERS)
    columns = [COLUMN[kind] for kind in kinds if kind in COLUMN and at_opening]
    return MetricEnds(kinds, WHAT[name] if is_built_in else f"an end of {name}", columns[0] if columns else None)


@dataclass(slots=True)
class Endings:
    """What a command has found out so far about the ends of cycles in a file that it reads."""

    # By metric: what ends its cycles. Without a policy, the metrics are the built-in ones.
    ends: Mapping[str, MetricEnds] = field(
        default_factory=lambda: {name: _ends_of(name, [metric]) for name, metric in BUILT_IN_METRICS.items()}
    )
    told: set[EventKind] = field(default_factory=set)  # the kinds of event for which the file has a column or a log
    blank: set[str] = field(default_factory=set)  # the facts, such as answered_at, with a column that is blank so far
    none: set[EventKind] = field(default_factory=set)  # the kinds that are not in the file, as the layout says
    columns: tuple[str, ...] = ()  # the columns of the file that may have the end of a cycle
    events: bool = False  # whether the command reads a file of events
    ended: dict[str, int] = field(default_factory=dict)  # cycles that ended
    partial: tuple[str, ...] = ()  # sentences about files that seem to be one page of several
    unnamed: Counter[str] = field(default_factory=Counter)  # events by field, if the layout does not name it

    def untold(self, metric: str) -> bool:
        """Tell whether the file seems to lack the events that end the cycles of a metric.

        Return False if the layout says that the file has none, because their lack is then no mistake.
        """
        kinds = self.ends[metric].kinds
        return not self.told.intersection(kinds) and not self.none.intersection(kinds)

    def failed(self, metrics: Iterable[str], policy: Policy) -> bool:
        """Tell whether every metric is untold: the file seems to lack the events that end its cycles (see `untold`).

        Of several metrics, only those that a plan promises are looked at.
        """
        measured = list(metrics)
        if len(measured) > 1:
            promised = promised_metrics(policy)
            measured = [metric for metric in measured if metric in promised]
        return bool(measured) and all(map(self.untold, measured))

    def lines(self, metrics: Sequence[str]) -> Iterator[str]:
        """Yield a sentence for each metric of which no cycle has ended. It says why, or what to type, if this is known.

        If the file tells only resolutions, but a column seems to have the first answers, a sentence asks about the
        column.
        """
        for metric in metrics:
            kinds = self.ends[metric].kinds
            if self.ended.get(metric):
                near = [name for name in self.columns if is_first_answer(name)]
                unread = "answered" in kinds and "answered" not in self.none
                if near and unread and self.told.intersection(kinds) == {"resolved"}:
                    told = f"no column is read as answers, so only a resolution ends {metric}"
                    yield f"{told}; {_asked('answered_at', near)}"
                continue
            text = f"no ticket has {self.ends[metric].what}"
            if self.untold(metric):
                yield f"{text}; {self._hint(metric)}"
            elif self.none.intersection(kinds) and not self.told.intersection(kinds):
                yield f"{text}: the file has none, according to its layout"
            else:
                blank = [name for name in sorted(self.blank) if TOLD_BY[name] in kinds]
                are = "is" if len(blank) == 1 else "are"
                yield f"{text}: {choices(blank, ' and ')} {are} blank in every row" if blank else text

    def note_pages(self, table: object) -> None:
        """If a table seems to be one page of several, note a sentence that says so.

        All rows of the table must have been read.
        """
        if partial := getattr(table, "partial", ""):
            self.partial = (*self.partial, partial)

    def ignored(self) -> Iterator[str]:
        """Yield sentences about what was left out: rows on other pages, and changes that the layout does not name."""
        yield from self.partial
        if self.unnamed:
            fields = [field for field in self.unnamed.most_common() if field[0] != OTHER_FIELDS]
            told = [f"{named(name)} ({number:,})" for name, number in fields[:MOST_FIELDS_TOLD]]
            least = "at least " * (OTHER_FIELDS in self.unnamed)
            more = f" and {least}{len(self.unnamed) - len(told):,} more" * (len(self.unnamed) > len(told))
            number = sum(self.unnamed.values())
            ignored = f"{number:,} event{'s' * (number > 1)} changed fields that no --event-kind names"
            yield f"{ignored}: {', '.join(told)}{more}"

    def _hint(self, metric: str) -> str:
        """Return what a user must type so that the command finds the ends of a metric's cycles."""
        if self.events:
            return f"translate a word for it with --event-kind WORD={self.ends[metric].kinds[0]}"
        fact = self.ends[metric].column
        if fact is None:
            return "give the events with --events"
        return _asked(fact, [name for name in self.columns if likeness(fact, name) is not None])


def _asked(fact: str, near: Sequence[str]) -> str:
    """Return a question: which column has the fact? `near` has the likely columns."""
    near = near[:MOST_HINTS]
    where = " or ".join(map(named, near))
    column = near[0] if near else "COLUMN"
    option = f"--map {fact}={column}" if " " not in column else f"--map '{fact}={column}'"
    ask = f"is it in {where}? {option}" if near else f"name its column with {option}, or give --events"
    return f"{ask}; if there is none, --map {fact}="
