"""The AsyncAPI 3 document of all messages, generated from the contracts."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from delivery_shared.contracts import CONTRACTS
from delivery_shared.messaging.envelope import Envelope
from delivery_shared.messaging.topology import STREAMS
from delivery_shared.version import VERSION


def document() -> dict[str, Any]:
    """One channel per stream, one message per contract; payloads are CloudEvents whose ``data`` is the contract."""
    contracts = sorted(CONTRACTS.values(), key=lambda contract: contract.TYPE)
    schemas, components = msgspec.json.schema_components(contracts, ref_template="#/components/schemas/{name}")
    components["CloudEvent"] = _envelope()
    messages = {
        contract.TYPE: {
            "name": contract.TYPE,
            "title": contract.__name__,
            "summary": (contract.__doc__ or "").strip(),
            "contentType": "application/cloudevents+json",
            "payload": {
                "allOf": [
                    {"$ref": "#/components/schemas/CloudEvent"},
                    {
                        "type": "object",
                        "properties": {
                            "type": {"const": contract.TYPE},
                            "schemaversion": {"const": contract.VERSION},
                            "data": schema,
                        },
                    },
                ]
            },
        }
        for contract, schema in zip(contracts, schemas, strict=True)
    }
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Delivery center: domain events",
            "version": VERSION,
            "description": "What the services tell each other over RabbitMQ streams. Consumers skip types they do not "
            "know and ids at or below their position; `prev` chains every message to the one before.",
        },
        "defaultContentType": "application/cloudevents+json",
        "channels": {
            source: {
                "address": f"events.{source}",
                "description": f"RabbitMQ stream of {source}-svc, in the order of its event store.",
                "messages": {
                    contract.TYPE: {"$ref": f"#/components/messages/{contract.TYPE}"}
                    for contract in contracts
                    if contract.producer() == source
                },
            }
            for source in STREAMS
        },
        "operations": {
            f"publish-{source}": {"action": "send", "channel": {"$ref": f"#/channels/{source}"}} for source in STREAMS
        },
        "components": {"messages": messages, "schemas": components},
    }


def _envelope() -> dict[str, Any]:
    (_, components) = msgspec.json.schema_components([Envelope])
    schema: dict[str, Any] = components["Envelope"]
    schema["properties"]["data"] = {"type": "object"}
    return schema


def main() -> None:
    """Print the document; ``make docs`` stores it as ``docs/asyncapi.json``."""
    print(json.dumps(document(), ensure_ascii=False, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
