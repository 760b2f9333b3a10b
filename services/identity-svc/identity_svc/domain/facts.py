"""Everything that happens to parties, departments, users and contacts, and what operators do by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from delivery_shared.facts import Fact

from identity_svc.domain.sides import PartyKind, Side

ActionOutcome = Literal["done", "failed"]


class PartyRegistered(Fact, stored_name="Registered"):
    """厂商/服务商 or 客户 is known (G-08, A-57). ``account`` ends the login names of its users (U-04): of a customer
    its number, or – one whose contact claimed an account (开通账号) – one that was drawn; it has no number here.
    ``customer_number`` is the one of ``marketplace``, the home marketplace's in facts older than that field."""

    kind: PartyKind
    name: str
    account: str
    customer_number: str | None
    marketplace: str = ""


class SecondFactorDemanded(Fact):
    """A party's admin demands a second factor of all its users, or does so no longer."""

    demanded: bool


class PartyErased(Fact, stored_name="Erased"):
    """A customer is a person whose name is to be forgotten."""


class DepartmentCreated(Fact, stored_name="Created"):
    """【+】 of 企业架构 (U-10)."""

    party_id: UUID
    name: str
    parent_id: UUID | None


class DepartmentChanged(Fact, stored_name="Changed"):
    """A department has another name or stands elsewhere (A-46)."""

    party_id: UUID
    name: str
    parent_id: UUID | None


class DepartmentDeleted(Fact, stored_name="Deleted"):
    """An empty department is gone (U-22)."""

    party_id: UUID


class UserCreated(Fact, stored_name="Created"):
    """新建用户 (U-01, U-14), or a party's first user (G-15). Name, phones and email are sealed. ``maximum`` and
    ``receiving`` – 最大持单量, 接单状态 – are what a provider's employee begins with (D-65)."""

    party_id: UUID
    side: Side
    main: bool
    login_name: str
    roles: list[str]
    department_id: UUID | None
    name: str
    mobile: str | None
    landline: str | None
    email: str | None
    maximum: int | None = None
    receiving: bool | None = None


class UserEdited(Fact, stored_name="Edited"):
    """编辑用户 (U-31), or 个人信息 saved by the user (U-37): the whole state, as others copy it. The last four fields
    are sealed."""

    party_id: UUID
    side: Side
    main: bool
    login_name: str
    roles: list[str]
    department_id: UUID | None
    name: str
    mobile: str | None
    landline: str | None
    email: str | None


class PasswordReset(Fact):
    """密码重置: an admin had a new initial password made (U-32); the password itself is in no fact."""

    by: UUID


class PasswordChanged(Fact):
    """The user has chosen another password (U-28, U-29)."""


class SessionsRevoked(Fact):
    """Every token issued before ``before`` is void."""

    before: datetime


class SecondFactorAdded(Fact):
    """The user has shown the first code of an app; from now on every sign-in needs one."""


class SecondFactorRemoved(Fact):
    """The user – ``by`` itself, or an admin – gave the second factor up."""

    by: UUID


class DeletionRequested(Fact):
    """删除 of a provider's user, who is blocked until dispatch has answered (U-21)."""

    party_id: UUID


class HeldOrder(TypedDict):
    """A project the user has to do with."""

    project_id: UUID
    order_number: str


class DeletionRefused(Fact):
    """The user still holds ``held`` projects and works on (U-21), or – 0 – ``asks`` named him; None: it was not told.
    ``orders`` are the first of those projects, by order number."""

    held: int | None = None
    asks: int | None = None
    orders: list[HeldOrder] | None = None


class UserDeleted(Fact, stored_name="Deleted"):
    """删除 (U-21)."""

    party_id: UUID


class PersonErased(Fact):
    """The key of a deleted person's data is destroyed."""

    party_id: UUID


class AccessKeyCreated(Fact, stored_name="Created"):
    """访问密钥: programs act for a party with it, as ``user_id`` – who made it – and for no more than ``scopes``. The
    secret is in no fact. ``networks``: from where it works, anywhere if empty."""

    party_id: UUID
    user_id: UUID
    access_key_id: str
    name: str
    scopes: list[str]
    networks: list[str]
    expires_at: datetime | None


class AccessKeySwitched(Fact, stored_name="Switched"):
    """停用 or 启用: tokens it was given are void with the first."""

    enabled: bool
    by: UUID


class AccessKeyDeleted(Fact, stored_name="Deleted"):
    """删除: it never works again."""

    by: UUID


class ActionBegun(Fact, stored_name="Begun"):
    """操作审计: someone who runs the installation begins to change it by hand. ``who`` is the name of the
    operating-system user, or the one given instead; ``arguments`` name things by id and hold no personal data."""

    who: str
    action: str
    arguments: dict[str, str]


class ActionEnded(Fact, stored_name="Ended"):
    """What came of it. An action that died half-way has no such end."""

    outcome: ActionOutcome
    detail: str


class ContactNamed(Fact, stored_name="Named"):
    """An order names somebody to be told and asked for its buyer, who can be reached: he may come by links. Who he is
    stands in no fact of this service. ``version`` counts whom the order has named."""

    project_id: UUID
    customer_id: UUID
    vendor_id: UUID
    product_name: str
    version: int


class LinkAsked(Fact):
    """A new link was asked for with an old one, and goes to the contact."""

    project_id: UUID
    version: int
    number: int


class CodeAsked(Fact):
    """A device that came by a link asked for a code, which goes to the contact."""

    project_id: UUID
    version: int
    number: int


class ContactGone(Fact, stored_name="Gone"):
    """The order was withdrawn, its buyer forgotten, or somebody else is named: no link of this version opens anything
    any more. ``contact_id``: who he was, in sessions."""

    contact_id: UUID
    version: int
    before: datetime


class LinkLifeSet(Fact):
    """For how many hours the links of a vendor's customers open their projects."""

    hours: int


PartyFact = PartyRegistered | SecondFactorDemanded | PartyErased | LinkLifeSet
DepartmentFact = DepartmentCreated | DepartmentChanged | DepartmentDeleted
UserFact = (
    UserCreated
    | UserEdited
    | PasswordReset
    | PasswordChanged
    | SessionsRevoked
    | SecondFactorAdded
    | SecondFactorRemoved
    | DeletionRequested
    | DeletionRefused
    | UserDeleted
    | PersonErased
)
AccessKeyFact = AccessKeyCreated | AccessKeySwitched | AccessKeyDeleted
ContactFact = ContactNamed | LinkAsked | CodeAsked | ContactGone
ActionFact = ActionBegun | ActionEnded
