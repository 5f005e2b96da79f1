"""The options of the commands for other programs: `kolmisla sql`."""

from kolmisla.cli.parsing import texts
from kolmisla.cli.parsing.ticket_files import Adds

__all__ = ["of_sql"]


def of_sql(add: Adds) -> None:
    """Add the options of `kolmisla sql`."""
    from kolmisla.tickets.sql.databases import DIALECTS

    add("--dialect", required=True, choices=DIALECTS, help="database for which to write")
    text = (
        "years of the tickets and of their due times, such as 2020-2035 (default: those of 2020 to 2040 that are known)"
    )
    add("--years", type=texts.years, metavar="YEARS", help=text)
    add("--tickets", default="tickets", metavar="TABLE", help="table or view of the tickets (default: %(default)s)")
    text = "begin of the names of tables and the view, such as desk.kolmisla_ (default: %(default)s)"
    add("--prefix", default="kolmisla_", metavar="PREFIX", help=text)
    text = "instant at which tickets are judged, ISO 8601 (default: the current time of the database, for each query)"
    add("--at", metavar="NOW", help=text)
    text = "file for the script (default: standard output)"
    add("-o", "--out", default="-", metavar="OUT", type=texts.output, help=text)
    add("--dbt", metavar="FOLDER", help="write seeds and models of dbt into this folder, and no script")
