"""Has the columns of a model that stores deadlines, and computes their values from a ticket."""

from datetime import UTC, datetime
from typing import Any, ClassVar, NamedTuple

from django.db import models

from kolmisla import NotCoveredError, Ticket, cycles, deadline
from kolmisla_django.policy import current_fingerprint, current_policy
from kolmisla_django.querysets import DeadlineManager

__all__ = ["DeadlineFields"]


class Stored(NamedTuple):
    """The values of the columns that DeadlineFields has. Each value has the name of its column."""

    due_at: datetime | None = None
    breaches_after: datetime | None = None
    warn_at: datetime | None = None
    ended_at: datetime | None = None
    no_deadline: str = ""
    policy_fingerprint: str = ""


class DeadlineFields(models.Model):
    """A model whose rows have a deadline. The class is abstract: a model of your own inherits from it.

    Your model must have a method `to_ticket`. Call `refresh_deadline` before each save. The columns are about the last
    cycle of the metric `deadline_metric`. `warn_at` is the instant at which `warn_percent` of the target are used up.
    """

    deadline_metric: ClassVar[str] = "first-response"
    warn_percent: ClassVar[int] = 75
    deadline_prefetch: ClassVar[tuple[str, ...]] = ()
    """Names of the relations that `to_ticket` reads, in the form that Django's `prefetch_related` accepts.

    `kolmisla_recompute` fetches the related rows of many rows at once.
    """

    due_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="When the target is used up: the time to show."
    )
    breaches_after: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(
        null=True, blank=True, editable=False, db_index=True, help_text="The last instant in time: the time to test."
    )
    warn_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(
        null=True, blank=True, editable=False, db_index=True, help_text="When an alarm rings."
    )
    ended_at: "models.DateTimeField[datetime | None, datetime | None]" = models.DateTimeField(
        null=True, blank=True, editable=False, db_index=True, help_text="When the clock ended; empty while it runs."
    )
    no_deadline: "models.TextField[str, str]" = models.TextField(
        default="", blank=True, editable=False, help_text="Why there is no deadline."
    )
    policy_fingerprint: "models.CharField[str, str]" = models.CharField(
        max_length=64, default="", blank=True, editable=False, db_index=True, help_text="Which rules were applied."
    )

    objects: ClassVar[DeadlineManager] = DeadlineManager()

    class Meta:
        """Tells Django that the model is abstract."""

        abstract = True

    def to_ticket(self) -> Ticket:
        """Return the facts of the row as a Ticket. Your model must define this method."""
        raise NotImplementedError(f"{type(self).__name__} must have a method to_ticket that returns a kolmisla.Ticket")

    def refresh_deadline(self) -> bool:
        """Compute the columns from the facts of the row, and tell whether a column changed.

        Write nothing to the database.

        Raise KolmislaError, and change no column, if the facts contradict each other or the policy.
        """
        found = self._answers(self.to_ticket())._asdict()
        changed = any(_in_utc(getattr(self, name)) != _in_utc(value) for name, value in found.items())
        for name, value in found.items():
            setattr(self, name, value)
        return changed

    def check_deadline(self, ticket: Ticket) -> None:
        """Raise KolmislaError if `refresh_deadline` would raise it for `ticket`. Change no column.

        With this method, a form can refuse a new event before the event is stored. The form calls it with a `ticket`
        that has the facts of the row and the new event.
        """
        self._answers(ticket)

    def _answers(self, ticket: Ticket) -> Stored:
        policy, fingerprint = current_policy(), current_fingerprint()
        metric: Any = self.deadline_metric
        try:
            promised = deadline(ticket, policy=policy, metric=metric)
        except NotCoveredError as error:
            return Stored(no_deadline=str(error), policy_fingerprint=fingerprint)
        ended_at = cycles(ticket, policy=policy, metric=metric)[-1].ended_at
        if ended_at and promised.status(ended_at).state == "withdrawn":
            return Stored(ended_at=ended_at, no_deadline="withdrawn", policy_fingerprint=fingerprint)
        warn_at = promised.used_at(self.warn_percent)
        return Stored(promised.due_at, promised.breaches_after, warn_at, ended_at, "", fingerprint)


COLUMNS = Stored._fields


def _in_utc(value: Any) -> Any:
    """Convert a time that has a zone to UTC. Return any other value unchanged.

    Without this, Python would compare times of one zone by their clocks, which is wrong where DST repeats an hour (PEP
    495).
    """
    return value.astimezone(UTC) if isinstance(value, datetime) and value.tzinfo is not None else value
