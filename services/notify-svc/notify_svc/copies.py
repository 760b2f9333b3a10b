"""Copies of what other services own: who can be reached, how templates read, who takes part in which project."""

from __future__ import annotations

from typing import Any

from delivery_shared.contracts import identity as i
from delivery_shared.contracts import project as p
from delivery_shared.contracts import template as t
from delivery_shared.messaging.envelope import Message
from sqlalchemy import ColumnElement, Connection, Table, update
from sqlalchemy.dialects.postgresql import insert

from notify_svc.tables import holder, message_template, party, person, project
from notify_svc.wording import problem_of


def _put(
    connection: Connection, table: Table, values: dict[str, Any], where: ColumnElement[bool] | None = None
) -> None:
    """Insert a row or replace it, the latter only ``where`` the old one allows."""
    keys = [column.name for column in table.primary_key]
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in values if name not in keys}
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=where), values)


def when_message_template_defined(connection: Connection, c: t.MessageTemplateDefined, _: Message) -> None:
    """A template that cannot be rendered is kept with its problem: it must not hold up projects (N-16)."""
    _put(
        connection,
        message_template,
        {
            "message_template": c.message_template,
            "title": c.title,
            "body": c.body,
            "channels": list(c.channels),
            "problem": problem_of(c.title) or problem_of(c.body),
        },
    )


def when_party_registered(connection: Connection, c: i.PartyRegistered, _: Message) -> None:
    _put(connection, party, {"party_id": c.party_id, "name": c.name})


def when_user_saved(connection: Connection, c: i.UserSaved, _: Message) -> None:
    """A deleted user stays deleted."""
    values = {column.name: getattr(c, column.name, None) for column in person.columns}
    _put(connection, person, values | {"deleted": False}, where=~person.c.deleted)


def when_user_deleted(connection: Connection, c: i.UserDeleted, _: Message) -> None:
    blank: dict[str, Any] = {"deleted": True, "mobile": None, "email": None, "roles": []}
    connection.execute(update(person).where(person.c.user_id == c.user_id).values(blank))


def when_project_started(connection: Connection, c: p.ProjectStarted, _: Message) -> None:
    named = {column.name: getattr(c, column.name, None) for column in project.columns}
    connection.execute(insert(project).on_conflict_do_nothing(), named | {"ended": False})


def _change(connection: Connection, c: Any, **values: Any) -> None:
    """Change the open project of ``c`` in its run; an older run or an ended project stays as it is."""
    connection.execute(
        update(project).where(project.c.project_id == c.project_id, project.c.run == c.run, ~project.c.ended),
        values,
    )


def when_provider_set(connection: Connection, c: p.ProviderSet, _: Message) -> None:
    _change(connection, c, provider_id=c.provider_id)


def when_role_filled(connection: Connection, c: p.RoleFilled, _: Message) -> None:
    _hold(connection, c)


def when_assignee_changed(connection: Connection, c: p.AssigneeChanged, _: Message) -> None:
    _hold(connection, c)


def _hold(connection: Connection, c: Any) -> None:
    """``person_id`` holds the role from now on, and operates the current node if it is the role's (R-54)."""
    values = {"project_id": c.project_id, "role": c.role, "run": c.run, "person_id": c.person_id}
    _put(connection, holder, values, where=holder.c.run <= c.run)
    connection.execute(
        update(project)
        .where(
            project.c.project_id == c.project_id,
            project.c.run == c.run,
            project.c.role == c.role,
            project.c.node_type != "assign_order",
            ~project.c.ended,
        )
        .values(assignee_id=c.person_id)
    )


def when_project_restarted(connection: Connection, c: p.ProjectRestarted, _: Message) -> None:
    """Holders of the former run count no more: their rows carry its number (R-41)."""
    nowhere = dict.fromkeys(("node_type", "side", "role", "assignee_id"))
    connection.execute(
        update(project)
        .where(project.c.project_id == c.project_id, project.c.run < c.run, ~project.c.ended)
        .values(run=c.run, provider_id=c.provider_id, **nowhere)
    )


def note_visit(connection: Connection, c: p.NodeEntered) -> None:
    """Remember who operates the node, for the rules that fire when it is left."""
    _change(
        connection,
        c,
        node_type=c.type,
        side=c.side,
        role=c.role,
        assignee_id=c.assignee_id,
    )


def when_project_ended(connection: Connection, c: p.ProjectCompleted | p.ProjectCancelled, _: Message) -> None:
    _change(connection, c, ended=True)
