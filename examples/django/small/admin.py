"""The page of the small application for the staff."""

from django.contrib import admin

from small.models import SupportTicket


@admin.register(SupportTicket)
class SupportTicketAdmin(admin.ModelAdmin):  # type: ignore[type-arg,unused-ignore]
    """Tickets with their due times, which are shown and cannot be typed."""

    list_display = ("subject", "plan", "priority", "opened_at", "due_at", "answered_at", "no_deadline")
    readonly_fields = ("due_at", "breaches_after", "no_deadline")
