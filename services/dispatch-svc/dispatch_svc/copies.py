"""Names of parties, departments, people, products and roles, as other services tell them: for the queue pages. Each
function says which row a message leaves here."""

from __future__ import annotations

from typing import Any

from delivery_shared.contracts import identity, template
from delivery_shared.eventstore import RowChange


def _copy(key: str, sql: str, **params: Any) -> RowChange:
    return RowChange(key=f"copy {key}", sql=sql, params=params)


def party(said: identity.PartyRegistered) -> RowChange:
    return _copy(
        f"party {said.party_id}",
        "INSERT INTO party (party_id, name, kind) VALUES (%(party_id)s, %(name)s, %(kind)s)"
        " ON CONFLICT (party_id) DO UPDATE SET name = excluded.name, kind = excluded.kind",
        party_id=said.party_id,
        name=said.name,
        kind=said.kind,
    )


def department(said: identity.DepartmentSaved) -> RowChange:
    return _copy(
        f"department {said.department_id}",
        "INSERT INTO department (department_id, party_id, name)"
        " VALUES (%(department_id)s, %(party_id)s, %(name)s)"
        " ON CONFLICT (department_id) DO UPDATE SET name = excluded.name",
        department_id=said.department_id,
        party_id=said.party_id,
        name=said.name,
    )


def person(said: identity.UserSaved) -> RowChange:
    return _copy(
        f"person {said.user_id}",
        "INSERT INTO person (user_id, party_id, name, login_name)"
        " VALUES (%(user_id)s, %(party_id)s, %(name)s, %(login_name)s)"
        " ON CONFLICT (user_id) DO UPDATE SET name = excluded.name, login_name = excluded.login_name",
        user_id=said.user_id,
        party_id=said.party_id,
        name=said.name,
        login_name=said.login_name,
    )


def person_forgotten(said: identity.PersonErased) -> RowChange:
    """Queue pages, staff loads and decisions show no name any more."""
    return _copy(
        f"person {said.user_id}",
        "UPDATE person SET name = '', login_name = '' WHERE user_id = %(user_id)s",
        user_id=said.user_id,
    )


def product(said: template.ProductListed) -> RowChange:
    """Who is the vendor decides who may configure providers; 未配置 until somebody does."""
    return _copy(
        f"product {said.product_id}",
        "INSERT INTO product (product_id, code, name, vendor_id)"
        " VALUES (%(product_id)s, %(code)s, %(name)s, %(vendor_id)s)"
        " ON CONFLICT (product_id) DO UPDATE SET code = excluded.code, name = excluded.name",
        product_id=said.product_id,
        code=said.code,
        name=said.name,
        vendor_id=said.vendor_id,
    )


def role(said: template.RoleDefined) -> RowChange:
    return _copy(
        f"role {said.role}",
        "INSERT INTO role (role, name) VALUES (%(role)s, %(name)s)"
        " ON CONFLICT (role) DO UPDATE SET name = excluded.name",
        role=said.role,
        name=said.name,
    )
