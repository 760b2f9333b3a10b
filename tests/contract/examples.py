"""Examples of answers in the OpenAPI document: `make docs` adds the fields that a schema has come to require, with
values that follow from their types; better ones may be put in by hand. What stands there already is never changed."""

from __future__ import annotations

import json
from typing import Any

from delivery_center.gateway import openapi
from delivery_center.gateway.routing import EXAMPLES

PLAIN: dict[Any, Any] = {"string": "例", "integer": 1, "number": 1, "boolean": True, "null": None, "array": []}
FORMATS = {"date-time": "2026-01-05T02:03:04.500000+00:00", "date": "2026-01-05"}


def main() -> None:
    """Fill up every example."""
    document, examples = openapi.document(), json.loads(EXAMPLES.read_text())
    schemas = document["components"]["schemas"]
    for name, example in examples.items():
        method, _, path = name.partition(" ")
        described = document["paths"][path][method.lower()]
        if "response" in example:
            content = described["responses"][example["status"]]["content"]
            example["response"] = filled(example["response"], content["application/json"]["schema"], schemas)
    lines = (f" {json.dumps(name)}: {json.dumps(found, ensure_ascii=False)}" for name, found in examples.items())
    EXAMPLES.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def filled(value: Any, schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """``value`` with the required fields it lacks."""
    if "$ref" in schema:
        return filled(value, schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema and value is not None:
        return filled(value, next(one for one in schema["anyOf"] if one.get("type") != "null"), schemas)
    if isinstance(value, list) and "items" in schema:
        return [filled(one, schema["items"], schemas) for one in value]
    if isinstance(value, dict):
        fields = schema.get("properties", {})
        present = {
            field: filled(one, fields[field], schemas) if field in fields else one for field, one in value.items()
        }
        missing = [field for field in schema.get("required", ()) if field not in value]
        return {**present, **{field: example(fields[field], schemas) for field in missing}}
    return value


def example(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """A value that fits: null where it may be."""
    if "$ref" in schema:
        return example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    types = schema["type"] if isinstance(schema.get("type"), list) else [schema.get("type")]
    if "null" in types or {"type": "null"} in schema.get("anyOf", ()):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    if "object" in types:
        return filled({}, schema, schemas)
    if schema.get("format") == "uuid":
        return "00000000-0000-4000-8000-000000000001"
    return FORMATS.get(schema.get("format", ""), PLAIN[types[0]])


if __name__ == "__main__":
    main()
