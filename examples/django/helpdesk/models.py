"""Tickets and their events. A ticket's deadline is stored beside its facts, whenever a fact changes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Protocol

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

import kolmisla
from kolmisla_django.models import DeadlineFields

KINDS = ["answered", "asked", "paused", "resumed", "priority", "resolved", "reopened", "withdrawn"]


class Ticket(DeadlineFields):
    """A ticket of the desk. `DeadlineFields` adds the columns of its deadline."""

    deadline_prefetch = ("events",)

    subject: "models.CharField[str, str]" = models.CharField(max_length=200)
    plan: "models.CharField[str, str]" = models.CharField(max_length=40, blank=True)
    priority: "models.CharField[str, str]" = models.CharField(max_length=40)
    opened_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)

    events: "StoredEvents"

    def __str__(self) -> str:
        return f"{self.pk}: {self.subject}"

    def to_ticket(self, more: Iterable[kolmisla.Event] = ()) -> kolmisla.Ticket:
        """Return the facts, with the stored events and others."""
        stored = [event.to_event() for event in self.events.all()] if self.pk else []
        facts = {"id": self.pk, "plan": self.plan, "priority": self.priority, "opened_at": self.opened_at}
        return kolmisla.Ticket.from_dict({**facts, "events": [*stored, *more]})

    def clean(self) -> None:
        """Raise ValidationError if the policy has no answer to the facts, so that a form can show it."""
        try:
            self.refresh_deadline()
        except kolmisla.KolmislaError as error:
            raise ValidationError(str(error)) from error

    def save(self, *args: Any, **options: Any) -> None:
        """Store the facts and the deadline together. Raise KolmislaError if the policy has no answer to the facts."""
        self.refresh_deadline()
        super().save(*args, **options)


class StoredEvents(Protocol):
    """The events of a ticket, as Django gives them."""

    def all(self) -> Iterable["Event"]:
        """Return all events of the ticket."""
        ...


class Event(models.Model):
    """Something that happened to a ticket. Events are added, and never changed."""

    ticket: "models.ForeignKey[Ticket, Ticket]" = models.ForeignKey(Ticket, models.CASCADE, related_name="events")
    kind: "models.CharField[str, str]" = models.CharField(max_length=20, choices=[(kind, kind) for kind in KINDS])
    at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)
    value: "models.CharField[str, str]" = models.CharField(max_length=100, blank=True)

    def __str__(self) -> str:
        return f"{self.kind} {self.value}".strip()

    def to_event(self) -> kolmisla.Event:
        """Return the event as kolmisla knows it. Raise TicketError if it is invalid."""
        return kolmisla.Event.from_dict({"kind": self.kind, "at": self.at, "value": self.value or None})

    def clean(self) -> None:
        """Raise ValidationError if the event contradicts the ticket or the policy, so that a form can show it."""
        if not hasattr(self, "ticket") or getattr(self, "at", None) is None:  # the form says what is missing
            return
        try:
            self.ticket.check_deadline(self.ticket.to_ticket([self.to_event()]))
        except kolmisla.KolmislaError as error:
            raise ValidationError(str(error)) from error

    def save(self, *args: Any, **options: Any) -> None:
        """Store the event, and the deadline that follows from it, both or neither."""
        with transaction.atomic():
            ticket = Ticket.objects.select_for_update().get(pk=self.ticket.pk)
            super().save(*args, **options)
            ticket.save()
