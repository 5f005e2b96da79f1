"""A model without events: the least that a row needs to have a deadline."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone

import kolmisla
from kolmisla_django.models import DeadlineFields


class SupportTicket(DeadlineFields):
    """A ticket, and the time of its first answer. `DeadlineFields` adds the columns of its deadline."""

    subject: "models.CharField[str, str]" = models.CharField(max_length=200)
    plan: "models.CharField[str, str]" = models.CharField(max_length=40, blank=True)
    priority: "models.CharField[str, str]" = models.CharField(max_length=40)
    opened_at: "models.DateTimeField[datetime, datetime]" = models.DateTimeField(default=timezone.now)
    answered_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.subject

    def to_ticket(self) -> kolmisla.Ticket:
        """Return the facts of the row."""
        return kolmisla.Ticket(
            id=self.pk,
            plan=self.plan or None,
            priority=self.priority,
            opened_at=self.opened_at,
            answered_at=self.answered_at,
        )

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
