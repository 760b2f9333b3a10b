"""Menus of the caller, and the saved views of lists."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from delivery_shared.http import SIGNED_IN, allow, application, caller, command, reply
from delivery_shared.http.fields import Switch
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError, fields, validate

from identity_svc.api.schemas import Name
from identity_svc.commands import saved_views
from identity_svc.pages.menus import menus_of

blp = Blueprint("views", __name__, description="菜单与视图 / menus and saved views")

PAGE = validate.Regexp(r"[a-z][a-z0-9-]{0,49}\Z", error="页面代码无效 / not the code of a page")
FILTERS = 4096
"""Characters of a view's filters as JSON at most."""


def small(filters: dict[str, Any]) -> None:
    """Filters are short."""
    if len(json.dumps(filters)) > FILTERS:
        raise ValidationError("筛选条件过长 / the filters are too long")


class Menu(Schema):
    name = fields.String()
    items = fields.List(fields.String())


class Entrance(Schema):
    entrance = fields.String()
    name = fields.String()
    menus = fields.List(fields.Nested(Menu))


class Menus(Schema):
    entrances = fields.List(fields.Nested(Entrance))


class ViewIn(Schema):
    """``filters``: the query parameters of the list, as the client wants them back."""

    page = fields.String(required=True, validate=PAGE)
    name = Name(longest=50)
    filters = fields.Dict(keys=fields.String(), required=True, validate=small)
    shared = Switch(load_default=False, metadata={"description": "seen by all users of the party"})


class ViewOut(Schema):
    view_id = fields.UUID()
    page = fields.String()
    name = fields.String()
    filters = fields.Dict()
    shared = fields.Boolean()
    own = fields.Boolean()
    owner_name = fields.String()


class ViewId(Schema):
    view_id = fields.UUID()


class ViewList(Schema):
    items = fields.List(fields.Nested(ViewOut))
    total = fields.Integer()


class ViewQuery(Schema):
    page = fields.String(load_default=None, validate=PAGE)


@blp.route("/api/v1/me/menus")
class MyMenus(MethodView):
    @allow(SIGNED_IN)
    @blp.response(200, Menus)
    def get(self) -> dict[str, Any]:
        """The caller's entrances with their menus (G-16 … G-28)."""
        return {"entrances": menus_of(caller().kinds)}


@blp.route("/api/v1/me/views")
class MyViews(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(ViewQuery, location="query", unknown=RAISE)
    @blp.response(200, ViewList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """The caller's views and those shared in the party."""
        items = application().lists.views(by=caller(), **query)
        return {"items": items, "total": len(items)}


@blp.route("/api/v1/me/views/<uuid:view_id>")
class OneView(MethodView):
    @allow(SIGNED_IN)
    @blp.arguments(ViewIn)
    @blp.response(200, ViewId)
    @blp.alt_response(201, schema=ViewId, description="Created")
    def put(self, body: dict[str, Any], view_id: UUID) -> Response:
        """Create or replace a view under an id of the client's."""
        return reply(application().carry_out(command(), saved_views.save(by=caller(), view_id=view_id, **body)))

    @allow(SIGNED_IN)
    @blp.response(204)
    def delete(self, view_id: UUID) -> Response:
        """Only its owner."""
        return reply(application().carry_out(command(), saved_views.delete(by=caller(), view_id=view_id)))
