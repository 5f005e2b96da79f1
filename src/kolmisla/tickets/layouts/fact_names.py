"""Our names for the facts of tickets and events, such as `opened_at`. A layout says in which column each fact is."""

__all__ = [
    "COLUMNS",
    "DUE_AT",
    "ENDS",
    "EVENTS",
    "EVENT_COLUMNS",
    "FACTS",
    "ONLY_IF_NAMED",
    "NAMES",
    "OLD_VALUE",
    "OPENED_BY",
    "OWN_TARGET",
    "OWNER",
    "REQUESTER",
    "REQUIRED",
    "ROW_ORDER",
    "SCHEDULE",
    "SINCE_OPENING",
    "STATUS",
    "TERMS",
    "TERMS_OF_EVENTS",
    "TRANSLATED",
    "WHO",
    "WITHOUT_PREFIX",
]

COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
REQUIRED = ("plan", "priority", "opened_at")
EVENT_COLUMNS = ("event_id", "at", "kind", "value")
TERMS_OF_EVENTS = ("event_metric", "event_reason")  # the metric that an event concerns, and the reason of the event
# Unless the layout names the columns of these facts, the columns have these shorter names.
WITHOUT_PREFIX = {"event_metric": "metric", "event_reason": "reason"}
ROW_ORDER = "order"  # the column of a frame that gives the order of events at the same instant
EVENTS = "events"  # the key of a JSON ticket's events
ENDS = ("resolved_at", "reopened_at", "closed_at")  # each is the time of an event
SINCE_OPENING = ("answered_after", "resolved_after")  # each is the duration from the opening to an event
OWN_TARGET = "target_s"  # the row's own target, which replaces the plan's
DUE_AT = "due_at"  # the due time that was agreed for the row's ticket
OWNER, SCHEDULE, OPENED_BY = "owner", "schedule", "opened_by"
STATUS = "status"  # whether a ticket is closed; its end must then be known
# A file may use these names for something else. So they are facts only if the layout names their columns.
ONLY_IF_NAMED = (OWNER, SCHEDULE, OPENED_BY, STATUS, DUE_AT, OWN_TARGET)
REQUESTER = "requester"  # who asked for help; an event tells whether this person acted
WHO = ("actor", "public", "internal")  # who acted in an event, and who could see it
OLD_VALUE = "old_value"  # the value before a change; before the first change, it is the value at the opening
FACTS = (*COLUMNS, *ENDS, *SINCE_OPENING, *ONLY_IF_NAMED, REQUESTER, EVENTS)
TERMS = ("plan", "priority", "channel", "version")
TRANSLATED = (*TERMS, OWNER, SCHEDULE, OPENED_BY, STATUS, *TERMS_OF_EVENTS)  # their words may be translated
NAMES = (*TRANSLATED, "kind")
