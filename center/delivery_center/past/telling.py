"""Six months of projects, told at once: each is a story that sleeps until its next moment; the earliest goes on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heappop, heappush
from itertools import count
from typing import Final

from delivery_shared.working_time import DAY, SHANGHAI, TENTH
from dispatch_svc.domain import employing
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from project_svc.files import FileStore

from delivery_center.past.doing import Doing, Life, nodes_operated
from delivery_center.past.rhythm import Rhythm
from delivery_center.past.world import DATA, Offer, World
from delivery_center.seeding.lives import Lives, Plan

SPAN: Final = timedelta(days=184)
"""The past the projects began in."""

AWAY: Final = timedelta(days=12)
"""For how long those who make an offer have taken no orders."""

Story = Iterator[datetime]
"""Gives the times at which it goes on."""

Happening = Callable[[Life, datetime], Story | bool | None]
"""Something that comes between: a story if the project rests for a while, False if it has to wait from now on."""


@dataclass(frozen=True, kw_only=True)
class Fate:
    """What happens to a project once, while its ``step``-th node is open."""

    what: str
    step: int


FATES: Final = {"cancel": 6, "pause": 5, "change_provider": 4, "hand_over": 6, "": 79}
"""Of a hundred projects."""

RESTING, LATE, AMONG = 7, 11, 25
"""Of so many projects in a row which one rests for weeks, and which one is late: there are always some."""


class Telling:
    """Tells the stories up to ``now``. The same draw, calendar and now give the same stories."""

    def __init__(self, lives: Lives, world: World, draw: random.Random, now: datetime, files: FileStore) -> None:
        self.lives = lives
        self.world = world
        self.draw = draw
        self.now = now
        self.rhythm = Rhythm(lives.calendar, draw)
        self.doing = Doing(lives, world, draw, files)
        self.begun: list[Life] = []

    def tell(self, projects: int) -> None:
        """All of them."""
        numbers = count()
        stories = [self._leave()]
        for number, at in enumerate(self.rhythm.orders(projects, since=self.now - SPAN, until=self.now)):
            stories.append(self._project(number, at))
        waking: list[tuple[datetime, int, Story]] = []
        for story in stories:
            heappush(waking, (next(story), next(numbers), story))
        while waking and waking[0][0] <= self.now:
            _, _, story = heappop(waking)
            if (again := next(story, None)) is not None:
                heappush(waking, (again, next(numbers), story))
        for life in self.begun:
            self.doing.pass_time(life, self.now)

    def _leave(self) -> Story:
        """The people of some offers go on leave: what comes from then on waits."""
        at = self.rhythm.staff(self.now - AWAY, timedelta(0))
        yield at
        for offer in self.world.offers:
            for provider_id in offer.listed.providers if offer.away else ():
                pool = self.lives.pool(PoolKey.of_provider(provider_id))
                assert isinstance(pool, ProviderPool)
                for person_id in self.world.staff[provider_id, "mini_program_engineer"]:
                    employing.set_load(pool, person_id=person_id, receiving=False, at=at)
        self.lives.forget_who_can()

    def _project(self, number: int, at: datetime) -> Story:
        yield at
        life, offer = self._ordered(number, at)
        served = self.doing.serve(life, at)
        fate = self._fate(life) if number % AMONG != RESTING else Fate(what="rest", step=1)
        seen: list[str] = []
        while served and not life.project.ended:
            if not life.node.operated:
                yield (at := self.rhythm.staff(at, timedelta(minutes=self.draw.triangular(3, 300, 15))))
                served = self.doing.claim(life, at)
                continue
            seen.append(life.node.id)
            late = number % AMONG == LATE and len(set(seen)) == 2
            visit, until = life.project.visit, self._done(life, at, late=late)
            between = self._between(life, at, until, offer)
            if fate.what and fate.step == len(set(seen)):
                between.append((self._within(at, until), self._happening(fate, offer)))
                fate = Fate(what="", step=0)
            for when, happens in sorted(between, key=lambda one: one[0]):
                yield (at := when)
                self.doing.pass_time(life, at)
                if life.project.visit != visit:
                    break
                then = happens(life, at)
                if isinstance(then, bool):
                    served = then
                elif then is not None:
                    for at in then:
                        yield at
                    visit = 0
                if not served or life.project.ended or life.project.visit != visit:
                    break
            if not served or life.project.ended or life.project.visit != visit:
                continue
            yield (at := max(until, at))
            self.doing.pass_time(life, at)
            if life.project.visit == visit:
                again = seen.count(life.node.id)
                rejects = life.node.rejectable and self.draw.random() < 0.2 / again**2
                self.doing.operate(life, at, rejects=rejects)
        if life.project.state == "completed" and self.draw.random() < 0.62:
            yield (at := self.rhythm.buyer(at, DAY * self.draw.triangular(0.01, 4, 0.2)))
            self.doing.evaluate(life, at)

    def _ordered(self, number: int, at: datetime) -> tuple[Life, Offer]:
        (offer,) = self.draw.choices(self.world.offers, [offer.share for offer in self.world.offers])
        customer, company = self.draw.choice(self.world.customers)
        (channel,) = self.draw.choices(DATA["channels"], (50, 18, 14, 8, 10))
        local = at.astimezone(SHANGHAI)
        plan = Plan(
            number=f"2{local:%y%m%d}{number * 7919 % 1_000_000:06d}",
            product=offer.listed,
            customer_id=customer.party_id,
            started_at=at,
            until=self.now,
            end="running",
            edition=self.draw.choice(offer.editions),
            sales_channel=channel,
            valid_until=(local + timedelta(days=365)).date().isoformat(),
        )
        project, assignment, flow = self.lives.start(plan)
        life = Life(project=project, assignment=assignment, flow=flow, customer=customer, company=company)
        self.begun.append(life)
        return life, offer

    def _fate(self, life: Life) -> Fate:
        (what,) = self.draw.choices(list(FATES), list(FATES.values()))
        return Fate(what=what, step=self.draw.randint(1, len(list(nodes_operated(life.flow))) - 1))

    def _done(self, life: Life, at: datetime, *, late: bool) -> datetime:
        """When the operator of the open node will have done it."""
        node = life.node
        usual = (node.timeout or 10) * TENTH * (4 if late else 1)
        if node.by_customer:
            done = self.rhythm.buyer(at, usual * self.draw.lognormvariate(-0.7, 0.75))
        else:
            done = self.rhythm.staff(at, usual * self.draw.lognormvariate(-0.8, 0.55))
        if node.advance_on_timeout:
            due = self.lives.calendar.due(at, node.timeout) + timedelta(seconds=2)
            done = min(done, due)
        return max(done, at + timedelta(minutes=self.draw.uniform(2, 9)))

    def _between(self, life: Life, at: datetime, until: datetime, offer: Offer) -> list[tuple[datetime, Happening]]:
        """What is handed in and said meanwhile, and whether the vendor has to ask for it."""
        found: list[tuple[datetime, Happening]] = []
        if life.node.upload:
            found.append((self._within(at, until), self.doing.hand_in))
        if self.draw.random() < 0.16:
            found.append((self._within(at, until), self.doing.comment))
        if self.draw.random() < 0.07:
            found.append((self._within(at, until), self.doing.note))
        if life.node.timeout and not life.node.by_customer and self.draw.random() < 0.3:
            late = self.rhythm.staff(self.lives.calendar.due(at, life.node.timeout), TENTH * self.draw.uniform(1, 4))
            if late < until:
                found.append((late, self.doing.remind))
        return found

    def _within(self, at: datetime, until: datetime) -> datetime:
        """A moment of office hours between the two, if there is one."""
        worked = self.lives.calendar.between(at, until) * self.draw.uniform(0.1, 0.9)
        return min(self.rhythm.staff(at, worked), until)

    def _happening(self, fate: Fate, offer: Offer) -> Happening:
        def happens(life: Life, at: datetime) -> Story | bool | None:
            match fate.what:
                case "cancel":
                    self.doing.cancel(life, at)
                case "pause":
                    return self._paused(life, at, DAY * self.draw.triangular(2, 12, 4))
                case "rest":
                    return self._paused(life, at, DAY * self.draw.triangular(15, 30, 20))
                case "change_provider":
                    return self.doing.change_provider(life, offer.listed.providers, at)
                case "hand_over":
                    return self.doing.hand_over(life, at)
            return None

        return happens

    def _paused(self, life: Life, at: datetime, worked: timedelta) -> Story:
        self.doing.pause(life, at)
        again = self.rhythm.staff(at, worked)
        yield again
        self.doing.resume(life, again)
