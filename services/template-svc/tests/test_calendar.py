"""The working-day calendar and the platform's clock: presets, rules, routes, messages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from delivery_shared.commands import Command
from delivery_shared.http.paging import MAX_PAGE
from delivery_shared.messaging.envelope import open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.testing.bdd import given
from delivery_shared.working_time import Calendar
from template_svc.application import TemplateApplication
from template_svc.commands.calendar import set_holidays
from template_svc.domain import facts, timekeeping
from template_svc.domain.calendar import Holiday
from template_svc.domain.errors import HolidaysInvalid
from template_svc.domain.facts import StoredHoliday
from template_svc.domain.timekeeping import DAYS_OFF, checked
from template_svc.holiday_presets import is_published, of_year
from template_svc.seeding import seed_calendar
from template_svc.status import calendar_status

NOW = datetime(2026, 6, 1, tzinfo=UTC)
_years = count(2041)

DAY = {"name": "测试", "first": "{y}-05-01", "last": "{y}-05-03", "make_up_days": []}


def body(year: int, **changed: Any) -> dict[str, Any]:
    holiday = {**DAY, **changed}
    return {"holidays": [{k: v.format(y=year) if isinstance(v, str) else v for k, v in holiday.items()}]}


@pytest.fixture
def year() -> int:
    """A year without a calendar yet."""
    return next(_years)


def heard(application: TemplateApplication, after: int) -> list[Any]:
    return [open_message(o.body).contract for o in Outbox(application.store).read(after=after, limit=50)]


# --- the aggregate ---------------------------------------------------------------------------------------------------


def stored(first: str, last: str, *make_up_days: str) -> StoredHoliday:
    return {"name": "x", "first": first, "last": last, "make_up_days": list(make_up_days)}


@pytest.mark.requirement("H-08")
def test_a_year_is_replaced_as_a_whole_and_the_same_again_is_no_change() -> None:
    old, new = [stored("2030-05-01", "2030-05-03")], [stored("2030-05-01", "2030-05-04", "2030-05-05")]
    made = given(timekeeping.define_year(year=2030, holidays=old, provisional=True, at=NOW))
    made.when(lambda y: timekeeping.change_year(y, holidays=new, provisional=False, at=NOW)).then(
        (facts.HolidaysChanged, {"year": 2030, "holidays": new, "provisional": False})
    )
    made.when(lambda y: timekeeping.change_year(y, holidays=new, provisional=False, at=NOW)).then()


def test_the_clock_moves_and_the_same_again_is_no_change() -> None:
    made = given(timekeeping.begin_clock(offset_seconds=0, at=NOW))
    made.when(lambda c: timekeeping.move_clock(c, offset_seconds=60, at=NOW)).then(
        (facts.ClockMovedAgain, {"offset_seconds": 60})
    )
    made.when(lambda c: timekeeping.move_clock(c, offset_seconds=60, at=NOW)).then()


def holiday(first: str, last: str, *make_up_days: str) -> Holiday:
    days = tuple(date.fromisoformat(day) for day in make_up_days)
    return Holiday(name="x", first=date.fromisoformat(first), last=date.fromisoformat(last), make_up_days=days)


MAY = holiday("2030-05-01", "2030-05-04", "2030-05-05")


@pytest.mark.parametrize(
    ("others", "field"),
    [
        ([holiday("2031-05-01", "2031-05-01")], "holidays.1.first"),
        ([holiday("2029-12-30", "2029-12-31")], "holidays.1.first"),
        ([holiday("2031-01-01", "2031-01-01")], "holidays.1.first"),
        ([holiday("2029-05-01", "2031-05-01")], "holidays"),
        ([holiday("2030-06-02", "2030-06-01")], "holidays.1.last"),
        ([holiday("2030-05-04", "2030-05-06")], "holidays.1.first"),
        ([holiday("2030-04-30", "2030-04-30", "2030-05-05")], "holidays.1.make_up_days.0"),
        ([holiday("2030-06-06", "2030-06-07", "2030-06-10")], "holidays.1.make_up_days.0"),
        ([holiday("2030-06-06", "2030-06-09", "2030-06-08")], "holidays.1.make_up_days.0"),
        ([holiday("2030-06-06", "2030-06-07", "2030-09-07")], "holidays.1.make_up_days.0"),
        ([holiday("2030-06-06", "2030-06-07", "2030-06-08", "2030-06-08")], "holidays.1.make_up_days.1"),
        ([holiday("2030-05-05", "2030-05-05")], "holidays.1.first"),
    ],
)
def test_contradictions_are_named_by_field(others: list[Holiday], field: str) -> None:
    with pytest.raises(HolidaysInvalid) as refused:
        checked(2030, [MAY, *others])
    assert field in [found["field"] for found in refused.value.fields]


def test_a_year_has_at_most_120_days_off() -> None:
    first = date(2030, 1, 1)
    most = Holiday(name="x", first=first, last=first + timedelta(days=DAYS_OFF - 1))
    more = Holiday(name="x", first=first, last=first + timedelta(days=DAYS_OFF))
    assert len(checked(2030, [most])) == 1
    with pytest.raises(HolidaysInvalid):
        checked(2030, [more])


@pytest.mark.requirement("H-03")
@pytest.mark.parametrize("year", [2018, 2019])
def test_a_holiday_over_new_year_is_one_of_either_year(year: int) -> None:
    [kept] = checked(year, [holiday("2018-12-30", "2019-01-01", "2018-12-29")])
    assert (kept["first"], kept["last"]) == ("2018-12-30", "2019-01-01")


def test_a_make_up_day_may_lie_in_the_year_before() -> None:
    assert checked(2019, [holiday("2019-01-01", "2019-01-01", "2018-12-29")])


# --- presets ---------------------------------------------------------------------------------------------------------


@pytest.mark.requirement("H-02", "H-04", "H-05")
def test_the_presets_are_the_published_chinese_holidays() -> None:
    found = {h.name: (h.first, h.last, h.days, h.make_up_days) for h in of_year(2019)}
    assert found["国庆节"] == (date(2019, 10, 1), date(2019, 10, 7), 7, (date(2019, 9, 29), date(2019, 10, 12)))
    assert found["劳动节"] == (date(2019, 5, 1), date(2019, 5, 4), 4, (date(2019, 4, 28), date(2019, 5, 5)))
    assert found["元旦"] == (date(2018, 12, 30), date(2019, 1, 1), 3, (date(2018, 12, 29),))
    assert len(found) == 7
    calendar = Calendar.of([h for year in range(2018, 2021) for h in of_year(year)])
    worked = [date(2019, 1, 1) + timedelta(days=n) for n in range(365)]
    assert sum(map(calendar.is_working, worked)) == 250  # the State Council's figure for 2019


@pytest.mark.parametrize("year", range(2018, 2029))
def test_every_preset_year_follows_the_rules(year: int) -> None:
    assert len(checked(year, of_year(year))) >= 6


def test_years_without_published_make_up_days_are_provisional() -> None:
    assert [is_published(year) for year in (2018, 2024, 2026)] == [True, True, True]
    assert not is_published(2040)


@pytest.mark.integration
def test_seeding_adds_what_is_missing_and_leaves_what_the_operator_changed(
    make_application: Callable[[str], TemplateApplication],
) -> None:
    application = make_application("template_calendar")
    assert seed_calendar(application, now=datetime(2018, 6, 1, tzinfo=UTC)) == 2
    assert seed_calendar(application, now=datetime(2018, 6, 1, tzinfo=UTC)) == 0
    application.carry_out(Command(), set_holidays(year=2019, holidays=[], provisional=False))
    assert seed_calendar(application, now=datetime(2019, 6, 1, tzinfo=UTC)) == 1
    page = application.calendar.years(limit=9)
    assert ([(y["year"], len(y["holidays"])) for y in page.items], page.total) == ([(2020, 6), (2019, 0), (2018, 7)], 3)


@pytest.mark.integration
def test_a_provisional_year_is_replaced_once_its_make_up_days_are_known(
    make_application: Callable[[str], TemplateApplication],
) -> None:
    application = make_application("template_provisional")
    application.carry_out(Command(), set_holidays(year=2018, holidays=[MAY_2018], provisional=True))
    seed_calendar(application, now=datetime(2018, 6, 1, tzinfo=UTC))
    [year] = application.calendar.years(year=2018, limit=1).items
    assert (year["provisional"], year["version"], len(year["holidays"])) == (False, 2, 7)


MAY_2018 = holiday("2018-05-01", "2018-05-01")


# --- over HTTP -------------------------------------------------------------------------------------------------------


@pytest.mark.integration
@pytest.mark.requirement("H-03", "H-08", "G-28")
def test_the_vendor_reads_times_days_off_and_make_up_days(vendor: Any) -> None:
    listed = vendor("GET", "holidays?year=2019").json
    assert (listed["total"], listed["next"]) == (1, None)
    [year] = listed["items"]
    assert (year["year"], year["provisional"]) == (2019, False)
    assert year["holidays"][-1] == {
        "name": "国庆节",
        "first": "2019-10-01",
        "last": "2019-10-07",
        "days": 7,
        "make_up_days": ["2019-09-29", "2019-10-12"],
    }


@pytest.mark.integration
def test_years_are_paged_newest_first(vendor: Any) -> None:
    seen: list[int] = []
    cursor = None
    while True:
        page = vendor("GET", f"holidays?limit=2{f'&cursor={cursor}' if cursor else ''}").json
        seen += [item["year"] for item in page["items"]]
        if page["next"] is None:
            break
        cursor = page["next"]
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == page["total"]
    assert seen[-1] == 2018


@pytest.mark.integration
@pytest.mark.requirement("H-08", "H-09")
def test_the_operator_changes_a_year_and_the_others_hear_of_it(
    operator: Any, application: TemplateApplication, events: Callable[[], int], year: int
) -> None:
    before = events()
    made = operator("PUT", f"holidays/{year}", body(year), If_Match='"0"')
    assert (made.status_code, made.json["version"], made.json["holidays"][0]["days"]) == (200, 1, 3)
    changed = operator("PUT", f"holidays/{year}", {"holidays": []}, If_Match='"1"')
    assert (changed.status_code, changed.json["version"], changed.json["holidays"]) == (200, 2, [])
    assert operator("PUT", f"holidays/{year}", {"holidays": []}, If_Match='"2"').json["version"] == 2
    messages = heard(application, before)
    assert [(m.TYPE, m.year, m.revision, len(m.holidays)) for m in messages] == [
        ("template.calendar_changed", year, 1, 1),
        ("template.calendar_changed", year, 2, 0),
    ]
    assert changed.headers["Delivery-Position"] == f"template:{events()}"


@pytest.mark.integration
@pytest.mark.requirement("H-08", "G-20", "G-22")
@pytest.mark.parametrize(
    ("kind", "reads"),
    [
        ("vendor_admin", 200),
        ("vendor_project_manager", 403),
        ("staff", 403),
        ("account_manager", 403),
        ("customer", 403),
        ("platform_operator", 200),
        ("marketplace", 403),
    ],
)
def test_only_the_operator_changes_and_only_the_vendor_admin_reads_beside(
    sign_in: Any, events: Callable[[], int], kind: str, reads: int
) -> None:
    user, before = sign_in(kind), events()
    assert user("GET", "holidays").status_code == reads
    if kind != "platform_operator":
        assert user("PUT", "holidays/2019", {"holidays": []}, If_Match='"1"').status_code == 403
        assert user("GET", "clock").status_code == 403
        assert user("PUT", "clock", {"offset_seconds": 60}).status_code == 403
    assert events() == before


@pytest.mark.integration
@pytest.mark.parametrize(
    "changed",
    [
        {"name": ""},
        {"name": "x" * 51},
        {"first": "2030-02-30"},
        {"first": "yesterday"},
        {"last": "{y}-04-30"},
        {"first": "2001-05-01"},
        {"make_up_days": ["2001-05-05"]},
        {"days": 3},
        {"make_up_days": "none"},
    ],
)
def test_bad_holidays_are_refused_and_nothing_changes(
    operator: Any, events: Callable[[], int], year: int, changed: dict[str, Any]
) -> None:
    before = events()
    refused = operator("PUT", f"holidays/{year}", body(year, **changed), If_Match='"0"')
    assert refused.status_code == 422
    assert refused.json["errors"]
    assert refused.json["messages"]["zh"]
    assert refused.json["messages"]["en"]
    assert events() == before


@pytest.mark.integration
def test_years_versions_and_parameters_are_checked(operator: Any, events: Callable[[], int], year: int) -> None:
    before = events()
    for wrong in (1999, 2101, 20190):
        assert operator("PUT", f"holidays/{wrong}", {"holidays": []}, If_Match='"0"').status_code == 422
    assert operator("PUT", f"holidays/{year}", {"holidays": []}).status_code == 428
    assert operator("PUT", f"holidays/{year}", {"holidays": []}, If_Match='"1"').status_code == 412
    assert operator("PUT", f"holidays/{year}", {}, If_Match='"0"').status_code == 422
    assert operator("GET", "holidays?years=2019").status_code == 422
    assert operator("GET", "holidays?year=1999").status_code == 422
    assert operator("GET", "holidays?year=text").status_code == 422
    assert operator("GET", "holidays?limit=0").status_code == 422
    assert operator("GET", f"holidays?limit={MAX_PAGE + 1}").status_code == 422
    assert operator("GET", "holidays?cursor=%21").status_code == 422
    assert events() == before


@pytest.mark.integration
def test_a_fixed_clock_is_not_moved(operator: Any, events: Callable[[], int]) -> None:
    before = events()
    refused = operator("PUT", "clock", {"offset_seconds": 60})
    assert (refused.status_code, refused.json["type"].rpartition(":")[2]) == (403, "clock-fixed")
    shown = operator("GET", "clock").json
    assert (shown["offset_seconds"], shown["movable"]) == (0, False)
    assert events() == before


@pytest.mark.integration
def test_a_movable_clock_is_moved_within_ten_years(
    operator: Any, application: TemplateApplication, events: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(application.means, "movable_clock", True)
    before = events()
    for offset in (86_400, 86_400, 0):
        moved = operator("PUT", "clock", {"offset_seconds": offset})
        assert (moved.status_code, moved.json) == (200, {"offset_seconds": offset, "movable": True})
        assert operator("GET", "clock").json["offset_seconds"] == offset
    assert [m.offset_seconds for m in heard(application, before)] == [86_400, 0]
    before = events()
    for wrong in (-1, 10 * 366 * 86_400 + 1, "soon", 1.5, None):
        assert operator("PUT", "clock", {"offset_seconds": wrong}).status_code == 422
    assert events() == before


@pytest.mark.integration
def test_the_coverage_ends_with_the_first_provisional_year(
    make_application: Callable[[str], TemplateApplication],
) -> None:
    """It is counted in days of Shanghai, from today to the end of the last settled year."""
    application = make_application("template_coverage")
    new_year_in_shanghai = datetime(2029, 12, 31, 16, tzinfo=UTC)

    def days(now: datetime) -> int:
        return calendar_status(application.store, now=now).calendar_days

    assert days(new_year_in_shanghai) == 0
    application.carry_out(Command(), set_holidays(year=2030, holidays=[], provisional=False))
    application.carry_out(Command(), set_holidays(year=2031, holidays=[], provisional=True))
    application.carry_out(Command(), set_holidays(year=2032, holidays=[], provisional=False))
    assert days(new_year_in_shanghai) == 365
    assert days(new_year_in_shanghai - timedelta(seconds=1)) == 0
    application.carry_out(Command(), set_holidays(year=2031, holidays=[], provisional=False))
    assert days(datetime(2030, 12, 31, tzinfo=UTC)) == 1 + 365 + 366
