"""The page that shows when the waiting tickets are due."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from helpdesk.models import Ticket


def due_times(request: HttpRequest) -> HttpResponse:
    """Return the page. It asks the stored columns only."""
    now = timezone.now()
    waiting = Ticket.objects.waiting(now).order_by("due_at", "id")
    late = set(Ticket.objects.breached(now).values_list("pk", flat=True))
    shown = {"tickets": waiting, "late": late, "now": now, "zone": timezone.get_current_timezone_name()}
    return render(request, "helpdesk/due.html", shown)
