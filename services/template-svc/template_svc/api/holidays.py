"""节假日设置 over HTTP: browsed by vendor admins (H-03), kept by the platform operator (H-08)."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import Problem, allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, post_load, validate

from template_svc.api.fields import Paging, Text, bad_cursor, from_cursor, to_cursor
from template_svc.calendar import DAYS_OFF, YEARS, Holiday, HolidaysInvalid

blp = Blueprint("holidays", __name__, description="节假日: the working-day calendar")

MAKE_UP_DAYS = 10


class HolidayBody(Schema):
    name = Text(required=True, shortest=1, longest=50)
    first = fields.Date(required=True, metadata={"description": "first day off"})
    last = fields.Date(required=True, metadata={"description": "last day off"})
    make_up_days = fields.List(
        fields.Date(),
        load_default=list,
        validate=validate.Length(max=MAKE_UP_DAYS),
        metadata={"description": "调休: weekend days worked instead"},
    )

    @post_load
    def made(self, values: dict[str, Any], **_: Any) -> Holiday:
        return Holiday(**{**values, "make_up_days": tuple(sorted(values["make_up_days"]))})


class YearBody(Schema):
    holidays = fields.List(fields.Nested(HolidayBody), required=True, validate=validate.Length(max=DAYS_OFF))
    provisional = Switch(load_default=False)


class YearQuery(Paging):
    year = fields.Integer(load_default=None, validate=validate.Range(YEARS[0], YEARS[-1]))


class HolidayEntry(Schema):
    name = fields.String()
    first = fields.String(metadata={"description": "假期时间: from"})
    last = fields.String(metadata={"description": "假期时间: to"})
    days = fields.Integer(metadata={"description": "放假天数"})
    make_up_days = fields.List(fields.String(), metadata={"description": "调休情况"})


class HolidayYearEntry(Schema):
    year = fields.Integer()
    provisional = fields.Boolean(metadata={"description": "make-up days are not published yet"})
    version = fields.Integer(metadata={"description": "for If-Match"})
    holidays = fields.List(fields.Nested(HolidayEntry))


class HolidayYearList(Schema):
    items = fields.List(fields.Nested(HolidayYearEntry))
    total = fields.Integer()
    next = fields.String(allow_none=True)


@blp.route("/api/v1/holidays")
class Holidays(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(YearQuery, location="query", unknown=RAISE)
    @blp.response(200, HolidayYearList)
    def get(self, query: dict[str, Any]) -> dict[str, Any]:
        """The holidays by year, newest first."""
        before = None
        if query["cursor"]:
            place = from_cursor(query["cursor"])
            if not place.isdecimal():
                raise bad_cursor()
            before = int(place)
        limit = query["limit"]
        found, total = application().holiday_years(year=query["year"], before=before, limit=limit + 1)
        more = to_cursor(str(found[limit - 1]["year"])) if len(found) > limit else None
        return {"items": found[:limit], "total": total, "next": more}


@blp.route("/api/v1/holidays/<int:year>")
class OneYear(MethodView):
    @allow("platform_operator")
    @needs(version="must")
    @blp.arguments(YearBody)
    @blp.response(200, HolidayYearEntry)
    def put(self, body: dict[str, Any], year: int) -> Response:
        """Replace the holidays of a year; open nodes get new due times (H-09). Needs ``If-Match`` with the version
        edited, 0 for a year without any yet."""
        if year not in YEARS:
            text = f"年份须在{YEARS[0]}至{YEARS[-1]}之间 / The year is not between {YEARS[0]} and {YEARS[-1]}"
            raise HolidaysInvalid([{"field": "year", "message": text}])
        outcome = application().set_holidays(command=command(), year=year, at_version=require_version, **body)
        return reply(outcome)


@blp.errorhandler(HolidaysInvalid)
def holidays_invalid(error: HolidaysInvalid) -> Response:
    """What contradicts what, by field."""
    return Problem(
        422,
        "holidays-invalid",
        "节假日设置有误",
        "The holidays contradict each other or their year",
        errors=error.fields,
    ).response()
