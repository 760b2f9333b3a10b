"""企业架构: the commands on a provider's departments."""

from __future__ import annotations

from uuid import UUID, uuid4

from delivery_shared.eventstore import UnitOfWork
from delivery_shared.http import Caller

from identity_svc import read_model
from identity_svc.carrying_out import Answer, Means, Operation
from identity_svc.domain import organising
from identity_svc.domain.department import Department
from identity_svc.domain.errors import NotFound


def create(*, by: Caller, name: str, parent_id: UUID | None) -> Operation:
    """【+】 of the tree (U-10). :raises NotFound: ``parent_id`` is no department of the caller's party.
    :raises DepartmentNameTaken: one of that name stands there already."""
    department_id = uuid4()

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        _guard(unit, means, by.party_id)
        if parent_id is not None:
            _department(unit, by, parent_id)
        department = organising.create_department(
            id=department_id, party_id=by.party_id, name=name, parent_id=parent_id,
            siblings=_siblings(means, by.party_id, parent_id), at=means.now(),
        )  # fmt: skip
        unit.add(department)
        unit.rows.append(read_model.department_saved(department))
        return 201, {"department_id": str(department_id)}

    return Operation(decide=decide)


def change(*, by: Caller, department_id: UUID, name: str, parent_id: UUID | None) -> Operation:
    """Rename or move a department. :raises NotFound, DepartmentLoop, DepartmentNameTaken: nothing changed."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        _guard(unit, means, by.party_id)
        department = _department(unit, by, department_id)
        ancestors: list[UUID] = []
        if parent_id is not None:
            _department(unit, by, parent_id)
            with means.store.connection() as connection:
                ancestors = read_model.ancestors(connection, by.party_id, parent_id)
        organising.change_department(
            department,
            name=name,
            parent_id=parent_id,
            ancestors=ancestors,
            siblings=_siblings(means, by.party_id, parent_id, but=department_id),
            at=means.now(),
        )
        unit.rows.append(read_model.department_saved(department))
        return 200, {"department_id": str(department_id)}

    return Operation(decide=decide)


def delete(*, by: Caller, department_id: UUID) -> Operation:
    """:raises NotFound, DepartmentNotEmpty: nothing changed (U-22)."""

    def decide(unit: UnitOfWork, means: Means) -> Answer:
        _guard(unit, means, by.party_id)
        department = _department(unit, by, department_id)
        with means.store.connection() as connection:
            within, total = read_model.within(connection, department_id)
        organising.delete_department(department, within=within, total=total, at=means.now())
        unit.rows.append(read_model.department_deleted(department_id))
        return 204, {}

    return Operation(decide=decide)


def join(unit: UnitOfWork, means: Means, by: Caller, department_id: UUID) -> None:
    """As part of a command that puts a user into the department: check that it is there, and that it stays so
    until the save. :raises NotFound: it is no department of the caller's party."""
    _guard(unit, means, by.party_id)
    _department(unit, by, department_id)


def _department(unit: UnitOfWork, by: Caller, department_id: UUID) -> Department:
    department = unit.get(Department, department_id)
    if department is None or department.deleted or department.party_id != by.party_id:
        raise NotFound
    return department


def _siblings(means: Means, party_id: UUID, parent_id: UUID | None, *, but: UUID | None = None) -> list[str]:
    """Names of the departments below ``parent_id``."""
    with means.store.connection() as connection:
        tree = read_model.departments(connection, party_id)
    return [row["name"] for row in tree if row["parent_id"] == parent_id and row["department_id"] != but]


def _guard(unit: UnitOfWork, means: Means, party_id: UUID) -> None:
    """Nobody else changes the departments of the party until the save."""
    with means.store.connection() as connection:
        party = read_model.party(connection, party_id)
    if party is None:
        raise NotFound
    unit.rows.append(read_model.structure_guard(party_id, party["revision"]))
