"""The read model. **Each table is written by the feed of exactly one source** – so the sources may arrive in any
order relative to each other and the rows still come out the same; what belongs together is joined when read.
Tables hold ids; names stand once, in the copies of the service that owns them.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, Date, DateTime, Integer, MetaData, Numeric, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

metadata = MetaData()

role = Table(
    "role",
    metadata,
    Column("role", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("side", Text, nullable=False),
    Column("active", Boolean, nullable=False),
)
"""Source template: names of roles."""

product = Table(
    "product",
    metadata,
    Column("product_id", Uuid, primary_key=True),
    Column("code", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    Column("template_id", Uuid, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("template_name", Text, nullable=False),
    Column("listed_at", DateTime(timezone=True), nullable=False),
    Column("taken_offline_at", DateTime(timezone=True)),
)
"""Source template: listed products and the template bound to each (P-01), also those taken offline (F-05)."""

party = Table(
    "party",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("customer_number", Text),
    Column("number_key", Text),
    Column("account", Text),
)
"""Source identity: names of vendors, providers and customers. ``number_key``: the customer's number as compared;
``account``: the main account id of an ISV, the one number of it that no other has."""

person = Table(
    "person",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("party_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("main", Boolean),
    Column("roles", ARRAY(Text)),
    Column("department_id", Uuid),
    Column("deleted", Boolean, nullable=False),
)
"""Source identity: names of people, their roles and departments; kept when the user is deleted, since rows still show
who it was (U-21)."""

department = Table(
    "department",
    metadata,
    Column("department_id", Uuid, primary_key=True),
    Column("party_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("parent_id", Uuid),
    Column("deleted", Boolean, nullable=False),
)
"""Source identity: departments of providers, also deleted ones, for what happened in them."""

calendar = Table(
    "calendar",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("holidays", JSONB, nullable=False),
    Column("changed_at", DateTime(timezone=True), nullable=False),
)
"""Source template: the holidays of each year, every revision of them, so that a figure of 0:00 counts by the calendar
of 0:00."""

clock = Table(
    "clock",
    metadata,
    Column("clock", Text, primary_key=True),
    Column("offset_seconds", Integer, nullable=False),
)
"""Source template: how far the time of dashboards is ahead of the database's; at most one row."""

provider_configuration = Table(
    "provider_configuration",
    metadata,
    Column("product_id", Uuid, primary_key=True),
    Column("providers", JSONB, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)
"""Source dispatch: 配置服务商 of each product; an empty list is 未配置 (P-28)."""

configuration_history = Table(
    "configuration_history",
    metadata,
    Column("product_id", Uuid, primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("providers", JSONB, nullable=False),
)
"""Source dispatch: former configurations that stood at some midnight; see :mod:`reporting_svc.history`."""

member = Table(
    "member",
    metadata,
    Column("provider_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("maximum", Integer, nullable=False),
    Column("receiving", Boolean, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
)
"""Source dispatch: 最大持单量 and 接单状态 of the people who may get projects now, as set when dispatch said so."""

member_history = Table(
    "member_history",
    metadata,
    Column("provider_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("maximum", Integer, nullable=False),
    Column("receiving", Boolean, nullable=False),
)
"""Source dispatch: the former ones, of people who have gone as well."""

waiting = Table(
    "waiting",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("provider_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
)
"""Source dispatch: asks that wait; ``role`` is empty at provider level. A row of an older run or of an ended
project may remain: the lists compare with the project."""

SHOWN: Final = {"shown": True}
"""A column that the lists of projects show as it is."""

project = Table(
    "project",
    metadata,
    Column("project_id", Uuid, primary_key=True, info=SHOWN),
    Column("order_number", Text, nullable=False, info=SHOWN),
    Column("business_number", Text, nullable=False, info=SHOWN),
    Column("vendor_id", Uuid, nullable=False, info=SHOWN),
    Column("customer_id", Uuid, nullable=False, info=SHOWN),
    Column("product_id", Uuid, nullable=False, info=SHOWN),
    Column("product_name", Text, nullable=False, info=SHOWN),
    Column("edition", Text, info=SHOWN),
    Column("sales_channel", Text, info=SHOWN),
    Column("valid_until", Date),
    Column("created_at", DateTime(timezone=True), nullable=False, info=SHOWN),
    Column("run", Integer, nullable=False),
    Column("state", Text, nullable=False, info=SHOWN),
    Column("provider_id", Uuid, info=SHOWN),
    Column("visit", Integer, nullable=False, info=SHOWN),
    Column("node", Text),
    Column("stage", Text, info=SHOWN),
    Column("operator", Text),
    Column("role", Text),
    Column("assignee_id", Uuid),
    Column("entered_at", DateTime(timezone=True)),
    Column("timeout", Integer, nullable=False),
    Column("clock_from", DateTime(timezone=True)),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("overdue_side", Text),
    Column("overdue", JSONB),
    Column("template_id", Uuid, nullable=False),
    Column("template_version", Integer, nullable=False),
    Column("type", Text),
    Column("step", Integer),
    Column("left_visit", Integer, nullable=False),
    Column("stars", Integer),
    Column("order_key", Text),
    Column("business_key", Text),
    Column("name_key", Text(collation="C"), nullable=False),
    Column("paused_at", DateTime(timezone=True)),
    Column("evaluated_at", DateTime(timezone=True)),
    Column("sku", Text, info=SHOWN),
    Column("quantity", Integer, nullable=False, info=SHOWN),
    Column("trial", Boolean, nullable=False, info=SHOWN),
    Column("test", Boolean, nullable=False, info=SHOWN),
    Column("hold", Text, info=SHOWN),
    Column("refund", Boolean, info=SHOWN),
    Column("parameters", JSONB, nullable=False),
    Column("found_by", ARRAY(Text), nullable=False),
)
"""Source project: one row per project. ``stage`` is the name of the current node (R-10), ``operator`` who works at
it: ``system``, ``customer`` or ``staff`` – then in ``role`` and, once known, ``assignee_id`` (R-09).

``timeout`` of the current node in tenths of a working day (0: none) counts from ``clock_from``: the entry, the resume
after a pause, or so much earlier than the end of a hold as had been counted before; it is None while ``hold`` – frozen
or expired – says why the marketplace holds the project. ``since``: when state, provider or node changed last.
``overdue`` holds what ``project.node_overdue`` said while the mark stands (R-23), ``overdue_side`` is ``server`` or
``customer`` (R-25).

``type`` and ``step`` are the current node's, ``left_visit`` is the last visit that was left: the current one is open
while it is higher. ``stars``: the buyer's evaluation (R-137), given ``evaluated_at``. ``paused_at``: since when it
stands still, while it does; its row of ``pause`` has this time. ``order_key``, ``business_key``: the numbers as they
are compared; ``name_key``: the product's name as it is sorted. ``trial`` orders are not paid, ``test`` orders come from
a connection that is not live: no figure counts either. ``refund``: whether the buyer gets his money back, None as long
as the marketplace has not ended the order. ``parameters``: those of the order that its product declared, in that order,
each with name, label, type, value and whether it is searchable; ``found_by``: what it is found by of these. What nobody
declared is the buyer's own text and stands in the project alone."""

buyer = Table(
    "buyer",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("name", Text),
    Column("number", Text),
    Column("number_key", Text),
    Column("marketplace", Text, nullable=False),
)
"""Source project: what an order said of its buyer, whoever is registered under the number; an erased name is empty.
``number_key`` is the number alone, by which lists are filtered, ``marketplace`` says whose it is: who bought is the
project's ``customer_id``.
Apart from ``project``, which analysts read."""

project_history = Table(
    "project_history",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("since", DateTime(timezone=True), primary_key=True),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("state", Text, nullable=False),
    Column("provider_id", Uuid),
    Column("timeout", Integer, nullable=False),
    Column("clock_from", DateTime(timezone=True)),
    Column("vendor_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("trial", Boolean, nullable=False),
    Column("test", Boolean, nullable=False),
)
"""Source project: how projects stood at former midnights; see :mod:`reporting_svc.history`. What never changes of a
project is repeated, so that a provider's analysts see the midnights it held a project of which it holds nothing now."""

handled = Table(
    "handled",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("handled_at", DateTime(timezone=True), nullable=False),
)
"""Source project: who completed or rejected a node of which project (已处理, R-128), and when last."""

node_visit = Table(
    "node_visit",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("provider_id", Uuid),
    Column("node", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("step", Integer, nullable=False),
    Column("operator", Text, nullable=False),
    Column("role", Text),
    Column("assignee_id", Uuid),
    Column("timeout", Integer, nullable=False),
    Column("entered_at", DateTime(timezone=True), nullable=False),
    Column("clock_from", DateTime(timezone=True), nullable=False),
    Column("left_at", DateTime(timezone=True), nullable=False),
    Column("outcome", Text, nullable=False),
    Column("by_kind", Text),
    Column("by_id", Uuid),
    Column("by_party_id", Uuid),
    Column("by_role", Text),
    Column("reason", Text),
    Column("worked_seconds", Numeric),
    Column("overdue_seconds", Numeric),
)
"""Source project: visits that were left, written once, when they are left; the open one stands in ``project``.
``outcome``: completed, rejected, restarted, cancelled. ``by_role`` and ``by_party_id``: for whom who left it acted;
``reason``: why it was rejected, empty once the buyer is forgotten. ``worked_seconds`` and, of a visit that was left too
late, ``overdue_seconds`` are by the present calendar: a new one changes them (:mod:`reporting_svc.worked`)."""

pause = Table(
    "pause",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("paused_at", DateTime(timezone=True), primary_key=True),
    Column("run", Integer, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("provider_id", Uuid),
    Column("by_kind", Text, nullable=False),
    Column("by_id", Uuid),
    Column("ended_at", DateTime(timezone=True)),
    Column("outcome", Text),
)
"""Source project: 暂停项目, until 启动项目 or whatever else ended it: ``outcome`` is resumed, restarted, completed or
cancelled, and empty while it lasts. ``provider_id``: who held the project when it was paused."""

occurrence = Table(
    "occurrence",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("rule", Integer, primary_key=True),
    Column("vendor_id", Uuid, nullable=False),
    Column("product_id", Uuid, nullable=False),
    Column("provider_id", Uuid),
    Column("receiver", Text, nullable=False),
    Column("message_template", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""Source project: reminder rules that fired, by the same key as notify-svc's: what was to be told to whom, not what
reached anybody."""

project_event = Table(
    "project_event",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("type", Text, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("data", JSON, nullable=False),
)
"""Source project: every message of it this service reads, by its id; ``data`` without what stands in the columns."""

dispatch_event = Table(
    "dispatch_event",
    metadata,
    Column("position", BigInteger, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("type", Text, nullable=False),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("data", JSON, nullable=False),
)
"""Source dispatch: the same, of messages about a project."""

assignment = Table(
    "assignment",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("provider_id", Uuid, nullable=False),
    Column("person_id", Uuid),
    Column("department_id", Uuid),
    Column("assigned_at", DateTime(timezone=True), nullable=False),
)
"""Source dispatch: answers to asks; ``role`` is empty at provider level."""

decision = Table(
    "decision",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("provider_id", Uuid),
    Column("how", Text, nullable=False),
    Column("candidates", JSONB, nullable=False),
    Column("excluded", JSONB, nullable=False),
)
"""Source dispatch: how each was decided; apart, since not everybody who sees an assignment may see who else was a
candidate. ``provider_id``: whose people were the candidates, None for a choice of provider."""

queue_wait = Table(
    "queue_wait",
    metadata,
    Column("request_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("provider_id", Uuid),
    Column("reason", Text, nullable=False),
    Column("queued_at", DateTime(timezone=True), nullable=False),
)
"""Source dispatch: asks that had to wait, with the last reason; as ``waiting``, but kept."""

template = Table(
    "template",
    metadata,
    Column("template_id", Uuid, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("serial", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("owner_id", Uuid),
    Column("nodes", JSONB, nullable=False),
)
"""Source template: published versions; ``nodes`` in order, a container before its children: id, type, name, step, side,
role, timeout, parent."""

cache = MetaData()
"""Tables that are no part of the read model's state: what stands in them follows from it."""

freshness = Table(
    "freshness",
    cache,
    Column("source", Text, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""When the last message applied of each source was sent."""

touched_day = Table(
    "touched_day",
    cache,
    Column("source", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("position", BigInteger, nullable=False),
)
"""The last message of each source that said something about a day (of Shanghai) figures count."""

figure = Table(
    "figure",
    cache,
    Column("day", Date, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seen", JSONB, nullable=False),
    Column("value", JSONB, nullable=False),
)
"""Figures computed for a day, and the feed positions (source → id) they were computed at. A later message about an
earlier day makes them void."""
