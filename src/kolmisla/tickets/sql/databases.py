"""The SQL that differs between databases: names of types, how a time becomes microseconds, and how rows are written.

Functions of a Database take SQL expressions and return an SQL expression.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from kolmisla.times.instants import SECOND

__all__ = ["DATABASES", "DIALECTS", "FAR_AT", "Database", "DialectName", "within_far"]

DialectName = Literal["postgres", "duckdb", "sqlite", "bigquery", "snowflake", "spark"]
DIALECTS: tuple[DialectName, ...] = get_args(DialectName)

FAR_AT = 1 << 61  # microseconds; stands for all instants more than 73,000 years after 1970, and for infinity
DOTTED = "\u0130"  # the capital I with a dot; folded, it is an i and a combining dot
BEFORE_1875 = 3_000_000_000 * SECOND  # added to instants, so that those after 1874 are not negative


@dataclass(frozen=True)
class Database:
    """The SQL of one database, as far as it differs from that of other databases."""

    title: str  # the name of the database, and the oldest version that can run the SQL
    integer: str  # the type of 64-bit integers
    text: str  # the type of texts
    micros: Callable[[str], str]  # turns a time into integer microseconds since 1970-01-01T00:00Z
    instant: Callable[[str], str]  # turns integer microseconds into a time
    seconds: Callable[[str], str]  # turns integer microseconds into seconds, exact to the microsecond
    now: str  # the instant at which a statement runs, in microseconds
    times: str  # the types that a time of the tickets may have, for a message
    bare: Callable[[str], str] | None = None  # if times are texts: turns a time into the text that `micros` reads
    quotient: Callable[[str, str], str] = lambda number, by: f"({number}) / {by}"  # an integer, rounded towards zero
    # Puts at least A to Z in lower case. Some databases would make a plain i of a capital I with a dot.
    lower: Callable[[str], str] = lambda text: f"lower(replace({text}, '{DOTTED}', '{DOTTED.casefold()}'))"
    trim: Callable[[str, str], str] = lambda text, signs: f"trim({text}, {signs})"  # removes these signs at both ends
    most_nested: int = 100  # how many calls of functions may stand within one another
    character: Callable[[int], str] = lambda code: f"chr({code})"
    literal: Callable[[str], str] = lambda text: "'" + text.replace("'", "''") + "'"  # writes a text
    templates: str = ""  # signs with which a variable may begin that a program replaces in a script, also in literals
    chained: bool = False  # whether the steps of a query stand one after another, because few can be nested
    limit: str = ""  # the end of a subquery that keeps the database from merging it with the query around it
    in_names: str = "$"  # signs that a name may contain without quotes, besides letters, digits and _
    longest_name: int = 255  # bytes; a database without a limit may keep a table in a file of this name
    key: str = ")"  # the end of a CREATE TABLE; `{}` stands for the columns of the key
    begin: str = ""  # the first statement of a script
    commit: str = ""  # the last statement of a script
    fence: str = ""  # a column that keeps a subquery from being merged, so that each expression is computed once


def within_far(us: str) -> str:
    """Return SQL that limits microseconds to the range from -FAR_AT to FAR_AT.

    So the sum or the difference of two instants fits into 64 bits. No schedule knows years as far away as FAR_AT.
    """
    return f"CASE WHEN {us} > {FAR_AT} THEN {FAR_AT} WHEN {us} < -{FAR_AT} THEN -{FAR_AT} ELSE {us} END"


def _escaped(text: str) -> str:
    """Return a text as an SQL literal, for databases in which a backslash begins an escape sequence."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _postgres_text(text: str) -> str:
    """Return a text as an SQL literal for PostgreSQL."""
    # a setting says what a backslash means in '...', but in E'...' it always begins an escape sequence
    quoted = "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"
    return f"E{quoted}" if "\\" in text else quoted


def _snowflake_text(text: str) -> str:
    """Return a text as an SQL literal for Snowflake, whose program replaces `&name`, `<% name %>` and `{{ name }}`.

    The literal is cut behind each sign that may begin a variable.
    """
    parts = re.split("(?<=[&<{])", text)
    return f"({' || '.join(map(_escaped, parts))})" if len(parts) > 1 else _escaped(text)


def _spark_text(text: str) -> str:
    """Return a text as an SQL literal for Spark."""
    # Spark replaces `${name}` even in a literal, and a setting says whether a backslash begins an escape sequence
    plain = not {"$", "\\", "'"} & set(text)
    return f"'{text}'" if plain else f"CAST(X'{text.encode().hex()}' AS STRING)"


def _sqlite_micros(at: str) -> str:
    """Return SQL that turns text such as 2026-07-03T13:30:00.5 into microseconds.

    The SQL gives NULL if the text is not a time.
    """
    whole, rest = f"substr({at}, 1, 19)", f"substr({at}, 20)"
    digits = f"({rest} = '' OR {rest} GLOB '.[0-9]*' AND {rest} NOT GLOB '.*[^0-9]*' AND length({rest}) <= 7)"
    since_1970 = f"CAST(strftime('%s', {whole}) AS INTEGER)"
    # strftime reads 30 February as 2 March
    valid = f"strftime('%Y-%m-%dT%H:%M:%S', {since_1970}, 'unixepoch') = {whole} AND {digits}"
    fraction = f"CAST(substr(substr({rest}, 2) || '000000', 1, 6) AS INTEGER)"
    return f"CASE WHEN {valid} THEN {since_1970} * {SECOND} + {fraction} END"


def _sqlite_bare(at: str) -> str:
    """Return SQL that turns text such as `2026-07-03 13:30:00+00:00` into the text that `_sqlite_micros` reads."""
    text = f"replace(replace(trim({at}), ' ', 'T'), '+00:00', 'Z')"
    return f"substr({text}, 1, length({text}) - (substr({text}, -1) = 'Z'))"


def _sqlite_instant(us: str) -> str:
    """Return SQL that turns microseconds into ISO 8601 text in UTC."""
    later, before = f"({us} + {BEFORE_1875})", BEFORE_1875 // SECOND
    whole = f"strftime('%Y-%m-%dT%H:%M:%S', {later} / {SECOND} - {before}, 'unixepoch')"
    return f"{whole} || printf('.%06dZ', {later} % {SECOND})"


def _postgres_micros(at: str) -> str:
    """Return SQL that turns a time into microseconds. It turns infinite times into FAR_AT or -FAR_AT."""
    seconds = f"extract(epoch FROM {at})"
    most = FAR_AT // SECOND
    return (
        f"CASE WHEN {seconds} > {most} THEN {FAR_AT} WHEN {seconds} < -{most} THEN -{FAR_AT}"
        f" ELSE CAST({seconds} * {SECOND} AS bigint) END"
    )


DATABASES: Mapping[DialectName, Database] = {
    "postgres": Database(
        title="PostgreSQL 14 or later",
        integer="bigint",
        text="text",
        micros=_postgres_micros,
        instant=lambda us: f"timestamptz '1970-01-01 00:00:00+00' + ({us}) * interval '1 microsecond'",
        seconds=lambda us: f"CAST(({us}) * 0.000001 AS numeric(18, 6))",
        now=f"CAST(extract(epoch FROM CURRENT_TIMESTAMP) * {SECOND} AS bigint)",
        times="timestamptz, or timestamp in UTC",
        lower=lambda text: f'lower({text} COLLATE "C")',
        trim=lambda text, signs: f"btrim({text}, {signs})",
        begin="BEGIN;",
        commit="COMMIT;",
        longest_name=63,  # the rest would be cut off
        literal=_postgres_text,
        fence="CASE WHEN {} IS NULL THEN clock_timestamp() END",
    ),
    "duckdb": Database(
        title="DuckDB 1.4 or later",
        integer="BIGINT",
        text="VARCHAR",
        micros=lambda at: (
            f"CASE WHEN isinf({at}) THEN if({at} > '2000-01-01', {FAR_AT}, -{FAR_AT})"
            f" ELSE {within_far(f'epoch_us({at})')} END"
        ),
        instant=lambda us: f"make_timestamptz({us})",
        seconds=lambda us: f"CAST(CAST({us} AS DECIMAL(18, 0)) * CAST('0.000001' AS DECIMAL(7, 6)) AS DECIMAL(18, 6))",
        now="epoch_us(CURRENT_TIMESTAMP)",
        times="TIMESTAMPTZ, or TIMESTAMP in UTC",
        # a connection may have a collation that ignores accents
        lower=lambda text: f"lower(replace({text}, '{DOTTED}', '{DOTTED.casefold()}')) COLLATE C",
        quotient=lambda number, by: f"({number}) // {by}",
        begin="BEGIN;",
        commit="COMMIT;",
    ),
    "sqlite": Database(
        title="SQLite 3.35 or later",
        integer="INTEGER",
        text="TEXT",
        micros=_sqlite_micros,
        instant=_sqlite_instant,
        seconds=lambda us: f"({us}) / {SECOND}.0",
        now=(  # SQLite's clock has milliseconds
            f"(CAST(strftime('%s', 'now') AS INTEGER) * {SECOND} +"
            " CAST(substr(strftime('%f', 'now'), 4) AS INTEGER) * 1000)"
        ),
        times="text such as 2026-07-03T13:30:00Z, in UTC",
        bare=_sqlite_bare,
        character=lambda code: f"char({code})",
        most_nested=5,
        chained=True,
        limit="LIMIT -1",
        key=", PRIMARY KEY ({})) WITHOUT ROWID",
        begin="BEGIN;",
        commit="COMMIT;",
    ),
    "bigquery": Database(
        title="BigQuery",
        integer="INT64",
        text="STRING",
        micros=lambda at: f"UNIX_MICROS({at})",
        instant=lambda us: f"TIMESTAMP_MICROS({us})",
        seconds=lambda us: f"CAST({us} AS NUMERIC) / {SECOND}",
        now="UNIX_MICROS(CURRENT_TIMESTAMP())",
        times="TIMESTAMP",
        quotient=lambda number, by: f"DIV(({number}), {by})",
        in_names="-",
        longest_name=1_024,
        literal=_escaped,
    ),
    "snowflake": Database(
        title="Snowflake",
        integer="BIGINT",
        text="VARCHAR",
        micros=lambda at: f"DATE_PART(epoch_microsecond, {at})",
        instant=lambda us: f"TO_TIMESTAMP_TZ({us}, 6)",
        seconds=lambda us: f"CAST(({us}) / {SECOND} AS NUMBER(18, 6))",
        now="DATE_PART(epoch_microsecond, CURRENT_TIMESTAMP())",
        times="TIMESTAMP_TZ or TIMESTAMP_LTZ, or TIMESTAMP_NTZ in UTC",
        quotient=lambda number, by: f"CAST((({number}) - MOD({number}, {by})) / {by} AS BIGINT)",
        literal=_snowflake_text,
        templates="&<{",
    ),
    "spark": Database(
        title="Spark 3.4 or later",
        integer="BIGINT",
        text="STRING",
        micros=lambda at: within_far(f"unix_micros({at})"),
        instant=lambda us: f"timestamp_micros({us})",
        seconds=lambda us: f"CAST(({us}) / CAST({SECOND} AS DECIMAL(7, 0)) AS DECIMAL(18, 6))",
        now="unix_micros(CURRENT_TIMESTAMP())",
        times="TIMESTAMP",
        quotient=lambda number, by: f"({number}) DIV {by}",
        trim=lambda text, signs: f"btrim({text}, {signs})",
        in_names="",
        literal=_spark_text,
        templates="$",
    ),
}
