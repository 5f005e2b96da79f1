"""Our names for the facts of tickets and events that a file or a frame has."""

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
    "TERMS",
    "TERMS_OF_EVENTS",
    "TRANSLATED",
    "WHO",
    "WITHOUT_PREFIX",
]

COLUMNS = ("id", "plan", "priority", "opened_at", "answered_at", "channel", "version")
REQUIRED = ("plan", "priority", "opened_at")
EVENT_COLUMNS = ("event_id", "at", "kind", "value")
TERMS_OF_EVENTS = ("event_metric", "event_reason")  # the metric that an event concerns, and its reason
# The columns of these facts have names without the beginning, unless the layout names them.
WITHOUT_PREFIX = {"event_metric": "metric", "event_reason": "reason"}
ROW_ORDER = "order"  # the column of a frame of events that tells the order of events of one instant
EVENTS = "events"  # the key of a JSON ticket's events
ENDS = ("resolved_at", "reopened_at", "closed_at")  # short forms of events
SINCE_OPENING = ("answered_after", "resolved_after")  # durations since the opening, short forms of events too
OWN_TARGET = "target_s"  # the row's own target, which replaces the plan's
DUE_AT = "due_at"  # the due time that was agreed for the row's ticket
OWNER, SCHEDULE, OPENED_BY = "owner", "schedule", "opened_by"
# These are facts only where the layout names them, because files have such columns of another meaning.
ONLY_IF_NAMED = (OWNER, SCHEDULE, OPENED_BY, DUE_AT, OWN_TARGET)
REQUESTER = "requester"  # who asks for help, to tell who acted in an event
WHO = ("actor", "public", "internal")  # who acted in an event, and who could see it
OLD_VALUE = "old_value"  # the value before a change: of the first change, what was in force at the opening
FACTS = (*COLUMNS, *ENDS, *SINCE_OPENING, *ONLY_IF_NAMED, REQUESTER, EVENTS)
TERMS = ("plan", "priority", "channel", "version")
TRANSLATED = (*TERMS, OWNER, SCHEDULE, OPENED_BY, *TERMS_OF_EVENTS)  # their words may be translated
NAMES = (*TRANSLATED, "kind")
