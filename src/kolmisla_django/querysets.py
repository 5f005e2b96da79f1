"""Has queries on the stored deadlines."""

from datetime import UTC, datetime, timedelta
from typing import Any, Self

from django.db.models import F, Manager, Q, QuerySet

from kolmisla import NaiveTimeError
from kolmisla.errors import shown
from kolmisla.times.instants import at_in
from kolmisla_django.policy import current_fingerprint

__all__ = ["DeadlineManager", "DeadlineQuerySet"]


class DeadlineQuerySet(QuerySet[Any]):
    """A queryset of a model with DeadlineFields.

    Its queries use only the stored columns, and judge no ticket again. All instants must be aware datetimes. A naive
    datetime raises NaiveTimeError, and anything that is no datetime raises TypeError.
    """

    def waiting(self, at: datetime) -> Self:
        """Return the rows whose cycle had not ended at an instant. Rows without a promise may be among them."""
        return self.filter(_waits(at))

    def breached(self, at: datetime) -> Self:
        """Return the rows whose target was already exceeded at an instant, whether their cycle has ended or not."""
        late = Q(ended_at__isnull=True) | Q(ended_at__gt=F("breaches_after"))
        return self.filter(late, breaches_after__lt=_aware(at))

    def due_within(self, within: timedelta, at: datetime) -> Self:
        """Return the rows that are due by `at + within`, and are neither ended nor breached at the instant `at`.

        A row whose `due_at` is before `at` is returned too, if its `breaches_after` is not before `at` or is not known.
        For example, it is not known while a ticket is paused, if the pause began just when its target was used up.
        """
        if not isinstance(within, timedelta):
            raise TypeError(f"within must be a timedelta, not {shown(within)}")
        waiting, at = _waits(at), _aware(at)
        try:
            in_time = Q(breaches_after__isnull=True) | Q(breaches_after__gte=at)
            return self.filter(waiting, in_time, due_at__lte=at + within)
        except OverflowError:
            raise ValueError(f"at + within must be in the years 1 to 9999, not {within!r} after {at!r}") from None

    def alarms(self, after: datetime, until: datetime) -> Self:
        """Return the rows whose `warn_at` is later than the instant `after`, and not later than the instant `until`.

        Rows whose cycle has ended by `until` are left out. If `after` is always the `until` of the previous call, no
        row is returned twice for the same `warn_at`.
        """
        return self.filter(_waits(until), warn_at__gt=_aware(after), warn_at__lte=_aware(until))

    def stale(self) -> Self:
        """Return the rows that were judged by another policy, or were never judged."""
        return self.exclude(policy_fingerprint=current_fingerprint())


class DeadlineManager(Manager[Any]):
    """The manager of a model with DeadlineFields. It has the queries of DeadlineQuerySet, such as `waiting`."""

    def get_queryset(self) -> DeadlineQuerySet:
        """Return all rows. Django calls this method for each query of the manager."""
        return DeadlineQuerySet(self.model, using=self._db)

    def all(self) -> DeadlineQuerySet:
        """Return all rows, as the type DeadlineQuerySet. Django declares the method `all` without this type."""
        return self.get_queryset()

    def waiting(self, at: datetime) -> DeadlineQuerySet:
        """Return the rows whose cycle had not ended at an instant. See `DeadlineQuerySet.waiting`."""
        return self.get_queryset().waiting(at)

    def breached(self, at: datetime) -> DeadlineQuerySet:
        """Return the rows whose target was already exceeded at an instant. See `DeadlineQuerySet.breached`."""
        return self.get_queryset().breached(at)

    def due_within(self, within: timedelta, at: datetime) -> DeadlineQuerySet:
        """Return the rows that are due by `at + within`, and are neither ended nor breached at the instant `at`.

        See `DeadlineQuerySet.due_within`.
        """
        return self.get_queryset().due_within(within, at)

    def alarms(self, after: datetime, until: datetime) -> DeadlineQuerySet:
        """Return the rows whose alarm (`warn_at`) rings between two instants. See `DeadlineQuerySet.alarms`."""
        return self.get_queryset().alarms(after, until)

    def stale(self) -> DeadlineQuerySet:
        """Return the rows that were judged by another policy, or were never judged. See `DeadlineQuerySet.stale`."""
        return self.get_queryset().stale()


def _aware(at: datetime) -> datetime:
    """Return an instant in UTC. Raise HorizonError for an instant that is in no year of UTC from 1 to 9999."""
    try:
        return at_in(UTC, at)
    except NaiveTimeError:
        raise NaiveTimeError(f"an instant must have an offset, not {at!r}; type for example timezone.now()") from None


def _waits(at: datetime) -> Q:
    return Q(ended_at__isnull=True) | Q(ended_at__gt=_aware(at))
