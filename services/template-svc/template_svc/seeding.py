"""What the platform presets: roles, demand forms, message templates, public templates (T-106 … T-109, N-01), and the
calendar of the years whose holidays are known (H-04).

The data are the JSON files under ``presets/``. Their ids are derived from their codes, so seeding again adds only what
is missing and leaves alone what the operator changed meanwhile.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any
from uuid import UUID, uuid5

from delivery_shared.commands import Command
from delivery_shared.eventstore import UnitOfWork
from eventsourcing.domain import Aggregate

from template_svc import holiday_presets
from template_svc.application import TemplateApplication
from template_svc.carrying_out import Answer, Means, Operation
from template_svc.commands.steps import next_serial
from template_svc.domain import defining, editing, timekeeping
from template_svc.domain.calendar import HolidayYear
from template_svc.domain.flow import Reference, RoleFacts
from template_svc.domain.nodes import with_presets
from template_svc.domain.reference import NAMESPACE, DemandForm, MessageTemplate, Role
from template_svc.domain.template import FlowTemplate
from template_svc.rows import row_of


def preset_template_id(code: str) -> UUID:
    """The id of the public template that ``presets/templates.json`` calls ``code``."""
    return uuid5(NAMESPACE, f"template:{code}")


def seed_presets(application: TemplateApplication) -> int:
    """Add the presets that are missing, all in one save; returns how many that were.

    :raises PublishingRefused: a preset template breaks the publishing rules.
    """
    ids = [item.id for item in _reference_data(application.means.now())]
    ids += [preset_template_id(template["code"]) for template in _data("templates")]
    if not set(ids) - set(application.store.load_all(ids)):
        return 0
    return int(application.carry_out(Command(route="seed presets"), _missing_presets(ids)).body["added"])


def _missing_presets(ids: list[UUID]) -> Operation:
    def decide(unit: UnitOfWork, means: Means) -> Answer:
        now = means.now()
        wanted = _reference_data(now)
        reference = _reference(wanted)
        unit.preload(ids)
        added: list[Aggregate] = [item for item in wanted if unit.get(Aggregate, item.id) is None]
        added += [
            _template(means, template, reference, now)
            for template in _data("templates")
            if unit.get(Aggregate, preset_template_id(template["code"])) is None
        ]
        for aggregate in added:
            unit.add(aggregate)
            unit.rows.append(row_of(aggregate))
        return 201, {"added": len(added)}

    return Operation(decide=decide)


def _template(means: Means, preset: dict[str, Any], reference: Reference, at: datetime) -> FlowTemplate:
    template = editing.create(
        id=preset_template_id(preset["code"]),
        serial=next_serial(means.store),
        name=preset["name"],
        description=preset["description"],
        owner_id=None,
        at=at,
    )
    editing.save_content(
        template,
        name=preset["name"],
        description=preset["description"],
        nodes=[with_presets(node) for node in preset["nodes"]],
        at=at,
    )
    editing.publish(template, reference=reference, at=at)
    return template


def _reference_data(at: datetime) -> list[Role | DemandForm | MessageTemplate]:
    return [
        *(defining.define_role(**values, at=at) for values in _data("roles")),
        *(defining.define_demand_form(**values, at=at) for values in _data("demand_forms")),
        *(defining.define_message_template(**values, at=at) for values in _data("message_templates")),
    ]


def _reference(data: list[Role | DemandForm | MessageTemplate]) -> Reference:
    return Reference(
        roles={item.code: RoleFacts(item.name, item.side) for item in data if isinstance(item, Role)},
        forms=frozenset(item.code for item in data if isinstance(item, DemandForm)),
        message_templates=frozenset(item.code for item in data if isinstance(item, MessageTemplate)),
    )


def seed_calendar(application: TemplateApplication, *, now: datetime | None = None) -> int:
    """Add the years that are missing, from the first one the platform knows to the next one; years the operator
    has kept since stay. A provisional year is replaced once its make-up days are known and nobody has touched it.
    Returns how many years were added or replaced."""
    last = (now or datetime.now(UTC)).year + 1
    years = range(holiday_presets.FIRST_YEAR, last + 1)
    return int(application.carry_out(Command(route="seed calendar"), _missing_years(years)).body["changed"])


def _missing_years(years: range) -> Operation:
    def decide(unit: UnitOfWork, means: Means) -> Answer:
        unit.preload(HolidayYear.create_id(year) for year in years)
        changed = 0
        for year in years:
            known = unit.get(HolidayYear, HolidayYear.create_id(year))
            if known is not None and (known.version > 1 or not known.provisional):
                continue
            stored = timekeeping.checked(year, holiday_presets.of_year(year))
            provisional = not holiday_presets.is_published(year)
            if known is None:
                known = timekeeping.define_year(year=year, holidays=stored, provisional=provisional, at=means.now())
                unit.add(known)
            else:
                timekeeping.change_year(known, holidays=stored, provisional=provisional, at=means.now())
            if known.facts:
                unit.rows.append(row_of(known))
                changed += 1
        return 200, {"changed": changed}

    return Operation(decide=decide)


def _data(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(files("template_svc.presets").joinpath(f"{name}.json").read_text("utf-8"))
    return found
