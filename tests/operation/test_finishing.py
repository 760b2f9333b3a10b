"""What processes of the version before go on writing after the migration is made whole once they are gone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from delivery_center import finishing
from delivery_center.composition import Center
from delivery_center.dc.main import run
from delivery_center.moment import moment_of
from delivery_center.replay import replay
from delivery_center.verify import Verifying
from delivery_center.verifying.chains import stores_of
from delivery_center.verifying.under_way import outboxes_of
from delivery_shared.audit import AuditChain
from delivery_shared.testing.fixtures import eventually
from delivery_shared.verifying.moment import Moment

from tests.verifying.installation import Installation, installed

pytestmark = [pytest.mark.stories, pytest.mark.timeout(400)]

LEFT_OUT = {
    "a copy nobody kept": "DELETE FROM dispatch.ordered; DELETE FROM project.configured; DELETE FROM intake.product",
    "a row that was missed": "DELETE FROM template.party WHERE account IS NOT NULL",
    "a column nobody knew": "UPDATE dispatch.department SET deleted = NOT deleted; UPDATE notify.project SET"
    " order_key = NULL, customer_name = NULL",
    "keys of copies": "UPDATE project.product SET code_key = NULL; UPDATE template.party SET account_key = NULL",
    "keys of orders": "UPDATE project.purchase SET order_key = NULL, business_key = NULL",
    "keys of products": "UPDATE template.product SET code_key = NULL;"
    " UPDATE template.historical_product SET code_key = NULL",
    "snapshots": "UPDATE dispatch.dispatch_snapshots SET state = convert_to(regexp_replace(convert_from(state, 'UTF8'),"
    " '\"gone\": *[{][}],?', ''), 'UTF8')",
    "the clock": "DELETE FROM dispatch.platform_clock; DELETE FROM intake.platform_clock",
    "columns of the read model": "UPDATE reporting.project SET sku = NULL, quantity = 7, name_key = ''",
    "a table of the read model": "DELETE FROM reporting.occurrence; DELETE FROM reporting.member;"
    " DELETE FROM reporting.department; DELETE FROM reporting.buyer",
    "facts of the read model": "UPDATE reporting.project_event SET data = '{}'",
}
"""By kind, what an installation looks like where it was written by processes that did not know better."""

DUE = "INSERT INTO {}.unfinished_upgrade VALUES (true, now())"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """A small installation, stopped."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("AMQP_URL", raising=False)
        with installed(tmp_path_factory.mktemp("small")) as made:
            yield made


@pytest.fixture
def before(small: Installation) -> Iterator[str]:
    """A database that has just been upgraded."""
    with small.copy() as url:
        with small.center(url) as center:
            spoil(url, [DUE.format(name) for name in center.services])
        yield url


def spoil(url: str, statements: Sequence[str]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def wrong(small: Installation, url: str) -> list[str]:
    """What ``verify`` says of it; what operators do is sealed first, as the worker would have."""
    with small.center(url) as center, Verifying(center, patience=0) as verifying:
        for store in stores_of(center).values():
            AuditChain(store).extend()
        report = verifying.run()
    return [*report.violations, *report.not_checked]


def dc(url: str, *arguments: str) -> int:
    """A command, in an installation whose services share a process."""
    return run(list(arguments), {"DATABASE_URL": url, "DELIVERY_MOVABLE_CLOCK": "1"})


def test_whatever_was_left_out_is_there_afterwards(
    small: Installation, before: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert wrong(small, before) == []
    with psycopg.connect(before) as connection:
        unknown = connection.execute("SELECT count(*) FROM project.person WHERE has_email IS NULL").fetchone()
    spoil(before, ["UPDATE project.person SET has_email = NULL", "UPDATE project.role SET named_at = NULL"])
    for kind, statements in LEFT_OUT.items():
        spoil(before, statements.split(";"))
        assert wrong(small, before), kind
    assert dc(before, "upgrade", "finish", "--json") == 0
    told = {row["service"]: row for row in json.loads(capsys.readouterr().out)}
    assert set(told["template"]["changed"]) == {"party", "product.code_key", "historical_product.code_key"}
    assert set(told["dispatch"]["changed"]) == {"ordered", "department", "platform_clock", "snapshots"}
    assert told["identity"]["changed"] == {}
    assert {"person", "role"} <= set(told["project"]["changed"])
    with psycopg.connect(before) as connection:
        known = "SELECT count(*) FROM project.person WHERE has_email IS NULL"
        assert connection.execute(known).fetchone() == unknown
    assert wrong(small, before) == []
    assert dc(before, "upgrade", "status") == 0
    assert capsys.readouterr().out == "finished\n"
    assert dc(before, "upgrade", "finish", "--all", "--json") == 0
    again = json.loads(capsys.readouterr().out)
    assert {row["service"] for row in again} == set(told)
    assert {table for row in again for table in row["changed"]} == set(), "once is enough"


def due(url: str, service: str) -> bool:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT 1 FROM {service}.unfinished_upgrade").fetchone() is not None


def test_whoever_finishes_too_early_is_told(small: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    """Processes of the version before are connected since before the upgrade began."""
    with small.copy() as url:
        with psycopg.connect(url, application_name="delivery-project"):
            spoil(url, [DUE.format("project"), "UPDATE project.purchase SET order_key = NULL"])
            assert dc(url, "upgrade", "finish") == 1
            said = capsys.readouterr().err
            assert said.endswith("processes of the version before first; connected: delivery-project\n")
            assert due(url, "project")
        dc(url, "doctor", "--json")
        found = {row["check"]: row for row in json.loads(capsys.readouterr().out)}
        assert found["upgrade"]["state"] == "warning"
        assert (
            found["upgrade"]["detail"] == "of project not finished: once all processes are replaced, dc upgrade finish"
        )
        eventually(lambda: dc(url, "upgrade", "finish", "--dry-run", "--json") == 0)  # the server says farewell to it
        (told,) = json.loads(capsys.readouterr().out)
        assert set(told["changed"]) == {"purchase.order_key"}
        assert due(url, "project"), "nothing was done"
        assert dc(url, "upgrade", "finish", "--json") == 0
        assert json.loads(capsys.readouterr().out) == [{**told, "dry_run": False}]
        assert not due(url, "project")


def test_it_waits_for_those_of_before(small: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    """A job of Kubernetes is there at once, before `prepare` has run and while old pods are replaced."""
    with small.copy() as url:
        spoil(url, [
            DUE.format("project"),
            "UPDATE project.purchase SET order_key = NULL",
            "CREATE TABLE kept AS TABLE project.alembic_version",
            "UPDATE project.alembic_version SET version_num = 'project_0001'",
        ])  # fmt: skip
        assert dc(url, "upgrade", "finish", "--wait", "0.1") == 1
        assert capsys.readouterr().err.endswith("the schema of project is older than this code: run prepare\n")
        with psycopg.connect(url, application_name="delivery-project") as old, ThreadPoolExecutor(1) as job:
            done = job.submit(dc, url, "upgrade", "finish", "--wait", "300")
            spoil(url, ["UPDATE project.alembic_version SET version_num = kept.version_num FROM kept"])
            assert due(url, "project")
            old.close()
            assert done.result() == 0
        assert not due(url, "project")


def test_what_a_newer_version_began_is_not_finished_by_an_older_one(
    small: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rolled back: that one's `dc` knows nothing of the columns that are lacking."""
    with small.copy() as url:
        spoil(url, [DUE.format("project"), "UPDATE project.alembic_version SET version_num = 'of tomorrow'"])
        assert dc(url, "upgrade", "finish", "--wait", "1") == 0
        assert capsys.readouterr().out == "of a newer version, whose dc finishes it: project\n"
        assert due(url, "project")


def test_after_a_rollback_it_waits_for_prepare_to_say_that_it_is_over(
    small: Installation, capsys: pytest.CaptureFixture[str]
) -> None:
    """The schema fits all the while, and processes that were back are younger than the rollback."""
    with small.copy() as url:
        spoil(url, [
            "ALTER TABLE project.unfinished_upgrade ADD COLUMN IF NOT EXISTS back boolean NOT NULL DEFAULT false",
            "INSERT INTO project.unfinished_upgrade (since, back) VALUES (now(), true)",
            "UPDATE project.purchase SET order_key = NULL",
        ])  # fmt: skip
        with psycopg.connect(url, application_name="delivery-project"):
            assert dc(url, "upgrade", "finish") == 1
            said = capsys.readouterr().err
            assert said.endswith("an older version of project is back: run prepare of this one before its processes\n")
            with small.center(url) as center:
                center.services["project"].migrate()
            assert dc(url, "upgrade", "finish") == 1
            assert capsys.readouterr().err.endswith("connected: delivery-project\n")
            assert due(url, "project")
        eventually(lambda: dc(url, "upgrade", "finish") == 0)
        assert not due(url, "project")
        assert wrong(small, url) == []


def test_a_product_that_is_there_twice_keeps_it_due(small: Installation, capsys: pytest.CaptureFixture[str]) -> None:
    """An old process lists one whose number differs in writing only: an operator decides which one goes."""
    twice = """INSERT INTO template.product SELECT made.* FROM (
        SELECT to_jsonb(p) AS one FROM template.product p WHERE offline_at IS NULL LIMIT 1) AS there,
        jsonb_populate_record(NULL::template.product, one || jsonb_build_object(
            'id', gen_random_uuid(), 'code', (one ->> 'code') || ' ', 'code_key', NULL)) AS made"""
    with small.copy() as url:
        spoil(url, [DUE.format("template"), twice])
        assert dc(url, "upgrade", "finish") == 1
        assert "another one differs in writing only" in capsys.readouterr().err
        assert due(url, "template")
        spoil(url, ["UPDATE template.product SET offline_at = now() WHERE code_key IS NULL"])
        assert dc(url, "upgrade", "finish") == 0
        assert not due(url, "template")


def test_what_comes_meanwhile_is_heard_as_well(small: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """The feed goes on while its messages are read again; what was put aside is tried again."""
    with small.copy() as url, small.center(url) as center:
        spoil(url, [
            "DELETE FROM intake.product",
            "UPDATE intake.feed_position SET position = position - 3 WHERE source = 'template'",
            "INSERT INTO intake.parked (feed, source, message_id, subject, type, body, error)"
            " VALUES ('intake', 'template', 1, 'subject', 'type', '', 'error')",
        ])  # fmt: skip
        assert wrong(small, url)
        moments = list[object]()

        def and_meanwhile(of: Center) -> Moment:
            moment = moment_of(of)
            if not moments:
                (feed,) = (one for one in center.services["intake"].consumers if one.source == "template")
                replay(feed, outboxes_of(center)["template"])
                spoil(url, ["DELETE FROM intake.parked"])
            moments.append(moment)
            return moment

        monkeypatch.setattr(finishing, "moment_of", and_meanwhile)
        assert finishing.finish(center, "intake").changed
        assert len(moments) == 2, "begun again, since what was put aside had been applied"
        assert wrong(small, url) == []


def test_what_a_feed_applies_meanwhile_is_heard_behind_the_rest(
    small: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    with small.copy() as url, small.center(url) as center:
        (feed,) = (one for one in center.services["intake"].consumers if one.source == "template")
        spoil(url, [
            "DELETE FROM intake.product",
            "UPDATE intake.feed_position SET position = position - 3 WHERE source = 'template'",
        ])  # fmt: skip

        def and_meanwhile(of: Center) -> Moment:
            moment = moment_of(of)
            replay(feed, outboxes_of(center)["template"])
            return moment

        monkeypatch.setattr(finishing, "moment_of", and_meanwhile)
        assert set(finishing.finish(center, "intake").changed) == {"product"}
        assert wrong(small, url) == []
