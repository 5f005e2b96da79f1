"""Scalar questions against a bare composition of the same work, and against workclock; ratios of one run.

    python -m tests.bench.scalar

The bare composition takes and gives what kolmisla does (aware datetimes, timedeltas), on flat lists built
beforehand, with the functions in local names: what the same answer costs without a schedule around it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from random import Random
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla import KOLMISOFT, Clock, Plan, Schedule, Target, Ticket, deadline, queue
from tests.bench.table import ratio, ratios, report

ZONE = ZoneInfo("Europe/Vilnius")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = timedelta(microseconds=1)
TWO_HOURS = timedelta(hours=2)
HOURS_10Y = timedelta(hours=25_000)
SPANS = {"3 d": 3, "1 y": 365, "10 y": 3652}
RUNS, COUNT, SLOW = 15, 2000, 20


def holidays() -> set[date]:
    """Lithuanian holidays of the bench's years."""
    import holidays as package

    return set(package.country_holidays("LT", years=range(2011, 2051)))


def bare(closed: set[date]) -> dict[str, Callable[..., Any]]:
    """due and elapsed, bare; and due with the next opening, as a ticket's deadline needs."""
    opens, closes, cum, cend, total = [], [], [], [], 0
    day = date(2011, 1, 1)
    while day.year <= 2050:
        if day.weekday() < 5 and day not in closed:
            o = (datetime.combine(day, time(8), ZONE) - EPOCH) // US
            c = (datetime.combine(day, time(18), ZONE) - EPOCH) // US
            opens.append(o)
            closes.append(c)
            cum.append(total)
            total += c - o
            cend.append(total)
        day += timedelta(days=1)
    origin = datetime(1970, 1, 1, tzinfo=ZONE)

    def due(at: datetime, within: timedelta, zone: ZoneInfo = ZONE) -> datetime:
        u = (at - EPOCH) // US
        i = bisect_right(opens, u) - 1
        e = closes[i]
        t = cum[i] + (u if u < e else e) - opens[i] + within // US
        j = bisect_left(cend, t, i)
        return zone.fromutc(origin + timedelta(0, 0, opens[j] + t - cum[j]))

    def elapsed(a: datetime, b: datetime) -> timedelta:
        u, v = (a - EPOCH) // US, (b - EPOCH) // US
        i, j = bisect_right(opens, u) - 1, bisect_right(opens, v) - 1
        e, f = closes[i], closes[j]
        return timedelta(0, 0, cum[j] + (v if v < f else f) - opens[j] - cum[i] - (u if u < e else e) + opens[i])

    return {"due": due, "elapsed": elapsed}


def workclock(closed: set[date]) -> dict[str, Callable[..., Any]]:
    """The same questions to workclock."""
    from workclock import Holidays, WorkDay
    from workclock import Schedule as Peer

    peer = Peer([WorkDay(time(8), time(18)), Holidays(sorted(closed))], time_zone=ZONE)
    return {"due": peer.add, "elapsed": peer.between}


def lives() -> float:
    """A deadline over a history of ten pieces, five pauses and the work between them, over one of none."""
    plan = Plan(name="GOLD", rank=1, targets={"resolution": Target(within=timedelta(hours=9))})
    policy = KOLMISOFT.replace(plans=[plan])
    begin = datetime(2026, 7, 2, 8, tzinfo=ZONE)
    events = [
        {"kind": kind, "at": begin + timedelta(hours=n, minutes=minute)}
        for n in range(5)
        for kind, minute in (("paused", 10), ("resumed", 40))
    ]
    plain = Ticket(plan="gold", priority="high", opened_at=begin)
    lived = Ticket(plan="gold", priority="high", opened_at=begin, events=events)
    assert deadline(plain, policy=policy, metric="resolution").due_at == datetime(2026, 7, 2, 17, tzinfo=ZONE)
    assert deadline(lived, policy=policy, metric="resolution").due_at == datetime(2026, 7, 3, 9, 30, tzinfo=ZONE)
    calls = {
        "none": lambda: deadline(plain, policy=policy, metric="resolution"),
        "ten": lambda: deadline(lived, policy=policy, metric="resolution"),
    }
    return ratios(calls, "none", count=COUNT)["ten"]


def in_days(random: Random) -> dict[str, float]:
    """Deadlines of targets in days over that of a duration.

    The tickets are of ten years, and of dates that were asked about before.
    """
    targets = {
        "PT2H": Target(within=TWO_HOURS),
        "2 working days": Target(within="2 working days"),
        "2 working days by 16:00, cutoff 14:00": Target(within="2 working days", by="16:00", cutoff="14:00"),
        "10 days": Target(within="10 days"),
    }
    starts = [datetime.fromtimestamp(random.randrange(1_704_060_000, 2_019_590_000), ZONE) for _ in range(COUNT)]
    tickets = [Ticket(plan="gold", priority="high", opened_at=at) for at in starts]
    turn, calls = iter(range(10**12)), {}
    for name, target in targets.items():
        policy = KOLMISOFT.replace(plans=[Plan(name="GOLD", rank=1, targets={"resolution": {"HIGH": target}})])

        def ask(policy: Any = policy) -> Any:
            return deadline(tickets[next(turn) % COUNT], policy=policy, metric="resolution")

        for _ in range(3 * COUNT):
            ask()
        calls[name] = ask
    by_name = ratios(calls, "PT2H", runs=RUNS, count=COUNT)
    return {name: by_name[name] for name in list(targets)[1:]}


def main() -> None:
    """Print the table; every answer is compared before it is timed."""
    closed = holidays()
    office = KOLMISOFT.schedules["working-hours"]
    floor, peer = bare(closed), workclock(closed)
    random = Random(2026)
    starts = [datetime.fromtimestamp(random.randrange(1_704_060_000, 1_830_290_000), ZONE) for _ in range(64)]
    for at in starts:
        assert floor["due"](at, TWO_HOURS) == office.due(at, TWO_HOURS) == peer["due"](at, TWO_HOURS)
    turn = iter(range(10**12))

    def over_starts(function: Callable[..., Any], *more: Any) -> Callable[[], Any]:
        return lambda: function(starts[next(turn) & 63], *more)

    for name, within in (("+2 h", TWO_HOURS), ("+25,000 h", HOURS_10Y)):
        ours, theirs = over_starts(office.due, within), over_starts(peer["due"], within)
        bare_due = over_starts(floor["due"], within)
        report(f"Schedule.due {name}, x composition", ratio(ours, bare_due, runs=RUNS, count=COUNT), "<= 1.1")
        report(f"  workclock: due {name}, x composition", ratio(theirs, bare_due, count=SLOW))
    begin = datetime(2026, 3, 4, 10, 30, tzinfo=ZONE)
    for name, days in SPANS.items():
        end = begin + timedelta(days=days)
        assert floor["elapsed"](begin, end) == office.elapsed(begin, end) == peer["elapsed"](begin, end)
        spans: list[Callable[[], Any]] = [
            partial(each, begin, end) for each in (office.elapsed, peer["elapsed"], floor["elapsed"])
        ]
        found = ratio(spans[0], spans[2], runs=RUNS, count=COUNT)
        report(f"Schedule.elapsed {name}, x composition", found, "<= 1.1")
        report(f"  workclock: elapsed {name}, x composition", ratio(spans[1], spans[2], count=SLOW))
    far, near = (partial(office.elapsed, begin, begin + timedelta(days=days)) for days in (3652, 3))
    report("Schedule.elapsed, 10 y over 3 d", ratio(far, near, runs=RUNS, count=COUNT), "<= 1.1")
    calls = [over_starts(office.due, within) for within in (HOURS_10Y, TWO_HOURS)]
    report("Schedule.due, 25,000 h over 2 h", ratio(*calls, runs=RUNS, count=COUNT), "<= 1.1")
    for pieces in (10, 1_000, 5_000):
        hours = [begin.astimezone(UTC) + timedelta(hours=n) for n in range(1, pieces // 2)]
        pauses = [(hour, hour + timedelta(minutes=30)) for hour in hours]
        clock = Clock.paused(office, pauses)
        calls = [partial(each.due, begin, HOURS_10Y) for each in (clock, office)]
        report(f"Clock.due, {pieces:,} pieces, x Schedule.due", ratio(*calls, runs=RUNS, count=COUNT), "<= 2")
    report("deadline over ten pieces, x none", lives())
    for name, found in in_days(random).items():
        report(f"deadline within {name}, x PT2H", found, "<= 1.5")
    tickets = [Ticket(plan="premium", priority="high", opened_at=at) for at in starts]
    texts = [at.isoformat() for at in starts]
    answers = [(at + TWO_HOURS).isoformat() for at in starts]

    def from_text(number: int, answered_at: str | None = None) -> Any:
        return deadline(Ticket(plan="premium", priority="high", opened_at=texts[number], answered_at=answered_at))

    asked = {
        "bare": over_starts(floor["due"], TWO_HOURS),
        "deadline(ticket)": lambda: deadline(tickets[next(turn) & 63]),
        "text to deadline": lambda: from_text(next(turn) & 63),
        "text to deadline, answered": lambda: from_text(number := next(turn) & 63, answers[number]),
    }
    by_name = ratios(asked, "bare", runs=RUNS, count=COUNT)
    for name, limit in list(zip(asked, ("", "<= 1.5", "<= 3", "<= 4"), strict=True))[1:]:
        report(f"{name}, x composition", by_name[name], limit)
    waiting = [Ticket(id=n, plan="premium", priority="high", opened_at=starts[n & 63]) for n in range(10_000)]
    now = datetime(2035, 1, 1, tzinfo=UTC)
    report(
        "queue of 10,000 tickets, x their deadlines and a sort",
        ratio(lambda: queue(waiting, now), lambda: sorted(map(due_at, waiting))),
        "<= 2",
    )
    first = []
    for _ in range(RUNS):
        fresh = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")
        start = perf_counter()
        fresh.due(starts[0], TWO_HOURS)
        first.append(perf_counter() - start)
    print(f"first question of a fresh schedule: {median(first) * 1e3:.1f} ms")


def due_at(ticket: Ticket) -> datetime:
    """The due time of a ticket that has one."""
    return deadline(ticket).due_at or EPOCH


if __name__ == "__main__":
    main()
