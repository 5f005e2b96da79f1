"""The application in examples/fastapi: requests as they come, times as they are stored, and each status that it has."""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the dependency group examples is not installed")
sqlalchemy = pytest.importorskip("sqlalchemy", reason="the dependency group examples is not installed")
pytest.importorskip("httpx2", reason="the dependency group examples is not installed")

from fastapi.testclient import TestClient

from kolmisla import KOLMISOFT, Ticket, deadline

FOLDER = Path(__file__).parents[2] / "examples" / "fastapi"
MODULES = ("desk", "desk.policy", "desk.storage", "desk.main", "desk.recompute")
FACTS = {"plan": "premium", "priority": "high", "opened_at": "2026-07-10T16:00:00+03:00"}  # a Friday
JSON = {"Content-Type": "application/json"}
NOW = datetime(2026, 7, 13, 9, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "postgres"])
def desk(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The application's modules, with an empty database of their own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'desk.sqlite3'}"
    else:
        pytest.importorskip("psycopg", reason="the dependency group examples is not installed")
        server = request.getfixturevalue("postgres")
        url = f"postgresql+psycopg://postgres@/{server.new_database()}?host={server.folder}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.delenv("KOLMISLA_POLICY", raising=False)
    monkeypatch.syspath_prepend(str(FOLDER))
    from desk import main, policy, recompute, storage  # type: ignore[import-not-found,unused-ignore]

    client = TestClient(main.app)
    main.app.dependency_overrides[main.now] = lambda: NOW
    yield SimpleNamespace(client=client, main=main, policy=policy, recompute=recompute.recompute, storage=storage)
    storage.engine().dispose()
    for name in MODULES:
        del sys.modules[name]


def opened(desk: Any, **facts: Any) -> int:
    answer = desk.client.post("/tickets", json={**FACTS, **facts})
    assert answer.status_code == 201, answer.text
    id: int = answer.json()["id"]
    return id


def event(desk: Any, id: int, **facts: Any) -> Any:
    return desk.client.post(f"/tickets/{id}/events", json=facts)


def test_a_ticket_is_stored_with_its_deadline(desk: Any) -> None:
    stored = desk.client.post("/tickets", json=FACTS).json()
    assert stored == {
        "id": 1,
        "ticket": Ticket.from_dict({**FACTS, "id": 1}).to_dict(),
        "due_at": "2026-07-10T15:00:00Z",
        "breaches_after": "2026-07-13T05:00:00Z",
        "warn_at": "2026-07-10T14:30:00Z",
        "reason": None,
        "policy_fingerprint": KOLMISOFT.fingerprint(),
    }
    promised = deadline(Ticket.from_dict(FACTS))
    assert desk.client.get("/tickets/1/deadline").json() == promised.to_dict()
    assert desk.client.get("/tickets/1/status").json() == promised.status(NOW).to_dict()
    past = {"at": "2026-07-10T17:00:00+03:00"}
    assert desk.client.get("/tickets/1/status", params=past).json()["elapsed_s"] == 3600


def test_times_come_back_aware_and_in_utc(desk: Any) -> None:
    opened(desk)
    with sqlalchemy.orm.Session(desk.storage.engine()) as database:
        row = database.get(desk.storage.StoredTicket, 1)
        assert (row.due_at, row.due_at.utcoffset()) == (datetime(2026, 7, 10, 15, tzinfo=UTC), timedelta(0))
        row.due_at = datetime(2026, 7, 10, 15)
        with pytest.raises(sqlalchemy.exc.StatementError, match="a stored time must have an offset"):
            database.commit()


@pytest.mark.parametrize(
    ("facts", "place", "words"),
    [
        ({"priority": None}, ["body", "priority"], "must be a string"),
        ({"prio": "high"}, ["body", "prio"], "did you mean priority?"),
        ({"opened_at": "2026-07-10T16:00:00"}, ["body", "opened_at"], "offset"),
        ({"plan": "gold"}, ["body", "plan"], "'gold' is not one of ENTERPRISE, PREMIUM"),
        ({"priority": "urgent"}, ["body", "priority"], "'urgent' is not one of"),
        ({"opened_at": "1890-07-10T16:00:00+03:00"}, ["body"], "1890"),
        ({"id": 7}, ["body", "id"], "must be left out"),
        ({"events": [{"kind": "answered", "at": "2026-07-01T16:00:00+03:00"}]}, ["body"], "before"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(desk: Any, facts: dict[str, Any], place: list[str], words: str) -> None:
    answer = desk.client.post("/tickets", json={**FACTS, **facts})
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == place
    assert words in fault["msg"]
    assert desk.client.get("/queue").json() == []


def test_a_body_without_fields_or_form(desk: Any) -> None:
    told = desk.client.post("/tickets", json={}).json()["detail"]
    assert [fault["loc"][-1] for fault in told] == ["plan", "priority", "opened_at"]
    assert desk.client.post("/tickets", content=b"{", headers=JSON).status_code == 422
    opened(desk)
    assert desk.client.get("/tickets/1/status", params={"at": "2026-07-10T17:00:00"}).status_code == 422


def test_a_status_before_the_opening_is_refused(desk: Any) -> None:
    opened(desk)
    answer = desk.client.get("/tickets/1/status", params={"at": "2026-07-10T12:00:00+03:00"})
    assert answer.status_code == 422
    (fault,) = answer.json()["detail"]
    assert fault["loc"] == ["query"]
    assert "2026-07-10T16:00:00+03:00" in fault["msg"]


@pytest.mark.parametrize("id", ["0", "-1", str(2**31), "9" * 30, "x"])
def test_an_id_that_no_column_holds_is_refused(desk: Any, id: str) -> None:
    assert desk.client.get(f"/tickets/{id}/deadline").status_code == 422
    assert desk.client.get(f"/tickets/{2**31 - 1}/deadline").status_code == 404


@pytest.mark.parametrize("owner", ["\x00", "\ud800", "\u202e", "x" * 100_000])
def test_strange_text_is_stored_or_refused(desk: Any, owner: str) -> None:
    answer = desk.client.post("/tickets", content=json.dumps({**FACTS, "owner": owner}), headers=JSON)
    assert answer.status_code == (422 if owner == "\ud800" else 201), answer.text
    breached = desk.client.get("/breached").json()
    assert [row["ticket"]["owner"] for row in breached] == ([] if owner == "\ud800" else [owner])


def test_a_ticket_to_which_nothing_is_promised(desk: Any) -> None:
    stored = desk.client.post("/tickets", json={**FACTS, "plan": None}).json()
    assert (stored["due_at"], stored["reason"]) == (None, "no support plan")
    answer = desk.client.get("/tickets/1/deadline")
    assert (answer.status_code, answer.json()) == (404, {"detail": "no support plan"})
    assert desk.client.get("/tickets/2/deadline").json() == {"detail": "there is no ticket 2"}
    assert [entry["state"] for entry in desk.client.get("/queue").json()] == ["not-covered"]


def test_events_move_the_deadline(desk: Any) -> None:
    id = opened(desk, opened_at="2026-07-10T17:00:00+03:00")
    raised = event(desk, id, kind="priority", at="2026-07-11T10:00:00+03:00", value="blocker").json()
    assert raised["due_at"] == raised["breaches_after"] == "2026-07-11T08:00:00Z"  # one hour was counted on Friday
    lowered = event(desk, id, kind="priority", at="2026-07-11T09:00:00+03:00", value="low").json()
    assert [each["value"] for each in lowered["ticket"]["events"]] == ["low", "blocker"]
    assert event(desk, id, kind="resumed", at="2026-07-13T09:30:00+03:00").status_code == 422
    unknown = event(desk, id, kind="priority", at="2026-07-13T09:30:00+03:00", value="urgent")
    assert [fault["loc"] for fault in unknown.json()["detail"]] == [["body"]]  # the event's value, not a field
    assert (unknown.status_code, event(desk, 99, kind="answered", at=FACTS["opened_at"]).status_code) == (422, 404)
    assert len(desk.client.get("/queue").json()) == 1
    assert event(desk, id, kind="answered", at="2026-07-13T09:45:00+03:00").status_code == 200
    assert desk.client.get("/queue").json() == []
    assert desk.client.get(f"/tickets/{id}/status").json()["state"] == "breached"


def test_the_queue_is_in_order_and_the_breached_are_found(desk: Any) -> None:
    low, late, night = opened(desk, priority="low"), opened(desk), opened(desk, opened_at="2026-07-13T11:00:00+03:00")
    answered = opened(desk)
    event(desk, answered, kind="answered", at="2026-07-13T08:00:01+03:00")  # a second late
    kept = opened(desk)
    event(desk, kept, kind="answered", at="2026-07-13T08:00:00+03:00")  # at the last instant
    spam = opened(desk)
    event(desk, spam, kind="withdrawn", at="2026-07-13T10:00:00+03:00")
    assert [entry["id"] for entry in desk.client.get("/queue").json()] == [late, night, low]
    assert sorted(row["id"] for row in desk.client.get("/breached").json()) == [low, late, answered]
    desk.main.app.dependency_overrides[desk.main.now] = lambda: datetime(2026, 7, 12, 9, tzinfo=UTC)
    # on Sunday, no ticket of Friday has exceeded its target
    assert desk.client.get("/breached").json() == []


def test_of_two_changes_at_once_the_second_is_refused(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    id, store = opened(desk), desk.storage.StoredTicket.store

    def slowly(row: Any, ticket: Ticket) -> None:
        monkeypatch.setattr(desk.storage.StoredTicket, "store", store)
        first = event(desk, id, kind="answered", at="2026-07-10T16:30:00+03:00")
        assert first.status_code == 200, first.text
        store(row, ticket)

    monkeypatch.setattr(desk.storage.StoredTicket, "store", slowly)
    second = event(desk, id, kind="paused", at="2026-07-10T17:00:00+03:00")
    assert second.status_code == 409
    assert desk.client.get(f"/tickets/{id}/status").json()["state"] == "met"


def test_another_policy_moves_the_deadlines(desk: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first, gone = opened(desk), opened(desk, plan="enterprise")
    assert desk.recompute() == (0, [])
    assert desk.recompute(every=True) == (2, [])
    new, (premium,) = tmp_path / "new.json", [plan for plan in KOLMISOFT.plans.values() if plan.name == "PREMIUM"]
    KOLMISOFT.replace(plans=[premium], priority_change="restart", timezone="UTC").dump(new)
    monkeypatch.setenv("KOLMISLA_POLICY", str(new))
    desk.policy.policy.cache_clear()
    desk.policy.fingerprint.cache_clear()
    judged, refused = desk.recompute()
    assert (judged, len(refused)) == (1, 1)
    assert refused[0].startswith(f"ticket {gone}: plan 'enterprise' is not one of PREMIUM")
    assert desk.recompute() == (0, refused)
    with sqlalchemy.orm.Session(desk.storage.engine()) as database:
        row = database.get(desk.storage.StoredTicket, first)
        assert row.policy_fingerprint == desk.policy.fingerprint() != KOLMISOFT.fingerprint()


def test_the_documents_of_the_api_have_the_forms_of_the_answers(desk: Any) -> None:
    document = desk.client.get("/openapi.json").json()
    schemas = document["components"]["schemas"]
    assert {"Ticket", "Event", "Deadline", "Status", "QueueEntry", "TicketOut", "Faults"} <= schemas.keys()
    assert schemas["Ticket"]["required"] == ["plan", "priority", "opened_at"]
    assert schemas["Status"]["properties"].keys() == {"state", "elapsed_s", "remaining_s"}
    response = document["paths"]["/tickets/{id}/deadline"]["get"]["responses"]["200"]
    assert response["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/Deadline"}


@pytest.fixture(params=["sqlite", "postgres"])
def small(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The small service, with an empty database of its own."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'small.sqlite3'}"
    else:
        pytest.importorskip("psycopg", reason="the dependency group examples is not installed")
        server = request.getfixturevalue("postgres")
        url = f"postgresql+psycopg://postgres@/{server.new_database()}?host={server.folder}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.syspath_prepend(str(FOLDER))
    import small_desk  # type: ignore[import-not-found,unused-ignore]

    yield TestClient(small_desk.app)
    small_desk.engine.dispose()
    del sys.modules["small_desk"]


def test_the_small_service_stores_and_shows(small: Any) -> None:
    added = small.post("/tickets", json={"title": "printer", "ticket": FACTS})
    assert added.status_code == 201
    told = added.json()
    assert told == small.get("/tickets/1").json() | {"status": told["status"]}
    assert (told["title"], told["status"]["state"]) == ("printer", "breached")
    assert datetime.fromisoformat(told["due_at"]) == datetime(2026, 7, 10, 15, tzinfo=UTC)
    assert datetime.fromisoformat(told["breaches_after"]) == datetime(2026, 7, 13, 5, tzinfo=UTC)
    unpromised = small.post("/tickets", json={"title": "x", "ticket": {**FACTS, "plan": None}}).json()
    assert unpromised == {"id": 2, "title": "x", "due_at": None, "breaches_after": None, "status": None}
    answered = {**FACTS, "events": [{"kind": "answered", "at": "2026-07-10T16:30:00+03:00"}]}
    kept = small.post("/tickets", json={"title": "z", "ticket": answered}).json()
    assert (kept["status"]["state"], kept) == ("met", small.get("/tickets/3").json())  # the answer is stored too
    ahead = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert small.post("/tickets", json={"title": "y", "ticket": {**FACTS, "opened_at": ahead}}).status_code == 201
    assert small.get("/tickets/9").status_code == 404
    schemas = small.get("/openapi.json").json()["components"]["schemas"]
    assert {"Ticket", "Status", "NewTicket", "StoredTicket"} <= schemas.keys()


def test_the_small_service_tells_each_fault(small: Any) -> None:
    wrong = small.post("/tickets", json={"title": "x", "ticket": {**FACTS, "plan": "gold", "priority": "urgent"}})
    assert wrong.status_code == 422
    places = {fault["loc"][-1]: fault["msg"] for fault in wrong.json()["detail"]}
    assert places["plan"].startswith("'gold' is not one of")
    assert places["priority"].startswith("'urgent' is not one of")
    missing = small.post("/tickets", json={"title": "x", "ticket": {"plan": "premium"}}).json()["detail"]
    assert [fault["loc"] for fault in missing] == [["body", "ticket", name] for name in ("priority", "opened_at")]


def test_the_small_service_refuses_what_a_database_cannot_hold(small: Any) -> None:
    for id in ("99999999999999999999", "2147483648", "0"):
        assert small.get(f"/tickets/{id}").status_code == 422
    assert small.get("/tickets/2147483647").status_code == 404
    for title in ("\ud800", "a\0b"):
        body = json.dumps({"title": title, "ticket": FACTS})
        refused = small.post("/tickets", content=body, headers={"content-type": "application/json"})
        assert refused.status_code == 422
        (fault,) = refused.json()["detail"]
        assert (fault["loc"], fault["msg"][:24]) == (["body", "title"], "the title must be valid ")
