"""What a run of a file knows about the ends of cycles, and what to type if nothing tells an end."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from kolmisla.errors import choices, named
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import BUILT_IN_METRICS, FIRST_RESPONSE, NEXT_RESPONSE, RESOLUTION, EventKind
from kolmisla.tickets.layouts.column_words import likeness

__all__ = ["ENDED_BY", "TOLD_BY", "Endings"]

# The kinds of event that end a cycle of each built-in metric.
ENDED_BY: dict[str, tuple[str, ...]] = {name: metric.ends for name, metric in BUILT_IN_METRICS.items()}
# The kind of event that each fact of a ticket tells.
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
COLUMN: dict[str, str] = {FIRST_RESPONSE: "answered_at", RESOLUTION: "resolved_at"}  # what a user would map

MOST_HINTS = 3  # the most columns that a sentence suggests
MOST_FIELDS_TOLD = 5  # the most fields of a history that a summary lists


@dataclass(slots=True)
class Endings:
    """What a run of a file knows about the ends of cycles."""

    told: set[EventKind] = field(default_factory=set)  # the kinds of event that a column or a log could tell
    blank: set[str] = field(default_factory=set)  # the columns that could tell an end, and have told none so far
    none: set[EventKind] = field(default_factory=set)  # the kinds of which the layout says that the file has none
    columns: tuple[str, ...] = ()  # the columns of the file that hold no fact
    events: bool = False  # whether the run has a file of events
    ended: dict[str, int] = field(default_factory=dict)  # cycles that ended
    partial: tuple[str, ...] = ()  # sentences about files that seem to be one page of several
    unnamed: Counter[str] = field(default_factory=Counter)  # events of fields that the layout does not name

    def untold(self, metric: str) -> bool:
        """Tell whether nothing in the file could tell an end of the metric, and the layout does not say so."""
        return not self.told.intersection(ENDED_BY[metric]) and not self.none.intersection(ENDED_BY[metric])

    def failed(self, metrics: Iterable[str], policy: Policy) -> bool:
        """Tell whether no metric of a run could be judged. With several metrics, those count that a plan promises."""
        measured = list(metrics)
        if len(measured) > 1:
            plans = [plan for edition in policy.editions for plan in edition.plans.values()]
            measured = [metric for metric in measured if any(plan.targets.get(metric) for plan in plans)]
        return bool(measured) and all(map(self.untold, measured))

    def lines(self, metrics: Sequence[str]) -> Iterator[str]:
        """Yield a sentence for each metric of which no cycle ended. It says why, and what to type."""
        for metric in metrics:
            if self.ended.get(metric):
                continue
            text = f"no ticket has {WHAT[metric]}"
            if self.untold(metric):
                yield f"{text}; {self._hint(metric)}"
            elif self.none.intersection(ENDED_BY[metric]) and not self.told.intersection(ENDED_BY[metric]):
                yield f"{text}: the file has none, as --map says"
            else:
                blank = [name for name in sorted(self.blank) if TOLD_BY[name] in ENDED_BY[metric]]
                yield f"{text}: {choices(blank, ' and ')} is blank in every row" if blank else text

    def note_pages(self, table: object) -> None:
        """Take note of a table that seems to be one page of several. All its rows must be read."""
        if partial := getattr(table, "partial", ""):
            self.partial = (*self.partial, partial)

    def ignored(self) -> Iterator[str]:
        """Yield sentences about what a run may have missed: other pages, and fields that no word names."""
        yield from self.partial
        if self.unnamed:
            told = [f"{named(name)} ({number:,})" for name, number in self.unnamed.most_common(MOST_FIELDS_TOLD)]
            more = f" and {len(self.unnamed) - len(told):,} more" * (len(self.unnamed) > len(told))
            number = sum(self.unnamed.values())
            ignored = f"{number:,} event{'s' * (number > 1)} changed fields that no --event-kind names"
            yield f"{ignored}: {', '.join(told)}{more}"

    def _hint(self, metric: str) -> str:
        """Return what to type for the ends of a metric."""
        if self.events:
            return f"translate a word for it with --event-kind WORD={ENDED_BY[metric][0]}"
        if metric not in COLUMN:
            return "give the events with --events"
        fact = COLUMN[metric]
        near = [name for name in self.columns if likeness(fact, name) is not None][:MOST_HINTS]
        where = " or ".join(map(named, near))
        column = near[0] if near else "COLUMN"
        option = f"--map {fact}={column}" if " " not in column else f"--map '{fact}={column}'"
        ask = f"is it in {where}? {option}" if near else f"name its column with {option}, or give --events"
        return f"{ask}; if there is none, --map {fact}="
