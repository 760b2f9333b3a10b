"""持单量设置, one's own receive status, and who could take over a role (D-55…D-68, R-46…R-53)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from delivery_shared.http import allow, application, caller, command, once_known, reply
from delivery_shared.http.fields import QuerySwitch, Switch
from delivery_shared.http.paging import CursorField, LimitField, Page, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema

from dispatch_svc.domain.errors import UnknownMember
from dispatch_svc.domain.limits import PERSON_MAXIMA
from dispatch_svc.pages.staff import BY_DEPARTMENT, BY_NAME

blp = Blueprint("staff-loads", __name__, description="持单量设置 / loads of staff")

PAGE = 50
"""Rows of a page unless asked for otherwise."""

RANGE = "最大持单量取值范围为0-50，只支持整数 / maximum load from 0 to 50, integers only"

MAXIMUM: dict[str, Any] = {
    "strict": True,
    "validate": validate.Range(min=PERSON_MAXIMA[0], max=PERSON_MAXIMA[-1], error=RANGE),
    "error_messages": {"invalid": RANGE},
}


class Filters(Schema):
    cursor = CursorField(*BY_NAME, load_default=None)
    limit = LimitField(PAGE)
    name = Text(longest=100)
    role = Text(longest=100)
    receiving = QuerySwitch()


class SettingIn(Schema):
    """最大持单量 and 接单状态 (D-59)."""

    maximum = fields.Integer(required=True, **MAXIMUM)
    receiving = Switch(required=True)


class BatchIn(Schema):
    """For all ticked rows at once; what is left out stays (D-60)."""

    person_ids = fields.List(fields.UUID(), required=True, validate=validate.Length(min=1, max=500))
    maximum = fields.Integer(**MAXIMUM)
    receiving = Switch()

    @validates_schema
    def _something(self, data: dict[str, Any], **_: Any) -> None:
        if "maximum" not in data and "receiving" not in data:
            raise ValidationError(
                "最大持单量和接单状态至少填写一项 / give the maximum load, the receive status, or both"
            )


class ReceivingIn(Schema):
    receiving = Switch(required=True)


class SettingOut(Schema):
    person_id = fields.UUID()
    maximum = fields.Integer()
    receiving = fields.Boolean()
    held = fields.Integer(attribute="load", data_key="load")


class SettingsOut(Schema):
    items = fields.List(fields.Nested(SettingOut))


class PersonOut(SettingOut):
    """A row of 持单量设置; ``receiving_text`` is 接单状态 as shown (D-58)."""

    receiving_text = fields.Function(lambda row: "正常" if row["receiving"] else "暂停", metadata={"type": "string"})

    name = fields.String(allow_none=True)
    login_name = fields.String(allow_none=True)
    roles = fields.List(fields.String())
    role_names = fields.List(fields.String())
    department_id = fields.String(allow_none=True, attribute="department")
    department_name = fields.String(allow_none=True)


PeoplePage = page_schema(PersonOut)


class RoleQuery(Schema):
    role = Text(required=True, shortest=1, longest=100)
    cursor = CursorField(*BY_DEPARTMENT, load_default=None)
    limit = LimitField(PAGE)


@blp.route("/api/v1/staff-loads")
class StaffLoads(MethodView):
    @allow("provider_admin")
    @blp.arguments(Filters, location="query", unknown=RAISE)
    @blp.response(200, PeoplePage)
    def get(self, query: dict[str, Any]) -> Page:
        """Everybody of the own provider, the main account included (D-63)."""
        page: Page = application().staff.loads(by=caller(), **query)
        return page


@blp.route("/api/v1/staff-loads/<uuid:person_id>")
class StaffLoad(MethodView):
    @allow("provider_admin")
    @blp.arguments(SettingIn)
    @blp.response(200, SettingsOut)
    def put(self, body: dict[str, Any], person_id: UUID) -> Response:
        """设置."""
        return _set(person_ids=[person_id], **body)


@blp.route("/api/v1/staff-loads/batch")
class StaffLoadBatch(MethodView):
    @allow("provider_admin")
    @blp.arguments(BatchIn)
    @blp.response(200, SettingsOut)
    def post(self, body: dict[str, Any]) -> Response:
        """All or none."""
        return _set(**body)


@blp.route("/api/v1/receiving")
class Receiving(MethodView):
    @allow("provider_admin", "staff")
    @blp.response(200, SettingOut)
    def get(self) -> dict[str, Any]:
        """One's own 接单状态 (D-61, D-62)."""
        found: dict[str, Any] = application().staff.receiving(by=caller())
        return found

    @allow("provider_admin", "staff")
    @blp.arguments(ReceivingIn)
    @blp.response(200, SettingOut)
    def put(self, body: dict[str, Any]) -> Response:
        """Open or close it."""
        return reply(application().set_receiving(command=command(), by=caller(), receiving=body["receiving"]))


@blp.route("/api/v1/assignments/<uuid:project_id>/candidates")
class AssigneeCandidates(MethodView):
    @allow("provider_admin")
    @blp.arguments(RoleQuery, location="query", unknown=RAISE)
    @blp.response(200, PeoplePage)
    def get(self, query: dict[str, Any], project_id: UUID) -> Page:
        """选择操作人: who could take over the role, the present department first."""
        page: Page = application().staff.assignee_candidates(by=caller(), project_id=project_id, **query)
        return page


def _set(**settings: Any) -> Response:
    """Of people who may have been made a moment ago."""
    set_members = application().set_members
    return reply(once_known(lambda: set_members(command=command(), by=caller(), **settings), UnknownMember))
