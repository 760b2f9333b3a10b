"""节假日设置 over HTTP: browsed by vendor admins (H-03), kept by the platform operator (H-08)."""

from __future__ import annotations

from typing import Any

from delivery_shared.http import Problem, allow, application, command, needs, reply, require_version
from delivery_shared.http.fields import Switch
from delivery_shared.http.paging import CursorField, PageQuery, page_schema
from delivery_shared.http.texts import Text
from flask import Response
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields, post_load, validate

from template_svc.commands.calendar import set_holidays
from template_svc.domain.calendar import Holiday
from template_svc.domain.errors import HolidaysInvalid
from template_svc.domain.timekeeping import DAYS_OFF, YEARS
from template_svc.holiday_files import FileUnreadable
from template_svc.pages.holiday_preview import preview

blp = Blueprint("holidays", __name__, description="节假日: the working-day calendar")

MAKE_UP_DAYS = 10

FILE_LIMIT = 200_000
"""Characters of a file of holidays: of many years."""


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


class YearQuery(PageQuery):
    cursor = CursorField(int, load_default=None)
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


HolidayYearList = page_schema(HolidayYearEntry)


@blp.route("/api/v1/holidays")
class Holidays(MethodView):
    @allow("vendor_admin", "platform_operator")
    @blp.arguments(YearQuery, location="query", unknown=RAISE)
    @blp.response(200, HolidayYearList)
    def get(self, query: dict[str, Any]) -> Any:
        """The holidays by year, newest first."""
        return application().calendar.years(**query)


class HolidayFile(Schema):
    content = fields.String(
        required=True,
        validate=validate.Length(1, FILE_LIMIT),
        metadata={"description": "JSON as NateScarlet/holiday-cn publishes it, or iCalendar"},
    )


class DayChange(Schema):
    date = fields.String()
    working = fields.Boolean(metadata={"description": "whether the day would be worked"})
    name = fields.String(metadata={"description": "the holiday that speaks of it"})


class ProposedYear(HolidayYearEntry):
    changes = fields.List(fields.Nested(DayChange))


class ProposedYears(Schema):
    items = fields.List(fields.Nested(ProposedYear))
    ignored = fields.List(fields.String(), metadata={"description": "what of the file was left out"})


@blp.route("/api/v1/holidays/preview")
class Preview(MethodView):
    @allow("platform_operator")
    @blp.arguments(HolidayFile)
    @blp.response(200, ProposedYears)
    def post(self, body: dict[str, Any]) -> dict[str, Any]:
        """What a file of holidays would change. Saves nothing: PUT each year with its ``version``."""
        years, ignored = preview(application().calendar, **body)
        return {"items": years, "ignored": ignored}


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
        outcome = application().carry_out(command(), set_holidays(year=year, at_version=require_version, **body))
        return reply(outcome)


@blp.errorhandler(FileUnreadable)
def file_unreadable(error: FileUnreadable) -> Response:
    """No file of holidays."""
    errors = [{"field": "content", "message": f"{error.zh} / {error.en}"}]
    return Problem(422, "holiday-file-unreadable", error.zh, error.en, errors=errors).response()


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
