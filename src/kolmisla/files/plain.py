"""Judges plain rows, fast. A plain row has an opening and perhaps an answer, and its promise can be looked up.

The output is the same, byte for byte, as that of `Measuring.judged`.
"""

from collections.abc import Callable, Iterable
from operator import itemgetter
from typing import Any

from kolmisla.errors import HorizonError, KolmislaError
from kolmisla.files.facts import TicketFacts
from kolmisla.files.job import Job
from kolmisla.files.reader import RowFacts
from kolmisla.files.responses import Responses, aim_of
from kolmisla.files.summary import Summary
from kolmisla.files.tables.csv_table import USUAL, CsvTable, width_fault
from kolmisla.files.tables.table import Rows, Table, written
from kolmisla.files.tickets import reason_of
from kolmisla.policies.plan import Promise
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.cycles.cycle_clock import STATE_OF
from kolmisla.tickets.cycles.cycle_clocks import plain_metrics
from kolmisla.tickets.layouts.fact_names import COLUMNS, ENDS, EVENTS, TERMS
from kolmisla.tickets.layouts.headers import header_of
from kolmisla.tickets.layouts.layout import Layout
from kolmisla.times.instants import seconds
from kolmisla.times.parts import instant_in
from kolmisla.times.texts import text_again_in, text_in
from kolmisla.times.zones import zone_named

__all__ = ["PlainCells", "PlainRows", "PlainTerms"]

MOST_TERMS = 10_000  # the most combinations of plan, priority, channel and version that are remembered
LEAST_PLACES = 2
PLAIN_STATES = ("running", "met", "breached")


class PlainTerms:
    """What is promised for one combination of plan, priority, channel and version, and counts of the rows with it."""

    def __init__(self, promise: Promise, within: int) -> None:
        timeline, other = promise.schedule.timeline, promise.response_on.timeline
        self.within, self.target_s, self.zone = within, seconds(within), promise.zone
        self.ranks = promise.priority.rank, promise.plan.rank
        self.names, self.aim = (promise.plan.name, promise.priority.name), aim_of(promise.plan)
        self.counted = timeline.kept_and_elapsed
        self.own = None if other is timeline else other.elapsed  # counts responses, if they have another schedule
        self.states: dict[str, int] = dict.fromkeys(PLAIN_STATES, 0)
        self.answered = self.took = self.at_opening = self.beyond = 0  # counts of first responses


# The terms of a row, the text of its opening, and the text of its answer or None.
PlainCells = tuple[PlainTerms, Any, Any]


class PlainRows:
    """Judges the plain rows of a table, and counts them.

    The promise for each combination of plan, priority, channel and version is looked up once and then remembered.
    """

    def __init__(self, read: RowFacts, policy: Policy, now: int, summary: Summary) -> None:
        layout = read.layout
        self.read, self._policy, self._now, self._summary = read, policy, now, summary
        zone = zone_named(policy.timezone)
        self.instant = instant_in(layout.zone, None if layout.ambiguous == "both" else layout.ambiguous)
        self._text = text_in(zone)
        self._text_again = text_again_in(zone, self._text, is_own=layout.zone is zone)
        self._terms: dict[Any, PlainTerms | None] = {}

    @classmethod
    def of(
        cls, table: Table, layout: Layout, policy: Policy, now: int, summary: Summary | None = None
    ) -> "PlainRows | None":
        """Return an object that judges the plain rows of a table, and adds the counts to `summary`.

        If the layout or the policy does not allow plain rows, return None.
        """
        summary = Summary() if summary is None else summary
        read = RowFacts(layout, table, endings=summary.endings)
        has_forms = layout.pattern is not None or layout.formats or layout.none or layout.tolerance
        if "answered" not in plain_metrics(policy).get(FIRST_RESPONSE, ()):  # the policy defines the metric anew
            return None
        if has_forms or policy.turns or EVENTS in layout.columns or not set(read.names) <= {*COLUMNS, *ENDS, EVENTS}:
            return None
        return cls(read, policy, now, summary)

    def run(self, table: Table, watched: Callable[[Iterable[Any]], Iterable[Any]], out: Rows, job: Job) -> None:
        """Judge and count the plain rows of a table. Write them to `out` with the added values.

        Pass all other rows to `job`, which judges or rejects them.
        """
        cells_of = self.cells_of(table)
        if isinstance(table, CsvTable) and table.delimiter in USUAL and cells_of is not None:
            self._run_texts(table, watched(table.texts()), cells_of, out, job)
        else:
            cells_of = cells_of or self._of_row
            for line, row, fault in watched(table.rows()):
                cells = cells_of(row) if fault is None else None
                added = None if cells is None else self._values(*cells)
                if added is not None:
                    written(job.write, line, row, added)
                else:
                    self._alone(table, job, line, row, fault)
        self._summary.endings.note_pages(table)
        self._count()

    def _run_texts(
        self,
        table: CsvTable,
        rows: Iterable[tuple[int, Any, str | None]],
        cells_of: Callable[[Any], PlainCells | None],
        out: Rows,
        job: Job,
    ) -> None:
        """Judge the plain rows among rows from `CsvTable.texts`. Write them to `out` with the added values.

        A text is written as it is. Rows that are not plain go to `job`.
        """
        end, width, write = table.delimiter, len(table.columns), out.write
        for line, row, fault in rows:
            text = None
            if row.__class__ is str:
                text, row = row, row.split(end)
                if len(row) != width:
                    fault = width_fault(row, width)
            cells = cells_of(row) if fault is None else None
            added = None if cells is None else self._values(*cells)
            if added is None:
                self._alone(table, job, line, row, fault)
            elif text is None:
                job.write(row, added)
            else:
                due_at, breaches_after, elapsed_s, target_s, state, _, ended_at, response_s = added
                write(
                    f"{text}{end}{due_at}{end}{breaches_after}{end}{elapsed_s}{end}{target_s}{end}{state}{end}{end}"
                    f"{ended_at or ''}{end}{'' if response_s is None else response_s}\n"
                )

    def _alone(self, table: Table, job: Job, line: int, row: Any, fault: str | None) -> None:
        """Pass a row that is not plain to `job`, which judges or rejects it."""
        facts: TicketFacts | None = None
        try:
            facts = None if fault is not None else self.read.of_row(row)
        except KolmislaError as error:
            fault = reason_of(error, table)
        job.take(line, row, facts, fault)

    def cells_of(self, table: Table) -> Callable[[Any], PlainCells | None] | None:
        """Return a function that takes a row of CSV and returns its promise, opening and answer.

        The function returns None for a row that is not plain. If rows of this table cannot be read so, return None.
        """
        read, layout = self.read, self.read.layout
        if table.columns is None or layout.others or {"opened_at", "answered_at"} & layout.constants.keys():
            return None
        place = {}
        for name in read.names:
            header = header_of(layout.column(name) or None, table.columns)
            if header is not None and name not in layout.constants:
                place[name] = list(table.columns).index(header)
        opened_at, answered_at = place["opened_at"], place.get("answered_at")
        placed = [place[name] for name in TERMS if name in place]
        if len(placed) < LEAST_PLACES:  # a getter of one place gives no tuple
            return None
        terms = itemgetter(*placed)
        ends = [place[name] for name in ENDS if name in place]
        known, blank = self._terms, read.endings.blank

        def cells(row: list[str]) -> PlainCells | None:
            key = terms(row)
            found = known[key] if key in known else self._known(key, row)
            answered = None if answered_at is None else row[answered_at]
            if found is None or (ends and any(row[end] for end in ends)):
                return None
            if blank and answered and answered.strip():
                blank.discard("answered_at")
            return found, row[opened_at], answered or None

        return cells

    def _of_row(self, row: Any) -> PlainCells | None:
        """Return the promise, opening and answer of a row of any table. If the row is not plain, return None."""
        try:
            id, plan, priority, opened, answered, channel, version, *rest = self.read.picked(row)
        except KolmislaError:  # a word matches two patterns, which disagree
            return None
        names = (plan, priority, channel, version)
        strange = any(name is not None and name.__class__ is not str for name in (id, *names))
        if strange or any(value is not None for value in rest):
            return None
        found = self._terms[names] if names in self._terms else self._known(names, row)
        return None if found is None else (found, opened, answered)

    def _values(self, terms: PlainTerms, opened: Any, answered: Any) -> tuple[Any, ...] | None:
        """Count a row, and return its added values. `opened` and `answered` are its times as the file writes them.

        If a time makes the row not plain, return None, and do not count the row.
        """
        now, instant, within = self._now, self.instant, terms.within
        try:
            opened_at = instant(opened)
            if opened_at > now:
                return None
            ended = ended_at = None
            if answered is not None:
                until = instant(answered)
                if until < opened_at:
                    return None
                if until <= now:
                    ended, ended_at = until, self._text_again(answered, until)
            due, breach, elapsed = terms.counted(opened_at, within, now if ended is None else ended)
            text = self._text
            due_at = text(due)
            breaches_after = due_at if breach == due else text(breach)
        except (TypeError, ValueError, HorizonError):
            return None
        elapsed_s, response_s = seconds(elapsed), None
        state = STATE_OF[ended is not None, False, elapsed > within]
        terms.states[state] += 1
        if ended is not None:
            took: int | None = elapsed
            response_s = elapsed_s
            if terms.own is not None:
                took = self._response(terms, opened_at, ended)
                response_s = None if took is None else seconds(took)
            if ended == opened_at:
                terms.at_opening += 1
            elif took is None:
                terms.beyond += 1
            else:
                terms.answered += 1
                terms.took += took
        return due_at, breaches_after, elapsed_s, terms.target_s, state, None, ended_at, response_s

    def _response(self, terms: PlainTerms, opened: int, ended: int) -> int | None:
        """Return how long a response took, in microseconds on the schedule that counts responses.

        Return None if this schedule does not know the years of the response.
        """
        try:
            return None if terms.own is None else terms.own(opened, ended)
        except HorizonError:
            return None

    def _known(self, key: Any, row: Any) -> PlainTerms | None:
        """Look up what is promised for a row, remember it under `key`, and return it.

        `key` is the row's plan, priority, channel and version. Return None if no row with this key can be plain, or if
        too many keys are remembered.
        """
        if len(self._terms) >= MOST_TERMS:
            return None
        found = None
        try:
            _, plan, priority, _, _, channel, version, *_ = self.read.pick(row)
            if plan is not None and priority is not None:
                channel = self.read.layout.channel if channel is None else channel
                promise = self._policy.promise(plan, priority, channel, version, FIRST_RESPONSE)
                found = None if promise.within is None else PlainTerms(promise, promise.within)
        except KolmislaError:
            pass  # the row is judged alone, and gets the reason
        self._terms[key] = found
        return found

    def _count(self) -> None:
        """Add the counts of all plain rows to the summary."""
        summary = self._summary
        for terms in filter(None, self._terms.values()):
            summary.judge(FIRST_RESPONSE, *terms.names, terms.states["met"], terms.states["breached"])
            for state, number in terms.states.items():
                summary.states[FIRST_RESPONSE][state] += number
                summary.rows += number
            before = summary.endings.ended.get(FIRST_RESPONSE, 0)
            ended = terms.answered + terms.at_opening + terms.beyond
            summary.endings.ended[FIRST_RESPONSE] = before + ended
            if terms.aim is not None:
                told = Responses(terms.answered, terms.took, 0, terms.at_opening, terms.beyond)
                summary.respond(terms.aim, told)
