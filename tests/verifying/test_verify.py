"""``verify`` tells everything and nothing else: whoever changes a row of any table is found out, or the table stands in
a reviewed list with the reason; what is spoilt hides nothing else; what happens meanwhile is no violation."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence, Set
from functools import partial
from itertools import count
from typing import Any, Final, cast
from uuid import UUID

import intake_svc.verification
import pytest
from delivery_center.composition import Center
from delivery_center.installing.keys import environment_of
from delivery_center.verify import Verifying, main
from delivery_center.verifying import under_way
from delivery_center.verifying.chains import stores_of, unchanged, unsealed
from delivery_center.verifying.replaying import VERIFICATIONS, Replay
from delivery_center.verifying.under_way import outboxes_of, stuck
from delivery_shared.commands import Command
from delivery_shared.verifying import beside
from psycopg import Connection
from psycopg.rows import DictRow
from template_svc.application import TemplateApplication
from template_svc.commands import reference
from template_svc.store import TemplateStore

from tests.verifying.installation import FORGOTTEN, Installation, everybody_hears, installed
from tests.verifying.mutating import Mutation, Table, change, delete, duplicate, spoiling, tables

pytestmark = pytest.mark.stories

SEALED: Final = ("template", "identity", "intake", "project", "dispatch")
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
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """There are more orders than intake's verification holds at once."""
    monkeypatch.setattr(intake_svc.verification, "AT_ONCE", 3)


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


APART: Final = ({"feed_position"}, {"delivery"}, {"omission"}, {"person_name"})
"""Tables that are spoilt when no other is. A feed that stands elsewhere has heard something else: all its rows differ,
and nothing more is seen of them; a delivery is compared with its message, an omission counted with its occurrence; and
whose key is gone never had a name."""


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


FILLED: Final = (
    "template.product.parameters",
    "intake.product.parameters",
    "project.product.parameters",
    "intake.notice.parameter",
    "reporting.project.parameters",
    "reporting.project.found_by",
)
"""Columns with a default, which nothing is known of before they say something else."""


def test_what_orders_are_to_carry_is_known_everywhere(small: Installation) -> None:
    """Spoilt as it is, and with what the column says by default, it is found."""
    with small.copy() as url:
        with spoiling(url) as connection:
            mutations = [_as_by_default(connection, place) for place in FILLED]
        assert not_told(mutations, lines(small, url)) == []


def _as_by_default(connection: Connection[DictRow], place: str) -> Mutation:
    """One row that says something says nothing any more."""
    (table,) = (table for table in tables(connection, {}) if place.startswith(f"{table}."))
    name = place.rpartition(".")[2]
    filled = f"{name} IS NOT NULL AND CAST({name} AS text) NOT IN ('[]', '{{}}')"
    row = connection.execute(f"SELECT * FROM {table} WHERE {filled} LIMIT 1").fetchone()
    assert row is not None, place
    key = {name: row[name] for name in table.named}
    where = " AND ".join(f"{name} = %({name})s" for name in table.key)
    connection.execute(f"UPDATE {table} SET {name} = DEFAULT WHERE {where}", key)
    return Mutation(table=table, what=name, rows=[key])


@pytest.mark.requirement("S-07", "S-10")
def test_a_quiet_installation_is_clean(small: Installation) -> None:
    """Also where staff of another ISV placed a test order: its customer is the account, and the message to it carries
    the party of the account."""
    with small.copy() as url:
        with spoiling(url) as connection:
            found = connection.execute(
                "SELECT message_id FROM notify.message m JOIN notify.occurrence o"
                " USING (project_id, run, visit, trigger, rule) JOIN notify.project p USING (project_id)"
                " WHERE m.person_id = p.customer_id AND m.party_id NOT IN (p.vendor_id, o.provider_id)"
            ).fetchall()
        assert found != []
        assert lines(small, url) == []


def test_whoever_has_not_heard_of_an_erasure_is_believed(small: Installation) -> None:
    """Events tell an erased name no more; a copy that has it still is no violation, if the feed has to hear of it."""
    assert named(small, heard=False) == set()
    assert named(small, heard=True) == COPIES


def named(small: Installation, *, heard: bool) -> set[str]:
    """The copies with an erased name that are told, whether their feeds have heard of the erasure or not. A feed put
    back has rows of what it has heard since: they are told in other tables."""
    with small.copy() as url:
        with spoiling(url) as connection:
            remember(connection, FORGOTTEN[0])
            if not heard:
                behind(connection)
        said = restored(small, url)
    return {copy for copy in COPIES if any(line.startswith(copy) for line in said)}


PARTIES: Final = ("template", "intake", "project", "dispatch", "notify", "reporting")
COPIES: Final = {"dispatch: table ordered", "notify: table project:", "reporting: table buyer"} | {
    f"{service}: table party" for service in PARTIES
}
"""Where names of customers lie, as lines begin."""


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


@pytest.mark.parametrize("only", [set(), *APART], ids=["most", "feeds", "deliveries", "omissions", "names"])
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


# Events that are spoilt or gone


def test_a_spoilt_and_a_missing_event_are_a_line_each_and_hide_nothing(small: Installation) -> None:
    """Neither other events nor other services; and no check breaks off."""
    streams: list[tuple[str, UUID, UUID]] = []
    with small.copy() as url:
        with spoiling(url) as connection:
            for service in SEALED:
                events = f"{service}.{service}_events"
                spoilt, gone = connection.execute(
                    f"SELECT originator_id AS id FROM {events} GROUP BY 1 HAVING max(originator_version) >= 2"
                    " ORDER BY min(notification_id) DESC LIMIT 2"
                ).fetchall()
                first = f"{events} {{}} WHERE originator_id = %(id)s AND originator_version = 1"
                connection.execute("UPDATE " + first.format("SET state = '\\xff'"), spoilt)
                connection.execute("DELETE FROM " + first.format(""), gone)
                streams.append((service, spoilt["id"], gone["id"]))
            connection.execute("UPDATE reporting.role SET name = 'other' WHERE role = 'designer'")
            connection.execute("UPDATE notify.party SET name = 'other' WHERE name = '云梦DB'")
        with small.center(url) as center, Verifying(center, patience=0) as verifying:
            report = verifying.run()
    assert report.unchecked == {}
    told = report.found["events"]
    for service, spoilt, gone in streams:
        (line,) = [line for line in told if line.startswith(f"{service}: ") and str(spoilt) in line]
        assert line.startswith(f"{service}: event 1 of stream {spoilt} (")
        assert ") cannot be read: " in line
        (line,) = [line for line in told if line.startswith(f"{service}: ") and str(gone) in line]
        assert line.startswith(f"{service}: stream {gone} lacks event 1: it has ")
        assert [line for line in report.found["audit chains"] if line.startswith(f"{service}: event ")] != []
    assert any("role=designer has another name" in line for line in report.found["rows of reporting"])
    assert any("has another name" in line for line in report.found["rows of notify"])


# Decisions made again


@pytest.mark.requirement("D-03", "D-21", "D-22")
def test_every_decision_comes_out_the_same_and_one_with_another_seed_does_not(small: Installation) -> None:
    with small.copy() as url:
        with small.center(url) as center, Verifying(center, patience=0) as verifying:
            (figure,) = verifying.run().figures
        with spoiling(url) as connection:
            made = connection.execute(
                "SELECT count(*) AS n FROM dispatch.dispatch_events WHERE topic LIKE '%.ProviderChosen'"
                " OR topic LIKE '%.PersonChosen'"
            ).fetchone()
            assert made is not None
            assert figure == f"{made['n']} of {made['n']} decisions came out the same"
            other = _give_it_to_another(connection)
        with small.center(url) as center, Verifying(center, patience=0) as verifying:
            report = verifying.run()
    assert report.figures == [f"{made['n'] - 1} of {made['n']} decisions came out the same"]
    (line,) = report.found["decisions made again"]
    assert f" chose {other}; decided again it is " in line


def _give_it_to_another(connection: Connection[DictRow]) -> UUID:
    """The last choice among several providers goes to another of them."""
    rows = connection.execute(
        "SELECT originator_id, originator_version, state FROM dispatch.dispatch_events"
        " WHERE topic LIKE '%.ProviderChosen' ORDER BY notification_id DESC"
    ).fetchall()
    for row in rows:
        told = json.loads(bytes(row["state"]))
        others = [UUID(tied) for tied in told["tied"] if UUID(tied) != UUID(told["provider_id"]["_data_"])]
        if others:
            told["provider_id"]["_data_"] = others[0].hex
            connection.execute(
                "UPDATE dispatch.dispatch_events SET state = %(state)s"
                " WHERE originator_id = %(originator_id)s AND originator_version = %(originator_version)s",
                {**row, "state": json.dumps(told).encode()},
            )
            return others[0]
    raise AssertionError("nobody was chosen among several")


# What happens meanwhile


def test_what_happens_between_two_readings_is_no_violation(
    small: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While everything is read, a role gets another name, and every service hears of it."""
    with small.copy() as url, small.center(url) as center, small.center(url) as other:
        read = Replay.run

        def meanwhile(replay: Replay) -> None:
            _rename(other)
            _everybody_hears(other)
            read(replay)

        monkeypatch.setattr(Replay, "run", meanwhile)
        with Verifying(center, patience=0) as verifying:
            assert verifying.run().violations == []
        monkeypatch.undo()
        monkeypatch.setattr(beside, "EXAMPLES", 3)
        assert lines(small, url) == []


def test_what_is_under_way_is_waited_for(small: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    with small.copy() as url, small.center(url) as center:
        _rename(center)
        assert len([line for line in stuck(center, patience=0) if line.startswith("feed ")]) == 6
        monkeypatch.setattr(under_way.time, "sleep", lambda seconds: _everybody_hears(center))
        assert stuck(center, patience=60) == []


def _rename(center: Center) -> None:
    application = TemplateApplication(cast(TemplateStore, center.services["template"].store))
    application.carry_out(Command(route="test"), reference.change_role(code="designer", name="新设计师", active=True))


def _everybody_hears(center: Center) -> None:
    everybody_hears(center)
    for name, outbox in outboxes_of(center).items():
        with outbox.store.connection() as connection:
            connection.execute("UPDATE outbox_position SET position = %s WHERE relay = %s", (outbox.last(), name))


# How it ends


def test_the_exit_status_tells_what_was_found(
    small: Installation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with small.copy() as url:
        environment = {**environment_of(small.folder), "DATABASE_URL": url, "AMQP_URL": "amqp://nobody@127.0.0.1:9//"}
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("DELIVERY_MOVABLE_CLOCK", "1")

        def ends(statement: str | None = None) -> tuple[int, list[str]]:
            if statement:
                with spoiling(url) as connection:
                    connection.execute(statement)
            with pytest.raises(SystemExit) as exit_:
                main([])
            return exit_.value.code, capsys.readouterr().out.splitlines()

        status, said = ends()
        assert (status, said[1:]) == (0, ["0 violations"])
        assert said[0].endswith(" decisions came out the same")
        status, said = ends("UPDATE notify.alembic_version SET version_num = 'notify_0001'")
        assert (status, said[0]) == (
            2,
            "could not check schemas: SchemaDiffers: notify is older than this version",
        )
        status, said = ends("ALTER TABLE reporting.party RENAME TO parties")
        assert (status, said[-1]) == (2, "0 violations")
        status, said = ends("UPDATE notify.party SET name = 'other' WHERE name = '云梦DB'")
        assert status == 1
