"""Writes the query that adds deadlines and states to the tickets in a table of DuckDB or Spark.

The query is not run here. Other queries fetch only the combinations of terms and, for targets in days, the blocks of
time with openings.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from kolmisla.columns.frames.added import AddedColumns
from kolmisla.columns.kernel.naming.named_instants import STARTS_AT_ONCE
from kolmisla.columns.kernel.promises import (
    Entitlement,
    NameOrNone,
    Terms,
    TicketQuestion,
    entitlement,
    eras,
    our_name,
    promised_within,
)
from kolmisla.columns.kernel.questions import FAR, NULL, outside
from kolmisla.columns.kernel.timeline import Ints
from kolmisla.columns.kernel.wall_times import WALL_DAYS, Wall, unreadable
from kolmisla.columns.sql.lookups import Join, Lookups, LookupTable, QueryStep, Relation, table_name, with_answers
from kolmisla.columns.sql.naming import NamedLookup
from kolmisla.columns.sql.schedule import InstantColumns
from kolmisla.errors import TicketError, choices, shown
from kolmisla.schedules.schedule import NEVER, Schedule
from kolmisla.tickets.cycles.cycle_clock import NO_DUE_TIME
from kolmisla.tickets.cycles.shapes import BEFORE_OPENING, NOT_YET
from kolmisla.tickets.layouts.fact_names import REQUIRED, TERMS
from kolmisla.tickets.layouts.layout import Layout, check_columns
from kolmisla.tickets.sql.query import state_cases
from kolmisla.times.instants import DAY, EPOCH_DAY

__all__ = ["judge"]

JUDGED_FACTS = (*TERMS, "opened_at", "answered_at")
KINDS_OF_NAMES = ("name", "integer", "nothing")  # the kinds of columns that may hold names
MOST_COMBINATIONS = 100_000  # of plan, priority, channel and version

# Openings are counted from long ago, so that no block has a number below 0.
FROM_HERE = -(-FAR // STARTS_AT_ONCE) * STARTS_AT_ONCE
FIRST_BLOCK, LAST_BLOCK = ((day - EPOCH_DAY) * DAY // STARTS_AT_ONCE for day in WALL_DAYS)

CAME_LATE = "the table changed while it was being measured; measure it again"

OPENED_SQL, ANSWERED_SQL, END_SQL = InstantColumns.at(0), InstantColumns.at(1), "kolmisla_end"


def judge(
    relation: Relation,
    question: TicketQuestion,
    layout: Layout,
    wall: Wall | None,
    new: AddedColumns,
    *,
    raises: bool,
) -> Any:
    """Return the relation with the columns of `measure` added.

    Reading an invalid row raises an error or, if `raises` is False, gives only a reason. Raise ValueError for a missing
    or clashing column, TypeError for a wrong type, NaiveTimeError for naive times without a `wall`, and TicketError for
    too many combinations.
    """
    layout = _spelled(relation, layout)
    check_columns(list(relation.kinds), layout, JUDGED_FACTS, REQUIRED)
    names = list(new.kinds)
    spelled = {name.lower(): name for name in relation.kinds}
    clash = [spelled[name.lower()] for name in names if name.lower() in spelled]
    if clash:
        raise ValueError(f"the table has {choices(clash)} already; choose a prefix for the added columns")
    times = {name: layout.column(name) for name in ("opened_at", "answered_at")}
    present = {name: column for name, column in times.items() if column in relation.kinds}
    instants = InstantColumns(relation, list(present.values()), wall)
    terms = _Terms(relation, layout, question, instants)
    named, target = terms.named, "kolmisla_within" if terms.named else "kolmisla_target"
    dialect, now = relation.dialect, question.now
    answered = ANSWERED_SQL if "answered_at" in present else "CAST(NULL AS BIGINT)"
    ended = f"{answered} <= {now}" if question.ends_with_answer else "1 = 0"
    lookups, slot = terms.lookups, {name: f"b.kolmisla_{name}" for name in terms.lookups.slots[0]}
    matched = QueryStep(
        "a",
        [Join(terms.name, "v", terms.matches(OPENED_SQL), "left")],
        [
            "a.*",
            *(f"v.{name}" for name in terms.table if name not in terms.keys),
            f"CASE WHEN {ended} THEN {answered} ELSE {now} END AS {END_SQL}",
            f"CASE WHEN {ended} THEN 1 ELSE 0 END AS kolmisla_ended",
            f"CASE WHEN {answered} <= {now} THEN {answered} END AS kolmisla_answer",
        ],
    )
    response_slot = {name: f"b.kolmisla_response_{name}" for name in slot}
    response = f"{lookups.worked('h', 'b.kolmisla_answer')} - {lookups.worked('g', f'b.{OPENED_SQL}')}"
    counted = QueryStep(
        "b",
        [
            lookups.counted("c", slot, f"b.{OPENED_SQL}"),
            lookups.counted("d", slot, f"b.{END_SQL}"),
            lookups.counted("g", response_slot, f"b.{OPENED_SQL}"),
            lookups.counted("h", response_slot, "b.kolmisla_answer"),
        ],
        [
            "b.*",
            f"{response} AS kolmisla_response",
            f"{lookups.worked('d', f'b.{END_SQL}')} - {lookups.worked('c', f'b.{OPENED_SQL}')} AS kolmisla_elapsed",
            f"{lookups.worked('c', f'b.{OPENED_SQL}')} + b.{target} AS kolmisla_total",
        ],
    )
    reached = QueryStep(
        "b",
        [
            lookups.reached("r", slot, "b.kolmisla_total"),
            *([lookups.open_again("z", slot, "b.kolmisla_total")] if named else []),
        ],
        [
            "b.*",
            *(["z.shift AS kolmisla_opens"] if named else []),
            f"{_fault(relation, instants, present, answered, wall, named)} AS kolmisla_fault",
            "r.shift AS kolmisla_shift",
            "r.total AS kolmisla_last",
            "r.reopens AS kolmisla_reopens",
        ],
    )
    due = "kolmisla_total + kolmisla_shift"
    at_once = ""
    if named:  # a target of zero is used up at once, and kept until open time begins
        due = f"CASE WHEN {target} = 0 THEN {OPENED_SQL} ELSE {due} END"
        at_once = f"WHEN {target} = 0 THEN kolmisla_total + kolmisla_opens "
    later = "CASE WHEN kolmisla_reopens <= kolmisla_known_to THEN kolmisla_reopens END"
    never_due = f"{target} IS NOT NULL AND {due} IS NULL"
    length = dialect.seconds if new.seconds else dialect.duration
    states = state_cases("kolmisla_ended", "kolmisla_elapsed", target)
    breach = f"CASE {at_once}WHEN kolmisla_total = kolmisla_last THEN {later} ELSE {due} END"
    ended_at = f"CASE WHEN kolmisla_ended = 1 THEN {END_SQL} END"
    answers = (
        dialect.instant(due),
        dialect.instant(breach),
        length("kolmisla_elapsed"),
        length(target),
        f"CASE WHEN {target} IS NULL THEN 'not-covered'{states} END",
        f"CASE WHEN {never_due} THEN kolmisla_never ELSE kolmisla_reason END",
        dialect.instant(ended_at),
        length("kolmisla_response"),
    )
    faulty = [dialect.error("kolmisla_fault") if raises else "NULL"] * len(names)
    if not raises:
        faulty[names.index(f"{new.prefix}reason")] = "kolmisla_fault"
    added = [
        f"CASE WHEN kolmisla_fault IS NULL THEN {answer} ELSE {otherwise} END"
        for answer, otherwise in zip(answers, faulty, strict=True)
    ]
    naming = named.steps(lookups, slot, OPENED_SQL, target) if named else []
    steps = [instants.step, matched, *naming, counted, reached, QueryStep("e", [], with_answers(relation, added))]
    tables = {**lookups.tables, **instants.tables, terms.name: terms.table, **(named.tables if named else {})}
    return relation.run(steps, tables, [*relation.kinds, *names])


def _spelled(relation: Relation, layout: Layout) -> Layout:
    """Return the layout, with the names of its columns spelled as in the relation.

    DuckDB and Spark ignore the case of column names.
    """
    spelled = {name.lower(): name for name in relation.kinds}
    columns = {name: layout.column(name) for name in JUDGED_FACTS if name not in layout.constants}
    present = {name: spelled[column.lower()] for name, column in columns.items() if column.lower() in spelled}
    return replace(layout, columns={**layout.columns, **present})


class _Terms:
    """A lookup table of what is promised for each combination of plan, priority, channel and version in a relation."""

    def __init__(self, relation: Relation, layout: Layout, question: TicketQuestion, instants: InstantColumns) -> None:
        policy, metric = question.policy, question.metric
        self._relation, self._turns = relation, policy.turns
        columns = {name: layout.column(name) for name in TERMS if name not in layout.constants}
        self._columns = {name: column for name, column in columns.items() if column in relation.kinds}
        invalid = [column for column in self._columns.values() if relation.kinds[column] not in KINDS_OF_NAMES]
        if invalid:
            raise TypeError(f"{', '.join(map(shown, invalid))} must be a column of names (texts or integers)")
        combinations = relation.distinct(list(self._columns.values()), MOST_COMBINATIONS + 1)
        if len(combinations) > MOST_COMBINATIONS:
            listed = ", ".join(map(shown, self._columns.values()))
            most = f"must have at most {MOST_COMBINATIONS:,} different combinations of values"
            raise TicketError(f"{listed} {most}; check that these are the right columns")
        rows = [(values, era, at) for values in combinations for era, at in enumerate(eras(policy))]
        entitlements = [entitlement(policy, self._terms(values, layout), at, metric) for values, _, at in rows]
        promises = [entitled.promise for entitled in entitlements if entitled.promise]
        self.named = _named(relation, instants, entitlements)
        needed = [schedule for promise in promises for schedule in (promise.schedule, promise.response_on)]
        self._schedules = list(dict.fromkeys(needed)) or [NEVER]
        self.lookups = Lookups(self._schedules, relation.dialect)
        self.table: LookupTable = {
            **{
                f"kolmisla_term_{place}": [values[place] for values, _, _ in rows]
                for place in range(len(self._columns))
            },
            "kolmisla_era": np.array([era for _, era, _ in rows], np.int64),
            **self._slots("kolmisla", [entitled.promise and entitled.promise.schedule for entitled in entitlements]),
            **self._slots(
                "kolmisla_response", [entitled.promise and entitled.promise.response_on for entitled in entitlements]
            ),
            "kolmisla_target": np.array([promised_within(entitled) for entitled in entitlements], np.int64),
            **(self.named.columns if self.named else {}),
            "kolmisla_promised": np.array([entitled.promise is not None for entitled in entitlements]).astype(np.int64),
            "kolmisla_wrong": np.array([entitled.error is not None for entitled in entitlements]).astype(np.int64),
            "kolmisla_reason": [entitled.reason for entitled in entitlements],
            "kolmisla_unknown": [
                outside(entitled.promise.schedule.timeline) if entitled.promise else None for entitled in entitlements
            ],
            "kolmisla_never": [_never(entitled) for entitled in entitlements],
        }
        self.keys = [*(f"kolmisla_term_{place}" for place in range(len(self._columns))), "kolmisla_era"]
        self.name = table_name("terms", self.table)

    def matches(self, opened: str) -> str:
        """Return SQL for the condition by which a ticket is joined to its row of the lookup table.

        `opened` is the column of openings.
        """
        names, same = self._relation.names, self._relation.dialect.same
        terms = [
            same(f"CAST(a.{names[column]} AS STRING)", f"v.kolmisla_term_{place}")
            for place, column in enumerate(self._columns.values())
        ]
        cases = "".join(f" WHEN a.{opened} < {turn} THEN {era}" for era, turn in enumerate(self._turns))
        # a ticket without an opening gets the first era; any other era would do as well
        era = f"CASE WHEN a.{opened} IS NULL THEN 0{cases} ELSE {len(self._turns)} END"
        return " AND ".join([*terms, f"v.kolmisla_era = {era}"])

    def _terms(self, values: tuple[NameOrNone, ...], layout: Layout) -> Terms:
        """Return the plan, priority, channel and version of a row, in the policy's words."""
        by_name = dict(zip(self._columns, values, strict=True))
        plan, priority, channel, version = (
            our_name(layout.constants.get(name, by_name.get(name)), layout.words(name)) for name in TERMS
        )
        return Terms(plan, priority, channel, version)

    def _slots(self, prefix: str, schedules: list[Schedule | None]) -> dict[str, Ints]:
        """Return columns that say where each schedule's rows are in the tables of open time. For None, return NULL."""
        places = [None if schedule is None else self._schedules.index(schedule) for schedule in schedules]
        slots = self.lookups.slots
        return {
            f"{prefix}_{name}": np.array([NULL if place is None else slots[place][name] for place in places], np.int64)
            for name in slots[0]
        }


def _named(relation: Relation, instants: InstantColumns, entitlements: list[Entitlement]) -> NamedLookup | None:
    """Return the lookup table for targets in days: which instants they name. If no target is in days, return None."""
    if not any(entitled.promise and entitled.promise.is_unnamed for entitled in entitlements):
        return None
    lookup = f"{relation.dialect.quotient(f'{OPENED_SQL} + {FROM_HERE}', str(STARTS_AT_ONCE))} AS block"
    steps = [instants.step, QueryStep("b", [], [lookup])]
    blocks = [number - FROM_HERE // STARTS_AT_ONCE for number in relation.numbers(steps, instants.tables, "block")]
    known = range(FIRST_BLOCK, LAST_BLOCK + 1)
    return NamedLookup(entitlements, sorted({*blocks} & {*known}) or [0], relation.dialect)


def _never(entitled: Entitlement) -> str | None:
    """Return the reason to give for an unknown due time. If nothing is promised, return None."""
    return f"{NO_DUE_TIME}: {entitled.promise.schedule.timeline.known}" if entitled.promise else None


def _fault(
    relation: Relation,
    instants: InstantColumns,
    present: dict[str, str],
    answered: str,
    wall: Wall | None,
    named: NamedLookup | None,
) -> str:
    """Return SQL: a message if the ticket is invalid, else null. `present` has the column of each time, by fact."""
    text = relation.dialect.text
    refusals = [
        f" WHEN {instants.refusals[column]} THEN {text(f'{name} {unreadable(wall)}')}"
        for name, column in present.items()
        if column in instants.refusals and wall is not None
    ]
    came_late = unknown = ""
    if named:
        came_late = f" WHEN {named.is_beyond(OPENED_SQL)} THEN {text(CAME_LATE)}"
        unknown = " WHEN kolmisla_in_days = 1 AND kolmisla_within IS NULL THEN kolmisla_unknown"
    return (
        f"CASE{''.join(refusals)} WHEN {OPENED_SQL} IS NULL THEN {text('opened_at is missing')}"
        f" WHEN {answered} < {OPENED_SQL} THEN {text(BEFORE_OPENING)}"
        f" WHEN kolmisla_wrong = 1 THEN kolmisla_reason"
        f" WHEN kolmisla_promised IS NULL THEN {text(CAME_LATE)}"
        f" WHEN kolmisla_promised = 1 AND {OPENED_SQL} > {END_SQL} THEN {text(NOT_YET)}"
        f" WHEN kolmisla_promised = 1 AND kolmisla_elapsed IS NULL THEN kolmisla_unknown"
        f"{came_late}{unknown} END"
    )
