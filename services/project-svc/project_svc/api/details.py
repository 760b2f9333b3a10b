"""The details page of a project (项目详情) as answered: every part named, so that a client can be typed by it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from delivery_shared.contracts.dispatch import QUEUE_REASONS
from delivery_shared.order_parameters import TYPES
from marshmallow import Schema, fields, validate

from project_svc.api.files import FileEntry
from project_svc.api.schemas import Named
from project_svc.domain.kinds import CONTAINER, KINDS
from project_svc.domain.talking import STARS
from project_svc.pages.details import LINKS, NODE_STATES, STATE_NAMES
from project_svc.pages.flow_log import HOLD_NAMES
from project_svc.pages.offers import ACTIONS, OPERATIONS
from project_svc.pages.overdue import SIDE_NAMES

LEAF_TYPES = (
    *(kind.type for kind in KINDS.values() if not kind.operated),
    *sorted(kind.type for kind in KINDS.values() if kind.operated),
)


def _time(**more: Any) -> fields.String:
    """Shanghai time to the second, as shown."""
    return fields.String(required=True, metadata={"examples": ["2019-10-18 14:30:00"]}, **more)


def _one_of(values: Iterable[str], **more: Any) -> fields.String:
    return fields.String(validate=validate.OneOf(tuple(values)), **more)


class Parameter(Schema):
    """What the buyer chose besides."""

    name = fields.String(required=True)
    label = fields.String(required=True, metadata={"description": "as the product declares it, else its name"})
    type = fields.String(required=True, validate=validate.OneOf(TYPES))
    value = fields.String(required=True, metadata={"description": "of a date ISO 8601, of boolean true or false"})


class Business(Schema):
    """业务信息; what was not given is ``--``. ``trial``: not paid; ``test``: of a test, not of a sale."""

    product_name = fields.String(required=True)
    edition = fields.String(required=True)
    order_number = fields.String(required=True)
    customer_name = fields.String(required=True)
    valid_until = fields.String(required=True)
    sku = fields.String(required=True)
    quantity = fields.Integer(required=True)
    trial = fields.Boolean(required=True)
    test = fields.Boolean(required=True)
    parameters = fields.List(fields.Nested(Parameter), required=True)


class OrderContact(Schema):
    """Whom the order names to be asked for the buyer; what it does not say is ``--``. ``reachable``: whether a message
    to the customer reaches anybody – the contact, or an account of his with a mobile number or an address.
    ``changeable``: whether the caller may name another."""

    name = fields.String(required=True)
    mobile = fields.String(required=True)
    email = fields.String(required=True)
    locale = fields.String(required=True)
    reachable = fields.Boolean(required=True)
    changeable = fields.Boolean(required=True)


class StaffCard(Schema):
    """A person of the provider with all roles held, joined by 、."""

    person_id = fields.UUID(required=True)
    name = fields.String(required=True)
    roles = fields.String(required=True)
    landline = fields.String(required=True)
    mobile = fields.String(required=True)


class NodeEvent(Schema):
    time = _time()
    actor = fields.String(required=True)
    event = fields.String(required=True)
    remark = fields.String(required=True)


class FormField(Schema):
    name = fields.String(required=True)
    title = fields.String(required=True)


class FilledForm(Schema):
    """A demand form as filled last."""

    form = fields.String(required=True, allow_none=True)
    data = fields.Dict(keys=fields.String(), required=True, metadata={"description": "by the form's JSON schema"})
    submitted_at = _time()
    by = fields.String(required=True)


class SentBack(Schema):
    """Which node rejected, whose reject led here."""

    node = fields.String(required=True)
    reason = fields.String(required=True)
    by = fields.String(required=True)


class PastTimeout(Schema):
    side = _one_of(SIDE_NAMES, required=True)
    due_at = _time()
    overdue_at = _time()


class Placed(Schema):
    """What steps and nodes have in common; ``entered_at`` is 未开始 before."""

    node = fields.String(required=True)
    name = fields.String(required=True)
    state = _one_of(NODE_STATES, required=True)
    entered_at = _time()


class OfNode(Schema):
    """What only some nodes have, by their type and by who looks at them."""

    view_text = fields.String(metadata={"description": "查看按钮 of the requirement or of what was uploaded"})
    form = fields.String(allow_none=True, metadata={"description": "code of the demand form (提交需求节点)"})
    requirement = fields.Nested(FilledForm, allow_none=True)
    form_schema = fields.Dict(
        keys=fields.String(),
        allow_none=True,
        metadata={"description": "JSON Schema 2020-12 of the form, where it may be filled or is shown filled"},
    )
    form_fields = fields.List(
        fields.Nested(FormField),
        allow_none=True,
        metadata={"description": "its fields with their titles, in the order of the form"},
    )
    timeouts = fields.List(fields.Nested(PastTimeout), metadata={"description": "for those who supervise (R-28)"})
    sent_back = fields.Nested(SentBack)


class Node(Placed, OfNode):
    """节点; ``visit`` is null until it is entered."""

    type = _one_of(LEAF_TYPES, required=True)
    visit = fields.Integer(required=True, allow_none=True)
    events = fields.List(fields.Nested(NodeEvent), required=True)
    files = fields.List(fields.Nested(FileEntry), required=True)


class Step(Placed, OfNode):
    """第N步: a node, or a container, which has ``children`` and neither ``visit``, ``events`` nor ``files``."""

    number = fields.Integer(required=True)
    type = _one_of((*LEAF_TYPES, CONTAINER), required=True)
    visit = fields.Integer(allow_none=True)
    events = fields.List(fields.Nested(NodeEvent))
    files = fields.List(fields.Nested(FileEntry))
    children = fields.List(fields.Nested(Node))


class Queue(Schema):
    """Why an automatic node waits (排队原因)."""

    reason = _one_of(QUEUE_REASONS, required=True)
    reason_text = fields.String(required=True)
    since = _time()


class Hold(Schema):
    """Why the marketplace holds the project (冻结, 到期): nothing can be operated and no clock counts."""

    reason = _one_of(HOLD_NAMES, required=True)
    reason_text = fields.String(required=True)
    since = _time()


class Limit(Schema):
    """Time limit of the open node. ``remaining_seconds`` of working time, below 0 when overdue; ``stands``: why the
    clock stands still."""

    timeout_days = fields.String(required=True)
    advances = fields.Boolean(required=True)
    counted_from = _time()
    due_at = _time(allow_none=True)
    remaining_seconds = fields.Integer(required=True, allow_none=True)
    stands = _one_of(("held", "paused", "day_off"), required=True, allow_none=True)


class OverdueMark(Schema):
    """超时标记 with what hovering shows."""

    side = _one_of(SIDE_NAMES, required=True)
    side_text = fields.String(required=True)
    node = fields.String(required=True)
    operator = fields.String(required=True)
    timeout_days = fields.String(required=True)
    entered_at = _time()
    due_at = _time()
    overdue_days = fields.String(required=True)


class Offer(Schema):
    """An operation the caller can do at the open node, with the text of its button."""

    operation = _one_of(OPERATIONS, required=True)
    text = fields.String(required=True)
    method = _one_of(("POST", "PUT"), required=True)
    href = fields.String(required=True)


class Current(Schema):
    """The open node. ``role``: code of the role that operates, claims or is to be filled, ``customer`` for the buyer,
    null where the system alone acts."""

    visit = fields.Integer(required=True)
    node = fields.String(required=True)
    name = fields.String(required=True)
    step = fields.Integer(required=True)
    role = fields.String(required=True, allow_none=True)
    entered_at = _time()
    operator = fields.String(required=True)
    waits_for = fields.String(required=True)
    waiting_role = fields.String(required=True, allow_none=True)
    queue = fields.Nested(Queue, required=True, allow_none=True)
    reminded_at = _time(allow_none=True)
    limit = fields.Nested(Limit, required=True, allow_none=True)
    overdue = fields.Nested(OverdueMark, required=True, allow_none=True)
    operations = fields.List(fields.Nested(Offer), required=True)


class GivenEvaluation(Schema):
    stars = fields.Integer(required=True, validate=validate.Range(min=STARS[0], max=STARS[-1]))
    text = fields.String(required=True)
    author = fields.String(required=True)
    time = _time()


class Details(Schema):
    """The whole details page; ``steps`` as shown, ``current`` with the operations offered to the caller – none on a
    page of the past (``as_of``)."""

    project_id = fields.UUID(required=True)
    as_of = _time(allow_none=True)
    state = _one_of(STATE_NAMES, required=True)
    state_text = fields.String(required=True)
    holds = fields.List(fields.Nested(Hold), required=True)
    refund = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "the marketplace has ended the order: whether the buyer gets his money back"},
    )
    run = fields.Integer(required=True)
    started_at = _time()
    business_number = fields.String(required=True)
    product_id = fields.UUID(required=True)
    vendor = fields.Nested(Named, required=True)
    provider = fields.Nested(Named, required=True, allow_none=True)
    business = fields.Nested(Business, required=True)
    contact = fields.Nested(
        OrderContact,
        required=True,
        allow_none=True,
        metadata={"description": "null for all but the vendor's admin, the platform operator and the node's operator"},
    )
    staff = fields.List(fields.Nested(StaffCard), required=True)
    steps = fields.List(fields.Nested(Step), required=True)
    current = fields.Nested(Current, required=True, allow_none=True)
    evaluation = fields.Nested(GivenEvaluation, required=True, allow_none=True)
    actions = fields.List(_one_of(ACTIONS), required=True)
    links = fields.List(_one_of(LINKS), required=True)
