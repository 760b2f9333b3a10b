"""A role for analysts reads its own rows and nothing else, whatever its session tries."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from delivery_shared.contracts import identity
from delivery_shared.migrate import migrate
from delivery_shared.testing.fixtures import scratch_database
from reporting_svc.bi import installing
from reporting_svc.bi.installing import TooOld, install, put_over, views
from reporting_svc.bi.policies import OPEN, VISIBLE
from reporting_svc.bi.roles import CLOSING, CONNECTIONS, Granted, NotGranted, grant, granted, name_of, revoke
from reporting_svc.feed import read_models
from reporting_svc.main import migrate_with_views
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import NullPool
from structlog.testing import capture_logs

from .analysts import as_role, companies
from .conftest import Feeds, World, id_of

pytestmark = pytest.mark.integration


@pytest.fixture
def roles(engine: Engine, feeds: Feeds, world: World, database_url: str) -> Iterator[dict[str, Granted]]:
    """The companies of :func:`companies`, and a role each for us, the rival and the platform operator."""
    feeds(*companies(world))
    end = uuid4().hex[:8]
    parties = {"ours": world.vendor, "rival": world.rival, "operator": None}
    made = {name: grant(database_url, party_id=party, role=f"bi_{name}_{end}") for name, party in parties.items()}
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    yield made
    for role in made.values():
        revoke(database_url, role.role)


@pytest.fixture
def ours(roles: dict[str, Granted], database_url: str) -> Iterator[Connection]:
    with as_role(database_url, roles["ours"].role, roles["ours"].password) as connection:
        yield connection


@pytest.fixture
def rival(roles: dict[str, Granted], database_url: str) -> Iterator[Connection]:
    with as_role(database_url, roles["rival"].role, roles["rival"].password) as connection:
        yield connection


@pytest.fixture
def operator(roles: dict[str, Granted], database_url: str) -> Iterator[Connection]:
    with as_role(database_url, roles["operator"].role, roles["operator"].password) as connection:
        yield connection


def asked(connection: Connection, query: str, **values: Any) -> list[Any]:
    """The only column of each row, or the rows."""
    rows = connection.execute(text(query), values).all()
    return [row[0] if len(row) == 1 else tuple(row) for row in rows]


def test_a_vendor_and_provider_reads_its_own_rows(ours: Connection, rival: Connection, operator: Connection) -> None:
    projects = "SELECT order_number FROM bi_v1.fact_project ORDER BY 1"
    assert asked(ours, projects) == ["back", "outsourced", "own"]
    assert asked(rival, projects) == ["outsourced", "secret", "secret too"]
    assert asked(operator, projects) == ["back", "outsourced", "own", "secret", "secret too"]

    visits = (
        "SELECT p.order_number, v.visit, v.run, v.outcome FROM bi_v1.fact_node_visit v"
        " JOIN bi_v1.fact_project p USING (project_id) ORDER BY 1, 2"
    )
    assert asked(ours, visits) == [
        ("back", 1, 1, "completed"), ("back", 2, 1, "restarted"), ("back", 3, 2, "open"),
        ("outsourced", 1, 1, "completed"), ("outsourced", 2, 1, "open"),
        ("own", 1, 1, "completed"), ("own", 2, 1, "open"),
    ]  # fmt: skip
    assert asked(rival, visits) == [
        ("outsourced", 1, 1, "completed"), ("outsourced", 2, 1, "open"), ("secret", 1, 1, "completed"),
        ("secret", 2, 1, "open"), ("secret too", 1, 1, "completed"), ("secret too", 2, 1, "completed"),
    ]  # fmt: skip

    log = "SELECT DISTINCT project_id, run FROM bi_v1.event_log"
    assert set(asked(ours, log)) == {
        (id_of("own"), 1), (id_of("outsourced"), 1), (id_of("back"), 1), (id_of("back"), 2)
    }  # fmt: skip
    assert set(asked(rival, log)) == {(id_of(name), 1) for name in ("outsourced", "secret", "secret too")}

    days = "SELECT count(*), count(DISTINCT project_id) FROM bi_v1.fact_daily_snapshot WHERE day = '2019-10-18'"
    assert [asked(who, days) for who in (ours, rival, operator)] == [[(3, 3)], [(3, 3)], [(5, 5)]]
    # the rival held "back" at the midnight before it went
    then = "SELECT count(*) FROM bi_v1.fact_daily_snapshot WHERE day = '2019-10-17' AND project_id = :id"
    assert [asked(who, then, id=id_of("back")) for who in (ours, rival)] == [[1], [1]]


def test_who_was_a_candidate_is_told_to_whom_it_concerns(ours: Connection, rival: Connection, world: World) -> None:
    query = (
        "SELECT p.order_number, a.level, a.how, a.candidates, a.excluded FROM bi_v1.fact_assignment a"
        " JOIN bi_v1.fact_project p USING (project_id) WHERE a.run = 1 ORDER BY 1, 2"
    )
    both, lisi = [str(world.vendor), str(world.rival)], [str(world.lisi)]
    assert asked(ours, query) == [
        ("back", "provider", "draw", both, {"full": 1}), ("back", "staff", None, None, None),
        ("outsourced", "provider", "draw", both, {"full": 1}), ("outsourced", "staff", None, None, None),
        ("own", "provider", "draw", both, {"full": 1}), ("own", "staff", "assign", lisi, {}),
    ]  # fmt: skip
    seen = [row for row in asked(rival, query) if row[0] == "outsourced"]
    assert seen == [
        ("outsourced", "provider", None, None, None), ("outsourced", "staff", "assign", [str(world.rival_main)], {}),
    ]  # fmt: skip


def test_names_are_those_one_has_to_do_with(ours: Connection, rival: Connection, operator: Connection) -> None:
    providers = "SELECT name FROM bi_v1.dim_provider ORDER BY name"
    both = asked(ours, providers)
    assert sorted(both) == sorted(["河北服务商", "北京服务商"])
    assert asked(rival, providers) == both
    assert len(asked(operator, providers)) == 3
    people = "SELECT name FROM bi_v1.dim_person ORDER BY name"
    assert sorted(asked(ours, people)) == sorted(["河北主账号", "李四", "王五"])
    assert asked(rival, people) == ["北京主账号"]
    assert asked(ours, "SELECT code FROM bi_v1.dim_product") == ["56001"]
    assert sorted(asked(rival, "SELECT code FROM bi_v1.dim_product")) == ["113001", "56001"]
    assert sorted(asked(ours, "SELECT name FROM bi_v1.dim_template")) == ["ours", "t"]
    assert sorted(asked(rival, "SELECT name FROM bi_v1.dim_template")) == ["t", "theirs"]
    assert asked(ours, "SELECT maximum FROM bi_v1.fact_provider_capacity") == [1000, 1000]
    assert asked(rival, "SELECT maximum FROM bi_v1.fact_provider_capacity") == [7]
    assert asked(ours, "SELECT party_id, everything FROM bi_v1.tenant") == [(id_of("河北服务商"), False)]
    assert asked(operator, "SELECT party_id, everything FROM bi_v1.tenant") == [(None, True)]


def test_an_erased_person_is_blank(feeds: Feeds, world: World, ours: Connection) -> None:
    feeds(identity.PersonErased(user_id=world.lisi, party_id=world.vendor))
    assert asked(ours, "SELECT name FROM bi_v1.dim_person WHERE person_id = :id", id=world.lisi) == [""]
    columns = "SELECT column_name FROM information_schema.columns WHERE table_name = 'dim_person' ORDER BY 1"
    assert asked(ours, columns) == [
        "active", "as_of_position", "department_id", "fresh_at", "is_main_account", "name", "party_id", "person_id",
    ]  # fmt: skip


REFUSED = [
    "SET ROLE {rival}",
    "SET SESSION AUTHORIZATION {rival}",
    "SET SESSION AUTHORIZATION postgres",
    "SELECT set_config('role', '{rival}', false)",
    "SELECT set_config('session_authorization', '{rival}', false)",
    "GRANT {rival} TO {ours}",
    "ALTER ROLE {ours} SUPERUSER",
    "ALTER ROLE {ours} BYPASSRLS",
    "ALTER ROLE {ours} CONNECTION LIMIT -1",
    "ALTER ROLE {rival} PASSWORD 'x'",
    "CREATE ROLE more",
    "CREATE DATABASE more",
    "CREATE SCHEMA more",
    "CREATE TABLE bi_v1.more (a int)",
    "CREATE TABLE public.more (a int)",
    "CREATE TEMPORARY TABLE more (a int)",
    "CREATE TEMPORARY VIEW more AS SELECT * FROM reporting.project",
    "CREATE MATERIALIZED VIEW bi_v1.more AS SELECT * FROM reporting.project",
    "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE sql COST 0.0001 AS 'SELECT true'",
    "CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0001 AS 'BEGIN RETURN true; END'",
    "DO $$ BEGIN CREATE TABLE public.more (a int); END $$",
    "CREATE EXTENSION dblink",
    "SELECT lo_create(0)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT pg_read_file('/etc/passwd')",
    "COPY bi_v1.fact_project TO '/tmp/more'",
    "COPY (SELECT 1) TO PROGRAM 'true'",
    "INSERT INTO bi.tenant VALUES ('{ours}_2', NULL, true)",
    "UPDATE bi.tenant SET everything = true, party_id = NULL",
    "DELETE FROM bi.tenant",
    "UPDATE reporting.project SET vendor_id = provider_id",
    "UPDATE bi_v1.dim_person SET name = 'x'",
    "INSERT INTO reporting.person VALUES (gen_random_uuid(), gen_random_uuid(), 'x')",
    "TRUNCATE reporting.project",
    "SELECT * FROM reporting.project FOR UPDATE",
    "DO $$ BEGIN LOCK TABLE reporting.project IN ACCESS EXCLUSIVE MODE; END $$",
    "ALTER TABLE reporting.project DISABLE ROW LEVEL SECURITY",
    "ALTER TABLE reporting.project NO FORCE ROW LEVEL SECURITY",
    "ALTER POLICY tenant ON reporting.project USING (true)",
    "DROP POLICY tenant ON reporting.project",
    "CREATE POLICY more ON reporting.project FOR SELECT USING (true)",
    "ALTER VIEW bi_v1.fact_project SET (security_invoker = false)",
    "CREATE OR REPLACE VIEW bi_v1.tenant AS SELECT NULL::uuid AS party_id, true AS everything",
    "DROP VIEW bi_v1.event_log",
    "SELECT * FROM reporting.channel",
    "UPDATE reporting.member SET maximum = 0",
    "SELECT * FROM reporting.parked",
    "SELECT * FROM reporting.figure",
    "SELECT * FROM reporting.handled",
    "SELECT * FROM reporting.revoked",
    "SELECT name FROM reporting.channel",
    "SELECT * FROM pg_catalog.pg_authid",
    "SELECT * FROM pg_catalog.pg_statistic",
    "SET session_replication_role = replica",
]


FOR_WANT_OF_A_RIGHT = ("42501", "42704")
NO_SUCH_WAY = ("0LP01", "55000")
"""Membership of oneself; a view of two tables."""


def test_what_a_reader_may_not_do_is_refused_and_changes_nothing(roles: dict[str, Granted], ours: Connection) -> None:
    ours.exec_driver_sql("SET default_transaction_read_only = off")  # a default only: privileges must hold
    names = {name: role.role for name, role in roles.items()}
    before = everything_read(ours)
    for statement in REFUSED:
        with pytest.raises(DBAPIError) as refusal:
            ours.exec_driver_sql(statement.format(**names))
        code = getattr(refusal.value.orig, "pgcode", None)
        assert code in (*FOR_WANT_OF_A_RIGHT, *NO_SUCH_WAY), f"{statement}: {refusal.value}"
    assert everything_read(ours) == before


def everything_read(connection: Connection) -> dict[str, int]:
    """How many rows each view shows."""
    days = {"fact_daily_snapshot": " WHERE day = '2019-10-20'"}
    return {view: asked(connection, f"SELECT count(*) FROM bi_v1.{view}{days.get(view, '')}")[0] for view in views()}


def test_settings_change_no_row(roles: dict[str, Granted], ours: Connection, world: World) -> None:
    before = everything_read(ours)
    for setting in (
        "SET search_path = reporting, public",
        "SET app.tenant = 'x'",
        f"SET app.party_id = '{world.rival}'",
        "SET ROLE NONE",
        "RESET ROLE",
        "RESET SESSION AUTHORIZATION",
        "SET enable_seqscan = off",
        "SET parallel_setup_cost = 0",
        "SET default_transaction_read_only = off",
        f"ALTER ROLE {roles['ours'].role} SET search_path = public",
        "SET statement_timeout = 0",
    ):
        ours.exec_driver_sql(setting)
        assert everything_read(ours) == before
    ours.exec_driver_sql("SET row_security = off")  # says no rather than to leave the policies out
    with pytest.raises(DBAPIError, match="row-level security"):
        everything_read(ours)


def test_nothing_leaks_through_conditions_statistics_or_plans(ours: Connection, world: World) -> None:
    secrets = [str(id_of("secret")), "secret too", "secret001"]
    # an operator that fails on a row of another tenant is never applied to it
    for condition in (
        "1 / (CASE WHEN order_number LIKE 'secret%' THEN 0 ELSE 1 END) = 1",
        f"1 / (CASE WHEN vendor_id = '{world.rival}' THEN 0 ELSE 1 END) = 1",
    ):
        for relation in ("bi_v1.fact_project", "reporting.project"):
            assert len(asked(ours, f"SELECT project_id FROM {relation} WHERE {condition}")) == 3
    with pytest.raises(DBAPIError) as error:
        asked(ours, "SELECT CAST(order_number AS int) FROM bi_v1.fact_project")
    assert not any(secret in str(error.value) for secret in secrets)

    stats = "SELECT count(*) FROM pg_stats WHERE schemaname = 'reporting' AND tablename = ANY (:tables)"
    assert asked(ours, stats, tables=list(VISIBLE)) == [0]
    assert asked(ours, "SELECT count(*) FROM pg_stats_ext") == [0]

    for view in views():
        where = " WHERE day = '2019-10-20'" if view == "fact_daily_snapshot" else ""
        plan = "\n".join(asked(ours, f"EXPLAIN (ANALYZE, VERBOSE) SELECT * FROM bi_v1.{view}{where}"))
        assert not any(secret in plan for secret in [*secrets, str(world.rival), "北京"])
    activity = "SELECT count(*) FROM pg_stat_activity WHERE usename <> current_user AND query NOT LIKE '<insufficient%'"
    assert asked(ours, f"{activity} AND query <> ''") == [0]


def test_sessions_are_limited(roles: dict[str, Granted], database_url: str, ours: Connection) -> None:
    expected = {"statement_timeout": "5min", "default_transaction_read_only": "on", "search_path": "bi_v1"}
    assert {name: asked(ours, f"SHOW {name}")[0] for name in expected} == expected
    url = make_url(database_url).set(
        drivername="postgresql+psycopg2", username=roles["ours"].role, password=roles["ours"].password
    )
    engine = create_engine(url, poolclass=NullPool)
    more = [engine.connect() for _ in range(CONNECTIONS - 1)]
    try:
        with pytest.raises(OperationalError, match="too many connections"):
            engine.connect()
    finally:
        for connection in more:
            connection.close()


def test_every_view_asks_as_its_reader_and_every_table_forces_its_policies(engine: Engine, roles: Any) -> None:
    with engine.connect() as connection:
        kinds = asked(
            connection, "SELECT relname, relkind, reloptions FROM pg_class WHERE relnamespace = 'bi_v1'::regnamespace"
        )
        assert sorted(name for name, *_ in kinds) == sorted(views())
        assert {(kind, *options) for _, kind, options in kinds} == {("v", "security_invoker=true")}
        read = asked(
            connection,
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'r'"
            " AND has_table_privilege(:role, c.oid, 'SELECT')",
            role=roles["ours"].role,
        )  # fmt: skip
        assert sorted(read) == sorted([*VISIBLE, *OPEN])
        forced = asked(
            connection,
            "SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'reporting'::regnamespace"
            " AND c.relrowsecurity AND c.relforcerowsecurity",
        )  # fmt: skip
        assert sorted(forced) == sorted(VISIBLE)


def test_a_role_played_by_another_login_reads_nothing(engine: Engine, roles: dict[str, Granted]) -> None:
    """The tenant is who logged in: an administrator playing a tenant, or a function that does, sees no row."""
    with engine.begin() as connection:
        connection.exec_driver_sql(f"SET LOCAL ROLE {roles['ours'].role}")
        assert asked(connection, "SELECT count(*) FROM bi_v1.fact_project") == [0]
        assert asked(connection, "SELECT count(*) FROM reporting.person") == [0]
        assert asked(connection, "SELECT count(*) FROM bi_v1.tenant") == [0]


def test_a_role_is_for_one_company_for_ever(engine: Engine, roles: Any, database_url: str, world: World) -> None:
    ours = roles["ours"]
    assert grant(database_url, party_id=world.vendor, role=ours.role) == Granted(role=ours.role, password=None)
    again = grant(database_url, party_id=world.vendor, role=ours.role, new_password=True)
    assert again.password not in (None, ours.password)
    with pytest.raises(NotGranted, match="another party"):
        grant(database_url, party_id=world.rival, role=ours.role)
    with pytest.raises(NotGranted, match="another party"):
        grant(database_url, party_id=None, role=ours.role)
    with pytest.raises(NotGranted, match="customer"):
        grant(database_url, party_id=world.customer, role="bi_customer")
    with pytest.raises(NotGranted, match="not known"):
        grant(database_url, party_id=uuid4(), role="bi_nobody")
    with pytest.raises(NotGranted, match="can do more"):
        grant(database_url, party_id=world.vendor, role="postgres")
    assert dict(granted(database_url)) == {
        roles["ours"].role: world.vendor, roles["rival"].role: world.rival, roles["operator"].role: None,
    }  # fmt: skip


def test_two_databases_of_a_server_share_no_role(engine: Engine, feeds: Feeds, world: World, database_url: str) -> None:
    feeds(*companies(world))
    with scratch_database() as other:
        install_for(other, world)
        mine, theirs = (grant(url, party_id=world.vendor) for url in (database_url, other))
        try:
            assert mine.role == f"bi_{make_url(database_url).database}_{world.vendor.hex[:12]}"
            assert mine.role != theirs.role
            assert None not in (mine.password, theirs.password)
            assert grant(other, party_id=None).role == f"bi_{make_url(other).database}_operator"
            with as_role(database_url, mine.role, mine.password) as connection:
                assert asked(connection, "SELECT count(*) FROM bi_v1.fact_project") == [3]
        finally:
            for url, role in ((database_url, mine.role), (other, theirs.role)):
                assert revoke(url, role)
            assert revoke(other, name_of(str(make_url(other).database), None))


def install_for(database_url: str, world: World) -> None:
    """The read model of a further installation, which knows our company."""
    migrate_with_views(database_url, "reporting")
    engine = create_engine(make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    with engine.begin() as connection:
        party = text("INSERT INTO reporting.party (party_id, name, kind) VALUES (:id, 'x', 'isv')")
        connection.execute(party, {"id": world.vendor})
    engine.dispose()


def test_a_role_of_an_older_name_goes_on_and_one_that_two_databases_share_stays_for_the_other(
    engine: Engine, feeds: Feeds, world: World, database_url: str
) -> None:
    feeds(*companies(world))
    old = f"bi_{uuid4().hex[:12]}"
    first = grant(database_url, party_id=world.vendor, role=old)
    with scratch_database() as other:
        install_for(other, world)
        try:
            assert grant(other, party_id=world.vendor, role=old) == Granted(role=old, password=None)
            assert grant(database_url, party_id=world.vendor) == Granted(role=old, password=None)
            assert revoke(other, old)
            assert granted(other) == []
            with as_role(database_url, old, first.password) as connection:
                assert asked(connection, "SELECT count(*) FROM bi_v1.fact_project") == [3]
            with as_role(other, old, first.password) as connection, pytest.raises(DBAPIError, match="permission"):
                asked(connection, "SELECT count(*) FROM bi_v1.fact_project")
        finally:
            assert revoke(database_url, old)
    with engine.connect() as connection:
        assert asked(connection, "SELECT count(*) FROM pg_roles WHERE rolname = :role", role=old) == [0]


def test_names_of_roles_fit_and_differ_whatever_the_database_is_called() -> None:
    long = ["中" * 21, "中" * 20 + "国", "a" * 63, "a" * 62 + "b"]
    names = [name_of(database, party) for database in long for party in (None, id_of("x"))]
    assert len(set(names)) == len(names)
    assert max(len(name.encode()) for name in names) <= 63
    assert name_of("delivery", None) == "bi_delivery_operator"
    edge = "d" * (63 - len("bi__operator"))
    assert name_of(edge, None) == f"bi_{edge}_operator"


def test_a_dropped_role_is_out_at_once(roles: Any, database_url: str, ours: Connection) -> None:
    assert asked(ours, "SELECT 1") == [1]
    assert revoke(database_url, roles["ours"].role)
    with pytest.raises(OperationalError):
        asked(ours, "SELECT 1")
    with pytest.raises(OperationalError), as_role(database_url, roles["ours"].role, roles["ours"].password):
        pass
    assert not revoke(database_url, roles["ours"].role)
    assert not revoke(database_url, "postgres")


def test_the_views_follow_a_schema_put_in_the_place_of_another(
    engine: Engine, roles: dict[str, Granted], ours: Connection, database_url: str
) -> None:
    """A read model built beside the live one takes its name: the same views read it, with the same grants."""
    before = everything_read(ours)
    other = f"beside_{uuid4().hex[:8]}"
    migrate(database_url=database_url, schema=other, package="reporting_svc", driver="psycopg2")
    try:
        with engine.begin() as connection:
            put_over(connection, other)
        assert asked(ours, "SELECT count(*) FROM bi_v1.fact_project") == [0]
    finally:
        install(database_url, "reporting")
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP SCHEMA {other} CASCADE")
    assert everything_read(ours) == before


def test_an_older_server_does_without_the_views_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "NEEDED", 99_00_00)
    with scratch_database() as url:
        with capture_logs() as logs:
            migrate_with_views(url, "reporting")
        assert [log["event"] for log in logs if log["log_level"] == "warning"] == ["no BI views"]
        assert not install(url, "reporting")
        with pytest.raises(TooOld, match="PostgreSQL 15"):
            grant(url, party_id=None)
        assert (granted(url), revoke(url, "bi_operator")) == ([], False)
        monkeypatch.undo()
        assert install(url, "reporting")
        assert granted(url) == []


def test_an_owner_who_is_no_superuser_serves_and_grants(database_url: str, world: World) -> None:
    """As in production: the policies bind the owner, whose own lets it write and read all."""
    owner, database = f"own_{uuid4().hex[:8]}", f"delivery_test_{uuid4().hex[:8]}"
    admin = create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg2"), poolclass=NullPool, isolation_level="AUTOCOMMIT"
    )
    with admin.connect() as connection:
        connection.exec_driver_sql(f"CREATE ROLE {owner} LOGIN CREATEROLE PASSWORD 'own'")
        connection.exec_driver_sql(f"CREATE DATABASE {database} OWNER {owner}")
    url = make_url(database_url).set(database=database, username=owner, password="own")
    owned = url.render_as_string(hide_password=False)
    role = f"bi_{uuid4().hex[:8]}"
    try:
        migrate_with_views(owned, "reporting")
        engine = create_engine(
            url.set(drivername="postgresql+psycopg2"), poolclass=NullPool,
            connect_args={"options": "-csearch_path=reporting -ctimezone=UTC"},
        )  # fmt: skip
        models = {model.source: model for model in read_models(engine)}
        for model in models.values():
            model.position()
        Feeds(models)(*companies(world), times=2)
        with engine.connect() as connection:
            assert asked(connection, "SELECT count(*) FROM reporting.project") == [5]
        made = grant(owned, party_id=world.vendor, role=role)
        assert made.stores, "only a superuser closes large objects"
        with admin.connect() as connection:
            superuser = make_url(database_url).set(drivername="postgresql+psycopg2", database=database)
            inside = create_engine(superuser, poolclass=NullPool, isolation_level="AUTOCOMMIT")
            with inside.connect() as closing:
                closing.exec_driver_sql(CLOSING)
            inside.dispose()
        assert not grant(owned, party_id=world.vendor, role=role).stores
        with as_role(owned, role, made.password) as connection:
            assert asked(connection, "SELECT count(*) FROM bi_v1.fact_project") == [3]
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            for statement in (
                "CREATE TEMPORARY TABLE more (a int)",
                "UPDATE reporting.project SET run = 1",
                "SELECT lo_from_bytea(0, 'x')",
                "SELECT lo_create(0)",
                "SELECT lo_creat(-1)",
            ):
                with pytest.raises(DBAPIError):
                    connection.exec_driver_sql(statement)
        assert revoke(owned, role)
        engine.dispose()
    finally:
        with admin.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {database} WITH (FORCE)")
            connection.exec_driver_sql(f"DROP ROLE IF EXISTS {role}")
            connection.exec_driver_sql(f"DROP ROLE {owner}")
        admin.dispose()
