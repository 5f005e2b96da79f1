"""The extra `django`, and the project in examples/django that uses it: in SQLite and in PostgreSQL."""

import math
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("django", reason="the extra django is not installed")

import django
from django.conf import settings
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, connections, models
from django.db.models import Prefetch
from django.test import Client
from django.test.utils import CaptureQueriesContext, isolate_apps, override_settings

import kolmisla
from kolmisla import KOLMISOFT, HorizonError, KolmislaError, NaiveTimeError

FOLDER = Path(__file__).parents[2] / "examples" / "django"
sys.path.append(str(FOLDER))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "desk_site.settings")
zone = os.environ.get("TZ")
django.setup()  # sets the zone of the whole process, which other tests share
os.environ.pop("TZ", None) if zone is None else os.environ.update(TZ=zone)
time.tzset()

from helpdesk.models import Event, Ticket  # type: ignore[import-not-found,unused-ignore]
from kolmisla_django import checks
from kolmisla_django.management.commands import kolmisla_recompute
from kolmisla_django.models import COLUMNS, DeadlineFields
from kolmisla_django.policy import current_fingerprint, current_policy
from small.models import SupportTicket  # type: ignore[import-not-found,unused-ignore]
from small.urgent import urgent  # type: ignore[import-not-found,unused-ignore]
from tests.laws.test_arguments import NaT

# its columns are made once, and each test begins without rows


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """The project's database, with its tables."""
    if request.param == "postgres":
        pytest.importorskip("psycopg", reason="the dependency group examples is not installed")
        server = request.getfixturevalue("postgres")
        chosen = {"NAME": server.new_database(), "USER": "postgres", "HOST": str(server.folder)}
        chosen["ENGINE"] = "django.db.backends.postgresql"
    else:
        chosen = {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}
    connections["default"].close()
    connections.settings["default"].update(chosen)
    del connections["default"]
    call_command("migrate", verbosity=0)
    yield request.param
    connections["default"].close()


@pytest.fixture(autouse=True)
def _empty(database: str) -> Iterator[None]:
    assert connection.vendor.startswith(database)
    yield
    Ticket.objects.all().delete()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


FRIDAY = at("2026-07-10T16:00:00+03:00")
MONDAY = at("2026-07-13T09:00:00+03:00")


def opened(**facts: Any) -> Any:
    return Ticket.objects.create(
        **{"subject": "down", "plan": "premium", "priority": "high", "opened_at": FRIDAY, **facts}
    )


def happened(ticket: Any, kind: str, when: str, value: str = "") -> None:
    Event.objects.create(ticket=ticket, kind=kind, at=at(when), value=value)


def ids(rows: Any) -> list[int]:
    return sorted(row.pk for row in rows)


def test_a_row_has_the_deadline_of_its_ticket() -> None:
    row = Ticket.objects.get(pk=opened().pk)
    promised = kolmisla.deadline(row.to_ticket())
    stored = (row.due_at, row.breaches_after, row.warn_at, row.ended_at)
    assert stored == (promised.due_at, promised.breaches_after, promised.used_at(75), None)
    assert (row.due_at, row.due_at.utcoffset()) == (at("2026-07-10T18:00:00+03:00"), timedelta(0))
    assert row.policy_fingerprint == KOLMISOFT.fingerprint()
    assert not row.refresh_deadline()


def test_events_move_the_deadline() -> None:
    row = opened(opened_at=at("2026-07-10T17:00:00+03:00"))
    happened(row, "priority", "2026-07-11T10:00:00+03:00", "blocker")
    row.refresh_from_db()
    assert row.due_at == row.breaches_after == at("2026-07-11T11:00:00+03:00")
    with pytest.raises(KolmislaError):
        happened(row, "priority", "2026-07-11T10:10:00+03:00", "urgent")
    assert row.events.count() == 1  # the refused one is not stored
    happened(row, "answered", "2026-07-11T10:20:00+03:00")
    row.refresh_from_db()
    assert row.ended_at == at("2026-07-11T10:20:00+03:00")


def test_nothing_promised_and_withdrawn_are_told() -> None:
    without, spam = opened(plan=""), opened()
    happened(spam, "withdrawn", "2026-07-13T10:00:00+03:00")
    spam.refresh_from_db()
    assert (without.due_at, without.no_deadline) == (None, "no support plan")
    assert (spam.due_at, spam.no_deadline, spam.ended_at) == (None, "withdrawn", at("2026-07-13T10:00:00+03:00"))
    assert ids(Ticket.objects.breached(at("2027-01-01T00:00:00Z"))) == []


def test_the_breached_are_those_after_the_last_instant() -> None:
    late, kept, open_, answered_late = opened(), opened(), opened(), opened(priority="low")
    happened(kept, "answered", "2026-07-13T08:00:00+03:00")
    happened(late, "answered", "2026-07-13T08:00:01+03:00")
    happened(answered_late, "answered", "2026-07-14T08:00:00+03:00")
    breached = Ticket.objects.all().breached
    assert ids(breached(at("2026-07-12T12:00:00+03:00"))) == ids(breached(at("2026-07-13T08:00:00+03:00"))) == []
    assert ids(breached(at("2026-07-13T08:00:00.000001+03:00"))) == ids([late, open_, answered_late])
    for row in Ticket.objects.all():
        for when in ("2026-07-13T08:00:00+03:00", "2026-07-15T08:00:00+03:00"):
            state = kolmisla.deadline(row.to_ticket()).status(at(when)).state
            assert (state == "breached") == (row in breached(at(when)))


def test_columns_are_compared_as_instants_in_the_hour_that_dst_repeats() -> None:
    """PEP 495: Python compares two times of one zone by their clocks, and those of two zones never equal there."""
    opened = datetime(2026, 10, 24, 22, 30, tzinfo=UTC)
    row = SupportTicket(plan="premium", priority="blocker", opened_at=opened)
    row.save()
    again = SupportTicket.objects.get(pk=row.pk)
    assert again.due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert not again.refresh_deadline()
    row.opened_at = opened + timedelta(hours=1)
    assert row.refresh_deadline()
    row.save()
    assert SupportTicket.objects.get(pk=row.pk).due_at.astimezone(UTC) == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    row.delete()


@pytest.mark.parametrize("wrong", [None, "x", date(2026, 1, 1), NaT(1, 1, 1), math.nan, 5])
def test_wrong_instants_say_what_must_be(wrong: Any) -> None:
    now, rows = datetime(2026, 7, 3, tzinfo=UTC), SupportTicket.objects
    for ask in (rows.waiting, rows.breached, lambda at: rows.alarms(now, at), lambda at: rows.alarms(at, now)):
        with pytest.raises(TypeError, match="an instant must be an aware datetime, not "):
            ask(wrong)
    with pytest.raises(TypeError, match="within must be a timedelta, not "):
        rows.due_within(wrong, now)
    with pytest.raises(ValueError, match=r"at \+ within must be in the years 1 to 9999"):
        rows.due_within(timedelta.max, now)
    early = datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14)))
    for ask in (rows.waiting, rows.breached, lambda at: rows.alarms(now, at), lambda at: rows.alarms(at, now)):
        with pytest.raises(HorizonError, match="cannot be shown in UTC"):
            ask(early)
    with pytest.raises(HorizonError, match="cannot be shown in UTC"):
        rows.due_within(timedelta(hours=1), early)


def test_the_queries_of_a_look() -> None:
    first, second, done = opened(), opened(opened_at=FRIDAY - timedelta(minutes=30)), opened()
    happened(done, "answered", "2026-07-10T16:10:00+03:00")
    tickets, half_past = Ticket.objects, at("2026-07-10T17:30:00+03:00")
    assert ids(tickets.due_within(timedelta(minutes=29), FRIDAY + timedelta(hours=1))) == []
    assert ids(tickets.due_within(timedelta(minutes=30), FRIDAY + timedelta(hours=1))) == ids([second])
    assert ids(tickets.due_within(timedelta(hours=1), half_past)) == ids([first, second])
    saturday, monday = at("2026-07-11T12:00:00+03:00"), at("2026-07-13T08:00:00+03:00")
    for moment in (half_past + timedelta(seconds=1), saturday, monday):  # the due time has passed, not the last instant
        assert ids(tickets.due_within(timedelta(hours=1), moment) | tickets.breached(moment)) == ids([first, second])
    assert ids(tickets.due_within(timedelta(hours=1), monday)) == ids([first])
    assert ids(tickets.due_within(timedelta(hours=1), monday + timedelta(seconds=1))) == []
    tickets.filter(pk=second.pk).update(breaches_after=None)  # paused just when its target was used up
    assert ids(tickets.due_within(timedelta(hours=1), monday + timedelta(seconds=1))) == ids([second])
    second.save()
    assert ids(tickets.waiting(at("2026-07-10T16:05:00+03:00"))) == ids([first, second, done])
    assert ids(tickets.waiting(half_past)) == ids([first, second])
    assert ids(tickets.alarms(FRIDAY, half_past)) == ids([first, second])
    assert ids(tickets.alarms(half_past, half_past + timedelta(hours=9))) == []
    assert ids(tickets.alarms(FRIDAY + timedelta(hours=1), half_past)) == ids([first])
    for ask in (tickets.breached, tickets.waiting, lambda when: tickets.due_within(timedelta(1), when)):
        with pytest.raises(NaiveTimeError, match="must have an offset"):
            ask(datetime(2026, 7, 10))
    with pytest.raises(NaiveTimeError):
        tickets.alarms(datetime(2026, 7, 10), FRIDAY)


def recompute(**options: Any) -> tuple[str, str]:
    out, errors = StringIO(), StringIO()
    try:
        call_command("kolmisla_recompute", stdout=out, stderr=errors, **options)
    except CommandError as error:
        errors.write(f"CommandError: {error}")
    said = out.getvalue().replace("small.SupportTicket: 0 judged, 0 changed, 0 refused", "")
    return said.strip(), errors.getvalue().strip()


def test_a_new_policy_is_applied_in_batches_and_only_changed_rows_are_written(tmp_path: Path) -> None:
    for _ in range(5):
        opened()
    gone = opened(plan="enterprise")
    assert recompute() == ("helpdesk.Ticket: 0 judged, 0 changed, 0 refused", "")
    with CaptureQueriesContext(connection) as queries:
        assert recompute(all=True) == ("helpdesk.Ticket: 6 judged, 0 changed, 0 refused", "")
    assert not [query for query in queries if query["sql"].startswith("UPDATE")]
    only = [plan for plan in KOLMISOFT.plans.values() if plan.name == "PREMIUM"]
    new = tmp_path / "new.json"
    KOLMISOFT.replace(plans=only, priority_change="restart").dump(new)
    with override_settings(KOLMISLA_POLICY=new):
        assert ids(Ticket.objects.stale()) == ids(Ticket.objects.all())
        with CaptureQueriesContext(connection) as queries:
            told, errors = recompute(batch=2)
        assert told == "helpdesk.Ticket: 6 judged, 5 changed, 1 refused"
        assert errors.startswith(f"helpdesk.Ticket {gone.pk}: plan 'enterprise' is not one of PREMIUM")
        assert errors.endswith("CommandError: no deadline can be computed for 1 of the rows; they are unchanged")
        assert len([query for query in queries if query["sql"].startswith("UPDATE")]) == 5
        assert ids(Ticket.objects.stale()) == [gone.pk]
        assert len({row.policy_fingerprint for row in Ticket.objects.all()}) == 2
    for batch in (0, 10**30):
        said = f"CommandError: --batch must be from 1 to 1,000,000, not {batch}"
        assert recompute(batch=batch) == ("", said)


@pytest.mark.parametrize("link", ["incident", "+"])
def test_rows_of_an_heir_are_judged_by_its_own_rules(monkeypatch: pytest.MonkeyPatch, link: str) -> None:
    """A model with a table of its own inherits from a model with deadlines, and warns earlier.

    The link to its parent may have a hidden name.
    """
    with isolate_apps("small"):

        class Asked(DeadlineFields):
            opened_at: Any = models.DateTimeField()

            class Meta:
                app_label = "small"

            def to_ticket(self) -> kolmisla.Ticket:
                return kolmisla.Ticket(plan="premium", priority="high", opened_at=self.opened_at)

        class Incident(Asked):
            warn_percent = 50
            asked: Any = models.OneToOneField(Asked, models.CASCADE, parent_link=True, related_name=link)

            class Meta:
                app_label = "small"

    monkeypatch.setattr(kolmisla_recompute, "models_with_deadlines", lambda: [Asked, Incident])
    with connection.schema_editor() as editor:
        editor.create_model(Asked)
        editor.create_model(Incident)
    try:
        for model in (Asked, Incident):
            model.objects.create(opened_at=MONDAY)
        counts = "small.Asked: 1 judged, {0} changed, 0 refused\nsmall.Incident: 1 judged, {0} changed, 0 refused"
        assert recompute() == (counts.format(1), "")
        warned = {row.pk: row.warn_at for row in Asked.objects.all()}
        assert sorted(at - MONDAY for at in warned.values()) == [timedelta(hours=1), timedelta(hours=1.5)]
        assert Incident.objects.get().warn_at == MONDAY + timedelta(hours=1)
        assert recompute(all=True) == (counts.format(0), "")
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Incident)
            editor.delete_model(Asked)


def test_a_key_that_is_text_reaches_no_terminal_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    with isolate_apps("small"):

        class Named(DeadlineFields):
            name: Any = models.CharField(primary_key=True, max_length=99)

            class Meta:
                app_label = "small"

            def to_ticket(self) -> kolmisla.Ticket:
                return kolmisla.Ticket(plan="unknown", priority="high", opened_at=MONDAY)

    monkeypatch.setattr(kolmisla_recompute, "models_with_deadlines", lambda: [Named])
    with connection.schema_editor() as editor:
        editor.create_model(Named)
    try:
        Named.objects.bulk_create([Named(name="a\x1b]0;x\x07\u202e" + "b" * 50)])
        _, errors = recompute(all=True)
    finally:
        with connection.schema_editor() as editor:
            editor.delete_model(Named)
    assert errors.startswith("small.Named a\\x1b]0;x\\x07\\u202e" + "b" * 32 + "...: plan 'unknown' is not")


class Elsewhere:
    """Says that the helpdesk is in another database."""

    def allow_migrate(self, db: str, app_label: str, **hints: Any) -> bool:  # noqa: ARG002  # Django gives them
        return app_label != "helpdesk"


def test_a_model_in_another_database_is_named_and_passed_over() -> None:
    opened()
    with override_settings(DATABASE_ROUTERS=[Elsewhere()]):
        assert recompute(all=True) == ("helpdesk.Ticket: its rows are not in the database 'default'", "")
    assert recompute(all=True)[0] == "helpdesk.Ticket: 1 judged, 0 changed, 0 refused"
    said = "CommandError: --database must be one of default, not 'x\\x1b'"
    assert recompute(database="x\x1b") == ("", said)


def test_related_rows_are_read_at_once() -> None:
    for _ in range(4):
        happened(opened(), "answered", "2026-07-10T17:00:00+03:00")
    with CaptureQueriesContext(connection) as queries:
        recompute(all=True)
    assert len([query for query in queries if 'FROM "helpdesk_event"' in query["sql"]]) == 1


def test_the_setting_names_a_policy(tmp_path: Path) -> None:
    assert current_policy() is KOLMISOFT
    file = tmp_path / "desk.json"
    KOLMISOFT.replace(name="Ours").dump(file)
    for setting in (file, str(file)):
        with override_settings(KOLMISLA_POLICY=setting):
            assert current_policy().name == "Ours"
            assert current_policy() is current_policy()
            assert current_fingerprint() == KOLMISOFT.fingerprint()
    with override_settings(KOLMISLA_POLICY=KOLMISOFT):
        assert current_policy() is KOLMISOFT
    wrong: list[tuple[Any, str]] = [
        (None, "must be the path of a policy"),
        ("", "must be the path of a policy"),
        (5, "not 5"),
        (".", "'.' cannot be imported"),
        ("desk", "a path that ends in .toml or .json, or the dotted name of a Policy, but 'desk' cannot be imported"),
        ("kolmisla.nothing", "'kolmisla.nothing' cannot be imported"),
        ("kolmisla.deadline", "must name a Policy, but kolmisla.deadline is <function"),
    ]
    for given, words in wrong:
        with override_settings(KOLMISLA_POLICY=given), pytest.raises(ImproperlyConfigured, match=words):
            current_policy()


def found(**changes: Any) -> list[str]:
    with override_settings(**changes):
        return [str(message.id) for message in run_checks() if str(message.id).startswith("kolmisla")]


def test_the_checks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("name = 5", encoding="utf-8")
    assert found() == []
    assert found(KOLMISLA_POLICY=None) == ["kolmisla.E001"]
    assert found(KOLMISLA_POLICY=wrong) == found(KOLMISLA_POLICY=tmp_path / "none.toml") == ["kolmisla.E002"]
    assert found(KOLMISLA_POLICY="none\0.toml") == ["kolmisla.E002"]
    assert found(USE_TZ=False) == ["kolmisla.E003"]
    monkeypatch.setattr(Ticket, "deadline_prefetch", ("events", "events__ticket", "comments"))
    assert found() == ["kolmisla.E005"]
    monkeypatch.setattr(SupportTicket, "deadline_prefetch", ("events",))
    assert found() == ["kolmisla.E005", "kolmisla.E005"]
    monkeypatch.undo()
    for percent in (0, True, "75"):
        monkeypatch.setattr(Ticket, "warn_percent", percent)
        assert found() == ["kolmisla.E007"]
    monkeypatch.undo()
    for prefetch in (None, "events", (1,), ("events", None)):
        monkeypatch.setattr(Ticket, "deadline_prefetch", prefetch)
        assert found() == ["kolmisla.E005"]
    monkeypatch.undo()
    for metric in ("resolutoin", None, 5, ["resolution"]):
        monkeypatch.setattr(Ticket, "deadline_metric", metric)
        assert found() == ["kolmisla.E006"]
    assert found(KOLMISLA_POLICY=None) == ["kolmisla.E001"]
    monkeypatch.undo()
    monkeypatch.delattr(Ticket, "to_ticket")
    assert found() == ["kolmisla.E004"]
    with pytest.raises(NotImplementedError, match="Ticket must have a method to_ticket"):
        Ticket().to_ticket()


def test_the_checks_of_a_model_that_extends_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """Django makes the link to the other table, and what is prefetched may be a Prefetch."""
    with isolate_apps("helpdesk"):

        class Alarm(Ticket):  # type: ignore[misc,unused-ignore]
            deadline_prefetch = (Prefetch("events"), Prefetch("events__ticket"), "ticket_ptr__events")

            class Meta:
                app_label = "helpdesk"

    monkeypatch.setattr(checks, "models_with_deadlines", lambda: [Alarm])
    assert checks.check_project(None) == []
    monkeypatch.setattr(Alarm, "deadline_prefetch", (Prefetch("comments__author"), "replies"))
    texts = sorted(message.msg for message in checks.check_project(None))
    assert texts == [
        f"deadline_prefetch names {name!r}, which is not a relation of the model" for name in ("comments", "replies")
    ]


def test_forms_show_what_is_wrong() -> None:
    with pytest.raises(ValidationError, match="plan 'gold' is not one of ENTERPRISE, PREMIUM"):
        Ticket(subject="x", plan="gold", priority="high", opened_at=FRIDAY).full_clean()
    row = opened()
    Event(ticket=row, kind="answered", at=FRIDAY).full_clean()
    Event(ticket=opened(plan=""), kind="answered", at=FRIDAY).full_clean()
    with pytest.raises(ValidationError, match="2026-07-10T16:00:00"):
        Event(ticket=row, kind="answered", at=FRIDAY - timedelta(hours=1)).full_clean()
    with pytest.raises(ValidationError, match="This field cannot be null"):
        Event(ticket=row, kind="answered", at=None).full_clean()


def test_the_page_shows_due_times() -> None:
    opened(subject="<b>late</b>")
    opened(subject="without", plan="")
    happened(opened(subject="answered"), "answered", "2026-07-10T17:00:00+03:00")
    page = Client().get("/", headers={"host": "localhost"}).content.decode()
    assert "&lt;b&gt;late&lt;/b&gt;<td>high<td>Fri 2026-07-10 18:00<td>late" in page
    assert "without<td>high<td>-<td>no support plan" in page
    assert "answered" not in page
    assert "times of Europe/Vilnius" in page


@pytest.mark.parametrize("answer", ["", "breached", "soon", "waiting"])
def test_the_staff_sees_and_adds(answer: str) -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username="anna").delete()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("anna"))
    row = opened(subject="printer")
    page = client.get("/admin/helpdesk/ticket/", {"answer": answer} if answer else {}).content.decode()
    assert ("printer" in page) == (answer != "soon")
    added = {"ticket": row.pk, "kind": "answered", "at_0": "2026-07-10", "at_1": "15:00:00"}
    for more in ({}, *({"kind": kind, "at_0": "2205-12-31"} for kind in ("answered", "resolved", "withdrawn"))):
        refused = client.post("/admin/helpdesk/event/add/", {**added, **more})
        assert (refused.status_code, row.events.count()) == (200, 0)
    assert client.post("/admin/helpdesk/event/add/", {**added, "at_1": "17:00:00"}).status_code == 302
    row.refresh_from_db()
    assert row.ended_at == at("2026-07-10T17:00:00+03:00")
    event = row.events.get()
    assert client.post(f"/admin/helpdesk/event/{event.pk}/delete/", {"post": "yes"}).status_code == 403
    assert str(event) == "answered"
    assert str(row).endswith(": printer")


def test_the_tables_are_as_the_models() -> None:
    call_command("makemigrations", "helpdesk", check=True, dry_run=True, verbosity=0)
    assert set(COLUMNS) <= {field.name for field in DeadlineFields._meta.get_fields()}
    assert settings.USE_TZ


def test_kolmisla_loads_without_django() -> None:
    code = "import sys, kolmisla, kolmisla.cli; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_small_model_has_a_deadline() -> None:
    facts = {"subject": "printer", "plan": "premium", "priority": "high", "opened_at": FRIDAY}
    late, soon = SupportTicket.objects.create(**facts), SupportTicket.objects.create(**{**facts, "priority": "blocker"})
    answered = SupportTicket.objects.create(**facts, answered_at=FRIDAY + timedelta(hours=1))
    SupportTicket.objects.create(**{**facts, "plan": ""})
    assert (late.due_at, soon.due_at) == (at("2026-07-10T18:00:00+03:00"),) * 2
    assert urgent(at("2026-07-10T16:59:59+03:00")) == []
    assert urgent(at("2026-07-10T17:00:00+03:00")) == [soon, late]
    assert urgent(at("2026-07-13T08:00:00+03:00")) == [soon, late]
    assert urgent(at("2026-07-14T12:00:00+03:00")) == [soon, late]
    late.answered_at = at("2026-07-14T12:00:00+03:00")
    late.save()
    assert urgent(at("2026-07-14T12:00:00+03:00")) == [soon]
    assert answered not in SupportTicket.objects.breached(at("2026-07-15T12:00:00+03:00"))
    with pytest.raises(ValidationError, match="is not one of BLOCKER"):
        SupportTicket(**{**facts, "priority": "urgent"}).full_clean()
    SupportTicket.objects.all().delete()
    assert recompute()[1] == ""


def test_the_staff_sees_due_times_of_the_small_model() -> None:
    from django.contrib.auth.models import User

    User.objects.filter(username="anna").delete()
    client = Client(headers={"host": "localhost"})
    client.force_login(User.objects.create_superuser("anna"))
    added = {"subject": "printer", "plan": "premium", "priority": "high", "opened_at_0": "2026-07-10"}
    added |= {"opened_at_1": "16:00:00", "answered_at_0": "", "answered_at_1": ""}
    refused = client.post("/admin/small/supportticket/add/", {**added, "priority": "urgent"})
    assert (refused.status_code, SupportTicket.objects.count()) == (200, 0)
    assert client.post("/admin/small/supportticket/add/", added).status_code == 302
    page = client.get("/admin/small/supportticket/").content.decode()
    assert "July 10, 2026, 6 p.m." in page
    SupportTicket.objects.all().delete()
