"""Policies share a fingerprint if and only if they answer alike in the years that are compared."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kolmisla import KOLMISOFT, Policy, Ticket, deadline
from kolmisla.policies.comparing.fingerprint import checked_years

DESK: dict[str, Any] = {
    "name": "Desk",
    "timezone": "Europe/Vilnius",
    "schedules": {
        "day": {"hours": {"mon-fri": ["08:00-18:00"]}, "holidays": "LT"},
        "late": {"hours": {"mon-fri": ["10:00-20:00"]}},
    },
    "priorities": {"P1": {"rank": 1, "schedule": "day"}, "P2": {"rank": 2, "schedule": "late"}},
    "plans": {
        "GOLD": {
            "rank": 1,
            "targets": {"first-response": {"within": "PT2H"}, "resolution": {"P1": {"within": "PT24H"}}},
        },
        "SILVER": {"rank": 2, "targets": {"first-response": {"within": "PT4H"}}, "pausing": ["resolution"]},
    },
    "channels": ["portal", "mail"],
    "waits_for_customer": ["customer", "supplier"],
    "releases": ["X1", "X2"],
}
YEARS = (2024, 2027)


def changed(*place: str, to: Any) -> dict[str, Any]:
    """The document with another value at a place. None removes the value."""
    document = Policy.from_dict(DESK).to_dict()
    inside: Any = document
    for key in place[:-1]:
        inside = inside[key]
    if to is None:
        del inside[place[-1]]
    else:
        inside[place[-1]] = to
    return document


def fingerprint(document: dict[str, Any], years: Any = YEARS) -> str:
    return Policy.from_dict(document).fingerprint(years)


SAME = {
    "name": changed("name", to="Another"),
    "source": changed("source", to="https://example.com"),
    "line": changed("schedules", "day", "line", to="words"),
    "meaning": changed("priorities", "P1", "meaning", to="down"),
    "label": changed("plans", "GOLD", "label", to="best"),
    "average": changed("plans", "GOLD", "average", to={"within": "PT15M"}),
    "prices": {**changed("currency", to="EUR"), "rates": {"hour": {"price": "100", "per": "PT1H"}}},
    "the same hours": changed(
        "schedules", "day", "hours", to={"mon-thu": ["08:00-12:00", "12:00-18:00"], "fri": ["08:00-18:00"]}
    ),
    "a date beyond": changed("schedules", "day", "exceptions", to={"2028-01-03": []}),
    "a holiday on a Sunday": changed("schedules", "late", "holidays", to=["2026-07-05"]),
    "one target for each priority": changed(
        "plans",
        "SILVER",
        "targets",
        "first-response",
        to={"P1": {"within": "PT4H"}, "p2": {"within": "PT240M"}},
    ),
    "the order of reasons": changed("waits_for_customer", to=["supplier", "customer"]),
    "warnings": changed("warnings", to=[50, "PT30M left"]),
    "warnings of a priority": changed("priorities", "P1", "warnings", to=[50]),
    "the default": changed("plans", "GOLD", "pausing", to=["resolution"]),
}
DIFFERENT = {
    "the name of a schedule": {**DESK, "schedules": {**DESK["schedules"], "night": {"open": "always"}}},
    "hours": changed("schedules", "day", "hours", to={"mon-fri": ["08:00-17:00"]}),
    "holidays": changed("schedules", "day", "holidays", to="LV"),
    "one date": changed("schedules", "day", "exceptions", to={"2026-01-05": []}),
    "the zone": changed("timezone", to="Europe/Riga"),
    "rank": changed("priorities", "P1", "rank", to=3),
    "schedule": changed("priorities", "P1", "schedule", to="late"),
    "target": changed("plans", "GOLD", "targets", "resolution", to={"P1": {"within": "PT48H"}}),
    "another priority": changed("plans", "GOLD", "targets", "resolution", to={"P2": {"within": "PT24H"}}),
    "pausing": changed("plans", "GOLD", "pausing", to=["first-response"]),
    "question": changed("plans", "GOLD", "after_resolution", to="question"),
    "change": changed("priority_change", to="restart"),
    "the main channel": changed("channels", to=["mail", "portal"]),
    "a channel": changed("channels", to=["portal"]),
    "the order of releases": changed("releases", to=["X2", "X1"]),
    "versions": changed("versions", to={"latest": 1}),
    "reasons": changed("waits_for_customer", to=["customer"]),
    "an edition": {**DESK, "editions": [{"effective_from": "2026-07-01", "waits_for_customer": []}]},
}


@pytest.mark.unmeasured
@pytest.mark.parametrize("case", SAME)
def test_what_people_read_changes_nothing(case: str) -> None:
    assert fingerprint(SAME[case]) == fingerprint(DESK)
    assert len(fingerprint(DESK)) == 64


@pytest.mark.unmeasured
@pytest.mark.parametrize("case", DIFFERENT)
def test_what_answers_otherwise_differs(case: str) -> None:
    assert fingerprint(DIFFERENT[case]) != fingerprint(DESK)


def of_hands(**fields: Any) -> str:
    metric = {"starts": ["owner=L2", "opened"], "ends": ["resolved", "owner=L1"], **fields}
    return fingerprint({**DESK, "metrics": {"hands": metric}})


def test_the_events_of_a_metric_are_sets_of_names_in_any_case() -> None:
    assert of_hands() == of_hands(starts=["opened", "Owner=l2"]) == of_hands(ends=["owner=l1", "RESOLVED"])
    assert of_hands() not in (of_hands(starts=["owner=L3", "opened"]), of_hands(ends=["resolved"]))
    by_opener = {"requester": ["opened", "owner=L2"], "staff": ["asked"]}
    turned = {"staff": ["asked"], "requester": ["owner=l2", "opened"]}
    assert of_hands(starts=by_opener) == of_hands(starts=turned)
    assert of_hands() == of_hands(starts={"requester": ["opened", "owner=L2"], "staff": ["owner=l2", "opened"]})
    assert of_hands(starts=["owner"]) == of_hands(starts=["owner", "owner=L2"]) != of_hands(starts=["owner=L2"])
    assert of_hands(starts=by_opener) != of_hands(starts={**by_opener, "staff": []})
    metric = {"starts": ["owner=L2", "opened"], "ends": ["resolved", "owner=L1"], "pauses": "all"}
    assert of_hands(pauses="all") == fingerprint({**DESK, "metrics": {"HANDS": metric}}) != of_hands()


@given(st.randoms(use_true_random=False))
def test_the_order_of_names_means_nothing(random: Any) -> None:
    document = dict(DESK)
    for part in ("schedules", "priorities", "plans"):
        entries = [(name.lower() if random.random() < 0.5 else name, entry) for name, entry in DESK[part].items()]
        random.shuffle(entries)
        document[part] = dict(entries)
    entries = list(document.items())
    random.shuffle(entries)
    assert fingerprint(dict(entries)) == fingerprint(DESK)


@given(st.integers(2021, 2030), st.integers(2021, 2030), st.integers(2021, 2030))
def test_a_date_counts_in_its_year_alone(year: int, one: int, other: int) -> None:
    """1 March is a working day of some weekday or closed already; 2 March then is."""
    closed = changed("schedules", "late", "exceptions", to={f"{year}-03-0{day}": [] for day in (1, 2, 3)})
    first, last = sorted((one, other))
    assert (fingerprint(closed, (first, last)) != fingerprint(DESK, range(first, last + 1))) == (first <= year <= last)


@pytest.mark.parametrize("priority", ["P1", "P2"])
def test_a_target_with_a_schedule_of_its_own_answers_alike_only_round_the_clock(priority: str) -> None:
    """A ticket's or an owner's schedule takes the place of the priority's, unless that is always open."""
    always = changed("schedules", "day", to={"open": "always"})
    plain, own = (Policy.from_dict(always).to_dict() for _ in range(2))
    schedule = own["priorities"][priority]["schedule"]
    for document, on in ((plain, {}), (own, {"schedule": schedule})):
        document["plans"]["SILVER"]["targets"]["first-response"] = {priority: {"within": "PT4H", **on}}
    facts = {"opened_at": "2026-07-06T08:00+03:00", "plan": "SILVER", "priority": priority, "channel": "portal"}
    tickets = [Ticket.from_dict({**facts, "schedule": name}) for name in DESK["schedules"]]
    one, other = (
        [deadline(ticket, policy=Policy.from_dict(each)).due_at for ticket in tickets] for each in (plain, own)
    )
    assert (fingerprint(plain) == fingerprint(own)) == (one == other) == (priority == "P1")


def test_other_years_are_another_question() -> None:
    assert KOLMISOFT.fingerprint() == KOLMISOFT.fingerprint((2020, 2040)) == KOLMISOFT.fingerprint(range(2020, 2041))
    assert KOLMISOFT.fingerprint((2020, 2039)) != KOLMISOFT.fingerprint()


def test_a_schedule_in_several_zones_is_compared_where_all_its_years_agree() -> None:
    parts = [{"timezone": zone, "hours": {"mon-fri": ["08:00-18:00"]}} for zone in ("Asia/Tokyo", "America/New_York")]
    frozen = [{**part, "holidays": {"frozen": "LT", "years": "2024-2027", "dates": {}}} for part in parts]
    one, other = (changed("schedules", "late", to={"union": both}) for both in (parts, frozen))
    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one, (2024, 2028)) != fingerprint(other, (2024, 2028))


@pytest.mark.parametrize(
    "years", [2020, "2020-2040", (2020,), (2020.0, 2040), range(2020, 2041, 2), range(2020, 2020), (True, 2020)]
)
def test_what_is_no_range_of_years(years: Any) -> None:
    with pytest.raises(TypeError, match=r"years must be a range of years or a pair such as \(2020, 2040\), not"):
        checked_years(years)


@pytest.mark.parametrize("years", [(2040, 2020), (1899, 2000), (2000, 2201)])
def test_years_in_which_no_schedule_answers(years: Any) -> None:
    with pytest.raises(ValueError, match="years must be in order, from 1900 to 2200, not"):
        KOLMISOFT.fingerprint(years)


def test_amounts_that_are_equal() -> None:
    within = timedelta(hours=2)
    assert fingerprint(changed("plans", "GOLD", "targets", "first-response", to={"within": "PT120M"})) == fingerprint(
        DESK
    )
    assert Policy.from_dict(DESK).plans["GOLD"].target("first-response", "P1").within == within  # type: ignore[union-attr]
