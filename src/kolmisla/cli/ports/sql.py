"""`kolmisla sql`: write SQL that creates the tables of a policy and a view of deadlines in a database."""

import argparse
from pathlib import Path

from kolmisla.cli.options import data_versions, identified, sources_of, time_of
from kolmisla.cli.terminal import EXIT_DONE, refuse_overwriting, tell
from kolmisla.errors import choices, number_of
from kolmisla.files.outputs.drafts import drafts
from kolmisla.files.outputs.streams import STANDARD_STREAM
from kolmisla.names import __version__
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE
from kolmisla.tickets.sql.databases import DATABASES
from kolmisla.tickets.sql.endings import paused_plans
from kolmisla.tickets.sql.scripts import SqlSettings, dbt_files, sql_script
from kolmisla.tickets.sql.terms import PolicyTables, policy_tables, usual_years
from kolmisla.times.instants import micros

__all__ = ["run_sql"]


def run_sql(options: argparse.Namespace, policy: Policy) -> int:
    """Write an SQL script, or the files of a dbt project. Print on standard error what was written."""
    if options.dbt is not None and options.out != STANDARD_STREAM:
        raise ValueError("give --out for a script or --dbt for a folder of dbt, not both")
    years = usual_years(policy) if options.years is None else options.years
    tables = policy_tables(policy, years, metric=metric_in(policy, options.metric))
    at = None if options.at is None else micros(time_of(options, policy, options.at))
    database = DATABASES[options.dialect]
    heading = _heading(options, policy, tables)
    settings = SqlSettings(database, heading, options.tickets, options.prefix, at)
    if options.dbt is None:
        files = {options.out: "\n".join(sql_script(tables, settings)) + "\n"}
    else:
        files = {str(Path(options.dbt, path)): text for path, text in dbt_files(tables, settings).items()}
    for path in files:
        refuse_overwriting(sources_of(options), path)
    for folder in ("seeds", "models") if options.dbt is not None else ():
        Path(options.dbt, folder).mkdir(parents=True, exist_ok=True)
    with drafts() as new:
        for path, text in files.items():
            new.stream(path).write(text)
    rows = ", ".join(f"{settings.prefix}{name} {len(table.rows):,}" for name, table in tables.tables.items())
    tell(f"{number_of(len(files), 'file')} for {database.title}; rows: {rows}; policy {identified(policy)}")
    if plans := paused_plans(policy, options.metric):
        told = f"note: pauses stop {options.metric} for the plan {choices(plans)}, and a table of tickets has no pauses"
        tell(f"{told}; tickets are judged as if there were none")
    return EXIT_DONE


def _heading(options: argparse.Namespace, policy: Policy, tables: PolicyTables) -> list[str]:
    """Return the comments with which the SQL begins."""
    (first, last), database = tables.years, DATABASES[options.dialect]
    versions = ", ".join(f"{name} {version}" for name, version in data_versions(policy.timezone).items())
    what = "first responses" if options.metric == FIRST_RESPONSE else options.metric
    *columns, end = ("id", *tables.names, "opened_at", tables.end)
    return [
        f"Deadlines of {what} by the policy {identified(policy)}, for {database.title}.",
        f"Made by kolmisla {__version__}, {versions}.",
        f"The tables know the years {first} to {last} in {policy.timezone}. Make them again before these years end,",
        "and when the policy or the holidays change.",
        f"{options.tickets} must have {', '.join(columns)} and {end}. Times are {database.times}.",
        f"All tickets count as opened through the channel {policy.main_channel}, about a version that is supported.",
    ]
