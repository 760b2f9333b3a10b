"""企业架构: the commands on a provider's departments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from delivery_shared.commands import Command, Outcome, execute
from delivery_shared.eventstore import EventStore, UnitOfWork
from delivery_shared.http import Caller
from identity_svc import read_model
from identity_svc.domain import NotFound
from identity_svc.organisation import Department


class Departments:
    """Departments of the parties in ``store``."""

    def __init__(self, store: EventStore, *, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now

    def create(self, *, command: Command, by: Caller, name: str, parent_id: UUID | None) -> Outcome:
        """【+】 of the tree (U-10). :raises NotFound: ``parent_id`` is no department of the caller's party."""
        department_id = uuid4()

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            self._guard(unit, by.party_id)
            if parent_id is not None:
                self._department(unit, by, parent_id)
            department = Department(
                id=department_id, party_id=by.party_id, name=name, parent_id=parent_id, timestamp=self._now()
            )
            unit.add(department)
            unit.rows.append(read_model.department_saved(department))
            return 201, {"department_id": str(department_id)}

        return execute(self._store, command, decide)

    def change(
        self, *, command: Command, by: Caller, department_id: UUID, name: str, parent_id: UUID | None
    ) -> Outcome:
        """Rename or move a department. :raises NotFound, DepartmentLoop: nothing changed."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            self._guard(unit, by.party_id)
            department = self._department(unit, by, department_id)
            ancestors: list[UUID] = []
            if parent_id is not None:
                self._department(unit, by, parent_id)
                with self._store.connection() as connection:
                    ancestors = read_model.ancestors(connection, by.party_id, parent_id)
            department.change(name=name, parent_id=parent_id, ancestors=ancestors, timestamp=self._now())
            unit.rows.append(read_model.department_saved(department))
            return 200, {"department_id": str(department_id)}

        return execute(self._store, command, decide)

    def delete(self, *, command: Command, by: Caller, department_id: UUID) -> Outcome:
        """:raises NotFound, DepartmentNotEmpty: nothing changed (U-22)."""

        def decide(unit: UnitOfWork) -> tuple[int, dict[str, Any]]:
            self._guard(unit, by.party_id)
            department = self._department(unit, by, department_id)
            with self._store.connection() as connection:
                occupied = read_model.occupied(connection, department_id)
            department.delete(occupied=occupied, timestamp=self._now())
            unit.rows.append(read_model.department_deleted(department_id))
            return 204, {}

        return execute(self._store, command, decide)

    def _department(self, unit: UnitOfWork, by: Caller, department_id: UUID) -> Department:
        department = unit.get(Department, department_id)
        if department is None or department.deleted or department.party_id != by.party_id:
            raise NotFound
        return department

    def join(self, unit: UnitOfWork, by: Caller, department_id: UUID) -> None:
        """As part of a command that puts a user into the department: check that it is there, and that it stays so
        until the save. :raises NotFound: it is no department of the caller's party."""
        self._guard(unit, by.party_id)
        self._department(unit, by, department_id)

    def _guard(self, unit: UnitOfWork, party_id: UUID) -> None:
        with self._store.connection() as connection:
            party = read_model.party(connection, party_id)
        if party is None:
            raise NotFound
        unit.rows.append(read_model.structure_guard(party_id, party["revision"]))
