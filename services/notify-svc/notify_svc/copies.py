"""Copies of what other services own: who can be reached, how templates read, who takes part in which project. Pure
folds over :class:`~delivery_shared.rows.Rows`; applying a message twice changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple
from uuid import UUID

from delivery_shared.contracts import Contract
from delivery_shared.contracts import identity as i
from delivery_shared.contracts import project as p
from delivery_shared.contracts import template as t
from delivery_shared.contracts.intake import Contact
from delivery_shared.http import revocation
from delivery_shared.links import FIRST, contact_id
from delivery_shared.rows import Key, Row, Rows, key_of
from delivery_shared.texts import key
from sqlalchemy import Table

from notify_svc.tables import contact, holder, message_template, party, person, project
from notify_svc.wording import problem_of


def when_message_template_defined(rows: Rows, c: t.MessageTemplateDefined) -> None:
    """A template that cannot be rendered is kept with its problem: it must not hold up projects (N-16)."""
    rows.copy(message_template, c, problem=problem_of(c.title) or problem_of(c.body))


def when_party_registered(rows: Rows, c: i.PartyRegistered) -> None:
    rows.copy(party, c)


def when_party_erased(rows: Rows, c: i.PartyErased) -> None:
    if rows.get(party, c.party_id) is not None:
        rows.put(party, {"party_id": c.party_id, "name": ""})


def when_user_saved(rows: Rows, c: i.UserSaved) -> None:
    """A deleted user stays deleted."""
    known = rows.get(person, c.user_id)
    if known is None or not known["deleted"]:
        rows.copy(person, c, deleted=False)


def when_user_deleted(rows: Rows, c: i.UserDeleted) -> None:
    known = rows.get(person, c.user_id)
    if known is not None:
        rows.put(person, {**known, "deleted": True, "mobile": None, "email": None, "roles": []})


def when_person_erased(rows: Rows, c: i.PersonErased) -> None:
    known = rows.get(person, c.user_id)
    if known is not None:
        rows.put(person, {**known, "name": "", "mobile": None, "email": None})


def when_project_started(rows: Rows, c: p.ProjectStarted) -> None:
    if rows.get(project, c.project_id) is not None:
        return
    named = c.contact if c.contact and (c.contact.mobile or c.contact.email) else None
    version = FIRST if named else None
    rows.copy(project, c, order_key=key(c.order_number), ended=False, contact_version=version)
    if named:
        rows.put(contact, _contact(c.project_id, c.customer_id, named))


def when_buyer_erased(rows: Rows, c: p.BuyerErased) -> None:
    """Whoever the order named is blanked, and stays so: what is read anew from then on names nobody."""
    row = rows.get(project, c.project_id)
    if row is not None:
        number = row["contact_version"] or FIRST
        called = row["customer_name"] if row["customer_name"] is None else ""
        rows.put(project, {**row, "customer_name": called, "contact_version": None})
        rows.put(contact, _contact(c.project_id, row["customer_id"], None, number))


def when_contact_changed(rows: Rows, c: p.ContactChanged) -> None:
    """Another one is told; of the one before nothing is kept. What was heard of later ones counts."""
    row = rows.get(project, c.project_id)
    if row is None or rows.get(contact, contact_id(c.project_id, c.number)) is not None:
        return
    former = row["contact_version"]
    if former is not None:
        if former >= c.number:
            return
        rows.put(contact, _contact(c.project_id, row["customer_id"], None, former))
    named = c.contact if c.contact and (c.contact.mobile or c.contact.email) else None
    rows.put(project, {**row, "contact_version": c.number if named else None})
    if c.reachable:  # one who is erased since stays known, without data
        rows.put(contact, _contact(c.project_id, row["customer_id"], named, c.number))


def _contact(project_id: UUID, customer_id: UUID, named: Contact | None, number: int = FIRST) -> Row:
    """The row of a contact of an order; None: forgotten."""
    said = {} if named is None else {k: getattr(named, k) for k in ("name", "mobile", "email", "locale")}
    return {
        "contact_id": contact_id(project_id, number),
        "project_id": project_id,
        "version": number,
        "party_id": customer_id,
        **dict.fromkeys(("name", "mobile", "email", "locale")),
        **said,
        "deleted": named is None,
    }


def _change(rows: Rows, c: Any, **values: Any) -> None:
    """Change the open project of ``c`` in its run; an older run or an ended project stays as it is."""
    row = rows.get(project, c.project_id)
    if row is not None and row["run"] == c.run and not row["ended"]:
        rows.put(project, {**row, **values})


def when_provider_set(rows: Rows, c: p.ProviderSet) -> None:
    _change(rows, c, provider_id=c.provider_id)


def when_role_held(rows: Rows, c: p.RoleFilled | p.AssigneeChanged) -> None:
    """``person_id`` holds the role from now on, and operates the current node if it is the role's (R-54)."""
    held = rows.get(holder, c.project_id, c.role)
    if held is None or held["run"] <= c.run:
        rows.copy(holder, c)
    row = rows.get(project, c.project_id)
    if row is not None and row["role"] == c.role:
        _change(rows, c, assignee_id=c.person_id)


def when_node_entered(rows: Rows, c: p.NodeEntered) -> None:
    """Remember who operates the node, for the rules that fire when it is left."""
    _change(rows, c, node_type=c.type, side=c.side, role=c.role, assignee_id=c.assignee_id)


def when_project_restarted(rows: Rows, c: p.ProjectRestarted) -> None:
    """Holders of the former run count no more: their rows carry its number (R-41)."""
    row = rows.get(project, c.project_id)
    if row is not None and row["run"] < c.run and not row["ended"]:
        nowhere = dict.fromkeys(("node_type", "side", "role", "assignee_id"))
        rows.put(project, {**row, **nowhere, "run": c.run, "provider_id": c.provider_id})


def when_project_ended(rows: Rows, c: p.ProjectCompleted | p.ProjectCancelled) -> None:
    _change(rows, c, ended=True)


class Copy(NamedTuple):
    """What a message does to the copies, and of which tables it looks at the row it names."""

    fold: Callable[[Rows, Any], None]
    tables: tuple[Table, ...] = ()

    def rows_of(self, contract: Contract) -> Iterator[tuple[Table, Key]]:
        """The rows to read before the fold."""
        for table in self.tables:
            named = key_of(table, contract)
            assert named is not None, f"{contract.TYPE} names no {table.name}"
            yield table, named


COPIES: dict[type[Contract], Copy] = {
    t.MessageTemplateDefined: Copy(when_message_template_defined),
    i.PartyRegistered: Copy(when_party_registered),
    i.PartyErased: Copy(when_party_erased, (party,)),
    i.UserSaved: Copy(when_user_saved, (person,)),
    i.UserDeleted: Copy(when_user_deleted, (person,)),
    i.PersonErased: Copy(when_person_erased, (person,)),
    i.SessionsRevoked: Copy(revocation.fold, (revocation.revoked,)),
    p.ProjectStarted: Copy(when_project_started, (project,)),
    p.BuyerErased: Copy(when_buyer_erased, (project,)),
    p.ContactChanged: Copy(when_contact_changed, (project,)),
    p.ProviderSet: Copy(when_provider_set, (project,)),
    p.RoleFilled: Copy(when_role_held, (project, holder)),
    p.AssigneeChanged: Copy(when_role_held, (project, holder)),
    p.NodeEntered: Copy(when_node_entered, (project,)),
    p.ProjectRestarted: Copy(when_project_restarted, (project,)),
    p.ProjectCompleted: Copy(when_project_ended, (project,)),
    p.ProjectCancelled: Copy(when_project_ended, (project,)),
}
"""Which messages change copies."""
