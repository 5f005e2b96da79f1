"""The tickets that cannot wait, by the stored columns."""

from datetime import datetime, timedelta

from small.models import SupportTicket


def urgent(now: datetime) -> list[SupportTicket]:
    """Return the tickets that wait and are late, or are due within an hour. The nearest breach comes first."""
    waiting = SupportTicket.objects.waiting(now)
    urgent = waiting.breached(now) | waiting.due_within(timedelta(hours=1), now)
    return list(urgent.order_by("breaches_after", "id"))
