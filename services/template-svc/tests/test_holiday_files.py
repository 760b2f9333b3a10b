"""A year's holidays from JSON and iCalendar files: what is read, what would change, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from template_svc.application import TemplateApplication
from template_svc.domain.calendar import Holiday
from template_svc.domain.timekeeping import checked
from template_svc.holiday_files import MOST, FileUnreadable, holidays_of
from template_svc.holiday_presets import of_year
from template_svc.pages.holiday_preview import changes

D = date.fromisoformat


def day(name: str, day: str, off: bool) -> dict[str, Any]:
    return {"name": name, "date": day, "isOffDay": off}


def days(name: str, first: str, last: str, off: bool = True) -> list[dict[str, Any]]:
    length = (D(last) - D(first)).days + 1
    return [day(name, (D(first) + timedelta(days=n)).isoformat(), off) for n in range(length)]


def json_file(year: int | None, *parts: list[dict[str, Any]]) -> str:
    return json.dumps({"year": year, "papers": [], "days": [entry for part in parts for entry in part]})


def ical_file(*events: tuple[str, str, str | None], more: str = "") -> str:
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//"]
    for summary, first, end in events:
        lines += ["BEGIN:VEVENT", f"SUMMARY:{summary}", f"DTSTART;VALUE=DATE:{first}"]
        lines += [f"DTEND;VALUE=DATE:{end}"] if end else []
        lines += ["END:VEVENT"]
    return "\r\n".join([*lines, *more.splitlines(), "END:VCALENDAR", ""])


YEAR_2019 = [
    ("元旦", "2018-12-30", "2019-01-01", ["2018-12-29"]),
    ("春节", "2019-02-04", "2019-02-10", ["2019-02-02", "2019-02-03"]),
    ("清明节", "2019-04-05", "2019-04-07", []),
    ("劳动节", "2019-05-01", "2019-05-04", ["2019-04-28", "2019-05-05"]),
    ("端午节", "2019-06-07", "2019-06-09", []),
    ("中秋节", "2019-09-13", "2019-09-15", []),
    ("国庆节", "2019-10-01", "2019-10-07", ["2019-09-29", "2019-10-12"]),
]
JSON_2019 = json_file(
    2019,
    *(
        [*days(name, first, last), *(day(name, made_up, False) for made_up in make_up_days)]
        for name, first, last, make_up_days in YEAR_2019
    ),
)
ICAL_2019 = ical_file(
    ("元旦假期", "20181230", "20190102"),
    ("上班(补元旦假期)", "20181229", "20181230"),
    ("上班(补春节假期)", "20190202", "20190204"),
    ("春节假期", "20190204", "20190211"),
    ("清明节假期", "20190405", "20190408"),
    ("上班(补劳动节假期)", "20190428", None),
    ("劳动节假期", "20190501", "20190505"),
    ("上班(补劳动节假期)", "20190505", "20190506"),
    ("端午节（休）", "20190607", "20190610"),
    ("中秋节 第1天/共3天", "20190913", None),
    ("中秋节 第2天/共3天", "20190914", None),
    ("中秋节 第3天/共3天", "20190915", None),
    ("国庆节（班）", "20190929", "20190930"),
    ("国庆节（休）", "20191001", "20191008"),
    ("国庆节（班）", "20191012", "20191013"),
)


def made(holidays: list[Holiday]) -> list[tuple[str, str, str, list[str]]]:
    return [(h.name, str(h.first), str(h.last), [str(day) for day in h.make_up_days]) for h in holidays]


@pytest.mark.requirement("H-03", "H-04")
@pytest.mark.parametrize("content", [JSON_2019, "\ufeff" + JSON_2019, ICAL_2019, ICAL_2019.replace("\r\n", "\n")])
def test_a_year_is_read_as_it_was_published(content: str) -> None:
    found, ignored = holidays_of(content)
    assert {year: made(holidays) for year, holidays in found.items()} == {2019: YEAR_2019}
    assert ignored == []
    assert checked(2019, found[2019])
    assert made(found[2019]) == made(of_year(2019))


def test_weekends_beside_days_off_belong_to_the_holiday_unless_they_are_worked() -> None:
    content = json_file(2020, days("劳动节", "2020-05-01", "2020-05-01"), days("端午节", "2020-06-25", "2020-06-26"))
    assert made(holidays_of(content)[0][2020]) == [
        ("劳动节", "2020-05-01", "2020-05-03", []),
        ("端午节", "2020-06-25", "2020-06-28", []),
    ]
    worked = json_file(2020, days("端午节", "2020-06-25", "2020-06-27"), [day("端午节", "2020-06-28", False)])
    assert made(holidays_of(worked)[0][2020]) == [("端午节", "2020-06-25", "2020-06-27", ["2020-06-28"])]


def test_holidays_of_two_names_in_a_row_stay_two() -> None:
    content = json_file(2012, days("中秋节", "2012-09-30", "2012-09-30"), days("国庆节", "2012-10-01", "2012-10-07"))
    assert made(holidays_of(content)[0][2012]) == [
        ("中秋节", "2012-09-29", "2012-09-30", []),
        ("国庆节", "2012-10-01", "2012-10-07", []),
    ]


def test_make_up_days_without_a_holiday_of_their_name_go_to_the_nearest() -> None:
    content = ical_file(
        ("元旦", "20260101", "20260104"),
        ("春节", "20260215", "20260224"),
        ("班", "20260214", None),
        ("补班", "20260228", None),
    )
    assert made(holidays_of(content)[0][2026]) == [
        ("元旦", "2026-01-01", "2026-01-04", []),
        ("春节", "2026-02-15", "2026-02-23", ["2026-02-14", "2026-02-28"]),
    ]


def test_what_cannot_be_used_is_told() -> None:
    """A Monday that is worked is a Monday; times of day and rules are no days off; far make-up days belong nowhere."""
    monday = json_file(2020, days("春节", "2020-01-24", "2020-02-02"), [day("春节", "2020-02-03", False)])
    assert holidays_of(monday)[1] == ["2020-02-03 春节"]
    meeting = "BEGIN:VEVENT\nSUMMARY:会议\nDTSTART:20200304T010000Z\nEND:VEVENT"
    rule = "BEGIN:VEVENT\nSUMMARY:生日\nDTSTART;VALUE=DATE:20200305\nRRULE:FREQ=YEARLY\nEND:VEVENT"
    content = ical_file(("元旦", "20200101", None), ("班", "20200606", None), more=f"{meeting}\n{rule}")
    found, ignored = holidays_of(content)
    assert made(found[2020]) == [("元旦", "2020-01-01", "2020-01-01", [])]
    assert ignored == ["2020-03-04 会议", "2020-03-05 生日", "2020-06-06 班"]


def test_several_years_of_a_calendar_are_told_apart_by_where_holidays_end() -> None:
    content = ical_file(("元旦", "20221231", "20230103"), ("国庆节", "20221001", "20221008"))
    found, _ = holidays_of(content)
    assert {year: [name for name, *_ in made(holidays)] for year, holidays in found.items()} == {
        2022: ["国庆节"],
        2023: ["元旦"],
    }


@pytest.mark.parametrize(
    "content",
    [
        "x",
        "[]",
        "{}",
        "null",
        '{"days": 5}',
        json_file(2027),
        json_file(2019, [day("元旦", "2019-01-01", False)]),
        json_file(2019, [{"name": "元旦", "date": "1 January", "isOffDay": True}]),
        json_file(2019, [{"name": "元旦", "date": "2019-01-01", "isOffDay": "false"}]),
        json_file(2019, [{"name": "元旦", "date": "2019-01-01"}]),
        '{"year": "2019", "days": []}',
        json_file(True, days("元旦", "2019-01-01", "2019-01-01")),
        json_file(None, days("元旦", "0001-01-01", "0001-01-01")),
        json_file(None, days("元旦", "9999-12-31", "9999-12-31")),
        ical_file(("元旦", "99991231", None)),
        json_file(1949, days("国庆节", "1949-10-01", "1949-10-01")),
        json_file(None, days("元旦", "1999-01-01", "1999-01-01")),
        json_file(2019, [day("元旦", "2019-01-01", True)] * (MOST + 1)),
        "[" * 100_000,
        ical_file(),
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT",
        "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\nEND:VEVENT\r\nEND:VCALENDAR",
        ical_file(("元旦", "20199999", None)),
        ical_file(("元旦", "20190101", "20181231")),
        ical_file(("元旦", "20190101", "20990101")),
        ical_file(*[("元旦", "20190101", None)] * (MOST + 1)),
    ],
    ids=lambda content: content[:40],
)
def test_what_is_no_file_of_holidays_is_refused(content: str) -> None:
    with pytest.raises(FileUnreadable):
        holidays_of(content)


def test_the_changes_are_days_that_are_worked_in_one_calendar_only() -> None:
    before = {2019: [Holiday(name="元旦", first=D("2019-01-01"), last=D("2019-01-02"))], 2020: of_year(2020)}
    after = {
        **before,
        2019: [Holiday(name="元旦", first=D("2018-12-30"), last=D("2019-01-01"), make_up_days=(D("2018-12-29"),))],
    }
    assert changes(2019, before, before) == []
    assert changes(2019, before, after) == [
        {"date": "2018-12-29", "working": True, "name": "元旦"},
        {"date": "2018-12-31", "working": False, "name": "元旦"},
        {"date": "2019-01-02", "working": True, "name": "元旦"},
    ]


# --- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.requirement("H-08")
@pytest.mark.parametrize("content", [JSON_2019, ICAL_2019])
def test_the_operator_looks_at_the_changes_and_then_saves_them(
    operator: Any, application: TemplateApplication, events: Callable[[], int], content: str
) -> None:
    [known] = operator("GET", "holidays?year=2019").json["items"]
    shorter = [{k: v for k, v in h.items() if k != "days"} for h in known["holidays"] if h["name"] != "国庆节"]
    saved = operator("PUT", "holidays/2019", {"holidays": shorter}, If_Match=f'"{known["version"]}"')
    assert saved.status_code == 200
    before = events()
    shown = operator("POST", "holidays/preview", {"content": content})
    assert shown.status_code == 200
    [year] = shown.json["items"]
    assert [(change["date"], change["working"]) for change in year["changes"]] == [
        ("2019-09-29", True),
        *((f"2019-10-0{n}", False) for n in (1, 2, 3, 4, 7)),
        ("2019-10-12", True),
    ]
    assert {change["name"] for change in year["changes"]} == {"国庆节"}
    assert (year["year"], year["version"], year["provisional"]) == (2019, saved.json["version"], False)
    assert events() == before
    body = {"holidays": [{k: v for k, v in h.items() if k != "days"} for h in year["holidays"]]}
    assert operator("PUT", "holidays/2019", body, If_Match=f'"{year["version"]}"').status_code == 200
    assert operator("POST", "holidays/preview", {"content": content}).json["items"][0]["changes"] == []


@pytest.mark.integration
@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ({"content": "x"}, "holiday-file-unreadable"),
        ({"content": ""}, "invalid"),
        ({"content": "x" * 200_001}, "invalid"),
        ({}, "invalid"),
        ({"content": json_file(2019, days("长假", "2019-01-01", "2019-06-01"))}, "holidays-invalid"),
        ({"content": json_file(2019, days("元旦", "2018-01-01", "2018-01-01"))}, "holidays-invalid"),
    ],
)
def test_what_is_no_year_is_refused_by_field(
    operator: Any, events: Callable[[], int], body: dict[str, Any], kind: str
) -> None:
    before = events()
    refused = operator("POST", "holidays/preview", body)
    assert (refused.status_code, refused.json["type"].rpartition(":")[2]) == (422, kind)
    assert refused.json["errors"]
    assert events() == before


@pytest.mark.integration
def test_only_the_operator_looks_at_files(vendor: Any) -> None:
    assert vendor("POST", "holidays/preview", {"content": JSON_2019}).status_code == 403
