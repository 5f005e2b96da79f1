"""The page of the small application for the staff."""

from django.contrib import admin

from small.models import SupportTicket

admin.site.register(
    SupportTicket,
    list_display=("subject", "plan", "priority", "opened_at", "due_at", "answered_at", "no_deadline"),
    readonly_fields=("due_at", "breaches_after", "no_deadline"),
)
