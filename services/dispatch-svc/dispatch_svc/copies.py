"""Names of parties, departments, people, products and roles, and what orders say of buyer and product, as other
services tell them: for the queue pages. Each function says which row a message leaves here."""

from __future__ import annotations

from delivery_shared.contracts import identity, project, template
from delivery_shared.copying import copy_of
from delivery_shared.eventstore import RowChange
from delivery_shared.texts import key


def party(said: identity.PartyRegistered) -> RowChange:
    return copy_of(said, "party", key="party_id", columns=("name", "kind"))


def party_forgotten(said: identity.PartyErased) -> RowChange:
    """A customer is called nothing any more."""
    return RowChange(
        key=f"party {said.party_id}",
        sql="UPDATE party SET name = '' WHERE party_id = %(party_id)s",
        params={"party_id": said.party_id},
    )


def ordered(said: project.ProjectStarted) -> RowChange:
    """The queue pages call customer and product what the order called them (D-13), and find it by its number."""
    columns = ("product_name", "customer_name")
    return copy_of(said, "ordered", key="project_id", columns=columns, order_key=key(said.order_number))


def buyer_forgotten(said: project.BuyerErased) -> RowChange:
    """What the order called its buyer goes."""
    return RowChange(
        key=f"ordered {said.project_id}",
        sql="UPDATE ordered SET customer_name = '' WHERE project_id = %(project_id)s",
        params={"project_id": said.project_id},
    )


def department(said: identity.DepartmentSaved) -> RowChange:
    return copy_of(said, "department", key="department_id", columns=("party_id", "name"))


def department_deleted(said: identity.DepartmentDeleted) -> RowChange:
    """The name stays for the queue, which says that what waited for its people waits for others."""
    return RowChange(
        key=f"department {said.department_id}",
        sql="UPDATE department SET deleted = true WHERE department_id = %(department_id)s",
        params={"department_id": said.department_id},
    )


def person(said: identity.UserSaved) -> RowChange:
    return copy_of(said, "person", key="user_id", columns=("party_id", "name", "login_name"))


def person_forgotten(said: identity.PersonErased) -> RowChange:
    """Queue pages, staff loads and decisions show no name any more."""
    return RowChange(
        key=f"person {said.user_id}",
        sql="UPDATE person SET name = '', login_name = '' WHERE user_id = %(user_id)s",
        params={"user_id": said.user_id},
    )


def product(said: template.ProductListed) -> RowChange:
    """Who is the vendor decides who may configure providers; 未配置 until somebody does."""
    return copy_of(said, "product", key="product_id", columns=("code", "name", "vendor_id"))


def role(said: template.RoleDefined) -> RowChange:
    return copy_of(said, "role", key="role", columns=("name",))
