"""Telling: what was asked to be reported goes to the marketplace, of each project in order, at least once.

Before each call it is read how the project stands there, and stored what was read, so that whoever comes back from a
crash sees that it was told already. While nobody answers, or the key is refused, the whole connection is left alone for
a while; what one report is waited for is tried again by itself, and put aside in the end.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast
from uuid import UUID

import structlog
from delivery_shared.commands import ATTEMPTS, Busy
from delivery_shared.eventstore import Conflict, RowChange, UnitOfWork
from delivery_shared.failpoints import failpoint
from delivery_shared.messaging.consumer import DATABASE_DOWN
from delivery_shared.tracing import Trace, traced
from prometheus_client import Counter

from intake_svc.carrying_out import Means
from intake_svc.domain import facts, mirroring
from intake_svc.domain.mirror import Mirror, Report, mirror_id_of
from intake_svc.market import AccessKey, Away, Failed, KeyRefused, Market, Refused, Unknown
from intake_svc.rows import mirror_rows
from intake_svc.vault import MIRROR_SECRET, remark_field, unsealed

log = structlog.get_logger()

EVERY: Final = 1.0
"""Seconds between two looks for what is to be told."""
AT_ONCE: Final = 4
"""Reports under way."""
LEASE: Final = timedelta(seconds=90)
"""For how long nobody else takes a report: longer than its four calls can last."""
TRIES: Final = 30
"""Attempts before a report is put aside: a day, nearly."""
NO_REMARK: Final = "—"
"""Where one must be given and was erased."""
UNKNOWN_THERE: Final = "unknown-there"
FAILED: Final = "failed"
"""Of one at which something went wrong here, each time."""

reports = Counter(
    "delivery_intake_reports_total",
    "Attempts to report to a marketplace's own delivery center: told, seen, later, parked, away, key, gone",
    ["act", "outcome"],
)

CLAIM: Final = """
WITH due AS (
    SELECT r.id FROM report r JOIN connection c ON c.id = r.connection_id
    LEFT JOIN report_try t ON t.report_id = r.id LEFT JOIN mirror_line l ON l.connection_id = r.connection_id
    WHERE r.state = 'waiting' AND (c.mirror->>'enabled')::boolean
        AND (t.next_at IS NULL OR t.next_at <= %(now)s) AND (l.next_at IS NULL OR l.next_at <= %(now)s)
        AND NOT EXISTS (SELECT FROM report e
            WHERE e.project_id = r.project_id AND e.number < r.number AND e.state IN ('waiting', 'parked'))
    ORDER BY coalesce(t.next_at, r.asked_at), r.id LIMIT 1)
INSERT INTO report_try AS t (report_id, tries, next_at) SELECT id, 1, %(until)s FROM due
ON CONFLICT (report_id) DO UPDATE SET tries = t.tries + 1, next_at = excluded.next_at WHERE t.next_at <= %(now)s
RETURNING report_id, tries
"""
"""The report that is due longest, leased by its row; none if somebody else was faster."""

CLAIMED: Final = """
SELECT r.project_id, r.number, r.act, r.connection_id, c.mirror, k.key FROM report r
JOIN connection c ON c.id = r.connection_id JOIN connection_key k ON k.connection_id = c.id WHERE r.id = %s
"""

DOWN: Final = """
INSERT INTO mirror_line AS l (connection_id, failures, next_at, error, failed_at)
VALUES (%(id)s, 1, %(now)s + make_interval(secs => %(first)s), %(error)s, %(now)s)
ON CONFLICT (connection_id) DO UPDATE SET failures = l.failures + 1, error = excluded.error,
    failed_at = excluded.failed_at,
    next_at = %(now)s + make_interval(secs => least(%(first)s * 2 ^ least(l.failures, 20), %(longest)s))
"""
UP: Final = """
INSERT INTO mirror_line (connection_id, failures, answered_at) VALUES (%(id)s, 0, %(now)s)
ON CONFLICT (connection_id) DO UPDATE SET failures = 0, next_at = NULL, error = NULL, answered_at = excluded.answered_at
"""


@dataclass(frozen=True, kw_only=True)
class Due:
    """A report this process has leased."""

    report_id: UUID
    tries: int
    project_id: UUID
    number: int
    act: facts.ReportAct
    connection_id: UUID
    key: AccessKey


class Teller:
    """Tells what is due."""

    def __init__(self, means: Means, *, market: Market | None = None) -> None:
        self._means = means
        self._store = means.store
        self._market = market or Market(now=means.real_now)

    def run(self, stopping: threading.Event) -> None:
        """Repeat until told to stop."""
        with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="mirror") as pool:
            while not stopping.wait(EVERY):
                while not stopping.is_set() and any(list(pool.map(lambda _: self._tried(), range(AT_ONCE)))):
                    pass
        self._market.close()

    def _tried(self) -> bool:
        """Whatever goes wrong with one report holds up no other: it comes up again when its lease has run out."""
        try:
            return self.tell_one()
        except Exception as error:
            level = log.warning if isinstance(error, DATABASE_DOWN) else log.exception
            level("a report was not handled", error=repr(error))
            return False

    def tell_one(self) -> bool:
        """Whether there was one to tell."""
        due = self._claim()
        if due is None:
            return False
        mirror = self._store.find(Mirror, id := mirror_id_of(due.project_id))[id]
        report = mirror.reports[due.number]
        with traced(self._trace(mirror, report)):
            outcome, why = self._told(due, mirror, report)
            reports.labels(due.act, outcome).inc()
            told = {"connection": str(due.connection_id), "project": str(due.project_id), "number": due.number}
            level = log.info if outcome in ("told", "seen") else log.warning
            level("reported to the marketplace", act=due.act, outcome=outcome, reason=why, tries=due.tries, **told)
        return True

    def _told(self, due: Due, mirror: Mirror, report: Report) -> tuple[str, str | None]:
        """What became of it, and why."""
        if due.tries > TRIES:
            return self._park(due, FAILED)
        try:
            if due.key.endpoint not in self._means.endpoints:
                raise Away("endpoint-not-allowed")
            there = self._market.read(due.key, mirror.instance_id)
            self._up(due)
            match mirroring.judge(mirror, report, there):
                case mirroring.AlreadySo():
                    return self._end(due, facts.ReportSeen(number=due.number))
                case mirroring.Drift(reason=reason):
                    return self._park(due, reason)
                case mirroring.NotYet(reason=reason):
                    return self._later(due, reason)
                case mirroring.Call(node=node):
                    if not self._save(due, lambda m, at: mirroring.attempt(m, due.number, node, at=at)):
                        return "gone", None
                    failpoint("mirror.before_call")
                    self._market.tell(
                        due.key, due.act, instance_id=mirror.instance_id, node_id=node.id,
                        remark=self._remark(due, report),
                    )  # fmt: skip
                    failpoint("mirror.after_call")
                    return self._end(due, facts.ReportTold(number=due.number))
        except Away as error:
            return self._down(due, "away", f"unreachable: {error}")
        except KeyRefused as error:
            return self._down(due, "key", f"refused: {error}")
        except Unknown:
            self._up(due)
            return self._later(due, UNKNOWN_THERE)
        except Failed as error:
            return self._later(due, str(error))
        except Refused as error:
            return self._park(due, str(error))

    # -- what becomes of it ------------------------------------------------------------------------------------------

    def _end(self, due: Due, fact: facts.ReportTold | facts.ReportSeen) -> tuple[str, None]:
        self._save(due, lambda mirror, at: mirror.tell(fact, at=at), over=True)
        return ("told" if isinstance(fact, facts.ReportTold) else "seen"), None

    def _park(self, due: Due, reason: str) -> tuple[str, str]:
        fact = facts.ReportParked(number=due.number, reason=reason)
        self._save(due, lambda mirror, at: mirror.tell(fact, at=at), over=True)
        return "parked", reason

    def _later(self, due: Due, reason: str) -> tuple[str, str]:
        if due.tries >= TRIES:
            return self._park(due, reason)
        with self._store.connection() as connection:
            connection.execute(
                "UPDATE report_try SET next_at = %s, reason = %s WHERE report_id = %s",
                (self._now() + pause(due.tries), reason, due.report_id),
            )
        return "later", reason

    def _down(self, due: Due, outcome: str, error: str) -> tuple[str, str]:
        """The whole connection is left alone; the attempt is none of the report's."""
        params = {"id": due.connection_id, "now": self._now(), "error": error, "first": 2.0, "longest": 300.0}
        with self._store.connection() as connection, connection.transaction():
            connection.execute(DOWN, params)
            connection.execute(
                "UPDATE report_try SET next_at = %s, tries = tries - 1 WHERE report_id = %s",
                (self._now(), due.report_id),
            )
        return outcome, error

    def _up(self, due: Due) -> None:
        with self._store.connection() as connection:
            connection.execute(UP, {"id": due.connection_id, "now": self._now()})

    def _save(self, due: Due, decide: Callable[[Mirror, datetime], Any], *, over: bool = False) -> bool:
        """Whether it still waited; ``over``: no attempt comes after it. The feed asks for reports of the same project
        meanwhile.

        :raises Busy: conflict after conflict; nothing is stored, and the report comes up again.
        """
        for attempt in range(ATTEMPTS):
            unit = UnitOfWork(self._store)
            mirror = unit.get(Mirror, mirror_id_of(due.project_id))
            assert mirror is not None
            if mirror.reports[due.number].state != "waiting":
                return False
            decide(mirror, self._means.now())
            unit.rows += mirror_rows(mirror)
            if over:
                unit.rows.append(no_more_tries(due.report_id))
            try:
                unit.commit()
            except Conflict:
                time.sleep(random.uniform(0, 0.01) * (attempt + 1))  # noqa: S311 - spreads out the losers
            else:
                return True
        raise Busy(f"report {due.number} of {due.project_id}")

    # -- what it is told with ----------------------------------------------------------------------------------------

    def _claim(self) -> Due | None:
        now = self._now()
        with self._store.connection() as connection:
            claimed = connection.execute(CLAIM, {"now": now, "until": now + LEASE}).fetchone()
            row = claimed and connection.execute(CLAIMED, (claimed["report_id"],)).fetchone()
        if not claimed or not row:
            return None
        settings, sealing = row.pop("mirror"), bytes(row.pop("key"))
        secret = unsealed(sealing, row["connection_id"], MIRROR_SECRET, settings["secret"])
        key = AccessKey(endpoint=settings["endpoint"], id=settings["access_key_id"], secret=secret)
        return Due(**claimed, **row, key=key)

    def _remark(self, due: Due, report: Report) -> str | None:
        if due.act not in ("rollback", "pause"):
            return None
        key = self._store.vault.key_of_order(due.project_id)
        if report.remark is None or key is None:
            return NO_REMARK
        return unsealed(key, due.project_id, remark_field(due.number), report.remark) or NO_REMARK

    def _trace(self, mirror: Mirror, report: Report) -> Trace:
        """What the report came of: who clicked."""
        (stored,) = self._store.recorder.select_events(mirror.id, gt=report.version - 1, lte=report.version)
        fact = cast(Any, self._store.mapper.to_domain_event(stored))
        return Trace(**fact.trace)

    def _now(self) -> datetime:
        return self._means.real_now()


def no_more_tries(report_id: UUID) -> RowChange:
    return RowChange(
        key=f"report_try {report_id}",
        sql="DELETE FROM report_try WHERE report_id = %(id)s",
        params={"id": report_id},
    )


def pause(tries: int) -> timedelta:
    """After so many attempts: 5 s, twice as long each time, an hour at most."""
    return timedelta(seconds=min(5 * 2 ** min(tries - 1, 20), 3600))
