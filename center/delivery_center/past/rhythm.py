"""When things happen: orders on every day, most on working days; people in office hours, buyers in the evening too."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta
from typing import Final

from delivery_shared.working_time import DAY, SHANGHAI, Calendar

ORDER_HOURS: Final = {8: 2, 9: 7, 10: 10, 11: 8, 12: 3, 13: 4, 14: 9, 15: 10, 16: 9, 17: 6, 18: 3, 20: 4, 21: 3, 22: 1}
"""How many orders come in an hour of the day, of a hundred or so."""

OFF: Final = 0.25
"""Orders of a day off, of those of a working day."""

GROWTH: Final = (0.65, 1.35)
"""From the first month to the last."""

OFFICE: Final = (time(9), time(18, 30))
BUYERS: Final = (time(8, 30), time(22))


class Rhythm:
    """Draws times by the calendar of the system."""

    def __init__(self, calendar: Calendar, draw: random.Random) -> None:
        self.calendar = calendar
        self.draw = draw

    def orders(self, count: int, *, since: datetime, until: datetime) -> list[datetime]:
        """The times of ``count`` orders, earliest first."""
        first, last = since.astimezone(SHANGHAI).date(), until.astimezone(SHANGHAI).date()
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        found: list[datetime] = []
        weights = [self._weight(day, n / len(days)) for n, day in enumerate(days)]
        while len(found) < count:
            (day,) = self.draw.choices(days, weights)
            (hour,) = self.draw.choices(list(ORDER_HOURS), list(ORDER_HOURS.values()))
            at = datetime.combine(day, time(hour), SHANGHAI) + timedelta(seconds=self.draw.uniform(0, 3600))
            if since <= at <= until:
                found.append(at)
        return sorted(found)

    def _weight(self, day: date, passed: float) -> float:
        grown = GROWTH[0] + (GROWTH[1] - GROWTH[0]) * passed
        return grown * self.draw.uniform(0.7, 1.3) * (1 if self.calendar.is_working(day) else OFF)

    def staff(self, since: datetime, worked: timedelta) -> datetime:
        """When somebody at work has done what takes so much working time."""
        return self._among(self.calendar.after(since, worked), OFFICE)

    def buyer(self, since: datetime, worked: timedelta) -> datetime:
        """When a buyer has done it: one in eight does not wait for a working day."""
        if self.draw.random() < 1 / 8:
            return self._at_home(since + worked)
        return self._among(self.calendar.after(since, worked), BUYERS)

    def _among(self, at: datetime, hours: tuple[time, time]) -> datetime:
        """The same moment, or one of the next hours that are worked."""
        local = at.astimezone(SHANGHAI)
        day, begin = local.date(), hours[0]
        if self.calendar.is_working(day) and begin <= local.time() <= hours[1]:
            return local
        if local.time() > hours[1] or not self.calendar.is_working(day):
            day += DAY
        while not self.calendar.is_working(day):
            day += DAY
        return datetime.combine(day, begin, SHANGHAI) + timedelta(minutes=self.draw.triangular(1, 240, 30))

    def _at_home(self, at: datetime) -> datetime:
        local = at.astimezone(SHANGHAI)
        if BUYERS[0] <= local.time() <= BUYERS[1]:
            return local
        day = local.date() if local.time() < BUYERS[0] else local.date() + DAY
        return datetime.combine(day, BUYERS[0], SHANGHAI) + timedelta(minutes=self.draw.uniform(1, 300))
