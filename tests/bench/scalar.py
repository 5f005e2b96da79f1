"""Scalar questions against a bare composition of the same work, and against workclock; ratios of one run.

    python -m tests.bench.scalar

The bare composition takes and gives what kolmisla does (aware datetimes, timedeltas), on flat lists built
beforehand, with the functions in local names: what the same answer costs without a schedule around it.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from statistics import median
from time import perf_counter
from typing import Any
from zoneinfo import ZoneInfo

from kolmisla import KOLMISOFT, Clock, Plan, Schedule, Target, Ticket, deadline

ZONE = ZoneInfo("Europe/Vilnius")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US = timedelta(microseconds=1)
TWO_HOURS = timedelta(hours=2)
HOURS_10Y = timedelta(hours=25_000)
SPANS = {"3 d": 3, "1 y": 365, "10 y": 3652}
RUNS = 15


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


def ratios(calls: dict[str, Callable[[], Any]], base: str, count: int = 2000) -> dict[str, float]:
    """Median seconds of each call over those of the base, all taken in turn, run by run."""
    seconds: dict[str, list[float]] = {name: [] for name in calls}
    for run in range(RUNS + 2):
        for name, call in calls.items():
            n = max(1, count // 100) if "slow" in name else count
            start = perf_counter()
            for _ in range(n):
                call()
            if run >= 2:  # the first two warm up
                seconds[name].append((perf_counter() - start) / n)
    return {name: median(a / b for a, b in zip(times, seconds[base], strict=True)) for name, times in seconds.items()}


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
    return ratios(calls, "none")["ten"]


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

    print("x the bare composition" + " " * 10 + "kolmisla  workclock")
    for name, within in (("+2 h", TWO_HOURS), ("+25,000 h", HOURS_10Y)):
        asked = {"bare": floor["due"], "kolmisla": office.due, "slow workclock": peer["due"]}
        calls = {name: over_starts(question, within) for name, question in asked.items()}
        r = ratios(calls, "bare")
        print(f"due {name:28}{r['kolmisla']:8.2f}{r['slow workclock']:11.2f}")
    begin = datetime(2026, 3, 4, 10, 30, tzinfo=ZONE)
    for name, days in SPANS.items():
        end = begin + timedelta(days=days)
        assert floor["elapsed"](begin, end) == office.elapsed(begin, end) == peer["elapsed"](begin, end)
        calls = {
            "bare": lambda end=end: floor["elapsed"](begin, end),  # type: ignore[misc]
            "kolmisla": lambda end=end: office.elapsed(begin, end),  # type: ignore[misc]
            "slow workclock": lambda end=end: peer["elapsed"](begin, end),  # type: ignore[misc]
        }
        r = ratios(calls, "bare")
        print(f"elapsed {name:24}{r['kolmisla']:8.2f}{r['slow workclock']:11.2f}")
    near, far = begin + timedelta(days=3), begin + timedelta(days=3652)
    r = ratios({"3 d": lambda: office.elapsed(begin, near), "10 y": lambda: office.elapsed(begin, far)}, "3 d")
    print(f"elapsed, 10 y over 3 d          {r['10 y']:8.2f}")
    r = ratios({"2 h": over_starts(office.due, TWO_HOURS), "10 y": over_starts(office.due, HOURS_10Y)}, "2 h")
    print(f"due, 25,000 h over 2 h          {r['10 y']:8.2f}")
    pauses = [(begin + timedelta(hours=n), begin + timedelta(hours=n, minutes=30)) for n in range(1, 6)]
    clock = Clock.paused(office, pauses)
    assert len(clock.changes) == 11
    calls = {"one": lambda: office.due(begin, HOURS_10Y), "ten": lambda: clock.due(begin, HOURS_10Y)}
    print(f"due over ten changes, x over none{ratios(calls, 'one')['ten']:7.2f}")
    print(f"deadline over ten pieces, x none{lives():8.2f}")
    tickets = [Ticket(plan="premium", priority="high", opened_at=at) for at in starts]
    texts = [at.isoformat() for at in starts]
    r = ratios(
        {
            "bare": over_starts(floor["due"], TWO_HOURS),
            "deadline": lambda: deadline(tickets[next(turn) & 63]),
            "both": lambda: deadline(Ticket(plan="premium", priority="high", opened_at=texts[next(turn) & 63])),
        },
        "bare",
    )
    print(f"deadline(ticket)                {r['deadline']:8.2f}")
    print(f"Ticket from strings, deadline   {r['both']:8.2f}")
    first = []
    for _ in range(RUNS):
        fresh = Schedule(timezone="Europe/Vilnius", hours={"mon-fri": ["08:00-18:00"]}, holidays="LT")
        start = perf_counter()
        fresh.due(starts[0], TWO_HOURS)
        first.append(perf_counter() - start)
    print(f"first question of a fresh schedule: {median(first) * 1e3:.1f} ms")


if __name__ == "__main__":
    main()
