"""服务流程模板 as read: the list, one template, and warnings of what does not fit."""

from __future__ import annotations

from collections.abc import Sequence
from operator import itemgetter
from uuid import UUID

from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.http.paging import Page

from template_svc import lookups
from template_svc.domain import fitting
from template_svc.domain.errors import NotVisible
from template_svc.domain.flow import Violation
from template_svc.domain.nodes import Node, in_order, reminders_of
from template_svc.domain.rules import violations
from template_svc.domain.template import FlowTemplate

VISIBLE = (
    "(%(owner)s::uuid IS NULL OR owner_id = %(owner)s OR (owner_id IS NULL AND state = 'published'))"
    " AND (%(scope)s <> 'public' OR owner_id IS NULL) AND (%(scope)s <> 'private' OR owner_id IS NOT NULL)"
    " AND (%(state)s = '' OR state = %(state)s)"
    " AND (%(revision)s = '' OR revision = %(revision)s AND (%(owner)s::uuid IS NULL OR owner_id = %(owner)s))"
    " AND (%(name)s = '' OR strpos(lower(name), lower(%(name)s)) > 0)"
)
"""What :meth:`FlowTemplate.visible_to` says, and the filters of the list."""


class TemplatePages:
    """The templates in ``store``. ``owner_id``: the vendor that reads, None for the platform operator."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def listed(
        self,
        *,
        owner_id: UUID | None,
        scope: str = "",
        state: str = "",
        revision: str = "",
        name: str = "",
        cursor: int | None = None,
        limit: int = 20,
    ) -> Page:
        """Templates visible to ``owner_id`` (T-06), newest first.

        :param scope: ``public``, ``private`` or empty for both; ``revision``: the state of a revision (T-102).
        :param cursor: only those with a smaller serial number.
        """
        params = {
            "owner": owner_id,
            "scope": scope,
            "state": state,
            "revision": revision,
            "name": name,
            "before": cursor,
            "limit": limit + 1,
        }
        with self._store.connection() as connection:
            total = lookups.count(connection, f"SELECT count(*) AS n FROM template WHERE {VISIBLE}", params)  # noqa: S608
            rows = connection.execute(
                "SELECT id, serial, name, description, owner_id, state, version, created_at, modified_at, published_at,"  # noqa: S608
                " CASE WHEN %(owner)s::uuid IS NULL OR owner_id = %(owner)s THEN revision END AS revision_state"
                f" FROM template WHERE {VISIBLE} AND (%(before)s::bigint IS NULL OR serial < %(before)s)"
                " ORDER BY serial DESC LIMIT %(limit)s",
                params,
            ).fetchall()
        return Page.cut(rows, total=total, limit=limit, place=itemgetter("serial"))

    def one(self, template_id: UUID, *, owner_id: UUID | None) -> FlowTemplate:
        """A template as its reader sees it (T-15). :raises NotVisible:"""
        template = UnitOfWork(self._store).get(FlowTemplate, template_id)
        if template is None or not template.visible_to(owner_id):
            raise NotVisible(template_id)
        return template

    def hindrances(self, template_id: UUID, *, owner_id: UUID | None) -> list[Violation]:
        """What stands against publishing the template as it is saved, with the reference data in force (T-98).

        :raises NotVisible:
        """
        template = self.one(template_id, owner_id=owner_id)
        with self._store.connection() as connection:
            return violations(template.nodes, lookups.reference(connection))

    def warnings(self, nodes: Sequence[Node]) -> list[Violation]:
        """Reminders whose message template is meant for another node or receiver (T-94)."""
        return warnings_of(self._store, nodes)


def warnings_of(store: EventStore, nodes: Sequence[Node]) -> list[Violation]:
    """Reminders whose message template is meant for another node or receiver (T-94)."""
    codes = {reminder["message_template"] for placed in in_order(nodes) for reminder in reminders_of(placed.node)}
    with store.connection() as connection:
        names = lookups.message_names(connection, sorted(codes)) if codes else {}
    return fitting.misfits(nodes, names)
