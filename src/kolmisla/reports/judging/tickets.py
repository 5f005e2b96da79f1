"""Has the function `report`, which makes one report of many tickets, or of a data frame of tickets."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from importlib import import_module
from os import PathLike
from typing import Any, Literal

from kolmisla.documents.values import is_nothing
from kolmisla.errors import KolmislaError, PolicyError, choices, expect, expect_iterable, shown
from kolmisla.names import LOADING
from kolmisla.policies.kolmisoft import KOLMISOFT, check_policy
from kolmisla.policies.policy import Policy
from kolmisla.policies.promises import metric_in
from kolmisla.policies.terms.metrics import FIRST_RESPONSE, Metric, MetricName
from kolmisla.reports.figures.calendars import calendar_data
from kolmisla.reports.figures.periods import By, by_named
from kolmisla.reports.judging.standings import Question, facts_of
from kolmisla.reports.judging.tallying import Scope, Tallying
from kolmisla.reports.whole import Report
from kolmisla.tickets.ticket import Ticket
from kolmisla.times.instants import micros

__all__ = ["check_scope", "check_what_if", "report", "with_calendars"]

SPLITS = ("plan", "priority", "channel", "version")  # the facts by which tickets can be split


def report(
    tickets: Iterable[Ticket] | str | PathLike[str] | Any,
    *,
    policy: Policy = KOLMISOFT,
    metric: MetricName | Metric = FIRST_RESPONSE,
    at: datetime,
    by: By = "month",
    since: date | None = None,
    until: date | None = None,
    split: str | Callable[[Ticket], str | None] | None = None,
    what_if: Policy | None = None,
    events: Any = None,
    columns: Mapping[str, str] | None = None,
    values: Mapping[str, Mapping[str, str]] | None = None,
    timezone: str | None = None,
    ambiguous: Literal["earlier", "later", "refuse"] | None = None,
    errors: Literal["raise", "null"] = "raise",
) -> Report:
    """Return the report of tickets: how many promises were kept, by period, plan and priority, and by how much.

    `at` is the instant at which the tickets are judged, as an aware datetime. Later events do not count. A ticket
    belongs to the day, week, month, quarter or year (`by`) of its opening in the policy's zone. Only tickets opened
    from the date `since` on and before the date `until` are in the figures. `split` groups the tickets once more, by a
    fact such as `channel` or by a function of the ticket. `what_if` is another policy, under which the same tickets are
    judged too.

    `tickets` may also be a data frame of pandas, Polars or Arrow, or a table that does not fit into memory: a lazy
    frame of Polars, a relation of DuckDB, a data frame of Spark, or the path of a Parquet file. Such a table is read in
    parts, and only the columns that are needed. For a frame or table, `split` is the name of a column, and `events`,
    `columns`, `values`, `timezone` and `ambiguous` mean the same as in `columns.measure`. If `events` and `tickets` are
    the same frame, this frame is an audit log. With `events`, both tables are fetched into memory. A frame needs the
    extra `columns`, a path also needs `polars`, and DuckDB also needs `arrow`.

    For a ticket that cannot be judged, raise the error that `deadline` raises for it. With `errors="null"`, raise no
    error for such a ticket, and count it as rejected, with the reason. Raise NaiveTimeError for an `at` without an
    offset, and ValueError for an unknown metric, period or fact.

    >>> facts = {"plan": "premium", "priority": "high", "opened_at": "2026-07-03T16:30:00+03:00"}
    >>> tickets = [Ticket(**facts, answered_at="2026-07-07T08:20:00+03:00"), Ticket(**facts)]
    >>> july = report(tickets, at=datetime.fromisoformat("2026-07-07T09:00+03:00"))
    >>> july.total.met, july.total.breached, july.total.waiting, str(july.total.median)
    (1, 1, 1, '1:50:00')
    """
    check_policy(policy)
    question = Question(policy, metric_in(policy, metric), micros(at))
    name = split if isinstance(split, str) else None if split is None else getattr(split, "__name__", "split")
    scope = check_scope(Scope(by_named(by), name, since, until))
    check_what_if(what_if, policy, question.metric)
    raising = _raises(errors)
    mapping = {"columns": columns, "values": values, "timezone": timezone, "ambiguous": ambiguous}
    if isinstance(tickets, (str, PathLike)) or _is_frame(tickets):
        if split is not None and not isinstance(split, str):
            raise TypeError(f"split must be the name of a column of the frame, not {shown(split)}")
        return _report_of_frame(tickets, events, question, scope, what_if, mapping, raising)
    unused = [option for option, value in {"events": events, **mapping}.items() if value is not None]
    if unused:
        raise TypeError(f"these arguments need a data frame: {choices(unused)}; a Ticket has its own events")
    split_of = _split_of(split)
    expect_iterable("tickets", tickets)
    tallying = Tallying(question, scope, what_if)
    for ticket in tickets:
        expect("ticket", ticket, Ticket)
        value = None if split_of is None else split_of(ticket)
        try:
            tallying.take(facts_of(ticket), value, ticket)
        except KolmislaError as error:
            if raising:
                raise
            tallying.reject(str(error))
    return with_calendars(tallying.report())


FRAMES = ("pandas", "polars", "pyarrow", "narwhals", "duckdb", "_duckdb", "pyspark")  # packages of frames


def _report_of_frame(tickets: Any, events: Any, *asked: Any) -> Report:
    with LOADING:
        import_module("kolmisla.columns")  # raises an error that names the missing extra
        frames = import_module("kolmisla.reports.judging.frames")
    of_path = isinstance(tickets, (str, PathLike))
    judge = frames.report_of_path if of_path else frames.report_of_frame
    return with_calendars(judge(tickets, events, frames.FrameQuestion(*asked)))


def _is_frame(tickets: object) -> bool:
    """Tell whether the class of an object comes from a package for data frames, such as pandas."""
    return type(tickets).__module__.partition(".")[0] in FRAMES


def with_calendars(made: Report) -> Report:
    """Return a copy of the report whose `calendars` say where the dates of the policy's holidays come from."""
    return replace(made, calendars=calendar_data(made.policy))


def check_scope(scope: Scope) -> Scope:
    """Return `scope` unchanged if its dates are valid.

    Raise TypeError if `since` or `until` is neither a date nor None, and ValueError if `until` is not after `since`.
    """
    for name, day in (("since", scope.since), ("until", scope.until)):
        if day is not None and (isinstance(day, datetime) or not isinstance(day, date)):
            raise TypeError(f"{name} must be a date, such as date(2026, 7, 1), not {shown(day)}")
    if scope.since is not None and scope.until is not None and scope.until <= scope.since:
        raise ValueError(
            f"until must be after since ({scope.since}), not {scope.until}; a report ends before the date 'until'"
        )
    return scope


def check_what_if(what_if: object, policy: Policy, metric: str) -> None:
    """Raise an error unless `what_if` is None, or a policy that has the metric and is in the zone of `policy`."""
    if what_if is None:
        return
    expect("what_if", what_if, Policy)
    if what_if.timezone != policy.timezone:  # type: ignore[attr-defined]
        zones = f"{policy.timezone}, not {what_if.timezone}"  # type: ignore[attr-defined]
        raise ValueError(
            f"what_if must be a policy in the same zone, {zones}, because a day is not the same in two zones"
        )
    try:
        metric_in(what_if, metric)
    except PolicyError as fault:
        raise PolicyError(f"what_if must be a policy that has the metric of the report; in what_if, {fault}") from None


def _raises(errors: object) -> bool:
    if not (isinstance(errors, str) and errors in ("raise", "null")):
        raise ValueError(f"errors must be 'raise' or 'null', not {shown(errors)}")
    return errors == "raise"


def _split_of(split: object) -> Callable[[Ticket], str | None] | None:
    """Return a function from a ticket to the name of its group. If `split` is None, return None.

    Raise an error if `split` is anything but None, a name in SPLITS or a function.
    """
    if split is None:
        return None
    if isinstance(split, str):
        if split not in SPLITS:
            raise ValueError(f"split must be one of {choices(SPLITS)}, or a function of a ticket, not {shown(split)}")
        return lambda ticket: getattr(ticket, split)
    if not callable(split):
        raise TypeError(f"split must be a name or a function of a ticket, not {shown(split)}")

    def text_of(ticket: Ticket) -> str | None:
        value = split(ticket)
        return None if is_nothing(value) else str(value)

    return text_of
