"""All Hypothesis strategies, and pools of edge cases that random draws would never hit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar, cast, get_args

from hypothesis import assume
from hypothesis import strategies as st

from kolmisla import ALWAYS, NEVER, Clock, Event, Plan, Policy, Priority, Schedule, Target, Ticket
from kolmisla.documents.names import folded
from kolmisla.policies.plan import AfterResolution, PriorityChange
from kolmisla.policies.terms.metrics import EVENT_KINDS, METRICS, EventKind, MetricName, metric_named
from kolmisla.policies.terms.service_catalogue import words
from tests import oracle, oracle_of_days

T = TypeVar("T")

US = timedelta(microseconds=1)
READINGS = get_args(PriorityChange)

# Days around which the clocks do something odd, by zone. All zones share the ends of a year, eves of holidays and a
# leap day.
ODD_DAYS = {
    "Europe/Vilnius": [date(2026, 3, 29), date(2026, 10, 25)],
    "Australia/Lord_Howe": [date(2026, 4, 5), date(2026, 10, 4)],  # half an hour
    "Africa/Casablanca": [date(2026, 2, 15), date(2026, 3, 22)],  # back for Ramadan
    "Pacific/Apia": [date(2011, 12, 30), date(2012, 4, 1)],  # a day that never was
    "Asia/Kathmandu": [],  # +05:45
    "America/St_Johns": [date(2011, 3, 13), date(2011, 11, 6), date(2026, 3, 8)],  # -03:30; at 00:01 in 2011
    "UTC": [],
}
EVERYWHERE = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 23), date(2026, 4, 4), date(2028, 2, 29)]

TIMES = ["00:00", "00:01", "01:00", "02:00", "02:30", "03:00", "03:30", "04:00", "06:00", "08:00", "12:00", "13:00"]
ENDS = [*TIMES, "18:00", "22:00", "23:59:59", "24:00"]

times = st.sampled_from([*TIMES, "18:00", "22:00"]) | st.integers(0, 86_399).map(
    lambda second: f"{second // 3_600:02}:{second // 60 % 60:02}:{second % 60:02}"
)
ends = st.sampled_from(ENDS) | times


# Intervals within or across the hours that the odd days skip or repeat: DST empties, shortens or lengthens them.
ODD_HOURS = ["03:30-04:00", "03:00-03:30", "02:15-02:30", "02:00-02:30", "00:30-01:00", "01:00-03:15", "22:00-03:30"]

intervals = st.builds("{}-{}".format, times, ends) | st.sampled_from(ODD_HOURS)
day_hours = st.lists(intervals, max_size=3)  # overnight, overlapping, touching


def utc(at: datetime | None) -> datetime:
    """Return the same instant in UTC: in a repeated hour, Python calls no times of two zones equal (PEP 495)."""
    assert at is not None
    return at.astimezone(UTC)


def chosen(draw: st.DrawFn, options: Sequence[T]) -> T:
    """Draw one of some options. Hypothesis takes long to look at a new `sampled_from`, and knows integers already."""
    return options[draw(st.integers(0, len(options) - 1))]


@dataclass(frozen=True)
class About:
    """An oracle, and a day around which something odd happens."""

    desk: oracle.Oracle
    day: date

    @property
    def start(self) -> datetime:
        return datetime.combine(self.day, datetime.min.time(), UTC) - timedelta(days=9)

    @property
    def end(self) -> datetime:
        return self.start + timedelta(days=18)

    @cached_property
    def edges(self) -> list[datetime]:
        """The boundaries around the day."""
        return sorted(self.desk.boundaries(self.start, self.end)) or [self.start]

    def instants(self) -> st.SearchStrategy[datetime]:
        """Draw instants around the day: boundaries, instants one microsecond beside them, and any others."""
        return instants_of(self.start, tuple(self.edges))

    def durations(self) -> st.SearchStrategy[timedelta]:
        """Draw durations: some lead from one boundary exactly to another, others are arbitrary."""
        return durations_of(self)


# Hypothesis takes as long to look at a new strategy as to draw from it. So what is drawn for each schedule anew is a
# function of what is drawn from these.
EITHER, BESIDE = st.booleans(), st.sampled_from([0, 0, -1, 1])
WITHIN_18_DAYS, WITHIN_200_HOURS = st.integers(0, 18 * 86_400_000_000), st.integers(0, 200 * 3_600_000_000)
USUAL_DURATIONS = st.sampled_from([timedelta(), US, timedelta(hours=2), timedelta(hours=10)])
THREE_WAYS = st.integers(0, 2)


@st.composite
def instants_of(draw: st.DrawFn, start: datetime, edges: tuple[datetime, ...]) -> datetime:
    if draw(EITHER):
        return start + draw(WITHIN_18_DAYS) * US
    return edges[draw(st.integers(0, len(edges) - 1))] + draw(BESIDE) * US


@st.composite
def durations_of(draw: st.DrawFn, about: About) -> timedelta:
    way = draw(THREE_WAYS)
    if way == 0:
        return draw(USUAL_DURATIONS)
    if way == 1:
        return draw(WITHIN_200_HOURS) * US
    instants = about.instants()
    return abs(oracle.elapsed(about.desk, draw(instants), draw(instants)))


@dataclass(frozen=True)
class Case(About):
    """A schedule with its oracle."""

    schedule: Schedule


@dataclass(frozen=True)
class ClockCase(About):
    """A clock with its oracle, and the parts that it was made of."""

    clock: Clock
    changes: list[tuple[datetime, Schedule]]


@st.composite
def documents(draw: st.DrawFn, day: date | None = None, zone: str | None = None) -> tuple[dict[str, Any], date]:
    """Draw the arguments of a schedule, and a day around which something odd happens."""
    zone = zone or draw(st.sampled_from(sorted(ODD_DAYS)))
    if day is None:
        odd = st.sampled_from(ODD_DAYS[zone] or EVERYWHERE) | st.sampled_from(EVERYWHERE)
        day = draw(odd | st.dates(date(2012, 1, 1), date(2040, 12, 31)))
    listed: list[int] | None = draw(HOLIDAYS)
    document: dict[str, Any] = {
        "timezone": zone,
        "hours": draw(weeks),
        "holidays": "LT" if listed is None else [day + timedelta(days=n) for n in listed],
        "exceptions": {day + timedelta(days=n): hours for n, hours in draw(EXCEPTIONS).items()},
    }
    return (draw(said_otherwise(document, day)) if draw(EITHER) else document), day


HOLIDAYS = st.none() | st.lists(st.integers(-8, 8), max_size=3)  # days from the odd day; None is a country
EXCEPTIONS = st.dictionaries(st.integers(-4, 4), day_hours, max_size=3)
WEEKDAYS = {name: ["08:00-18:00"] for name in oracle.DAYS[:5]}
weeks = st.dictionaries(st.sampled_from(oracle.DAYS), day_hours, max_size=7) | st.just(WEEKDAYS)


@st.composite
def said_otherwise(draw: st.DrawFn, document: dict[str, Any], day: date) -> dict[str, Any]:
    """Draw a document with exceptions of all forms, seasons and eves besides, all of them around a day."""

    def near(days: int) -> date:
        return day + timedelta(days=draw(st.integers(-days, days)))

    def yearly(days: int) -> str:
        return near(days).isoformat()[5:]

    def a_range(days: int, *, dated: bool) -> str:
        first = near(days)
        ends = (first, first + timedelta(days=draw(st.integers(0, 12))))
        return "/".join(end.isoformat() if dated else end.isoformat()[5:] for end in ends)

    keys = [yearly(4), a_range(6, dated=True), a_range(6, dated=False)]
    easter = chosen(draw, ["easter", "orthodox-easter"])
    offset = (day - oracle_of_days.EASTERS[easter](day.year)).days + draw(st.integers(-3, 3))
    if abs(offset) <= 200:
        keys.append(f"{easter}{offset:+d}" if offset else easter)
    keys.append(f"workday {chosen(draw, ['before', 'after'])} {yearly(6)}")
    if document["holidays"] == "LT":
        keys.append(chosen(draw, ["Statehood Day-1", "Christmas Day+2", "workday before statehood day"]))
    relative = draw(day_hours)  # the same for all: relative days that meet must have the same hours
    exceptions = {
        keys[number]: relative if keys[number][:1].isalpha() else draw(HOURS_OR_NONE)
        for number in draw(st.lists(st.integers(0, len(keys) - 1), unique=True))
    }
    start = datetime.combine(near(3), datetime.min.time()) + timedelta(minutes=draw(st.integers(0, 1439)))
    if draw(EITHER):
        end = start + timedelta(minutes=draw(st.integers(1, 4000)))
        exceptions[f"{start:%Y-%m-%dT%H:%M}/{end:%Y-%m-%dT%H:%M}"] = []
    seasons = {a_range(9, dated=dated): {"hours": draw(weeks)} for dated in draw(BOTH_OR_ONE)}
    return {
        **document,
        "exceptions": {
            **{key: hours for key, hours in document["exceptions"].items() if isinstance(key, date)},
            **exceptions,
        },
        "seasons": seasons,
        "eves": draw(EVES),
    }


HOURS_OR_NONE: st.SearchStrategy[list[str]] = day_hours | st.just([])
BOTH_OR_ONE = st.lists(st.booleans(), unique=True)
EVES = (
    st.none()
    | st.builds(lambda hours: {"shorter": f"PT{hours}H"}, st.integers(1, 9))
    | st.builds(lambda hours: {"hours": hours}, day_hours)
)


@st.composite
def cases(draw: st.DrawFn) -> Case:
    """Draw random schedules with their oracles."""
    document, day = draw(documents())
    return Case(oracle.Desk(**document), day, Schedule(**document))


@st.composite
def pairs(draw: st.DrawFn, *, opening: bool = False) -> tuple[Case, Case]:
    """Draw two schedules, each in its own zone, around the same day.

    With `opening`, a schedule that never opens gets weekly hours, which may still be closed by all else that is drawn.
    """
    left, day = draw(documents())
    right, _ = draw(documents(day=day))
    both = (left, right)
    if opening:
        both = tuple({**each, "hours": WEEKDAYS} if Schedule(**each).never_opens else each for each in both)  # type: ignore[assignment]
    return tuple(Case(oracle.Desk(**each), day, Schedule(**each)) for each in both)  # type: ignore[return-value]


@st.composite
def clocks(draw: st.DrawFn) -> ClockCase:
    """Draw clocks with up to eight changes among two schedules, ALWAYS and NEVER, at boundaries or anywhere."""
    one, other = draw(pairs())
    choices: list[tuple[Schedule, oracle.Oracle | None]] = [
        (one.schedule, one.desk),
        (other.schedule, other.desk),
        (ALWAYS, oracle.Always()),
        (NEVER, None),
    ]
    starts = draw(st.lists(one.instants() | other.instants(), min_size=1, max_size=8, unique=True))
    turns = [(at, *draw(st.sampled_from(choices))) for at in starts]
    changes = [(at, schedule) for at, schedule, _ in turns]
    return ClockCase(
        oracle.InTurn(tuple((at, desk) for at, _, desk in turns)), one.day, Clock.switching(changes), changes
    )


@dataclass(frozen=True)
class LifeCase(About):
    """A ticket with events, its policy, and the oracle of both; `life` is for one metric."""

    ticket: Ticket
    policy: Policy
    life: oracle.Life

    @property
    def metric(self) -> MetricName:
        return cast("MetricName", metric_named(self.life.metric))

    def walks(self) -> list[oracle.Walk]:
        return [oracle.Walk(self.life, number) for number, _ in enumerate(self.life.cycles(), 1)]

    def warned(self, listed: list[int | str]) -> "LifeCase":
        """Return the case with warnings in its policy; an empty list stands for a policy without any."""
        return replace(self, policy=self.policy.replace(warnings=listed or None))

    @staticmethod
    def listed(listed: list[int | str]) -> list[int | str]:
        return listed or [100]


NEXT = {  # the events that are possible in a state of a ticket, and the state after each
    "running": {"paused": "paused", "resolved": "resolved"},
    "paused": {"paused": "paused", "resumed": "running", "resolved": "resolved"},
    "resolved": {"reopened": "running"},
}
PRIORITIES = ["P1", "P2", "P3"]


COUNTS = st.sampled_from([0, 1, 2, 3, 5, 8, 12, 16, 20])  # of events; lists of free length are mostly short
WAITS: st.SearchStrategy[tuple[str, ...]] = st.sampled_from([(), ("Customer",), ("vendor", "customer")])
PARTINGS: st.SearchStrategy[AfterResolution] = st.sampled_from(["goodbye", "question"])
REASONS = ["customer", "vendor", None]


@st.composite
def happenings(draw: st.DrawFn, instants: list[datetime]) -> list[oracle.Happening]:
    """Draw one event that is possible at each of these instants, one after the other."""
    state, reasons, found = "running", set[str | None](), []
    for at in sorted(instants):
        kind, value = chosen(draw, [*NEXT[state], "answered", "asked", "priority"]), None
        if kind == "priority":
            value = chosen(draw, PRIORITIES)
        elif kind == "paused":  # a second pause without a reason is a fault
            value = chosen(draw, [reason for reason in REASONS if reason or None not in reasons])
            reasons.add(value)
        elif kind == "resumed":
            value = chosen(draw, [*sorted(filter(None, reasons)), None])
            reasons = reasons - {value} if value else set()
        elif kind == "resolved":
            reasons = set()
        state = (
            "paused" if reasons else "running" if NEXT[state].get(kind) == "paused" else NEXT[state].get(kind, state)
        )
        found.append((at, kind, value))
    return found


def told(events: list[oracle.Happening]) -> list[Event]:
    kinds: dict[str, EventKind] = {kind: kind for kind in EVENT_KINDS}
    return [Event(kind=kinds[kind], at=at, value=value) for at, kind, value in events]


@st.composite
def lives(
    draw: st.DrawFn,
    metrics: tuple[MetricName, ...] = METRICS,
    readings: tuple[PriorityChange, ...] = READINGS,
    one_target: bool = False,
) -> LifeCase:
    """Draw tickets with up to twenty events, on two schedules and round the clock."""
    one, other = draw(pairs(opening=True))
    assume(not one.schedule.never_opens and not other.schedule.never_opens)  # a policy refuses targets on them
    instants = one.instants() | other.instants()
    count = 1 + draw(COUNTS)
    first, *rest = sorted(draw(st.lists(instants, min_size=count, max_size=count, unique=True)))
    events = draw(happenings(rest))
    schedules: dict[str, tuple[Schedule, oracle.Oracle]] = {
        "one": (one.schedule, one.desk),
        "other": (other.schedule, other.desk),
        "always": (ALWAYS, oracle.Always()),
    }
    counted = [oracle.elapsed(desk, first, at) for at in rest for desk in (one.desk, other.desk, oracle.Always())]
    exact = [duration for duration in counted if duration] or [timedelta(hours=2)]  # used up exactly at an event

    def within() -> timedelta | None:
        way = draw(st.integers(0, 3))
        if way == 0:
            return None
        if way == 1:
            return draw(one.durations()) or US
        return chosen(draw, exact) if way == 2 else timedelta(hours=draw(st.integers(1, 40)))

    metric, reading, pausing = chosen(draw, metrics), chosen(draw, readings), draw(EITHER)
    waits, parting = draw(WAITS), draw(PARTINGS)
    names = {name: chosen(draw, sorted(schedules)) for name in PRIORITIES}
    target = within()
    promised = {name: target if one_target else within() for name in PRIORITIES}
    targets = {name: Target(within=target) for name, target in promised.items() if target}
    policy = Policy(
        name="desk",
        timezone="Europe/Vilnius",
        schedules={name: schedule for name, (schedule, _) in schedules.items()},
        priorities=[Priority(name=n, rank=i, meaning="", schedule=names[n]) for i, n in enumerate(PRIORITIES, 1)],
        plans=[
            Plan(
                name="PLAN",
                rank=1,
                targets={metric: targets},
                pausing=(metric,) if pausing else (),
                after_resolution=parting,
            )
        ],
        channels=["support-system"],
        priority_change=reading,
        waits_for_customer=waits,
    )
    priority = chosen(draw, PRIORITIES)
    ticket = Ticket(plan="plan", priority=priority, opened_at=first, events=told(events))
    walked = {name: (promised[name], schedules[names[name]][1]) for name in PRIORITIES}
    life = oracle.Life(
        first, priority, events, metric, walked, pausing, reading, tuple(map(str.lower, waits)), parting == "question"
    )
    return LifeCase(oracle.Both(one.desk, "|", other.desk), one.day, ticket, policy, life)


warnings = st.lists(
    st.integers(1, 300)
    | st.builds(
        "PT{}{} {}".format, st.integers(1, 59), st.sampled_from(["M", "S", "H"]), st.sampled_from(["left", "over"])
    ),
    max_size=4,
    unique=True,
)

names = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), min_size=1, max_size=8).filter(str.strip)
lines = st.just("") | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)
prices = st.just("depends on request") | st.integers(0, 10**6) | st.sampled_from(["210", "99.50", "0.05", "1000000"])


@st.composite
def named(draw: st.DrawFn, entry: st.SearchStrategy[Any], most: int, least: int = 0) -> dict[str, Any]:
    """Draw entries by name; names differ by more than case, and have no blanks around them."""
    keys = st.lists(names.map(str.strip), min_size=least, max_size=most, unique_by=(folded, words))
    return {key: draw(entry) for key in draw(keys.filter(lambda some: all(map(words, some))))}


@st.composite
def promising(draw: st.DrawFn, plans: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Draw a plan that may promise shares of what it has targets for, with steps of credits and a cap."""
    plan = draw(plans)
    steps = st.lists(st.integers(1, 900), max_size=3, unique=True).map(
        lambda tenths: [
            {"below": f"{each / 10} %", "credit": f"{number}.5 %"}
            for number, each in enumerate(sorted(tenths, reverse=True))
        ]
    )
    metrics = draw(st.lists(st.sampled_from(sorted(plan["targets"])), max_size=3)) if plan["targets"] else []
    shares = []
    for number, (metric, per) in enumerate(zip(metrics, ("month", "quarter", "all"), strict=False)):
        credits: list[dict[str, str]] = draw(steps)
        share = {"share": draw(st.sampled_from(["90 %", "95%", "99.95 %", "100 %"])), "of": metric, "per": per}
        cap = {"cap": "15 %"} if credits and number % 2 else {}
        shares.append({**share, **cap, **({"credits": credits} if credits else {})})
    if not shares:
        return plan
    unused = all("credits" in share for share in shares)
    own: dict[str, Any] = {"credits": [{"below": "90 %", "credit": "1 %"}]}
    if unused or draw(st.booleans()):
        own = {}
    return {**plan, "attain": shares[0] if len(shares) == 1 else shares, **own}


@st.composite
def rules(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the valid document of one edition, without its date and without the keys that all editions share."""
    weekly = documents().map(lambda drawn: Schedule(**drawn[0])).filter(lambda schedule: not schedule.never_opens)
    schedules = {name: each.to_dict() for name, each in draw(named(weekly, 3, 1)).items()}
    open_ones = list(schedules)
    simple = st.sampled_from(open_ones) | st.sampled_from([{"open": "always"}, {"open": "never"}])
    parts = st.recursive(
        simple,
        lambda inner: st.builds(
            lambda key, some: {key: some},
            st.sampled_from(["union", "intersection", "difference"]),
            st.lists(inner, min_size=2, max_size=3),
        ),
        max_leaves=4,
    )
    for key in ("made of others", "another"):
        made = draw(parts)
        if isinstance(made, dict) and folded(key) not in map(folded, open_ones):
            schedules[key] = made
    if draw(st.booleans()):
        schedules = {name: {**each, "line": draw(lines)} for name, each in schedules.items()}
    on = st.sampled_from(open_ones)
    within = st.sampled_from(["PT2H", "PT15M", "PT8H30M", "PT0.000001S", "PT100H"])
    target = st.fixed_dictionaries({"within": within}, optional={"schedule": on, "line": lines})
    priorities = draw(
        named(
            st.fixed_dictionaries(
                {"rank": st.integers(1, 9), "schedule": on}, optional={"line": lines, "warnings": warnings}
            ),
            3,
        )
    )
    many = st.dictionaries(st.sampled_from(list(priorities)), target) if priorities else target
    rates = draw(named(st.fixed_dictionaries({"price": prices}, optional={"unit": names, "line": lines}), 3))
    rates |= {"by the hour": {"price": "100", "per": "PT1H"}}
    extra = st.fixed_dictionaries({"verdict": st.just("extra"), "rate": st.sampled_from(list(rates))})
    task = st.fixed_dictionaries({"verdict": st.sampled_from(["included", "not-included"])}, optional={"line": lines})
    coverage = draw(named(task | extra, 3))
    plan = st.fixed_dictionaries(
        {"rank": st.integers(1, 9), "targets": st.dictionaries(st.sampled_from(METRICS), target | many)},
        optional={
            "label": names,
            "average": st.fixed_dictionaries({"within": within, "schedule": on}),
            "pausing": st.lists(st.sampled_from(METRICS), max_size=2),
            "includes": st.lists(st.sampled_from(list(coverage)), max_size=2) if coverage else st.just([]),
        },
    )
    work = {"schedule": draw(on), "inside": "by the hour", "outside": "by the hour"}
    optional = {
        "channels": draw(named(st.just({}), 2)),
        "versions": {"latest": draw(st.integers(1, 3))},
        "priority_change": draw(st.sampled_from(READINGS)),
        "work": work,
        "source": draw(lines),
        "warnings": draw(warnings),
    }
    chosen = {key: value for key, value in optional.items() if draw(st.booleans())}
    whole = {
        "name": draw(names),
        "schedules": schedules,
        "priorities": priorities,
        "plans": draw(named(promising(plan), 2)),
    }
    return {**whole, "currency": "EUR", "rates": rates, "coverage": coverage, **chosen}


@st.composite
def policy_documents(draw: st.DrawFn) -> dict[str, Any]:
    """Draw valid documents of policies, with one edition or several."""
    days = st.dates(date(1990, 1, 1), date(2100, 1, 1))
    releases = st.lists(names, max_size=3, unique_by=folded) | named(days.map(date.isoformat), 3)
    shared: dict[str, Any] = {"timezone": draw(st.sampled_from(sorted(ODD_DAYS)))}
    if draw(st.booleans()):
        shared["releases"] = draw(releases)
    dates = draw(st.lists(days.map(date.isoformat), max_size=3, unique=True))
    if not dates:
        return {**shared, **draw(rules())}
    if len(dates) == 1 and draw(st.booleans()):
        return {**shared, "effective_from": dates[0], **draw(rules())}
    common = draw(rules())
    editions: list[dict[str, Any]] = [{"effective_from": day} for day in dates]
    if draw(st.booleans()):  # an edition that has always been in force
        editions.append({})
    apart = draw(st.lists(st.sampled_from(["name", "priority_change", "channels", "source", "versions"]), max_size=3))
    for each in editions:
        other = draw(rules())
        each |= {key: other[key] for key in apart if key in other}
    return {**shared, **{key: value for key, value in common.items() if key not in apart}, "editions": editions}
