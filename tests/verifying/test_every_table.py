"""Whoever changes a row of any table is found out by ``verify``, or the table stands in a reviewed list with the
reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import count
from typing import Any, Final

import pytest
from delivery_center.verify import Verifying
from delivery_center.verifying.chains import stores_of, unchanged, unsealed
from delivery_center.verifying.replaying import VERIFICATIONS
from delivery_shared.verifying import beside
from psycopg import Connection
from psycopg.rows import DictRow

from tests.verifying.installation import FORGOTTEN, Installation, installed
from tests.verifying.mutating import Mutation, Table, change, delete, duplicate, spoiling, tables

pytestmark = [pytest.mark.stories, pytest.mark.timeout(400)]

SEALED: Final = ("template", "identity", "project", "dispatch")
"""Services that keep events, in a chain: only the first change in it is told, so each is made alone."""

EXEMPT: Final[Mapping[str, str]] = {
    "project.party": "account IS NOT NULL OR party_id IN (SELECT party_id FROM identity.party)",
}
"""Rows that are spoilt, where the reviewed list leaves some out: see ``party (customers identity does not know)``."""

STRAY: Final[Mapping[str, str]] = {
    "parked": "INSERT INTO {schema}.parked (feed, source, message_id, subject, type, body, error)"
    " VALUES ('{schema}', 'template', 1, 'subject', 'type', '', 'error') RETURNING id",
    "revoked": "INSERT INTO {schema}.revoked VALUES (gen_random_uuid(), now()) RETURNING user_id",
    "outbox_renewal": "INSERT INTO {schema}.outbox_renewal (relay, asked) VALUES ('{schema}', 1) RETURNING relay",
    "wake": "INSERT INTO {schema}.wake (pool, seq, at) VALUES ('provider:stray', 1, now() - interval '1 hour')"
    " RETURNING pool",
}
"""A row more in tables that are empty in a quiet installation. Nothing can be taken from them."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A small installation, stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AMQP_URL", raising=False)
        with installed(tmp_path_factory.mktemp("small")) as made:
            yield made


@pytest.fixture(autouse=True)
def every_row_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(beside, "EXAMPLES", 100_000)


def lines(small: Installation, database_url: str) -> list[str]:
    with small.center(database_url) as center, Verifying(center, patience=0) as verifying:
        report = verifying.run()
    return [*report.violations, *report.not_checked]


def untold() -> Mapping[str, set[str]]:
    """The reviewed list by schema: ``table``, ``table.column``, ``table (deleted)``."""
    found: dict[str, set[str]] = {name: set(verification.untold) for name, verification in VERIFICATIONS.items()}
    for names in list(found.values()):
        for name in [name for name in names if name.partition(".")[0] == "bi"]:
            names.discard(name)
            found.setdefault("bi", set()).add(name.partition(".")[2])
    return found


def sealed(table: Table) -> bool:
    return table.name == "audit_chain" or table.name == f"{table.schema}_events"


APART: Final = ({"feed_position"}, {"delivery"}, {"person_name"})
"""Tables that are spoilt when no other is. A feed that stands elsewhere has heard something else: all its rows differ,
and nothing more is seen of them; a delivery is compared with its message; and whose key is gone never had a name."""


def wanted(table: Table, only: Set[str]) -> list[Any]:
    """The columns a change of which must be told. ``only``: these tables, or – none – all that are not apart."""
    listed = untold()[table.schema]
    if sealed(table) or table.name in listed or table.name == "alembic_version":
        return []
    if table.name not in only if only else any(table.name in apart for apart in APART):
        return []
    return [c for c in table.columns if f"{table.name}.{c.name}" not in listed]


def not_told(mutations: list[Mutation], said: list[str]) -> list[str]:
    return [str(mutation) for mutation in mutations if not any(mutation.told_by(line) for line in said)]


def test_a_quiet_installation_is_clean(small: Installation) -> None:
    with small.copy() as url:
        assert lines(small, url) == []


def test_whoever_has_not_heard_of_an_erasure_is_believed(small: Installation) -> None:
    """Events tell an erased name no more; a copy that has it still is no violation, if the feed has to hear of it."""
    with small.copy() as url:
        with spoiling(url) as connection:
            remember(connection, FORGOTTEN[0])
            behind(connection)
        assert [line for line in restored(small, url) if "table freshness" not in line] == []
    with small.copy() as url:
        with spoiling(url) as connection:
            remember(connection, FORGOTTEN[0])
        names = ("dispatch: table ordered", "notify: table project", "reporting: table buyer")
        for name in (*names, *(f"{service}: table party" for service in PARTIES)):
            assert any(line.startswith(name) for line in restored(small, url)), name


PARTIES: Final = ("template", "project", "dispatch", "notify", "reporting")


def restored(small: Installation, database_url: str) -> list[str]:
    with small.center(database_url) as center, Verifying(center, restored=True, patience=0) as verifying:
        report = verifying.run()
    return [*report.violations, *report.not_checked]


def remember(connection: Connection[DictRow], name: str) -> None:
    """Name whoever is erased in every copy again."""
    for column in ("dispatch.ordered.customer_name", "notify.project.customer_name", "reporting.buyer.name"):
        table, _, column = column.rpartition(".")
        assert connection.execute(f"UPDATE {table} SET {column} = %s WHERE {column} = ''", (name,)).rowcount == 1
    for service in PARTIES:
        assert connection.execute(f"UPDATE {service}.party SET name = '匿名' WHERE name = ''").rowcount == 1


def behind(connection: Connection[DictRow]) -> None:
    """Put every feed back to before it heard of the last erasure."""
    for source, topic in (("identity", "identity:Party.Erased"), ("project", "project:Project.BuyerErased")):
        said = connection.execute(
            f"SELECT min(notification_id) AS first FROM {source}.{source}_events WHERE topic = %s", (topic,)
        ).fetchone()
        assert said is not None
        for service in (service for service in VERIFICATIONS if service != source):
            connection.execute(
                f"UPDATE {service}.feed_position SET position = least(position, %s) WHERE source = %s",
                (said["first"] - 1, source),
            )
        if source == "project":
            connection.execute("DELETE FROM reporting.project_event WHERE position >= %s", (said["first"],))


@pytest.mark.parametrize("only", [set(), *APART], ids=["most", "feeds", "deliveries", "names"])
def test_every_column_of_every_table_is_compared(small: Installation, only: Set[str]) -> None:
    """Each column is spoilt in another row, as far as there are some; then again in another copy."""
    for turn in count():
        with small.copy() as url:
            with spoiling(url) as connection:
                mutations = list(_changed(connection, turn, only))
            if not mutations:
                break
            assert not_told(mutations, lines(small, url)) == []
    assert turn > 0


def _changed(connection: Connection[DictRow], turn: int, only: Set[str]) -> Iterator[Mutation]:
    for table in tables(connection, EXEMPT):
        if not table.rows:
            continue
        for place, column in enumerate(wanted(table, only)):
            if place // len(table.rows) == turn and column.name != "one":
                yield change(connection, table, column, table.rows[place % len(table.rows)])


@pytest.mark.parametrize(
    ("how", "only"), [(delete, [set()]), (delete, APART), (duplicate, [set(), *APART])], ids=["less", "apart", "more"]
)
def test_a_row_less_or_more_is_told(small: Installation, how: Any, only: Sequence[Set[str]]) -> None:
    with small.copy() as url:
        with spoiling(url) as connection:
            mutations = [mutation for some in only for mutation in _less_or_more(connection, how, some)]
        assert mutations
        assert not_told(mutations, lines(small, url)) == []


def _less_or_more(connection: Connection[DictRow], how: Any, only: Set[str]) -> Iterator[Mutation]:
    for table in tables(connection, EXEMPT):
        what = "(deleted)" if how is delete else "(added)"
        if not wanted(table, only) or f"{table.name} {what}" in untold()[table.schema]:
            continue
        if table.rows:
            yield how(connection, table, table.rows[-1])
        elif how is duplicate:
            row = connection.execute(STRAY[table.name].format(schema=table.schema)).fetchone()
            assert row is not None
            yield Mutation(table=table, what=what, rows=[row])


@pytest.mark.parametrize("service", SEALED)
def test_every_change_of_an_event_or_of_its_chain_is_told(small: Installation, service: str) -> None:
    with small.copy() as url, small.center(url) as center, spoiling(url) as connection:
        stores = {service: stores_of(center)[service]}

        def broken() -> list[str]:
            return [*unchanged(stores, {}), *unsealed(stores[service])]

        assert broken() == []
        for table in [t for t in tables(connection, {}) if t.schema == service and sealed(t)]:
            connection.execute(f"CREATE TABLE kept AS SELECT * FROM {table}")
            spoils = [partial(change, connection, table, column) for column in table.columns]
            for spoil in (*spoils, partial(delete, connection, table), partial(duplicate, connection, table)):
                mutation = spoil(table.rows[-1])
                assert broken() != [], str(mutation)
                connection.execute(f"TRUNCATE {table}; INSERT INTO {table} SELECT * FROM kept")
            assert broken() == []
            connection.execute("DROP TABLE kept")


def test_a_schema_of_another_version_cannot_be_checked(small: Installation) -> None:
    with small.copy() as url:
        with spoiling(url) as connection:
            connection.execute("UPDATE notify.alembic_version SET version_num = 'notify_0001'")
        with small.center(url) as center, Verifying(center, patience=0) as verifying:
            report = verifying.run()
    assert (report.status, report.violations) == (2, [])
    assert report.not_checked == ["could not check schemas: SchemaDiffers: notify is older than this version"]


def test_the_reviewed_list_names_what_there_is(small: Installation) -> None:
    """Every table is spoilt above or listed; everything listed exists."""
    with small.copy() as url, spoiling(url) as connection:
        known = {table.schema: {} for table in tables(connection, {})}
        for table in tables(connection, {}):
            known[table.schema][table.name] = table
    for schema, listed in untold().items():
        for name in listed:
            table, _, column = name.partition(" (")[0].partition(".")
            assert table in known[schema], f"{schema}.{table} is listed and does not exist"
            assert not column or column in [c.name for c in known[schema][table].columns], f"{schema}.{name}"
    assert known.keys() == {*VERIFICATIONS, "bi"}
    empty = [t for found in known.values() for t in found.values() if not t.rows and t.name not in untold()[t.schema]]
    assert {table.name for table in empty} <= STRAY.keys()
