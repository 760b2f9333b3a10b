"""Reference data as read: roles, demand forms, message templates."""

from __future__ import annotations

from typing import Any

from delivery_shared.eventstore import EventStore

from template_svc.domain import fitting


class ReferencePages:
    """The reference data in ``store``, by parts of names."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def roles(self, *, name: str = "", side: str = "") -> list[dict[str, Any]]:
        """All roles (U-36)."""
        return self._rows(
            "SELECT code, name, side, active, version FROM role WHERE strpos(lower(name), lower(%(name)s)) > 0"
            " AND (%(side)s = '' OR side = %(side)s) ORDER BY code",
            {"name": name, "side": side},
        )

    def demand_forms(self, *, name: str = "") -> list[dict[str, Any]]:
        """All demand forms (T-49)."""
        return self._rows(
            "SELECT code, name, schema, active, version FROM demand_form"
            " WHERE strpos(lower(name), lower(%(name)s)) > 0 ORDER BY code",
            {"name": name},
        )

    def message_templates(
        self, *, name: str = "", node_type: str | None = None, side: str | None = None, receiver: str | None = None
    ) -> list[dict[str, Any]]:
        """All message templates (N-12); with ``node_type`` and ``receiver`` those that fit come first and say so
        (T-94)."""
        found = self._rows(
            "SELECT code, name, title, body, channels, remark, active, version FROM message_template"
            " WHERE strpos(lower(name), lower(%(name)s)) > 0 ORDER BY code",
            {"name": name},
        )
        if node_type is not None and receiver is not None:
            for message in found:
                message["fits"] = fitting.fits(message["name"], node_type, side, receiver)
            found.sort(key=lambda message: not message["fits"])
        return found

    def _rows(self, sql: str, params: dict[str, Any]) -> list[dict[str, Any]]:
        with self._store.connection() as connection:
            return connection.execute(sql, params).fetchall()
