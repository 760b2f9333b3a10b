"""Fields that several resources of this service have."""

from __future__ import annotations

from typing import Any

from delivery_shared.http.contacts import Email, Mobile
from delivery_shared.http.texts import Text
from marshmallow import Schema, fields, validate

from identity_svc.api.contacts import Landline
from identity_svc.vault import PersonalData

_LOGIN = validate.Regexp(
    r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z",
    error="登录名称只能包含字母、数字、点、下划线和连字符 / letters, digits, . _ -",
)


class Name(Text):
    """What a person, party, department or view is called."""

    def __init__(self, *, longest: int = 64) -> None:
        super().__init__(required=True, shortest=1, longest=longest)


class LocalName(Text):
    """A login name without its suffix (U-13)."""

    def __init__(self) -> None:
        super().__init__(required=True, longest=64)
        self.validators.append(_LOGIN)


class Person(Schema):
    """姓名, 手机号, 座机号 (U-02)."""

    name = Name()
    mobile = Mobile()
    landline = Landline()


class PersonWithEmail(Person):
    """个人信息 (U-38)."""

    email = Email()


class FirstUserIn(PersonWithEmail):
    """Who signs in first for a party."""

    login_name = LocalName()


class RoleOut(Schema):
    role = fields.String()
    name = fields.String()


class HeldOrderOut(Schema):
    project_id = fields.UUID()
    order_number = fields.String()


class UserOut(Schema):
    """A row of 用户管理 (U-12). ``local_name`` is the login name without its suffix (U-13). ``below``: in a list of a
    department, of one below it. ``deletion_refused_held``: for how many projects a deletion was refused (U-21), or – 0
    – ``…_asks`` under way; ``…_orders`` are the first of them."""

    user_id = fields.UUID()
    side = fields.String()
    login_name = fields.String()
    local_name = fields.String()
    name = fields.String()
    mobile = fields.String(allow_none=True)
    landline = fields.String(allow_none=True)
    email = fields.String(allow_none=True)
    roles = fields.List(fields.Nested(RoleOut))
    department_id = fields.UUID(allow_none=True)
    department_name = fields.String(allow_none=True)
    below = fields.Boolean()
    second_factor = fields.Boolean()
    state = fields.String()
    deletion_refused_at = fields.AwareDateTime(allow_none=True)
    deletion_refused_held = fields.Integer(allow_none=True)
    deletion_refused_asks = fields.Integer(allow_none=True)
    deletion_refused_orders = fields.List(fields.Nested(HeldOrderOut))
    revision = fields.Integer()
    created_at = fields.AwareDateTime()


class PasswordOut(Schema):
    """``initial_password`` is there this once, never on a repeated request (U-27)."""

    user_id = fields.UUID()
    login_name = fields.String()
    initial_password = fields.String()


def personal_data(body: dict[str, Any]) -> PersonalData:
    """The personal fields of a body."""
    return PersonalData(
        name=body["name"],
        mobile=body["mobile"],
        landline=body["landline"],
        email=body.get("email"),
    )
