"""Messages, and the copies of other services' data needed to address and word them. Each table of copies is written
by the feed of exactly one source."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Integer, MetaData, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

metadata = MetaData()

message_template = Table(
    "message_template",
    metadata,
    Column("message_template", Text, primary_key=True),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("problem", Text),
)
"""Source template. ``problem`` says why it cannot be rendered, None if it can."""

party = Table(
    "party",
    metadata,
    Column("party_id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
)
"""Source identity."""

person = Table(
    "person",
    metadata,
    Column("user_id", Uuid, primary_key=True),
    Column("party_id", Uuid, nullable=False),
    Column("main", Boolean, nullable=False),
    Column("name", Text, nullable=False),
    Column("roles", ARRAY(Text), nullable=False),
    Column("mobile", Text),
    Column("email", Text),
    Column("deleted", Boolean, nullable=False),
)
"""Source identity: whom messages reach. A deleted user stays, without contact data, to tell it from one not yet
known."""

project = Table(
    "project",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("order_number", Text, nullable=False),
    Column("business_number", Text, nullable=False),
    Column("product_name", Text, nullable=False),
    Column("vendor_id", Uuid, nullable=False),
    Column("customer_id", Uuid, nullable=False),
    Column("provider_id", Uuid),
    Column("run", Integer, nullable=False),
    Column("ended", Boolean, nullable=False),
    Column("node_type", Text),
    Column("side", Text),
    Column("role", Text),
    Column("assignee_id", Uuid),
    Column("customer_name", Text),
    Column("order_key", Text),
    Column("contact_version", Integer),
)
"""Source project: its parties, and the node entered last with who operates it. ``customer_name`` as the order brought
it, empty once erased; ``order_key``: the order number as it is compared; ``contact_version``: of the order's contact,
None: it names nobody to be reached."""

contact = Table(
    "contact",
    metadata,
    Column("contact_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("version", Integer, nullable=False),
    Column("party_id", Uuid, nullable=False),
    Column("name", Text),
    Column("mobile", Text),
    Column("email", Text),
    Column("locale", Text),
    Column("deleted", Boolean, nullable=False),
)
"""Source project: whom an order names to be told for its customer, the ``party_id``. One who is forgotten stays,
without data, as users do."""

receiver = Table(
    "receiver",
    MetaData(),
    Column("user_id", Uuid),
    Column("name", Text),
    Column("mobile", Text),
    Column("email", Text),
    Column("deleted", Boolean),
    Column("locale", Text),
    Column("project_id", Uuid),
    Column("version", Integer),
)
"""A view: everybody whom messages reach, persons and contacts; the last three columns are of contacts only."""

holder = Table(
    "holder",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("role", Text, primary_key=True),
    Column("run", Integer, nullable=False),
    Column("person_id", Uuid, nullable=False),
)
"""Source project: who holds which role of a project (D-27)."""

preference = Table(
    "preference",
    metadata,
    Column("person_id", Uuid, primary_key=True),
    Column("muted", ARRAY(Text), nullable=False),
    Column("quiet_from", Integer),
    Column("quiet_to", Integer),
)
"""How somebody wants to be told, as he said it here: ``muted`` names ``trigger/channel`` pairs; in the quiet hours –
minutes of the day in Shanghai, over midnight where the first is the greater – nothing leaves the system for him."""

occurrence = Table(
    "occurrence",
    metadata,
    Column("project_id", Uuid, primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("visit", Integer, primary_key=True),
    Column("trigger", Text, primary_key=True),
    Column("rule", Integer, primary_key=True),
    Column("receiver", Text, nullable=False),
    Column("message_template", Text, nullable=False),
    Column("provider_id", Uuid),
    Column("receivers", Integer, nullable=False),
    Column("channels", ARRAY(Text), nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
)
"""A reminder rule that fired: once per visit, trigger and place in the node's rules (N-06 … N-09). Its key is what
makes a message sent twice one message. ``receivers`` counts the people it was meant for; ``channels`` are those its
template used besides the box."""

message = Table(
    "message",
    metadata,
    Column("message_id", Uuid, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("rule", Integer, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("party_id", Uuid, nullable=False),
    Column("order_number", Text, nullable=False),
    Column("node_name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("read_at", DateTime(timezone=True)),
)
"""The in-site box (站内信), one row per occurrence and person."""

delivery = Table(
    "delivery",
    metadata,
    Column("delivery_id", Uuid, primary_key=True),
    Column("message_id", Uuid, nullable=False),
    Column("channel", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("next_try", DateTime(timezone=True), nullable=False),
    Column("hinted_at", DateTime(timezone=True)),
    Column("result", Text),
    Column("sent_at", DateTime(timezone=True)),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("traceparent", Text),
)
"""A message on one channel that leads out of the system: SMS or email (N-15 … N-17). Work rows: see
``notify_svc.deliveries``. The address is not kept here: it is looked up when it is used. ``result`` says why nothing
was sent, or what the other side answered last."""

omission = Table(
    "omission",
    metadata,
    Column("omission_id", BigInteger, primary_key=True),
    Column("project_id", Uuid, nullable=False),
    Column("run", Integer, nullable=False),
    Column("visit", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("rule", Integer, nullable=False),
    Column("person_id", Uuid),
    Column("reason", Text, nullable=False),
)
"""Whom a rule meant and did not reach at all, and why; without ``person_id`` there was nobody to reach."""
