"""The query that gives the deadline and the state of each ticket of a table.

A query is a chain of subqueries, called steps. Each step joins the rows of the step before with tables of the policy,
and adds columns.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

from kolmisla.documents.names import folded
from kolmisla.errors import choices
from kolmisla.tickets.cycles.cycle_clock import NO_DUE_TIME, STATE_OF
from kolmisla.tickets.cycles.shapes import BEFORE_OPENING, NOT_YET
from kolmisla.tickets.sql.databases import Database
from kolmisla.tickets.sql.targets import counted_by, in_bucket, once_begun, target_sql
from kolmisla.tickets.sql.terms import BLANK_NAME, PolicyTables

__all__ = ["ANSWERS", "QuerySources", "deadlines_query", "state_cases"]

ANSWERS = ("id", "due_at", "breaches_after", "elapsed_s", "state", "reason")
CASED = range(128, 0x1E944)  # where all characters outside ASCII are that casefolding changes
SIGNS_AROUND = (9, 10, 13, 160)  # tab, line feed, carriage return and no-break space, which are cut off around a name
UNCOUNTED = "on_schedule IS NOT NULL AND worked IS NULL"  # SQL: the table `counted` has no row for an instant
MOST_BLANKS = 4  # how often two blanks are made one: up to 16 blanks in a row become one


class QuerySources(NamedTuple):
    """What a query reads: the tables, by their names in SQL, and the instant for which states are computed."""

    tickets: str
    tables: Mapping[str, str]  # the tables of the policy
    at: int | None  # in microseconds; None means the time at which the query runs


class _Step(NamedTuple):
    """A subquery of the query: its name, the tables that it joins, and the expressions of its columns by name."""

    name: str
    joins: Sequence[tuple[str, str, str]]  # for each join: a table, its alias, and the condition
    named: Mapping[str, str]


def state_cases(ended: str, elapsed: str, target: str) -> str:
    """Return the WHEN clauses of a CASE expression that gives the state of a cycle without pauses.

    The arguments are SQL expressions. `ended` is 1 for a cycle that has ended, else 0.
    """
    return "".join(
        f" WHEN {ended} = {int(has_ended)} AND {elapsed} {'>' if exceeded else '<='} {target} THEN '{state}'"
        for (has_ended, paused, exceeded), state in STATE_OF.items()
        if not paused
    )


def deadlines_query(policy: PolicyTables, sources: QuerySources, database: Database) -> str:
    """Return the query that gives the deadline and the state of each ticket. Its columns are listed in ANSWERS."""
    tables, divided = sources.tables, database.quotient
    now = str(sources.at) if sources.at is not None else database.now
    first, last = policy.years
    outside = f"not within {first} to {last}, the years of the tables"
    names = {name: _names(known, name, database) for name, known in policy.names.items()}
    keys = {name: f"{name}_{len(texts) - 1}" for name, texts in names.items()}
    end = policy.end.removesuffix("_at")
    target = target_sql(policy, tables, divided)
    steps = [
        _Step(
            "facts",
            [],
            {
                "opened": database.micros("t.opened_at"),
                end: database.micros(f"t.{policy.end}"),
                "judged": now,
                **{f"{name}_0": texts[0] for name, texts in names.items()},
                **({"answer_given": f"CASE WHEN t.{policy.end} <> '' THEN 1 ELSE 0 END"} if database.bare else {}),
            },
        ),
        *(
            _Step(
                f"names_{place}",
                [],
                {f"{name}_{place}": texts[place] for name, texts in names.items() if texts[place:]},
            )
            for place in range(1, max(map(len, names.values())))
        ),
        _Step(
            "promises",
            [(tables["terms"], "m", f"{_of_names(policy, keys, database)} AND opened >= m.since AND opened < m.until")],
            {
                "on_schedule": once_begun(policy, "m.schedule"),
                "begun": "m.begins",
                "by_instant": "m.counted_width",
                "by_amount": "m.reached_width",
                "promised": once_begun(policy, "m.target"),
                "is_wrong": "m.wrong",
                "why": once_begun(policy, "m.reason", database.literal(policy.early)),
                **target.promises,
                "has_ended": f"CASE WHEN {end} <= judged THEN 1 ELSE 0 END",
                "ending": f"CASE WHEN {end} <= judged THEN {end} ELSE judged END",
            },
        ),
        _Step(
            "counts",
            [
                (tables["counted"], "c", in_bucket("c", divided("opened - begun", "by_instant"), "opened")),
                (tables["counted"], "d", in_bucket("d", divided("ending - begun", "by_instant"), "ending")),
                *target.joins,
            ],
            {"worked": f"{counted_by('d', 'ending')} - {counted_by('c', 'opened')}", **target.amounts},
        ),
        _Step(
            "answers",
            [(tables["reached"], "r", in_bucket("r", divided(target.sought, "by_amount"), target.sought))],
            {
                "due": target.due,
                "breaches": target.breaches,
                "fault": _fault(policy, keys, [(UNCOUNTED, f"a time is {outside}"), *target.lacks], database),
            },
        ),
    ]
    known, later = f"{NO_DUE_TIME}: it is {outside}", f"breaches_after is not known: it is {outside}"
    answers = {
        "id": "id",
        "due_at": _unless_faulty(database.instant("due")),
        "breaches_after": _unless_faulty(database.instant("breaches")),
        "elapsed_s": _unless_faulty(database.seconds("worked")),
        "state": _unless_faulty(
            f"CASE WHEN {target.allowed} IS NULL THEN 'not-covered'"
            f"{state_cases('has_ended', 'worked', target.allowed)} END"
        ),
        "reason": (
            f"COALESCE(fault, why, CASE WHEN due IS NULL THEN {database.literal(known)}"
            f" WHEN breaches IS NULL THEN {database.literal(later)} END)"
        ),
    }
    return _written(steps, answers, _facts(policy, sources.tickets, database), database)


def _unless_faulty(answer: str) -> str:
    return f"CASE WHEN fault IS NULL THEN {answer} END"


def _of_names(policy: PolicyTables, keys: Mapping[str, str], database: Database) -> str:
    """Return the SQL condition that finds a ticket's plan, priority and owner in the table `terms`.

    `keys` says which columns have these names in small letters. A ticket of an owner without a row is looked up as a
    ticket without an owner.
    """
    key_of = dict(keys)
    if "owner" in keys:
        known = ", ".join(database.literal(folded(name)) for name in policy.names["owner"])
        key_of["owner"] = f"CASE WHEN {keys['owner']} IN ({known}) THEN {keys['owner']} ELSE '{BLANK_NAME}' END"
    return " AND ".join(f"m.{name} = {key}" for name, key in key_of.items())


@cache
def _small_forms() -> list[tuple[str, str]]:
    """Return the characters outside ASCII that casefolding changes, each with what it becomes."""
    return [(sign, sign.casefold()) for sign in map(chr, CASED) if sign.casefold() != sign]


def _names(known: Sequence[str], column: str, database: Database) -> list[str]:
    """Return SQL expressions that turn a ticket's name of a plan, a priority or an owner into the form to compare.

    Each one reads the result of the one before, such as `plan_0`. A name in `known` becomes what `folded` returns. A
    blank or missing name becomes BLANK_NAME.
    """
    names = [folded(name) for name in known]
    letters = "".join(names)
    replaced = [(f"'{sign}'", f"'{low}'") for sign, low in _small_forms() if low in letters]
    if any("-" in name for name in names):
        others = sorted({sign for name in known for sign in name if sign.isspace() and sign != " "})
        # such as a no-break space; functions for characters know 256 of them in every database
        signs = [database.character(ord(sign)) if ord(sign) < 256 else f"'{sign}'" for sign in others]
        replaced += [(sign, "' '") for sign in signs]
        replaced += [("'_'", "' '"), *[("'  '", "' '")] * MOST_BLANKS, ("' '", "'-'")]
    around = list(map(database.character, SIGNS_AROUND))
    blanks, names_end = (" || ".join([signs, *around]) for signs in ("' '", "' _'"))
    lower = database.lower(f"CAST(t.{column} AS {database.text})")
    listed = ", ".join(database.literal(name) for name in [*names, BLANK_NAME])
    expressions: list[str] = []
    # a database limits how many calls may be nested
    for first in range(0, max(len(replaced), 1), database.most_nested):
        before = f"{column}_{len(expressions) - 1}" if expressions else lower
        text = before if expressions else database.trim(lower, names_end)
        for sign, low in replaced[first : first + database.most_nested]:
            text = f"replace({text}, {sign}, {low})"
        # a name such as `_` is not blank, and unknown
        blank = "" if expressions else f" WHEN COALESCE({database.trim(lower, blanks)}, '') = '' THEN '{BLANK_NAME}'"
        expressions.append(f"CASE WHEN {before} IN ({listed}) THEN {before}{blank} ELSE {text} END")
    return expressions


def _fault(policy: PolicyTables, keys: Mapping[str, str], lacks: Sequence[tuple[str, str]], database: Database) -> str:
    """Return SQL that gives why a ticket can have no deadline and no state, or null if it can have them.

    `keys` says which columns have the plan, priority and owner. `lacks` has SQL conditions under which the tables lack
    a row, each with a reason.
    """
    begun = "" if policy.begins is None else f"opened >= {policy.begins} AND "
    ended, before = policy.end.removesuffix("_at"), BEFORE_OPENING.replace("answered_at", policy.end)
    named = [("plan", begun, policy.names["plan"]), ("priority", "", policy.names["priority"])]
    if policy.begins is not None and len(policy.first_priorities) < len(policy.names["priority"]):
        named.append(("priority", f"opened < {policy.begins} AND ", policy.first_priorities))  # and any plan
    unknown = []
    for name, when, names in named:
        known = [*map(folded, names), *([BLANK_NAME] if name == "plan" else [])]
        listed = ", ".join(database.literal(each) for each in known)
        told = database.literal(f"{name} is not one of {choices(names)}")
        unknown.append(f" WHEN {when}{keys[name]} NOT IN ({listed}) THEN {told}")
    cases = [
        f" WHEN opened IS NULL THEN {database.literal(_unread('opened_at', 'is missing or', database))}",
        f" WHEN {ended} < opened THEN {database.literal(before)}",
        f" WHEN {keys['priority']} = '{BLANK_NAME}' THEN {database.literal('priority is missing')}",
        *unknown,
        f" WHEN {begun}is_wrong = 1 THEN why",
        f" WHEN on_schedule IS NOT NULL AND opened > ending THEN {database.literal(NOT_YET)}",
        *(f" WHEN {condition} THEN {database.literal(told)}" for condition, told in lacks),
    ]
    if database.bare:
        lost = database.literal(_unread(policy.end, "is", database))
        cases.insert(1, f" WHEN {ended} IS NULL AND answer_given = 1 THEN {lost}")
    return f"CASE{''.join(cases)} END"


def _unread(name: str, fault: str, database: Database) -> str:
    return f"{name} {fault} not {database.times}" if database.bare else f"{name} is missing"


def _facts(policy: PolicyTables, tickets: str, database: Database) -> str:
    """Return what the first subquery selects from: the table of tickets or, if its times are text, a subquery."""
    if not database.bare:
        return f"{tickets} t"
    facts = {name: name for name in policy.names} | {name: database.bare(name) for name in ("opened_at", policy.end)}
    return f"(\n  SELECT id,{_listed(facts)}\n  FROM {tickets}\n  {database.limit}\n) t"


def _written(steps: Sequence[_Step], answers: Mapping[str, str], before: str, database: Database) -> str:
    """Return the text of a query in which each step is a subquery of the next step.

    The first step selects from `before`. The query gives the expressions in `answers` as its columns.
    """
    id, chain = "t.id", []
    for step in steps:
        named = {**step.named, **({f"{step.name}_fence": database.fence.format(id)} if database.fence else {})}
        kept = "id" if id == "t.id" else f"{before.rpartition(' ')[2]}.*"
        lines = [f"SELECT {kept},{_listed(named)}", f"FROM {before}"]
        lines += [f"LEFT JOIN {table} {alias} ON {condition}" for table, alias, condition in step.joins]
        text = "\n".join([*lines, database.limit] if database.limit else lines).replace("\n", "\n  ")
        name, id = f"kolmisla_{step.name}", "id"
        chain.append(f"{name} AS (\n  {text}\n)")
        before = name if database.chained else f"(\n  {text}\n) {name}"
    clause = f"WITH {', '.join(chain)}\n" if database.chained else ""
    return f"{clause}SELECT{_listed(answers)}\nFROM {before}"


def _listed(named: Mapping[str, str]) -> str:
    """Return SQL expressions with their names as columns, a line for each."""
    return ",".join(f"\n  {expression} AS {name}" for name, expression in named.items())
