"""SQL on the service's own tables: copies of other services' data, orders, files, and who waits for what."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter
from typing import Any
from uuid import UUID

from delivery_shared.eventstore import RowChange
from delivery_shared.texts import key
from psycopg import Connection
from psycopg.rows import DictRow

from project_svc.domain.facts import DeclaredParameter
from project_svc.domain.flow import CopiedNode

Connect = Callable[[], AbstractContextManager[Connection[DictRow]]]
"""Gives a connection of the service's store, to be used in a ``with``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A listed product and the template version its next projects start with."""

    product_id: UUID
    name: str
    vendor_id: UUID
    template_id: UUID
    template_version: int
    offline: bool = False
    parameters: Sequence[DeclaredParameter] = ()
    """订单参数: those its orders carry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person as shown on a staff card (R-75)."""

    name: str
    mobile: str | None
    landline: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Names for ids, as far as copied here; an id without a copy is shown as ``--`` until the copy arrives, an erased
    person for ever."""

    people: Mapping[UUID, Contact]
    parties: Mapping[UUID, str]
    roles: Mapping[str, str]
    buyer: str | None = None
    """What the order called its buyer, empty once erased; None: it did not say."""
    erased: bool = False
    """Whether what the order said of its buyer was erased."""
    former: Mapping[UUID, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    """The names people had, each with the time from which on."""
    former_roles: Mapping[str, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    """The names roles had, each with the time until which."""

    def person(self, user_id: UUID | None, at: datetime | None = None) -> str:
        """The name the person had ``at`` that time – the first one known, if it was earlier –, or has now."""
        contact = self.people.get(user_id) if user_id else None
        if not user_id or not contact or not contact.name:
            return "--"
        had = self.former.get(user_id)
        if at is None or not had:
            return contact.name
        return had[max(bisect_right(had, at, key=itemgetter(0)) - 1, 0)][1]

    def party(self, party_id: UUID | None) -> str:
        return self.parties.get(party_id, "--") if party_id else "--"

    def role(self, role: str | None, at: datetime | None = None) -> str:
        """What the role was called ``at`` that time, or is called now."""
        if not role:
            return ""
        had = self.former_roles.get(role, ())
        then = (name for until, name in had if at is not None and at < until)
        return next(then, self.roles.get(role, role))

    def customer(self, customer_id: UUID, at: datetime | None = None) -> str:
        """The buyer as the order called it; where it did not, the party, or the account that placed a test order
        (S-07)."""
        if self.buyer is not None:
            return self.buyer or "--"
        return self.parties.get(customer_id) or self.person(customer_id, at)


def template_nodes(connection: Connection[DictRow], template_id: UUID, version: int) -> list[CopiedNode] | None:
    """The content of a template version; None if it has not arrived."""
    row = connection.execute(
        "SELECT nodes FROM template_version WHERE template_id = %s AND version = %s", (template_id, version)
    ).fetchone()
    return row["nodes"] if row else None


def silent_templates(connection: Connection[DictRow]) -> frozenset[UUID]:
    """The templates whose owners have switched the default messages off."""
    rows = connection.execute("SELECT template_id FROM default_messages WHERE NOT offered")
    return frozenset(row["template_id"] for row in rows)


def products(connection: Connection[DictRow], product_ids: Iterable[UUID]) -> dict[UUID, Product]:
    """The listed products among ``product_ids``."""
    rows = connection.execute(
        "SELECT product_id, name, vendor_id, template_id, template_version, offline, parameters FROM product"
        " WHERE product_id = ANY(%s)",
        (list(product_ids),),
    )
    return {row["product_id"]: Product(**row) for row in rows}


def product_id_of(connection: Connection[DictRow], *, code: str, vendor_account: str) -> UUID | None:
    """The product of that code (产品编号) listed by the vendor with that main account."""
    row = connection.execute(
        "SELECT product_id FROM product JOIN party ON party_id = vendor_id"
        " WHERE (code_key = %(key)s OR code_key IS NULL AND code = %(code)s)"
        " AND (number_key = %(account_key)s OR number_key IS NULL AND account = %(account)s) AND account IS NOT NULL"
        " ORDER BY code <> %(code)s, product_id LIMIT 1",
        {"code": code, "key": key(code), "account": vendor_account, "account_key": key(vendor_account)},
    ).fetchone()
    return row["product_id"] if row else None


def code_of_product(connection: Connection[DictRow], product_id: UUID) -> str | None:
    """产品编号, as far as it has arrived."""
    row = connection.execute("SELECT code FROM product WHERE product_id = %s", (product_id,)).fetchone()
    return row["code"] if row else None


def numbers_of_parties(connection: Connection[DictRow], parties: Iterable[UUID]) -> dict[UUID, str]:
    """What the parties are known by: the main account of an ISV, the number of a customer."""
    rows = connection.execute(
        "SELECT party_id, coalesce(customer_number, account) AS number FROM party WHERE party_id = ANY(%s)"
        " AND coalesce(customer_number, account) IS NOT NULL",
        (list(parties),),
    )
    return {row["party_id"]: row["number"] for row in rows}


def demand_form(connection: Connection[DictRow], form: str) -> dict[str, Any] | None:
    """Name and JSON schema of a demand form."""
    return connection.execute("SELECT name, schema FROM demand_form WHERE form = %s", (form,)).fetchone()


def form_schemas(connection: Connection[DictRow], forms: Iterable[str]) -> dict[str, dict[str, Any]]:
    """The JSON schemas of the demand forms among ``forms`` that have arrived, fields in their order."""
    rows = connection.execute("SELECT form, schema FROM demand_form WHERE form = ANY(%s)", (list(forms),))
    return {row["form"]: row["schema"] for row in rows}


def projects_of_order(connection: Connection[DictRow], order_number: str) -> list[UUID]:
    """All projects of an order number, however it is written; one order can have several (A-60)."""
    rows = connection.execute(
        "SELECT project_id FROM purchase WHERE order_key = %s OR order_key IS NULL AND order_number = %s"
        " ORDER BY business_number",
        (key(order_number), order_number),
    )
    return [row["project_id"] for row in rows]


def orders_taken(connection: Connection[DictRow], business_numbers: Iterable[str]) -> dict[tuple[UUID, str], UUID]:
    """The projects of these business numbers by vendor and :func:`~delivery_shared.texts.key` of the number. Those
    begun before numbers were compared by it have ids of their own, and count first."""
    rows = connection.execute(
        "SELECT vendor_id, business_key, project_id FROM purchase WHERE business_key = ANY(%s)",
        ([key(number) for number in business_numbers],),
    )
    return {(row["vendor_id"], row["business_key"]): row["project_id"] for row in rows}


def customers(connection: Connection[DictRow], numbers: Iterable[str]) -> dict[str, UUID]:
    """The parties of these numbers, by the number as it is written here: of several alike the registered one, then the
    one written the same. Those registered before numbers were compared have ids of their own."""
    wanted = list(numbers)
    rows = connection.execute(
        "SELECT DISTINCT ON (n.number) n.number, p.party_id FROM unnest(%s::text[], %s::text[]) AS n (number, key)"
        " JOIN party p ON p.number_key = n.key"
        " ORDER BY n.number, p.account IS NULL, coalesce(p.customer_number, p.account) <> n.number, p.party_id",
        (wanted, [key(number) for number in wanted]),
    )
    return {row["number"]: row["party_id"] for row in rows}


def names(
    connection: Connection[DictRow],
    *,
    people: Iterable[UUID],
    parties: Iterable[UUID],
    buyer: str | None = None,
    erased: bool = False,
) -> Names:
    """Names of the people and of all roles, now and before, and of the parties."""
    with connection.cursor() as cursor:
        found = cursor.execute(
            "SELECT user_id, name, mobile, landline FROM person WHERE user_id = ANY(%s)", (list(people),)
        ).fetchall()
        contacts = {r.pop("user_id"): Contact(**r) for r in found}
        had = cursor.execute(
            "SELECT user_id, since, name FROM person_name WHERE user_id = ANY(%s) ORDER BY user_id, since",
            (list(contacts),),
        )
        former: dict[UUID, list[tuple[datetime, str]]] = {}
        for row in had:
            former.setdefault(row["user_id"], []).append((row["since"], row["name"]))
        rows = cursor.execute("SELECT party_id, name FROM party WHERE party_id = ANY(%s)", (list(parties),))
        party_names = {r["party_id"]: r["name"] for r in rows}
        role_names = {r["role"]: r["name"] for r in cursor.execute("SELECT role, name FROM role")}
        former_roles: dict[str, list[tuple[datetime, str]]] = {}
        for row in cursor.execute("SELECT role, until, name FROM role_name ORDER BY role, until"):
            former_roles.setdefault(row["role"], []).append((row["until"], row["name"]))
    return Names(
        people=contacts,
        parties=party_names,
        roles=role_names,
        buyer=buyer,
        erased=erased,
        former=former,
        former_roles=former_roles,
    )


def waiting(connection: Connection[DictRow], project_id: UUID) -> dict[str, Any] | None:
    """The ask of the project that dispatch last reported as queueing: ``request_id``, ``reason``, ``queued_at``."""
    return connection.execute(
        "SELECT request_id, reason, queued_at FROM waiting WHERE project_id = %s", (project_id,)
    ).fetchone()


def providers_configured(connection: Connection[DictRow], product_id: UUID) -> int | None:
    """How many providers the product has; None as long as its configuration has not arrived."""
    row = connection.execute(
        "SELECT cardinality(providers) AS n FROM configured WHERE product_id = %s", (product_id,)
    ).fetchone()
    return int(row["n"]) if row else None


def reachable(connection: Connection[DictRow], customer_id: UUID) -> bool:
    """Whether somebody of the customer – or the account that placed a test order – has a mobile number or an address.
    Of people saved before addresses were looked at it is taken for granted."""
    row = connection.execute(
        "SELECT 1 FROM person WHERE (party_id = %(id)s OR user_id = %(id)s) AND NOT deleted"
        " AND (mobile IS NOT NULL OR coalesce(has_email, true)) LIMIT 1",
        {"id": customer_id},
    ).fetchone()
    return row is not None


def party_forgotten(connection: Connection[DictRow], party_id: UUID) -> bool:
    """Whether the party's name was blanked; nobody else has none."""
    row = connection.execute("SELECT name FROM party WHERE party_id = %s", (party_id,)).fetchone()
    return row is not None and row["name"] == ""


def file(connection: Connection[DictRow], file_id: UUID) -> dict[str, Any] | None:
    """Where a file is stored, what it is, and whose project it belongs to."""
    return connection.execute("SELECT * FROM file WHERE file_id = %s", (file_id,)).fetchone()


def order_taken(*, project_id: UUID, vendor_id: UUID, business_number: str, order_number: str) -> RowChange:
    """The order as a row: unique for ever by vendor and business number, found by order number."""
    return RowChange(
        key=f"purchase {project_id}",
        sql="INSERT INTO purchase (project_id, vendor_id, business_number, business_key, order_number, order_key)"
        " VALUES (%(project_id)s, %(vendor_id)s, %(business_number)s, %(business_key)s, %(order_number)s,"
        " %(order_key)s)",
        params={
            "project_id": project_id,
            "vendor_id": vendor_id,
            "business_number": business_number,
            "business_key": key(business_number),
            "order_number": order_number,
            "order_key": key(order_number),
        },
    )


def file_kept(
    *,
    file_id: UUID,
    project_id: UUID,
    name: str,
    size: int,
    content_type: str,
    sha256: str,
    storage: str,
    uploaded_at: datetime,
) -> RowChange:
    """A file's row, beside the event that attaches it."""
    return RowChange(
        key=f"file {file_id}",
        sql="INSERT INTO file (file_id, project_id, name, size, content_type, sha256, storage, uploaded_at) VALUES"
        " (%(file_id)s, %(project_id)s, %(name)s, %(size)s, %(content_type)s, %(sha256)s, %(storage)s,"
        " %(uploaded_at)s)",
        params={
            "file_id": file_id,
            "project_id": project_id,
            "name": name,
            "size": size,
            "content_type": content_type,
            "sha256": sha256,
            "storage": storage,
            "uploaded_at": uploaded_at,
        },
    )


def file_gone(file_id: UUID) -> RowChange:
    """Forget a file's row, beside the event that takes it away."""
    return RowChange(
        key=f"file {file_id}", sql="DELETE FROM file WHERE file_id = %(file_id)s", params={"file_id": file_id}
    )
