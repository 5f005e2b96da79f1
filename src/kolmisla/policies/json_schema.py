"""The JSON Schema of a policy document. With it, text editors complete and check the document while people write."""

from typing import Any

from kolmisla.documents.values import DURATION, Kind
from kolmisla.policies.editions import EDITIONS
from kolmisla.policies.laid_over import ENTRIES_BY_NAME
from kolmisla.policies.policy import Policy
from kolmisla.policies.terms.examples import Example
from kolmisla.schedules.days.hours import DAYS
from kolmisla.schedules.nesting import SETS
from kolmisla.schedules.notation import OPEN
from kolmisla.schedules.schedule import Schedule

__all__ = ["policy_schema"]

ALSO_LISTED = ("channels",)  # these tables may also be lists of names
JSON_NULL = {"type": "null"}  # JSON has a null, which in a schedule is the same as no key

TIME_PATTERN = "[0-9]{1,2}:[0-9]{2}(:[0-9]{2})?"
HOURS_PATTERN = rf"^\s*{TIME_PATTERN}-{TIME_PATTERN}\s*$"
DAY_PATTERN = "|".join("".join(f"[{char}{char.upper()}]" for char in day) + "[a-zA-Z]*" for day in DAYS)
WEEKDAYS_PATTERN = rf"^\s*({DAY_PATTERN})\s*(-\s*({DAY_PATTERN})\s*)?$"


def policy_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of a policy document in TOML or JSON.

    The schema covers the form of each entry. Only `kolmisla policy check` finds entries that contradict one another.

    >>> table, entries = policy_schema()["properties"]["plans"]["anyOf"]
    >>> table["additionalProperties"]["$ref"]
    '#/$defs/Plan'
    """
    definitions: dict[str, Any] = {"Schedule": _schedule()}

    def reference(record: Any) -> dict[str, Any]:
        if record is not Schedule:
            definitions[record.__name__] = record.json_schema(reference)
        return {"$ref": f"#/$defs/{record.__name__}"}

    schema = Policy.json_schema(reference)
    fields = schema["properties"]
    fields["examples"]["items"] = reference(Example)
    for name in ("earlier", "schedule_lines"):
        del fields[name]
    for table in ENTRIES_BY_NAME:
        reference_to_entry = fields[table]["additionalProperties"]
        entry = definitions[reference_to_entry["$ref"].rpartition("/")[2]]
        entry["required"] = [name for name in entry.get("required", ()) if name != "name"]  # the key is the name
        items: dict[str, Any] = {"allOf": [reference_to_entry, {"required": ["name"]}]}
        if table in ALSO_LISTED:
            items = {"anyOf": [items, {"type": "string"}]}
        fields[table] = {"anyOf": [fields[table], {"type": "array", "items": items}]}
    needed = [name for name in schema.pop("required") if name != "timezone"]
    own = {name: field for name, field in fields.items() if name not in Policy.for_all}
    edition = _in_edition({"type": "object", "additionalProperties": False, "properties": own})
    definitions |= {f"{name}InEdition": _in_edition(definition) for name, definition in definitions.items()}
    fields[EDITIONS] = {"type": "array", "minItems": 1, "items": edition}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **schema,
        "$defs": definitions,
        "title": "A kolmisla policy",
        "required": ["timezone"],
        "anyOf": [{"required": needed}, {"required": [EDITIONS]}],
    }


def _without_references() -> dict[str, Any]:
    """Return the schema of a policy document without references, so that it can be a part of other schemas.

    Each reference is replaced by its schema. But an edition, or a schedule inside another one, may be any object.
    """
    schema = policy_schema()
    definitions = schema.pop("$defs")
    schema["properties"][EDITIONS]["items"] = {"type": "object"}

    def inlined(part: Any, outer: tuple[str, ...]) -> Any:
        if isinstance(part, list):
            return [inlined(item, outer) for item in part]
        if not isinstance(part, dict):
            return part
        if "$ref" not in part:
            return {key: inlined(value, outer) for key, value in part.items() if key != "$schema"}
        name = part["$ref"].rpartition("/")[2]
        return {"type": "object"} if name in outer else inlined(definitions[name], (*outer, name))

    found: dict[str, Any] = inlined(schema, ())
    return found


POLICY_DOCUMENT = Kind(Policy.from_dict, _without_references)


def _in_edition(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a changed copy of `schema`, which fits the table of an edition in a document's list.

    No key is required. Every key may have the value `false`, which removes what the document has outside its list.
    """
    if "$ref" in schema:
        return {"$ref": f"{schema['$ref']}InEdition"}
    made = {name: part for name, part in schema.items() if name != "required"}
    removed = {"const": False}
    if "properties" in made:
        made["properties"] = {
            name: {"anyOf": [_in_edition(part), removed]} for name, part in made["properties"].items()
        }
    if isinstance(made.get("additionalProperties"), dict):
        made["additionalProperties"] = {"anyOf": [_in_edition(made["additionalProperties"]), removed]}
    if "anyOf" in made:
        made["anyOf"] = [_in_edition(part) for part in made["anyOf"]]
    return made


def _schedule() -> dict[str, Any]:
    """Return the JSON Schema of a schedule.

    A schedule has weekly hours, is always or never open, or combines other schedules.
    """
    times = {"type": "array", "items": {"type": "string", "pattern": HOURS_PATTERN, "examples": ["08:00-18:00"]}}
    days = {"propertyNames": {"pattern": WEEKDAYS_PATTERN}, "examples": [{"mon-fri": ["08:00-18:00"]}]}
    line = {"type": "string"}
    parts = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/Schedule"}]}
    week = {"type": "object", "additionalProperties": times, **days}
    exception = _table({"hours": times, "name": {"type": "string"}}, "hours")
    weekly = {
        "timezone": {"type": "string", "examples": ["Europe/Vilnius"]},
        "hours": week,
        "holidays": _holidays(times),
        "exceptions": {
            "type": ["object", "null"],
            "additionalProperties": {"anyOf": [times, exception]},
            "examples": [{"12-24": ["08:00-12:00"], "12-27/01-02": {"hours": [], "name": "Company shutdown"}}],
        },
        "seasons": {
            "type": ["object", "null"],
            "propertyNames": {"pattern": "/"},
            "additionalProperties": _table({"hours": week}, "hours"),
            "examples": [{"06-15/09-15": {"hours": {"mon-fri": ["08:00-15:00"]}}}],
        },
        "eves": {
            "anyOf": [_table({"shorter": DURATION.schema}, "shorter"), _table({"hours": times}, "hours"), JSON_NULL]
        },
        "line": line,
    }
    forms = [{"properties": weekly, "required": ["hours"]}]
    forms.append({"properties": {"open": {"enum": list(OPEN)}, "line": line}, "required": ["open"]})
    forms += [
        {"properties": {key: {"type": "array", "minItems": 2, "items": parts}, "line": line}, "required": [key]}
        for key in SETS
    ]
    return {"anyOf": [{"type": "object", "additionalProperties": False, **form} for form in forms]}


def _holidays(times: dict[str, Any]) -> dict[str, Any]:
    """Return the JSON Schema of holidays. `times` is the schema of a day's hours.

    Holidays are a text (a code, a date or the name of a file), a table, a list of texts and tables, or null.
    """
    dated = {"type": "object", "propertyNames": {"format": "date"}, "additionalProperties": {"type": "string"}}
    texts = {"type": "array", "items": {"type": "string"}}
    code = {"type": "string", "examples": ["LT", "US-MA", "closing-days.ics"]}
    half_day = {"anyOf": [times, JSON_NULL]}
    country = {
        "country": code,
        "categories": texts,
        "without": texts,
        "half_day": half_day,
        "moved_days": {"type": "boolean"},
    }
    years = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{4}$", "examples": ["2024-2030"]}
    frozen = {"frozen": code, "years": years, "written": years, "package": {"type": "string"}, "dates": dated}
    frozen |= {"half_day": half_day, "moved": dated, "worked": texts, "half_days": dated}
    one = [code, dated, _table(country, "country"), _table(frozen, "frozen", "years")]
    return {"anyOf": [*one, {"type": "array", "items": {"anyOf": one}}, JSON_NULL]}


def _table(fields: dict[str, Any], *required: str) -> dict[str, Any]:
    return {"type": "object", "additionalProperties": False, "properties": fields, "required": [*required]}
