"""The JSON Schema of a policy document. With it, editors complete and check the document while people write."""

from typing import Any

from kolmisla.policies.editions import EDITIONS
from kolmisla.policies.policy import Policy
from kolmisla.schedules.nesting import SETS
from kolmisla.schedules.notation import DAYS, OPEN
from kolmisla.schedules.schedule import Schedule

__all__ = ["policy_schema"]

BY_NAME = ("priorities", "plans", "channels", "rates", "coverage")  # tables whose keys are the names of their entries
ALSO_LISTED = ("channels",)  # tables that may also be a list of bare names

TIME_PATTERN = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
HOURS_PATTERN = rf"^\s*{TIME_PATTERN}-{TIME_PATTERN}\s*$"
DAY_PATTERN = "|".join("".join(f"[{char}{char.upper()}]" for char in day) + "[a-zA-Z]*" for day in DAYS)
WEEKDAYS_PATTERN = rf"^\s*({DAY_PATTERN})\s*(-\s*({DAY_PATTERN})\s*)?$"


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a policy document in TOML or JSON.

    The schema covers the form of each entry. Only `kolmisla policy check` finds entries that contradict one another.

    >>> sorted(policy_schema()["properties"]["plans"]["additionalProperties"]["$ref"].split("/"))
    ['#', '$defs', 'Plan']
    """
    definitions: dict[str, Any] = {"Schedule": _schedule()}

    def reference(record: Any) -> dict[str, Any]:
        if record is not Schedule:
            definitions[record.__name__] = record.json_schema(reference)
        return {"$ref": f"#/$defs/{record.__name__}"}

    schema = Policy.json_schema(reference)
    fields = schema["properties"]
    for name in ("earlier", "schedule_lines"):
        del fields[name]
    for table in BY_NAME:
        entry = definitions[fields[table]["additionalProperties"]["$ref"].rpartition("/")[2]]
        entry["properties"].pop("name")
        entry["required"] = [name for name in entry.get("required", ()) if name != "name"]
    for table in ALSO_LISTED:
        fields[table] = {"anyOf": [fields[table], {"type": "array", "items": {"type": "string"}}]}
    needed = [name for name in schema.pop("required") if name != "timezone"]
    own = {name: field for name, field in fields.items() if name not in Policy.for_all}
    edition = {"type": "object", "additionalProperties": False, "properties": own}
    fields[EDITIONS] = {"type": "array", "minItems": 1, "items": edition}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": definitions,
        "title": "A kolmisla policy",
        "required": ["timezone"],
        "anyOf": [{"required": needed}, {"required": [EDITIONS]}],
    }


def _schedule() -> dict[str, Any]:
    """Return the schema of a schedule. A schedule has weekly hours, is always or never open, or combines schedules."""
    times = {"type": "array", "items": {"type": "string", "pattern": HOURS_PATTERN, "examples": ["08:00-18:00"]}}
    days = {"propertyNames": {"pattern": WEEKDAYS_PATTERN}, "examples": [{"mon-fri": ["08:00-18:00"]}]}
    line = {"type": "string"}
    parts = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Schedule"}]}
    dates = {"type": "array", "items": {"type": "string", "format": "date"}}
    named = {"type": "object", "additionalProperties": {"type": "string"}}
    weekly = {
        "timezone": {"type": "string", "examples": ["Europe/Vilnius"]},
        "hours": {"type": "object", "additionalProperties": times, **days},
        "holidays": {"anyOf": [{"type": "string", "examples": ["LT", "US-MA"]}, dates, named]},
        "exceptions": {"type": "object", "additionalProperties": times, "examples": [{"2026-12-31": ["08:00-12:00"]}]},
        "line": line,
    }
    forms = [{"properties": weekly, "required": ["timezone", "hours"]}]
    forms.append({"properties": {"open": {"enum": list(OPEN)}, "line": line}, "required": ["open"]})
    forms += [
        {"properties": {key: {"type": "array", "minItems": 2, "items": parts}, "line": line}, "required": [key]}
        for key in SETS
    ]
    return {"anyOf": [{"type": "object", "additionalProperties": False, **form} for form in forms]}
