"""The options of `kolmisla sql`, `vectors` and `schema`, which write for other programs."""

from argparse import REMAINDER
from datetime import timedelta

from kolmisla.cli.parsing import texts
from kolmisla.cli.parsing.ticket_files import Adds
from kolmisla.policies.terms.metrics import FIRST_RESPONSE

__all__ = ["of_schemas", "of_sql", "of_vectors"]

SCHEMA_NAMES = (
    *("policy", "layout", "ticket", "event", "deadline", "status", "cycle", "explanation", "queue", "report"),
    *("coverage", "quote", "elapsed", "open", "calendar", "summary", "measured", "alarms", "check", "diff", "worst"),
    *("vectors", "answer"),
)

VECTOR_ACTS = "test a program with vectors, or answer questions on standard input as kolmisla does"


def of_sql(add: Adds) -> None:
    """Add the options of `kolmisla sql`."""
    from kolmisla.tickets.sql.databases import DIALECTS

    add("--dialect", required=True, choices=DIALECTS, help="database for which to write")
    text = "metric from the opening to the answer or to the resolution (default: %(default)s)"
    add("--metric", metavar="METRIC", default=FIRST_RESPONSE, help=text)
    text = "years of the tickets and of their due times, such as 2020-2035 (default: the known years of 2020 to 2040)"
    add("--years", type=texts.years, metavar="YEARS", help=text)
    add("--tickets", default="tickets", metavar="TABLE", help="table or view of the tickets (default: %(default)s)")
    text = "beginning of the names of tables and the view, such as desk.kolmisla_ (default: %(default)s)"
    add("--prefix", default="kolmisla_", metavar="PREFIX", help=text)
    text = "instant at which tickets are judged, ISO 8601 (default: the current time of the database, for each query)"
    add("--at", metavar="NOW", help=text)
    text = "file for the script (default: standard output)"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=text)
    add("--dbt", metavar="FOLDER", help="write seeds and models of dbt into this folder, and no script")


def of_vectors(add: Adds) -> None:
    """Add the options of `kolmisla vectors`."""
    text = "end the program after this time (default: PT1M)"
    add("--timeout", type=texts.amount, default=timedelta(minutes=1), metavar="DURATION", help=text)
    add("act", metavar="{run,answer}", choices=("run", "answer"), help=VECTOR_ACTS)
    add("path", nargs="?", metavar="PATH", help="file of vectors, or a folder of such files, such as docs/vectors")
    add(
        "program",
        nargs=REMAINDER,
        metavar="PROGRAM ...",
        help="program that reads one question per line, and its arguments",
    )


def of_schemas(add: Adds) -> None:
    """Add the argument of `kolmisla schema`."""
    add(
        "name",
        nargs="?",
        choices=SCHEMA_NAMES,
        metavar="NAME",
        help=f"one of {', '.join(SCHEMA_NAMES)} (default: list)",
    )
