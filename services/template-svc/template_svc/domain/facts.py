"""Everything that can happen to templates, products, reference data, calendar and clock."""

from __future__ import annotations

from typing import Any, TypedDict
from uuid import UUID

from delivery_shared.facts import Fact

from template_svc.domain.nodes import Node

# --- 服务流程模板 ---


class TemplateCreated(Fact, stored_name="Created"):
    """新建 or 复制: a template begins, unpublished (T-04, T-11). ``serial`` is 交付中心服务流序号 (T-14); ``owner_id``
    the vendor of a private template, None for a public one."""

    serial: int
    name: str
    description: str
    owner_id: UUID | None
    nodes: list[Node]
    copied_from: UUID | None


class ContentSaved(Fact):
    """保存: the content of an unpublished template was replaced (T-96)."""

    name: str
    description: str
    nodes: list[Node]


class TemplatePublished(Fact, stored_name="Published"):
    """发布: read-only from now on, and usable for products (T-99)."""

    version: int
    serial: int
    name: str
    owner_id: UUID | None
    nodes: list[Node]


class RevisionSubmitted(Fact):
    """An edit of a published template waits for the operator (T-101, T-102)."""

    name: str
    description: str
    nodes: list[Node]


class RevisionWithdrawn(Fact):
    """Its owner gave the edit up."""


class RevisionApproved(Fact):
    """The edit is the next published version (T-102)."""

    version: int
    serial: int
    name: str
    description: str
    owner_id: UUID | None
    nodes: list[Node]


class RevisionRefused(Fact):
    """The operator refused the edit; ``reason`` says why (T-102)."""

    reason: str


class DefaultMessagesSwitched(Fact):
    """Operators of the template's nodes are told by default, or are not any more."""

    offered: bool


class TemplateDeleted(Fact, stored_name="Deleted"):
    """删除 of an unpublished template (T-105)."""


TemplateFact = (
    TemplateCreated
    | ContentSaved
    | TemplatePublished
    | RevisionSubmitted
    | RevisionWithdrawn
    | RevisionApproved
    | RevisionRefused
    | DefaultMessagesSwitched
    | TemplateDeleted
)

# --- 商品 ---


class ProductListed(Fact, stored_name="Listed"):
    """上架 with a template (P-08). ``code`` is 产品编号; ``historical``: online before the Delivery Center (P-13)."""

    code: str
    name: str
    vendor_id: UUID
    template_id: UUID
    template_version: int
    template_name: str
    historical: bool


class ProductTemplateChanged(Fact, stored_name="TemplateChanged"):
    """Later projects of the product use this template, or this version of it (P-14, T-102)."""

    template_id: UUID
    template_version: int
    template_name: str


class ProductTakenOffline(Fact, stored_name="TakenOffline"):
    """下线 (F-05)."""

    reason: str


class ProductListedAgain(Fact, stored_name="ListedAgain"):
    """上架 of a product that was taken offline, with the name and template of now."""

    code: str
    name: str
    vendor_id: UUID
    template_id: UUID
    template_version: int
    template_name: str


class DeclaredParameter(TypedDict):
    """订单参数: one that orders of the product carry. ``options`` are those of a choice."""

    key: str
    label: str
    type: str
    required: bool
    searchable: bool
    options: list[str]


class ParametersDeclared(Fact):
    """Orders that come from now on carry these parameters, all of them."""

    parameters: list[DeclaredParameter]


ProductFact = ProductListed | ProductTemplateChanged | ProductTakenOffline | ProductListedAgain | ParametersDeclared


class HistoricalProductRecorded(Fact, stored_name="Recorded"):
    """历史商品: a product that was online before the Delivery Center is known to the operator (P-35)."""

    code: str
    name: str
    vendor_id: UUID


class HistoricalProductSwitched(Fact, stored_name="Switched"):
    """It got its first template and is ``product_id`` from now on (F-04)."""

    product_id: UUID


class HistoricalProductTakenOffline(Fact, stored_name="TakenOffline"):
    """下线 of a product nobody switched in time (F-05)."""

    reason: str


HistoricalProductFact = HistoricalProductRecorded | HistoricalProductSwitched | HistoricalProductTakenOffline

# --- reference data ---


class RoleDefined(Fact, stored_name="Defined"):
    """A new 角色 of a side (A-13, T-109)."""

    code: str
    name: str
    side: str
    active: bool


class RoleChanged(Fact, stored_name="Changed"):
    """The role is renamed, deactivated or reactivated."""

    code: str
    name: str
    side: str
    active: bool


RoleFact = RoleDefined | RoleChanged


class DemandFormDefined(Fact, stored_name="Defined"):
    """A new 需求表单模板, as JSON Schema 2020-12 (T-49)."""

    code: str
    name: str
    schema: dict[str, Any]
    active: bool


class DemandFormChanged(Fact, stored_name="Changed"):
    """The demand form is another one, deactivated or reactivated (T-51)."""

    code: str
    name: str
    schema: dict[str, Any]
    active: bool


DemandFormFact = DemandFormDefined | DemandFormChanged


class MessageTemplateDefined(Fact, stored_name="Defined"):
    """A new 消息模板 (N-10); ``remark`` is 备注详情 (N-12)."""

    code: str
    name: str
    title: str
    body: str
    channels: list[str]
    remark: str
    active: bool


class MessageTemplateChanged(Fact, stored_name="Changed"):
    """The texts of the message template are others, or it is deactivated or reactivated."""

    code: str
    name: str
    title: str
    body: str
    channels: list[str]
    remark: str
    active: bool


MessageTemplateFact = MessageTemplateDefined | MessageTemplateChanged

# --- 节假日 and the clock ---


class StoredHoliday(TypedDict):
    """A holiday as facts keep it: days as ISO dates."""

    name: str
    first: str
    last: str
    make_up_days: list[str]


class HolidaysDefined(Fact, stored_name="Defined"):
    """A year has a calendar (H-03). ``provisional``: its make-up days are not published yet."""

    year: int
    holidays: list[StoredHoliday]
    provisional: bool


class HolidaysChanged(Fact, stored_name="Changed"):
    """The holidays of the year are these, all of them (H-08)."""

    year: int
    holidays: list[StoredHoliday]
    provisional: bool


HolidayYearFact = HolidaysDefined | HolidaysChanged


class ClockMoved(Fact, stored_name="Moved"):
    """The platform's clock was moved for the first time."""

    offset_seconds: int


class ClockMovedAgain(Fact, stored_name="MovedAgain"):
    """The platform's clock was moved to another offset."""

    offset_seconds: int


ClockFact = ClockMoved | ClockMovedAgain
