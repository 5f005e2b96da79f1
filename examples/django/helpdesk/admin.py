"""The pages for the staff."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from helpdesk.models import Event, Ticket

if TYPE_CHECKING:
    TicketPages = admin.ModelAdmin[Ticket]
    EventPages = admin.ModelAdmin[Event]
else:
    TicketPages = EventPages = admin.ModelAdmin

STANDINGS = [("breached", "not answered in time"), ("soon", "due within two hours"), ("waiting", "waits")]


class Standing(admin.SimpleListFilter):
    """A filter of the list of tickets, by the stored columns."""

    title = "answer"
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return STANDINGS

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the tickets of the chosen kind."""
        now = timezone.now()
        tickets = Ticket.objects.all()
        chosen = {
            "breached": tickets.breached(now),
            "soon": tickets.due_within(timedelta(hours=2), now),
            "waiting": tickets.waiting(now),
        }.get(self.value() or "")
        return queryset if chosen is None else queryset & chosen


class TicketAdmin(TicketPages):
    """Tickets, with their deadlines, which are shown and cannot be typed."""

    list_display = ("id", "subject", "plan", "priority", "opened_at", "due_at", "ended_at", "no_deadline")
    list_filter = (Standing,)
    readonly_fields = ("due_at", "breaches_after", "warn_at", "ended_at", "no_deadline")
    ordering = ("due_at",)


class EventAdmin(EventPages):
    """Events, which can be added, and neither changed nor deleted alone."""

    list_display = ("ticket", "kind", "value", "at")

    def has_change_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Return False: what happened stays so."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Event | None = None) -> bool:
        """Return False: what happened stays so."""
        return False


admin.site.register(Ticket, TicketAdmin)
admin.site.register(Event, EventAdmin)
