"""The parts of a query that count open time, for each form of target.

A duration is an amount of open time. A target in days becomes the open time from the opening to the instant that it
names.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from kolmisla.tickets.sql.naming import NAMED_BEYOND
from kolmisla.tickets.sql.terms import PolicyTables

__all__ = ["TargetSql", "counted_by", "in_bucket", "once_begun", "target_sql"]


class TargetSql(NamedTuple):
    """The parts of a query's SQL that are different for policies with and without targets in days."""

    promises: Mapping[str, str]  # expressions that read the table `terms`
    joins: Sequence[tuple[str, str, str]]  # a table, its alias, and the condition
    amounts: Mapping[str, str]  # expressions that read the joined tables
    allowed: str  # the target of a ticket, as an amount of open time
    sought: str  # the amount that is looked up in the table `reached`
    due: str
    breaches: str
    lacks: Sequence[tuple[str, str]]  # conditions under which the tables lack a row, and the reason to give


def counted_by(alias: str, at: str) -> str:
    """Return SQL for the open time that has passed at the instant `at`.

    `alias` is the alias of the table `counted` or `named`. The query has joined this table's row for the instant.
    """
    opens, closes = f"{alias}.opens", f"{alias}.closes"
    return f"(CASE WHEN {at} < {opens} THEN {opens} WHEN {at} > {closes} THEN {closes} ELSE {at} END - {alias}.shift)"


def in_bucket(alias: str, bucket: str, value: str, *, of: str = "schedule") -> str:
    """Return the SQL condition that finds the row for `value` in a table whose rows are grouped in numbered buckets.

    Each row is for one schedule or target, whose number is in the column named `of`.

    >>> in_bucket("r", "amount / by_amount", "amount")
    'r.schedule = on_schedule AND r.bucket = amount / by_amount AND amount >= r.since AND amount < r.until'
    """
    of_function = f"{alias}.{of} = on_{of} AND {alias}.bucket = {bucket}"
    return f"{of_function} AND {value} >= {alias}.since AND {value} < {alias}.until"


def once_begun(policy: PolicyTables, value: str, before: str = "NULL") -> str:
    """Return SQL that gives one of two expressions: `before` for tickets older than the first edition, else `value`."""
    return value if policy.begins is None else f"CASE WHEN opened < {policy.begins} THEN {before} ELSE {value} END"


def target_sql(policy: PolicyTables, tables: Mapping[str, str], divided: Callable[[str, str], str]) -> TargetSql:
    """Return the SQL for the targets of a policy.

    `tables` has the SQL name of each table. `divided` takes two SQL expressions and returns the SQL for their quotient,
    rounded towards zero.
    """
    by_opening = counted_by("c", "opened")
    if "named" not in policy.tables:
        later = "CASE WHEN amount = r.total THEN r.reopens ELSE amount + r.shift END"
        amounts = {"amount": f"{by_opening} + promised"}
        return TargetSql({}, [], amounts, "promised", "amount - 1", "amount + r.shift", later, [])
    by_instant = counted_by("n", "opened")
    bucket = divided("opened - begun", "by_named")
    return TargetSql(
        promises={"on_named": once_begun(policy, "m.named"), "by_named": "m.named_width"},
        joins=[(tables["named"], "n", in_bucket("n", bucket, "opened", of="named"))],
        amounts={
            "allowed": f"CASE WHEN on_named IS NULL THEN promised ELSE {by_instant} - {by_opening} END",
            "amount": f"CASE WHEN on_named IS NULL THEN {by_opening} + promised ELSE {by_instant} END",
            # an amount of zero is reached at the opening, and holds until time counts
            "sought": (
                f"CASE WHEN on_named IS NULL THEN {by_opening} + promised - 1"
                f" WHEN {by_instant} = {by_opening} THEN {by_instant} ELSE {by_instant} - 1 END"
            ),
        },
        allowed="allowed",
        sought="sought",
        due="CASE WHEN allowed = 0 THEN opened ELSE amount + r.shift END",
        breaches="CASE WHEN allowed > 0 AND amount = r.total THEN r.reopens ELSE amount + r.shift END",
        lacks=[("on_named IS NOT NULL AND allowed IS NULL", NAMED_BEYOND)],
    )
