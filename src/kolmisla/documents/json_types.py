"""JSON Schemas of Python types, such as the types of the dicts that `to_dict` returns.

This file is loaded only when a schema is needed.
"""

import types
from collections.abc import Mapping
from typing import Any, Literal, NotRequired, Required, Union, get_args, get_origin, get_type_hints, is_typeddict

__all__ = ["JsonSchema", "NUMBER_SCHEMA", "TEXT_OR_NULL", "listed", "of_type", "with_keys"]

JsonSchema = dict[str, Any]
PLAIN: Mapping[Any, str] = {str: "string", bool: "boolean", int: "integer", type(None): "null"}
NUMBER_SCHEMA: JsonSchema = {"type": "number"}
TEXT_OR_NULL: JsonSchema = {"type": ["string", "null"]}


def of_type(kind: Any) -> JsonSchema:
    """Return the JSON Schema of a Python type.

    The type may be plain, a Literal, a union, a list, a dict with texts as keys, a TypedDict, or Any. Raise TypeError
    for any other type.

    >>> of_type(list[str | None])
    {'type': 'array', 'items': {'anyOf': [{'type': 'string'}, {'type': 'null'}]}}
    """
    origin, parts = get_origin(kind), get_args(kind)
    if kind is float:
        schema = NUMBER_SCHEMA
    elif kind in PLAIN:
        schema = {"type": PLAIN[kind]}
    elif is_typeddict(kind):
        schema = with_keys(kind)
    elif origin is Literal:
        schema = {"enum": list(parts)}
    elif origin in (Union, types.UnionType):
        kinds = [part for part in parts if not (part is int and float in parts)]  # an integer is a number too
        schema = {"anyOf": [of_type(part) for part in kinds]} if len(kinds) > 1 else of_type(kinds[0])
    elif origin in (NotRequired, Required):
        schema = of_type(parts[0])
    elif origin is list:
        schema = listed(of_type(parts[0]))
    elif origin is dict and parts[0] is str:
        schema = {"type": "object", "additionalProperties": of_type(parts[1])}
    elif kind is Any:
        schema = {}
    else:
        raise TypeError(f"a JSON Schema can be made of plain types, lists, dicts and TypedDicts, not of {kind!r}")
    return schema


def with_keys(
    *kinds: Any, also: Mapping[str, JsonSchema] | None = None, needs: Mapping[str, Any] | None = None
) -> JsonSchema:
    """Return the JSON Schema of an object that has the keys of the TypedDicts `kinds`.

    `also` has the schemas of further keys that are optional, and `needs` of further keys that are required.
    """
    fields: JsonSchema = {}
    required: list[str] = []
    for kind in kinds:
        hints = get_type_hints(kind, include_extras=True)
        fields |= {name: of_type(hint) for name, hint in hints.items()}
        required += [name for name in hints if name in kind.__required_keys__ and name not in required]
    fields |= {**(needs or {}), **(also or {})}
    required += [name for name in needs or {} if name not in required]
    return {"type": "object", "properties": fields, "required": required, "additionalProperties": False}


def listed(schema: JsonSchema) -> JsonSchema:
    """Return the JSON Schema of a list. `schema` is the JSON Schema of each item."""
    return {"type": "array", "items": schema}
