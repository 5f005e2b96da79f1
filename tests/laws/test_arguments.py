"""A wrong argument raises a TypeError or a KolmislaError; no internal error reaches the caller."""

import operator
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from io import BytesIO, StringIO
from itertools import repeat
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kolmisla import (
    ALWAYS,
    KOLMISOFT,
    Clock,
    Event,
    KolmislaError,
    Metric,
    Plan,
    Policy,
    PolicyError,
    Priority,
    Schedule,
    ScheduleError,
    Span,
    Target,
    Ticket,
    TicketError,
    breakdown,
    coverage,
    crossings,
    cycles,
    deadline,
    explain,
    queue,
    quote,
    report,
    worst_wait,
)
from kolmisla.documents.remembered import remembered
from kolmisla.files import Layout, Log, Measuring, intake
from kolmisla.files.tables import CsvTable, JsonTable
from kolmisla.policies import Rate
from kolmisla.policies.terms.examples import Example
from kolmisla.reports import due_calendar
from kolmisla.schedules import read

NOW = datetime(2026, 7, 3, 13, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
PREMIUM = KOLMISOFT.plans["PREMIUM"]
OFFICE = KOLMISOFT.schedules["working-hours"]
FACTS: dict[str, Any] = {"plan": "premium", "priority": "high", "opened_at": NOW}
TICKET = Ticket(**FACTS, answered_at=NOW + HOUR)
CLOCK = Clock.paused(OFFICE, [(NOW, NOW + HOUR)])


class NaT(datetime):
    """What pandas has for a missing time: a datetime to Python, that computes to nan and equals nothing."""

    def __sub__(self, other: object) -> Any:
        return self

    def __floordiv__(self, other: object) -> float:
        return float("nan")

    def __eq__(self, other: object) -> bool:
        return False

    def __ne__(self, other: object) -> bool:
        return True

    __hash__ = datetime.__hash__

    def utcoffset(self) -> Any:
        raise ValueError("NaTType does not support utcoffset")


class NAType:
    """What pandas has for a missing value of any kind: comparing it gives nothing that is true or false."""

    def __eq__(self, other: object) -> Any:
        return self

    def __ne__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise TypeError("boolean value of NA is ambiguous")

    def __hash__(self) -> int:
        return 1


class Array(list[Any]):
    """What numpy answers to a comparison has no truth value."""

    def __ne__(self, other: object) -> Any:
        return self

    def __bool__(self) -> bool:
        raise ValueError("the truth value of an array is ambiguous")


class LibraryError(Exception):
    """An error of another library, that is none of Python's."""


class Column:
    """What computes, compares and has its truth told only in ways of its own, as a column of Polars."""

    def __sub__(self, other: object) -> Any:
        raise LibraryError

    __rsub__ = __floordiv__ = __lt__ = __le__ = __gt__ = __ge__ = __sub__

    def __bool__(self) -> bool:
        raise LibraryError

    def __eq__(self, other: object) -> bool:
        raise LibraryError

    def __ne__(self, other: object) -> bool:
        raise LibraryError

    def __hash__(self) -> int:
        return 1

    def __repr__(self) -> str:
        raise LibraryError


class Scalar:
    """An array without a dimension: it says that it can be iterated over, and cannot."""

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("iteration over a 0-d array")


NOTHING = [NaT(1, 1, 1), NAType(), float("nan"), None]
WRONG = [
    *NOTHING,
    *(
        True,
        False,
        0,
        -1,
        10**30,
        1.5,
        float("inf"),
        Decimal("NaN"),
        Decimal("sNaN"),
        "",
        "x",
        "\0",
        b"x",
        [],
        [1],
        (),
        {},
        {"a": 1},
    ),
    *(set(), range(3), object(), type, len, int, Ticket, Policy, Array([1, 2]), Column(), Scalar(), 10**5_000),
    *(date(2026, 7, 3), datetime(2026, 7, 3), time(3), HOUR, timedelta.max, timedelta.min),
    *(datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC), ALWAYS, KOLMISOFT, TICKET),
]
DOORS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    **{
        name: (getattr(OFFICE, name), {"at": NOW})
        for name in ("is_open", "next_open", "next_close", "previous_open", "previous_close")
    },
    "elapsed": (OFFICE.elapsed, {"start": NOW, "end": NOW}),
    "due": (OFFICE.due, {"start": NOW, "within": HOUR}),
    "spans": (lambda start, end: list(OFFICE.spans(start, end)), {"start": NOW, "end": NOW}),
    "holiday_name": (OFFICE.holiday_name, {"day": date(2026, 7, 6)}),
    "replace": (OFFICE.replace, {"timezone": "UTC", "hours": {}, "holidays": (), "exceptions": {}}),
    "to_dict": (OFFICE.to_dict, {"named": {}}),
    "from_dict": (Schedule.from_dict, {"document": {"open": "always"}, "named": {}}),
    "Schedule": (Schedule, {"timezone": "UTC", "hours": {}, "holidays": (), "exceptions": None}),
    "Clock": (Clock, {"changes": [(NOW, OFFICE)]}),
    "Clock, a change": (lambda at, schedule: Clock([(at, schedule)]), {"at": NOW, "schedule": OFFICE}),
    "Clock.paused": (Clock.paused, {"schedule": OFFICE, "pauses": []}),
    "Clock.paused, a pause": (lambda a, b: Clock.paused(OFFICE, [(a, b)]), {"a": NOW, "b": None}),
    "Clock.elapsed": (CLOCK.elapsed, {"start": NOW, "end": NOW}),
    "Clock.due": (CLOCK.due, {"start": NOW, "within": HOUR}),
    "Clock.is_open": (CLOCK.is_open, {"at": NOW}),
    "Clock.next_open": (CLOCK.next_open, {"at": NOW}),
    "Span.duration": (lambda start, end: Span(start, end).duration, {"start": NOW, "end": NOW}),
    "Ticket": (Ticket, {**FACTS, "id": 1, "channel": None, "version": None, "answered_at": None, "events": ()}),
    "Ticket.imported": (Ticket.imported, {**FACTS, "id": 1, "answered_at": None, "events": ()}),
    "Ticket.until": (TICKET.until, {"at": NOW}),
    "Ticket.replace": (TICKET.replace, {"plan": None, "events": ()}),
    "Event": (Event, {"kind": "priority", "at": NOW, "value": "low"}),
    "deadline": (deadline, {"ticket": TICKET, "policy": KOLMISOFT, "metric": "first-response"}),
    "cycles": (cycles, {"ticket": TICKET, "metric": "resolution", "policy": KOLMISOFT}),
    "explain": (explain, {"ticket": TICKET, "policy": KOLMISOFT, "metric": "first-response", "at": None}),
    "queue": (queue, {"tickets": [TICKET], "at": NOW, "policy": KOLMISOFT, "metric": "first-response"}),
    "queue, a ticket": (lambda ticket: queue([ticket], NOW), {"ticket": TICKET}),
    "status": (deadline(TICKET).status, {"at": NOW}),
    "cycle.elapsed": (cycles(TICKET)[0].elapsed, {"at": NOW}),
    "coverage": (coverage, {"task": "installation", "plan": "premium", "policy": KOLMISOFT}),
    "quote": (quote, {"items": [], "policy": KOLMISOFT, "at": None, "plan": None, "priority": None}),
    "quote, an item": (lambda item: quote([item]), {"item": "installation"}),
    "quote, an instant": (lambda at: quote([], at=at), {"at": None}),
    "Target": (Target, {"within": HOUR, "schedule": None}),
    "Plan": (Plan, {"name": "x", "rank": 1, "targets": {}, "pausing": (), "average": None, "includes": ()}),
    "Plan.has": (PREMIUM.has, {"task": KOLMISOFT.coverage["Server migration"]}),
    "Plan.paused_by": (
        partial(PREMIUM.paused_by, own=True),
        {"metric": Metric(name="wait", starts=("opened",), ends=("answered",))},
    ),
    "Priority": (Priority, {"name": "x", "rank": 1, "meaning": "", "schedule": "always"}),
    "Schedule.from_dict, made of others": (
        lambda part: Schedule.from_dict({"union": ["a", "b"]}, named={"a": ALWAYS, "b": part}),
        {"part": ALWAYS},
    ),
    "Layout": (
        Layout,
        {
            "columns": {},
            "constants": {},
            "values": {},
            "timezone": "UTC",
            "pattern": None,
            "channel": None,
            "ambiguous": None,
        },
    ),
    "Policy.load": (Policy.load, {"path": "none.toml"}),
    "Policy.dump": (KOLMISOFT.dump, {"path": "none"}),
    "read": (
        read,
        {"text": "2026-10-25T03:30", "zone": ZoneInfo("Europe/Vilnius"), "ambiguous": "later", "pattern": None},
    ),
    "Layout, a column": (lambda name, column: Layout(columns={name: column}), {"name": "id", "column": "x"}),
    "Layout, formats": (lambda name, form: Layout(formats={name: form}), {"name": "at", "form": ["epoch"]}),
    "Layout, others": (lambda name, column: Layout(others={name: [column]}), {"name": "id", "column": "x"}),
    "Layout, known": (lambda name, known: Layout(known={name: known}), {"name": "plan", "known": ["GOLD"]}),
    "Layout, words": (lambda words: Layout(values={"plan": words}), {"words": {}}),
    "Layout.words": (Layout().words, {"name": "priority"}),
    "Measuring": (Measuring, {"at": NOW, "policy": KOLMISOFT, "layout": Layout(), "metrics": None, "prefix": ""}),
    "quote, a quantity": (lambda number: quote([("Hourly rate support", number)]), {"number": 1}),
    "breakdown": (breakdown, {"ticket": TICKET, "at": NOW, "policy": KOLMISOFT, "metric": "resolution", "by": "owner"}),
    "report": (
        partial(report, []),
        {"at": NOW, "policy": KOLMISOFT, "by": "day", "split": None, "what_if": None, "errors": "null"},
    ),
    "worst_wait": (worst_wait, {"policy": KOLMISOFT, "years": 2026, "plan": None, "longer_than": None}),
    "Policy.fingerprint": (KOLMISOFT.fingerprint, {"years": (2026, 2027)}),
    "Policy.promise": (KOLMISOFT.promise, {"plan": "premium", "priority": "high", "channel": None, "owner": None}),
    "Policy.promise_by": (KOLMISOFT.promise_by, {"facts": ("premium", "high", None, None, "first-response")}),
    "Policy.from_dict": (Policy.from_dict, {"document": KOLMISOFT.to_dict()}),
    "Policy.at": (KOLMISOFT.at, {"instant": NOW}),
    "Policy.replace": (KOLMISOFT.replace, {name: getattr(KOLMISOFT, name) for name in Policy.fields}),
}


# Doors whose docstring says ValueError, for what has the right type and cannot be.
TOLD = (
    "read",
    *(door for door in DOORS if door.startswith("Layout")),
    "Measuring",
    "quote, an item",
    "quote, a quantity",
)
ALSO_TOLD = ("breakdown", "report", "worst_wait", "Policy.fingerprint", "Policy.load", "Policy.dump")


def wrong() -> Iterator[Any]:
    for name, (_, arguments) in DOORS.items():
        for argument in arguments:
            many = name == "Policy.replace" and argument != "earlier"  # each makes a whole policy of every wrong value
            marks = [pytest.mark.unmeasured] if many else []
            yield pytest.param(name, argument, marks=marks, id=f"{name}({argument})")


def is_ours(error: Exception) -> bool:
    """Whether a statement of ours raised it; or none was reached, as a test's own dict takes no such key."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    if last.name == "<lambda>" and last.filename == __file__:
        return True
    return "kolmisla" in last.filename and (last.line or "").startswith(("raise", "expect"))


@pytest.mark.parametrize(("door", "argument"), [*wrong()])
def test_a_wrong_argument_is_told_at_the_door(door: str, argument: str) -> None:
    call, arguments = DOORS[door]
    for value in WRONG:
        try:
            call(**{**arguments, argument: value})
        except (KolmislaError, TypeError) as error:
            assert str(error)
            assert is_ours(error), f"{door}({argument}={value!r}): {error!r}"
        except ValueError as error:
            assert (type(error), door in (*TOLD, *ALSO_TOLD)) == (ValueError, True)  # in words of our own


@pytest.mark.parametrize("nothing", NOTHING, ids=["NaT", "NA", "nan", "None"])
def test_what_is_none_is_a_missing_fact_where_one_may_be_missing(nothing: Any) -> None:
    plain = Ticket(**FACTS)
    missing = dict.fromkeys(("id", "channel", "version", "answered_at"), nothing)
    assert Ticket(**FACTS, **missing) == plain
    assert Ticket.imported(**FACTS, events=[], answered_at=nothing, id=nothing) == plain
    assert Ticket(**{**FACTS, "plan": nothing}).plan is None
    assert Event(kind="paused", at=NOW, value=nothing).value is None


@pytest.mark.parametrize("nothing", NOTHING, ids=["NaT", "NA", "nan", "None"])
def test_and_a_fault_where_not(nothing: Any) -> None:
    with pytest.raises(TicketError, match="opened_at: is missing"):
        Ticket(**{**FACTS, "opened_at": nothing})
    with pytest.raises(TicketError, match="at: is missing"):
        Event(kind="asked", at=nothing)
    with pytest.raises(TicketError, match=r"events\.0\.at: is missing"):
        Ticket(**FACTS, events=[{"kind": "asked", "at": nothing}])
    with pytest.raises(TypeError, match="a duration must be a timedelta, not"):
        OFFICE.due(NOW, nothing)
    with pytest.raises(TypeError, match="an instant must be an aware datetime, not"):
        OFFICE.elapsed(NOW, nothing)


@pytest.mark.parametrize("nothing", NOTHING, ids=["NaT", "NA", "nan", "None"])
def test_what_is_none_in_an_example_of_a_policy(nothing: Any) -> None:
    expected: dict[str, Any] = {"opened_at": "2026-07-03T16:30", "due_at": "2026-07-07T08:30"}
    told = Example(**expected, breaches_after=nothing, answered_at=nothing)
    assert told == Example(**expected)
    for required in ({**expected, "opened_at": nothing}, {"opened_at": "2026-07-03T16:30", "due_at": nothing}):
        with pytest.raises(PolicyError, match=r"opened_at: must be a time|must expect something"):
            Example(**required)
    with pytest.raises(PolicyError, match=r"events\.0\.at: must be a time such as"):
        Example(**{**expected, "events": [{"kind": "asked", "at": nothing}]})


@pytest.mark.parametrize("nothing", NOTHING[:3], ids=["NaT", "NA", "nan"])
def test_nothing_has_no_pauses(nothing: Any) -> None:
    with pytest.raises(PolicyError, match="pauses: must be a list, not"):
        Metric(name="x", starts=("opened",), ends=("resolved",), pauses=nothing)


@pytest.mark.parametrize("path", ["\0", "a\0.json", "\ud800.toml"], ids=repr)
def test_a_path_that_no_file_can_have(path: str) -> None:
    for door in (Policy.load, KOLMISOFT.dump):
        with pytest.raises(ValueError, match="path must be a path that a file can have, not"):
            door(path)


@pytest.mark.parametrize("id", [True, False, 1.5, float("inf"), b"7", [7]], ids=repr)
def test_what_is_no_id_is_a_fault(id: Any) -> None:
    with pytest.raises(TicketError, match="an id must be text or a whole number, not"):
        Ticket(**FACTS, id=id)
    whole: Any = 7.0
    assert Ticket(**FACTS, id=whole).id == 7


def test_a_fact_is_frozen() -> None:
    with pytest.raises(AttributeError, match=r"a Ticket is frozen; replace\(plan=\.\.\.\) returns a changed copy"):
        TICKET.plan = "x"  # type: ignore[misc]
    with pytest.raises(AttributeError, match="a Ticket is frozen; its plan cannot be deleted"):
        del TICKET.plan


def test_a_fault_of_our_own_is_not_taken_for_a_wrong_argument(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise AttributeError("ours")

    monkeypatch.setattr("kolmisla.tickets.answers.deadline._plain_deadline", broken)
    with pytest.raises(AttributeError, match="ours"):
        deadline(TICKET)


def test_a_key_too_long_to_be_mistyped_is_not_compared() -> None:
    with pytest.raises(TicketError, match="is not known here; the keys are kind, at, value"):
        Event(kind="asked", at=NOW, **{"x" * 50_000: 1})  # type: ignore[arg-type]


def test_what_is_remembered_is_found_on_the_class_too() -> None:
    assert isinstance(Policy.editions, remembered)


def test_a_year_that_python_cannot_write() -> None:
    """Times of pandas may have such years."""

    class Late(datetime):
        @property
        def year(self) -> int:
            return 10_000

    with pytest.raises(TicketError, match="the year of a time must be at most 9999, not 10000"):
        Event(kind="asked", at=Late(2026, 7, 6, tzinfo=UTC))


def test_texts_and_patterns_of_times_that_are_none() -> None:
    texts: list[Any] = [7, ["2026"]]
    for text in texts:
        with pytest.raises(TypeError, match="text must be a str"):
            read(text, zone=ZoneInfo("UTC"), pattern="%Y-%m-%d")
        with pytest.raises(TypeError, match="pattern must be a str"):
            read("2026-07-06", zone=ZoneInfo("UTC"), pattern=text)
        with pytest.raises(TypeError, match="pattern must be a str"):
            read("2026-07-06", zone=ZoneInfo("UTC"), pattern=Array([1, 2]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="is invalid"):
        Layout(pattern="%Y\udc00")
    with pytest.raises(ValueError, match="a time format must have at most 200 characters, not 1,000,014"):
        Layout(pattern="%Y-%m-%d %H:%M" + " " * 1_000_000)


def test_names_of_columns_that_no_file_can_hold() -> None:
    with pytest.raises(ValueError, match="prefix must be valid text"):
        Measuring(at=NOW, prefix="\udc00")
    for ours in ("sla_", "größe_", "\U0001f600"):
        assert Measuring(at=NOW, prefix=ours).prefix == ours


def test_what_is_no_table_and_no_stream_is_told() -> None:
    wrong: Any
    for wrong in (None, "a,b", 7, BytesIO(b"a,b"), Column()):
        for table in (CsvTable, JsonTable):
            with pytest.raises(TypeError, match="stream must be an open text file, not "):
                table(wrong)
        for take in (lambda table: next(intake(table, Layout())), lambda table: Log.read(table, Layout())):
            with pytest.raises(TypeError, match="table must be a CsvTable or a JsonTable, not "):
                take(wrong)
        with pytest.raises(TypeError, match="table must be a CsvTable or a JsonTable, not "):
            Measuring(at=NOW).run(wrong, StringIO(), StringIO())
    good = CsvTable(StringIO("plan,priority,opened_at\n"))
    for streams, told in (((None, StringIO()), "out"), ((StringIO(), 7), "rejects")):
        given: Any = streams
        with pytest.raises(TypeError, match=f"{told} must be an open text file, not "):
            Measuring(at=NOW).run(good, *given)
    no_log: Any = 7
    with pytest.raises(TypeError, match="log must be a Log, not 7"):
        next(intake(good, Layout(), log=no_log))
    no_endings: Any = True
    with pytest.raises(TypeError, match="endings must be a Endings, not True"):
        next(intake(good, Layout(), endings=no_endings))
    none: Any = None
    for given_none in (
        lambda: next(intake(good, Layout(), watched=none)),
        lambda: Log.read(good, Layout(), watched=none),
        lambda: Measuring(at=NOW).run(good, StringIO(), StringIO(), watched=none),
    ):
        with pytest.raises(TypeError, match="watched must be a function that gets the rows and returns them, not None"):
            given_none()


class Slices:
    """As a lazy frame of Polars: Python tries to iterate by index, and the index is refused."""

    def __getitem__(self, index: object) -> None:
        raise TypeError("Slices is not subscriptable (aside from slicing)")


def test_what_has_no_items_one_by_one_is_no_list() -> None:
    wrong: Any = Slices()
    for call in (lambda: queue(wrong, at=NOW), lambda: crossings(wrong, NOW, NOW)):
        with pytest.raises(TypeError, match="tickets must be an Iterable, not "):
            call()
    with pytest.raises(TicketError, match="events: "):
        Ticket(**FACTS, events=wrong)


def test_an_id_of_too_many_digits_is_refused() -> None:
    assert Ticket(**FACTS, id=10**4_299).id == 10**4_299
    for huge in (10**4_300, -(10**4_300), 10**5_000):
        with pytest.raises(TicketError, match="an id must be a number of at most 4,300 digits, not "):
            Ticket(**FACTS, id=huge)


def test_names_that_are_huge_numbers_are_told() -> None:
    """Python refuses to print an integer of more than 4,300 digits, in words that are not ours."""
    huge: Any = 10**5_000
    for made in (
        lambda: Schedule(timezone="UTC", hours={huge: []}),
        lambda: Plan.from_dict({"name": "x", "rank": 1, "targets": {huge: 1}}),
        lambda: Plan.from_dict({"name": "x", "rank": 1, "targets": {"resolution": {huge: 1}}}),
        lambda: KOLMISOFT.replace(rates={huge: 1}),
        lambda: KOLMISOFT.replace(releases={huge: 5}),
        lambda: KOLMISOFT.replace(schedule_lines={huge: "x"}),
        lambda: Rate(name="x", price=huge),
    ):
        with pytest.raises((PolicyError, ScheduleError), match="a number of very many digits"):
            made()


def test_a_list_without_an_end_is_read_to_a_thousand_faults() -> None:
    """Among them is one that Python could never read to its end."""
    endless: Any = range(10**18)
    with pytest.raises(TicketError, match="ticket with 1000 faults: events.0: must be a table") as refusal:
        Ticket(**FACTS, events=endless)
    assert len(refusal.value.faults) == 1_000
    with pytest.raises(PolicyError, match="plan with 1000 faults"):
        Plan(name="x", rank=1, targets={}, includes=endless)
    with pytest.raises(PolicyError, match="the name of a release must be a string, not 0"):
        KOLMISOFT.replace(releases=endless)


def test_more_dates_than_there_are_days_are_refused() -> None:
    without_end: list[Any] = [repeat("2026-12-28"), range(10**18)]
    for endless in without_end:
        with pytest.raises(ScheduleError, match="holidays must have at most 200,000 items"):
            Schedule(timezone="UTC", hours={}, holidays=endless)
    with pytest.raises(ScheduleError, match="without must have at most 200,000 items"):
        Schedule(timezone="UTC", hours={}, holidays={"country": "LT", "without": repeat("x")})


def test_a_queue_without_an_end_is_told_by_its_first_entry() -> None:
    endless: Any = range(10**30)
    with pytest.raises(TypeError, match="entry must be a QueueEntry, not 0"):
        due_calendar(endless, at=NOW)


def test_a_policy_takes_only_schedules() -> None:
    for none, told in (({"office": 7}, r"schedules\.office: a schedule must be a table"), ({7: OFFICE}, "schedules")):
        with pytest.raises(PolicyError, match=told):
            KOLMISOFT.replace(schedules=none)


def test_arrays_are_not_combined_with_a_schedule_value_by_value() -> None:
    numpy = pytest.importorskip("numpy", reason="the extra polars is not installed")
    pandas = pytest.importorskip("pandas", reason="the extra pandas is not installed")
    given = numpy.array([1, 2]), pandas.Series([1, 2]), pandas.DataFrame({"a": [True]}), pandas.Series([NOW])
    for several in (*given, numpy.array([OFFICE, OFFICE])):
        for combined in (operator.and_, operator.or_, operator.sub):
            for left, right in ((OFFICE, several), (several, OFFICE)):
                with pytest.raises(TypeError, match=r"Schedule"):
                    combined(left, right)
