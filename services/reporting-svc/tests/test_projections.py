"""Each message does what it says, once; the order between sources and the size of batches do not matter."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from delivery_shared.contracts import Contract, dispatch, project
from delivery_shared.http import revocation
from delivery_shared.messaging.consumer import Stopped
from delivery_shared.rows import Rows
from reporting_svc.projections import SOURCES, WRITERS
from reporting_svc.rebuild import rebuild, state_hash
from reporting_svc.tables import metadata
from reporting_svc.tables import project as projects
from sqlalchemy import Engine, inspect, select

from .conftest import NOON, Feeds, World, id_of, standing

pytestmark = pytest.mark.integration


def row_of(engine: Engine, name: str) -> dict[str, Any]:
    with engine.connect() as connection:
        found = connection.execute(select(projects).where(projects.c.project_id == id_of(name))).mappings().one()
    return dict(found)


def life(world: World, random: random.Random, name: str) -> list[Contract]:
    """A project that goes through a random but lawful life: facts of project and of dispatch, each in order."""
    contracts: list[Contract] = [world.started(name, started_at=NOON + timedelta(seconds=random.randrange(3)))]
    visit = 0
    run = 1
    provider = random.choice([world.vendor, world.rival])
    for _ in range(random.randrange(1, 4)):
        visit += 1
        contracts.append(world.entered(name, visit, "assign_provider", "分配服务商", run=run))
        if random.random() < 0.5:
            contracts.append(world.queued(name, "providers_full", run))
            contracts.append(
                dispatch.ProviderAssigned(
                    project_id=id_of(name), run=run, request_id=id_of(f"{name} ask {run} None"),
                    provider_id=provider, assigned_at=NOON,
                )
            )  # fmt: skip
        contracts += [world.provider_set(name, provider, run), world.completed(name, visit, by_system, run)]
        visit += 1
        contracts.append(world.entered(name, visit, "assign_order", "分配订单", run=run, role="designer"))
        if random.random() < 0.5:
            contracts.append(world.queued(name, random.choice(["no_staff", "staff_full"]), run, role="designer"))
        if random.random() < 0.3:
            contracts += [world.ended(name, "paused", run), world.ended(name, "resumed", run)]
        if random.random() < 0.7:
            person = random.choice([world.lisi, world.wangwu])
            contracts += [
                world.role_filled(name, "designer", person, run),
                world.completed(name, visit, by_system, run),
            ]
            visit += 1
            contracts.append(
                world.entered(
                    name, visit, "general", "设计", run=run, side="provider", role="designer", assignee_id=person
                )
            )
            contracts.append(world.completed(name, visit, world.staff(person), run))
        run += 1
        former, provider = provider, random.choice([world.vendor, world.rival])
        contracts.append(world.restarted(name, run, provider, former))
    if random.random() < 0.5:
        contracts.append(world.ended(name, random.choice(["completed", "cancelled", "paused"]), run))
    return contracts


by_system = project.Actor(kind="system")


def all_lives(world: World, seed: int) -> dict[str, list[Contract]]:
    """What every source says, in its order."""
    rng = random.Random(seed)
    contracts = [*world.parties(), *world.products(), world.configured(world.vendor, world.rival)]
    for number in range(12):
        contracts += life(world, rng, f"order-{number}")
    by_source: dict[str, list[Contract]] = {}
    for contract in contracts:
        by_source.setdefault(contract.producer(), []).append(contract)
    return by_source


def interleaved(by_source: dict[str, list[Contract]], rng: random.Random) -> list[list[Contract]]:
    """Batches of random size from random sources: every order that keeps each source's own."""
    queues = {source: list(contracts) for source, contracts in by_source.items()}
    batches = []
    while queues:
        source = rng.choice(sorted(queues))
        size = rng.randrange(1, 25)
        batches.append(queues[source][:size])
        queues[source] = queues[source][size:]
        if not queues[source]:
            del queues[source]
    return batches


@pytest.mark.parametrize("seed", [1, 2, 3, 4, 5])
def test_any_interleaving_of_sources_and_any_duplicate_gives_the_same_read_model(
    engine: Engine, feeds: Feeds, world: World, seed: int
) -> None:
    by_source = all_lives(world, seed)
    for contracts in by_source.values():
        feeds(*contracts)
    expected = state_hash(engine)
    for shuffle in range(3):
        rebuild(engine)
        feeds.ids.clear()
        assert state_hash(engine) != expected
        for batch in interleaved(by_source, random.Random(seed * 100 + shuffle)):
            feeds(*batch, times=1 + shuffle % 2)
        assert state_hash(engine) == expected


def test_one_message_a_batch_equals_one_big_batch(engine: Engine, feeds: Feeds, world: World) -> None:
    by_source = all_lives(world, 7)
    for contracts in by_source.values():
        for contract in contracts:
            feeds(contract, times=2)
    one_by_one = state_hash(engine)
    rebuild(engine)
    feeds.ids.clear()
    for contracts in by_source.values():
        feeds(*contracts)
    assert state_hash(engine) == one_by_one


@pytest.mark.requirement("R-09", "R-10")
def test_the_row_shows_the_current_node_and_who_works_at_it(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(world.started("1"), world.entered("1", 1, "assign_provider", "分配服务商节点"))
    row = row_of(engine, "1")
    assert (row["stage"], row["operator"], row["role"], row["assignee_id"]) == ("分配服务商节点", "system", None, None)

    feeds(world.entered("1", 2, "claim_order", "认领订单", side="provider", role="account_manager"))
    row = row_of(engine, "1")
    assert (row["operator"], row["role"], row["assignee_id"]) == ("staff", "account_manager", None)
    feeds(world.role_filled("1", "account_manager", world.lisi))
    assert row_of(engine, "1")["assignee_id"] == world.lisi

    feeds(world.entered("1", 3, "submit_requirement", "顾客提交需求"))
    row = row_of(engine, "1")
    assert (row["stage"], row["operator"], row["role"], row["assignee_id"]) == ("顾客提交需求", "customer", None, None)

    feeds(
        world.entered("1", 4, "container", "网站原型制作"),
        world.entered("1", 5, "general", "原型搭建", side="provider", role="designer", assignee_id=world.lisi, step=4),
    )
    row = row_of(engine, "1")
    assert (row["stage"], row["operator"], row["role"], row["assignee_id"]) == (
        "原型搭建",
        "staff",
        "designer",
        world.lisi,
    )


@pytest.mark.requirement("R-46", "R-54")
def test_a_change_of_operator_moves_the_current_node_of_that_role_only(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    def changed(role: str) -> Contract:
        return project.AssigneeChanged(
            project_id=id_of("1"), run=1, visit=1, role=role, person_id=world.wangwu, former_id=world.lisi,
            remark=None, by=project.Actor(kind="provider"), changed_at=NOON,
        )  # fmt: skip

    feeds(
        world.started("1"),
        world.entered("1", 1, "general", "设计", side="provider", role="designer", assignee_id=world.lisi),
        changed("engineer"),
    )
    assert row_of(engine, "1")["assignee_id"] == world.lisi
    feeds(changed("designer"), times=2)
    assert row_of(engine, "1")["assignee_id"] == world.wangwu


@pytest.mark.requirement("R-34", "R-41", "R-44")
def test_a_restart_begins_the_next_run_and_messages_of_the_former_change_nothing(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    feeds(
        world.started("1"),
        world.provider_set("1", world.vendor),
        world.entered("1", 1, "general", "设计", side="provider", role="designer", assignee_id=world.lisi),
        world.ended("1", "paused"),
        world.restarted("1", 2, world.rival, world.vendor),
    )
    row = row_of(engine, "1")
    assert (row["run"], row["state"], row["provider_id"], row["stage"], row["assignee_id"]) == (
        2,
        "running",
        world.rival,
        None,
        None,
    )
    before = standing(engine)
    feeds(
        world.provider_set("1", world.vendor),
        world.entered("1", 2, "general", "旧", side="provider", role="designer", assignee_id=world.lisi),
        world.role_filled("1", "designer", world.wangwu),
        world.completed("1", 1, world.staff(world.lisi)),
        world.ended("1", "completed"),
        world.restarted("1", 2, world.vendor, world.rival),
        times=2,
    )
    assert standing(engine) == before


@pytest.mark.parametrize("end", ["completed", "cancelled"])
@pytest.mark.requirement("R-134")
def test_nothing_changes_a_project_after_its_end(engine: Engine, feeds: Feeds, world: World, end: str) -> None:
    feeds(world.started("1"), world.entered("1", 1, "complete_project", "完成项目节点"), world.ended("1", end))
    assert row_of(engine, "1")["state"] == end
    before = standing(engine)
    feeds(
        world.entered("1", 2, "general", "后来", side="provider", role="designer", assignee_id=world.lisi),
        world.completed("1", 2, world.staff(world.lisi)),
        world.ended("1", "paused"),
        world.ended("1", "resumed"),
        world.ended("1", "cancelled" if end == "completed" else "completed"),
        world.restarted("1", 2, world.rival, world.vendor),
    )
    assert standing(engine) == before


def test_a_message_about_an_unknown_project_stops_the_feed_and_moves_nothing(
    engine: Engine, feeds: Feeds, world: World
) -> None:
    before = standing(engine)
    with pytest.raises(Stopped):
        feeds(world.provider_set("nobody", world.vendor))
    assert standing(engine) == before
    assert feeds.models["project"].position().id == 0


def test_rebuild_begins_again_at_the_first_event(engine: Engine, feeds: Feeds, world: World) -> None:
    feeds(*world.parties(), *world.products())
    assert feeds.models["identity"].position().id == len(world.parties())
    empty_hash = state_hash(engine)
    rebuild(engine)
    assert [model.position().id for model in feeds.models.values()] == [0, 0, 0, 0]
    assert state_hash(engine) != empty_hash


def test_tables_are_as_the_migration_made_them(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in metadata.sorted_tables:
        made = {c["name"]: c["nullable"] for c in inspector.get_columns(table.name, schema="reporting")}
        assert made == {c.name: bool(c.nullable) for c in table.columns}
        key = inspector.get_pk_constraint(table.name, schema="reporting")["constrained_columns"]
        assert key == [c.name for c in table.primary_key]


def test_every_table_is_written_by_exactly_one_source(engine: Engine, feeds: Feeds, world: World) -> None:
    assert WRITERS.keys() == SOURCES.keys()
    written = sorted(t.name for tables in WRITERS.values() for t in tables)
    assert written == sorted([*metadata.tables, revocation.revoked.name])
    for source, contracts in all_lives(world, 3).items():
        with engine.connect() as connection:
            rows = Rows(connection)
            for contract in contracts:
                handler = SOURCES[source].get(type(contract))
                assert handler is not None
                handler(rows, contract)
            assert set(rows._changed) <= set(WRITERS[source])
