"""The lists, as SQL: ids are kept, names are joined when read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from delivery_shared.http.paging import Page, Place, page_of
from delivery_shared.order_parameters import sought
from delivery_shared.pinyin import sort_key
from delivery_shared.rows import Row
from delivery_shared.texts import key
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Select,
    SQLColumnExpression,
    Subquery,
    Table,
    Uuid,
    and_,
    case,
    column,
    false,
    func,
    literal_column,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from reporting_svc.tables import buyer, handled, party, person, product, project, provider_configuration, role, waiting

STATES = ("running", "completed", "paused", "cancelled")
"""执行中, 已完成, 已暂停, 已取消 (R-06)."""

NAMED = 1000
"""How many of a name are looked up before the projects; more are joined."""

LATEST = 2000
"""How many projects, the newest, :func:`values_of` looks at."""

Condition = ColumnElement[bool]

vendor, provider, customer = party.alias("vendor"), party.alias("provider"), party.alias("customer")
account = person.alias("account")
"""Who placed a test order stands in it as customer by the account's id (S-07)."""

CUSTOMER_NAME = case(
    (buyer.c.name.is_not(None), func.nullif(buyer.c.name, "")),
    else_=func.coalesce(func.nullif(customer.c.name, ""), func.nullif(account.c.name, "")),
)
"""The customer as the order called it; only where it did not, as the party or the account is called now."""


def begins(column: SQLColumnExpression[Any], text: str) -> Condition:
    """``column`` begins with ``text``, taken literally."""
    return column.startswith(text, autoescape=True)


def contains(column: SQLColumnExpression[Any], text: str) -> Condition:
    """``column`` contains ``text``, taken literally and whatever its case."""
    return column.icontains(text, autoescape=True)


def texts(connection: Connection, column: Column[Any], text: str) -> list[str]:
    """The different values of a column of ``project`` that contain ``text``, found by stepping from each to the next
    in the column's index: there are few of them, however many projects. Comparing with these is quick, and the
    planner knows how many rows have them; comparing every row with a pattern is neither."""
    table = select(column).where(column.is_not(None)).order_by(column).limit(1)
    value = table.scalar_subquery().label("value")
    steps = select(value).cte("steps", recursive=True)
    following = table.where(column > steps.c.value).correlate(steps).scalar_subquery()
    steps = steps.union_all(select(following).where(steps.c.value.is_not(None)))
    return list(connection.execute(select(steps.c.value).where(contains(steps.c.value, text))).scalars())


def _named(connection: Connection, column: Column[Any], names: Table, text: str) -> Condition:
    """``column`` is one of those whose name contains ``text``. They are looked up first: counting and cutting the page
    then need not search the names again, and the planner knows how many projects they have."""
    (id,) = names.primary_key
    alike = select(id).where(contains(names.c.name, text))
    found = connection.execute(alike.limit(NAMED + 1)).scalars().all()
    return column.in_(found) if len(found) <= NAMED else column.in_(alike)


def _numbered(keys: Column[Any], numbers: Column[Any], text: str) -> Condition:
    """A number begins with ``text``, however both are written; as it is written, in a row that a process of the version
    before wrote while it was replaced."""
    return or_(begins(keys, key(text)), and_(keys.is_(None), begins(numbers, text)))


def _key(column: Column[Any]) -> ColumnElement[str]:
    """How the few products' codes are compared, made in the database."""
    return func.lower(func.normalize(column, literal_column("NFKC")))


def _bought_by_name(connection: Connection, text: str) -> Condition:
    """The order called its buyer so; or it did not say, and the party or account is called so now."""
    c, named = project.c, buyer.c.name.is_not(None)
    said = _named(connection, c.project_id, buyer, text)
    registered = or_(_named(connection, c.customer_id, party, text), _named(connection, c.customer_id, person, text))
    silent = ~select(buyer.c.project_id).where(buyer.c.project_id == c.project_id, named).exists()
    return or_(said, and_(registered, silent))


def _bought_by_number(text: str) -> Condition:
    """The number of the order's buyer, or else that of its customer, however it is written and of whatever marketplace:
    it only narrows what may be seen anyway."""
    c, wanted = project.c, key(text)
    said = select(buyer.c.project_id).where(buyer.c.number_key == wanted)
    registered = select(party.c.party_id).where(party.c.number_key == wanted)
    return or_(c.project_id.in_(said), c.customer_id.in_(registered))


def _waiting_for(reason: str) -> Condition:
    """An ask of the present run waits for ``reason``. Of an ``EXISTS`` the planner begins with whichever is fewer, what
    waits or the projects; of an ``IN`` that names the project it asks for each."""
    c = project.c
    asks = select(waiting.c.project_id).where(
        waiting.c.project_id == c.project_id, waiting.c.run == c.run, waiting.c.reason == reason
    )
    return and_(c.state.in_(("running", "paused")), asks.exists())


WAITS_FOR_CUSTOMER = func.coalesce(
    and_(project.c.state == "running", project.c.operator == "customer", project.c.hold.is_(None)), false()
)
"""The open node is the customer's, and can be operated. False where no node is open."""


def project_filters(connection: Connection, wanted: Mapping[str, Any]) -> list[Condition]:
    """The conditions of the filter bar (R-12, R-13, R-21, R-129, R-130). Numbers match from their beginning, names
    anywhere in them; ``…_from`` is included, ``…_to`` is not."""
    c = project.c

    def among(column: Column[Any], text: str) -> Condition:
        return column.in_(texts(connection, column, text))

    known: dict[str, Any] = {
        "order_number": lambda v: _numbered(c.order_key, c.order_number, v),
        "business_number": lambda v: _numbered(c.business_key, c.business_number, v),
        "product_name": lambda v: among(c.product_name, v),
        "product_code": lambda v: c.product_id.in_(select(product.c.product_id).where(_key(product.c.code) == key(v))),
        "edition": lambda v: among(c.edition, v),
        "sales_channel": lambda v: among(c.sales_channel, v),
        "vendor_name": lambda v: _named(connection, c.vendor_id, party, v),
        "provider_id": lambda v: c.provider_id == v,
        "provider_name": lambda v: _named(connection, c.provider_id, party, v),
        "customer_name": lambda v: _bought_by_name(connection, v),
        "customer_number": _bought_by_number,
        "operator_name": lambda v: and_(c.operator == "staff", _named(connection, c.assignee_id, person, v)),
        "role": lambda v: or_(c.role == v, and_(c.operator == "customer", v == "customer")),
        "stage": lambda v: among(c.stage, v),
        "created_from": lambda v: c.created_at >= v,
        "created_to": lambda v: c.created_at < v,
        "product_id": lambda v: c.product_id == v,
        "completed_from": lambda v: and_(c.state == "completed", c.ended_at >= v),
        "completed_to": lambda v: and_(c.state == "completed", c.ended_at < v),
        "overdue": lambda v: c.overdue_side.is_not(None) if v == "any" else c.overdue_side == v,
        "queue_reason": _waiting_for,
        "sku": lambda v: among(c.sku, v),
        "parameter": lambda v: c.found_by.overlap(sought(v)),
        "unpaid": lambda v: or_(c.trial, c.test) if v else and_(~c.trial, ~c.test),
        "hold": lambda v: c.hold.is_not(None) if v == "any" else c.hold == v,
        "waiting": lambda v: v == WAITS_FOR_CUSTOMER,
    }
    return [known[name](value) for name, value in wanted.items()]


def projects_shown(page: Subquery) -> Select[Any]:
    """The columns of all project lists (R-07, R-20, S-03), with the reason why a project waits in a queue."""
    p = page.c
    reason = (
        select(waiting.c.reason)
        .where(
            waiting.c.project_id == p.project_id,
            waiting.c.run == p.run,
            p.state.in_(("running", "paused")),
        )
        .order_by(waiting.c.queued_at.desc(), waiting.c.request_id, waiting.c.role)
        .limit(1)
        .lateral("queue")
    )
    return select(
        page,
        product.c.code.label("product_code"),
        vendor.c.name.label("vendor_name"),
        provider.c.name.label("provider_name"),
        CUSTOMER_NAME.label("customer_name"),
        func.coalesce(buyer.c.number, customer.c.customer_number).label("customer_number"),
        buyer.c.marketplace.label("customer_marketplace"),
        person.c.name.label("assignee_name"),
        role.c.name.label("role_name"),
        reason.c.reason.label("queue_reason"),
        (func.coalesce(func.jsonb_array_length(provider_configuration.c.providers), 0) > 1).label("several_providers"),
    ).select_from(
        page.outerjoin(product, product.c.product_id == p.product_id)
        .outerjoin(provider_configuration, provider_configuration.c.product_id == p.product_id)
        .outerjoin(vendor, vendor.c.party_id == p.vendor_id)
        .outerjoin(provider, provider.c.party_id == p.provider_id)
        .outerjoin(customer, customer.c.party_id == p.customer_id)
        .outerjoin(account, account.c.user_id == p.customer_id)
        .outerjoin(buyer, buyer.c.project_id == p.project_id)
        .outerjoin(person, person.c.user_id == p.assignee_id)
        .outerjoin(role, role.c.role == p.role)
        .outerjoin(reason, true())
    )


def project_page(connection: Connection, where: Sequence[Condition], *, after: Place | None, limit: int) -> Page:
    """Projects under ``where``, newest creation first (R-18)."""
    return page_of(
        connection,
        projects_shown,
        keys=(project.c.created_at, project.c.project_id),
        where=where,
        after=after,
        limit=limit,
    )


def project_counts(connection: Connection, where: Sequence[Condition]) -> dict[str, int]:
    """Projects under ``where`` by state; every state is present."""
    query = select(project.c.state, func.count()).where(*where).group_by(project.c.state)
    counted: dict[str, int] = {state: number for state, number in connection.execute(query)}  # noqa: C416
    return {state: counted.get(state, 0) for state in STATES}


def providers_of(connection: Connection, where: Sequence[Condition], products: Sequence[Condition] | None) -> list[Row]:
    """Who holds a project under ``where``, now or at its end, and who is configured for one of ``products`` (None:
    nobody else), by name."""
    holds = select(project.c.project_id).where(project.c.provider_id == provider.c.party_id, *where).exists()
    found: Condition = holds
    if products is not None:
        entry = func.jsonb_array_elements(provider_configuration.c.providers).table_valued(
            column("value", JSONB), name="entry"
        )
        configured = (
            select(entry.c.value["provider_id"].astext.cast(Uuid))
            .select_from(
                provider_configuration.join(product, product.c.product_id == provider_configuration.c.product_id)
            )
            .join(entry, true())
            .where(*products)
        )
        found = or_(holds, provider.c.party_id.in_(configured))
    query = select(provider.c.party_id.label("provider_id"), provider.c.name).where(found)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    return sorted(rows, key=lambda row: (sort_key(row["name"]), row["provider_id"]))


def values_of(connection: Connection, where: Sequence[Condition]) -> Row:
    """What stands in the columns that people filter by, among the :data:`LATEST` newest projects under ``where``:
    there are few different values, and looking at all projects of a large vendor for them takes seconds."""
    c = project.c
    newest = select(c.edition, c.sales_channel, c.sku, c.stage, c.role, c.operator, c.parameters).where(*where)
    newest = newest.order_by(c.created_at.desc()).limit(LATEST)
    rows = connection.execute(newest).all()

    def different(name: str) -> list[str]:
        return sorted({value for row in rows if (value := getattr(row, name))}, key=sort_key)

    codes = {row.role for row in rows if row.role and row.operator == "staff"}
    codes |= {"customer" for row in rows if row.operator == "customer"}
    named = connection.execute(select(role.c.role, role.c.name).where(role.c.role.in_(codes))).mappings()
    chosen = [(p["name"], p["label"]) for row in rows for p in row.parameters if p["searchable"]]
    labels = dict(reversed(chosen))  # of several labels the newest
    return {
        "parameters": [{"name": name, "label": labels[name]} for name in sorted(labels, key=sort_key)],
        "editions": different("edition"),
        "sales_channels": different("sales_channel"),
        "skus": different("sku"),
        "stages": different("stage"),
        "roles": sorted((dict(row) for row in named), key=lambda row: (sort_key(row["name"]), row["role"])),
    }


def pending_for(user_id: UUID) -> Condition:
    """待处理: the current node waits for this person; one paused or held waits for nobody (R-64, R-128)."""
    c = project.c
    return and_(c.assignee_id == user_id, c.state == "running", c.hold.is_(None))


def claimable_by(roles: Iterable[str]) -> Condition:
    """The current node is one to be claimed, by one of these roles, and nobody has it yet (D-46): any other node of
    staff has its operator from the beginning."""
    c = project.c
    free = and_(c.state == "running", c.hold.is_(None), c.operator == "staff", c.assignee_id.is_(None))
    return and_(free, c.role.in_(sorted(roles)))


def timed(row: Row) -> bool:
    """Whether somebody's time for the current node runs out, or will once the project goes on."""
    return row["timeout"] > 0 and row["operator"] in ("customer", "staff") and row["state"] in ("running", "paused")


def handled_by(user_id: UUID) -> Condition:
    """已处理: the person completed or rejected a node of the project (R-128)."""
    return project.c.project_id.in_(select(handled.c.project_id).where(handled.c.person_id == user_id))


def product_filters(wanted: Mapping[str, Any]) -> list[Condition]:
    """The filters of 产品中心 (P-03)."""
    known: dict[str, Any] = {
        "code": lambda v: begins(_key(product.c.code), key(v)),
        "name": lambda v: contains(product.c.name, v),
        "template_name": lambda v: contains(product.c.template_name, v),
    }
    return [known[name](value) for name, value in wanted.items()]


def product_page(connection: Connection, where: Sequence[Condition], *, after: Place | None, limit: int) -> Page:
    """Products under ``where``, newest first (P-06), each with its configured providers by name (P-29)."""

    def listed(page: Subquery) -> Select[Any]:
        return select(page, vendor.c.name.label("vendor_name"), provider_configuration.c.providers).select_from(
            page.outerjoin(vendor, vendor.c.party_id == page.c.vendor_id).outerjoin(
                provider_configuration, provider_configuration.c.product_id == page.c.product_id
            )
        )

    page = page_of(
        connection,
        listed,
        keys=(product.c.listed_at, product.c.product_id),
        where=where,
        after=after,
        limit=limit,
    )
    ids = {UUID(entry["provider_id"]) for row in page.items for entry in row["providers"] or ()}
    query = select(party.c.party_id, party.c.name).where(party.c.party_id.in_(ids))
    names = {id: name for id, name in connection.execute(query)}  # noqa: C416

    def named(row: Row) -> Row:
        providers = ({**e, "name": names.get(UUID(e["provider_id"]))} for e in row["providers"] or ())
        return {**row, "providers": sorted(providers, key=lambda e: (sort_key(e["name"] or ""), e["provider_id"]))}

    return page.showing(named)


def with_names(connection: Connection, pairs: Sequence[Row]) -> list[Row]:
    """``pairs`` of product and provider ids with the product's code and name and the provider's name."""
    products, providers = ({UUID(pair[key]) for pair in pairs} for key in ("product_id", "provider_id"))
    named = select(product.c.product_id, product.c.code, product.c.name).where(product.c.product_id.in_(products))
    known = {str(id): {"product_code": code, "product_name": name} for id, code, name in connection.execute(named)}
    query = select(party.c.party_id, party.c.name).where(party.c.party_id.in_(providers))
    names = {str(id): name for id, name in connection.execute(query)}
    return [{**pair, **known[pair["product_id"]], "provider_name": names.get(pair["provider_id"])} for pair in pairs]
