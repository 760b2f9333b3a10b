"""What the rows of dispatch-svc follow from, and every decision made again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, ClassVar, Final
from uuid import UUID

from delivery_shared.facts import state_of
from delivery_shared.service import Service
from delivery_shared.verifying.beside import line
from delivery_shared.verifying.moment import Moment
from delivery_shared.verifying.stored import Stored
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, StoreVerification
from psycopg.rows import DictRow
from psycopg.types.json import Jsonb

from dispatch_svc import inbox_sql
from dispatch_svc.deciding_again import DecidingAgain
from dispatch_svc.domain.facts import DispatchFact
from dispatch_svc.expected import Expected
from dispatch_svc.inbox_sql import BEHIND
from dispatch_svc.recount import Recount
from dispatch_svc.verify import Queue, T

DECISIONS: Final = 1000
"""Rows written together."""

WITHOUT_VERSION: Final = """
UPDATE decision SET version = live.version FROM {live} AS live
WHERE live.ask = decision.ask AND decision.outcome = 'refused'
"""
"""Of refusals the place in the pool is taken as it stands."""

OF_BEFORE: Final = """
DELETE FROM ordered WHERE NOT EXISTS (SELECT FROM {live} AS live WHERE live.project_id = ordered.project_id)
"""


class DispatchVerification(StoreVerification):
    """Of dispatch-svc."""

    copies = ("party", "department", "person", "product", "role", "ordered", "platform_clock", "revoked")
    rows = ("decision", "pool_inbox")
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "dispatch_tracking": UNUSED,
        "dispatch_snapshots (deleted)": "one less only makes loading slower",
        "ordered (deleted)": "orders from before there was this table have none",
        "wake.seq": "the number of the last reason to look at the pool; only whether it is still the one read matters",
        "pool_class.last_attempt": "when a class was last tried: an attempt that finds nobody again tells nothing",
        "pool_class.seq": "the wake that attempt answered",
        "pool_inbox.arrival": "drawn from a sequence; that asks of a pool stand in the order in which they came is"
        " checked",
        "pool_inbox.attempts": "failures are no events; that they fit to the error is checked",
        "pool_inbox.next_try": "see attempts; that it is not far is checked",
        "pool_inbox.error": "see attempts",
        "decision.version (refusals)": "a refusal tells nothing to the pool, so no event keeps its place there",
    }

    def __init__(self, service: Service, moment: Moment, *, older_than: float = T) -> None:
        super().__init__(service, moment)
        self.older_than = older_than
        self.live = moment.connection(self.store.schema)
        """Sees the live tables only."""
        self.recount = Recount()
        self.again = DecidingAgain()
        self.expected = Expected()
        self.snapshots = self._snapshots()

    def tell(self, stored: Stored) -> None:
        fact: DispatchFact = stored.fact
        folds: tuple[Callable[[], None], ...] = (
            lambda: self.recount.add(fact),
            lambda: self.again.add(fact),
            lambda: self.expected.add(stored),
        )
        failed: list[Exception] = []
        for fold in folds:
            try:
                fold()
            except Exception as error:
                failed.append(error)
        if len(self.expected.decided) >= DECISIONS:
            self._write_decisions()
        if snapshot := self.snapshots.pop((stored.stream, stored.version), None):
            self._compare_snapshot(stored, snapshot)
        if failed:
            raise failed[-1]

    def differences(self) -> Iterator[str]:
        self._write_decisions()
        self.beside.run(WITHOUT_VERSION.format(live=self.beside.live("decision")))
        rows = self.expected.rows()
        self.beside.run(
            "INSERT INTO pool_inbox SELECT * FROM jsonb_populate_recordset(NULL::pool_inbox, %(rows)s)",
            {"rows": Jsonb(rows)},
        )
        self.beside.run(OF_BEFORE.format(live=self.beside.live("ordered")))
        yield from self.lines
        yield from self.compared(*self.copies)
        broken = ", ".join(f"'{project}'" for project in self.expected.broken) or "NULL"
        known = f"project_id NOT IN ({broken})" if self.expected.broken else "true"
        yield from self.beside.differences("decision", where=known)
        left_out = [*self.left_out("pool_inbox"), "holders", "parked_at"]
        yield from self.beside.differences(
            "pool_inbox", but=left_out, key=["ask"], where=f"ask IS NOT NULL AND {known}"
        )
        yield from self._arrivals(rows)
        yield from self._classes()
        yield from self._stale_snapshots()

    def queue(self) -> list[str]:
        """The checks of the queue."""
        return Queue(self.store, self.live, self.recount, self.older_than).all()

    def _write_decisions(self) -> None:
        if self.expected.decided:
            self.write([inbox_sql.decided(self.expected.decided)])
            self.expected.decided = []

    def _arrivals(self, expected: Sequence[Mapping[str, Any]]) -> Iterator[str]:
        """Asks of a pool stand in the order in which they came: that of their facts – within a save, that of the
        messages that caused them."""
        came = {row["ask"]: (row["arrival"], _cause(row["causation_id"])) for row in expected}
        found = self.connection.execute(
            f"SELECT pool, arrival >= {BEHIND} AS behind, arrival, ask FROM {self.beside.live('pool_inbox')}"  # noqa: S608
            " WHERE ask IS NOT NULL ORDER BY pool, behind, arrival"
        ).fetchall()
        wrong = []
        for one, next_one in pairwise(found):
            if (one["pool"], one["behind"]) != (next_one["pool"], next_one["behind"]):
                continue
            before, after = came.get(one["ask"]), came.get(next_one["ask"])
            if before and after and before[0] > after[0] and before[1] > after[1]:
                wrong.append(f"arrival={next_one['arrival']} of request {next_one['ask']} came before {one['ask']}")
        tests = [row["ask"] for row in expected if row["behind"]]
        wrong += [
            f"arrival={row['arrival']} of {row['ask']} is {'behind' if row['behind'] else 'among'} those of paid orders"
            for row in found
            if row["ask"] in came and row["behind"] != (row["ask"] in tests)
        ]
        if wrong:
            yield line(self.service, "pool_inbox", wrong, len(wrong))

    def _classes(self) -> Iterator[str]:
        """A class was tried without success if and only if one of its asks was told so, and for such a reason."""
        rows = self.connection.execute("SELECT pool, class, reason FROM pool_class").fetchall()
        found = {(row["pool"], row["class"]): row["reason"] for row in rows}
        told = self.expected.reasons
        wrong = [f"pool={pool} class={cls} is missing" for pool, cls in sorted(told.keys() - found.keys())]
        wrong += [f"pool={pool} class={cls} follows from no event" for pool, cls in sorted(found.keys() - told.keys())]
        wrong += [
            f"pool={pool} class={cls} has another reason than the events say"
            for (pool, cls), reason in sorted(found.items())
            if (pool, cls) in told and reason not in told[(pool, cls)]
        ]
        if wrong and not self.expected.broken:
            yield line(self.service, "pool_class", wrong, len(wrong))

    def _snapshots(self) -> dict[tuple[UUID, int], DictRow]:
        if self.store.snapshots is None:
            return {}
        rows = self.connection.execute(f"SELECT * FROM {self._snapshot_table}")  # noqa: S608 - our own name
        return {(row["originator_id"], row["originator_version"]): row for row in rows}

    @property
    def _snapshot_table(self) -> str:
        return f"{self.store.name}_snapshots"

    def _compare_snapshot(self, stored: Stored, snapshot: DictRow) -> None:
        """A snapshot is the state its events give."""
        try:
            kept = state_of(self.store.folded(None, snapshot))
        except Exception as error:
            kept = {"error": repr(error)}
        pool = self.again.pools.get(stored.stream)
        if pool is not None and kept != state_of(pool):
            place = f"originator_id={stored.stream} originator_version={stored.version}"
            self.lines.append(
                line(self.service, self._snapshot_table, [f"{place} is not the state its events give"], 1)
            )

    def _stale_snapshots(self) -> Iterator[str]:
        wrong = [
            f"originator_id={stream} originator_version={version} follows from no event"
            for stream, version in sorted(self.snapshots)
        ]
        if wrong:
            yield line(self.service, self._snapshot_table, wrong, len(wrong))


def _cause(causation_id: str) -> int:
    """The number of the message that caused a row, which its source numbers in order."""
    number = causation_id.rpartition(":")[2]
    return int(number) if number.isdigit() else 0
