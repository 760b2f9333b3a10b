"""What the platform presets: roles, demand forms, message templates, public templates (T-106 … T-109, N-01).

The data are the JSON files under ``presets/``. Their ids are derived from their codes, so seeding again adds only what
is missing and leaves alone what the operator changed meanwhile.
"""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from delivery_shared.commands import Command, execute
from delivery_shared.eventstore import UnitOfWork
from eventsourcing.domain import Aggregate

from template_svc import read_model
from template_svc.application import TemplateApplication
from template_svc.domain import FlowTemplate
from template_svc.flow import Reference, RoleFacts
from template_svc.nodes import with_presets
from template_svc.reference import NAMESPACE, DemandForm, MessageTemplate, Role


def preset_template_id(code: str) -> UUID:
    """The id of the public template that ``presets/templates.json`` calls ``code``."""
    return uuid5(NAMESPACE, f"template:{code}")


def seed_presets(application: TemplateApplication) -> int:
    """Add the presets that are missing, all in one save; returns how many that were.

    :raises PublishingRefused: a preset template breaks the publishing rules.
    """
    now = application.clock.now()
    wanted = _reference_data(now)
    ids = [*(item.id for item in wanted), *(preset_template_id(t["code"]) for t in _data("templates"))]
    known = set(application.load_all(ids))
    missing = [stream for stream in ids if stream not in known]
    if missing:
        reference = _reference(wanted)

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            unit.preload(ids)
            added: list[Aggregate] = [item for item in _reference_data(now) if unit.get(Aggregate, item.id) is None]
            added += [
                _template(application, template, reference, now)
                for template in _data("templates")
                if unit.get(Aggregate, preset_template_id(template["code"])) is None
            ]
            for aggregate in added:
                unit.add(aggregate)
                unit.rows.append(read_model.row_of(aggregate))
            return 201, {"added": len(added)}

        return int(execute(application, Command(route="seed presets"), decide).body["added"])
    return 0


def _template(
    application: TemplateApplication, preset: dict[str, Any], reference: Reference, now: datetime
) -> FlowTemplate:
    with application.connection() as connection:
        serial = read_model.next_serial(connection)
    template = FlowTemplate.create(
        id=preset_template_id(preset["code"]),
        serial=serial,
        name=preset["name"],
        description=preset["description"],
        owner_id=None,
        now=now,
    )
    template.save_content(
        name=preset["name"],
        description=preset["description"],
        nodes=[with_presets(node) for node in preset["nodes"]],
        now=now,
    )
    template.publish(reference=reference, now=now)
    return template


def _reference_data(now: datetime) -> list[Role | DemandForm | MessageTemplate]:
    return [
        *(Role(**values, active=True, timestamp=now) for values in _data("roles")),
        *(DemandForm(**values, active=True, timestamp=now) for values in _data("demand_forms")),
        *(MessageTemplate(**values, active=True, timestamp=now) for values in _data("message_templates")),
    ]


def _reference(data: list[Role | DemandForm | MessageTemplate]) -> Reference:
    return Reference(
        roles={item.code: RoleFacts(item.name, item.side) for item in data if isinstance(item, Role)},
        forms=frozenset(item.code for item in data if isinstance(item, DemandForm)),
        message_templates=frozenset(item.code for item in data if isinstance(item, MessageTemplate)),
    )


def _data(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files("template_svc.presets").joinpath(f"{name}.json").read_text("utf-8"))
    return found
