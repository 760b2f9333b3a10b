"""What analysts look at: a few projects of two companies with everything the views show, and a connection as a role."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from delivery_shared.contracts import Contract, dispatch, identity, project, template
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.pool import NullPool

from .conftest import NOON, World, id_of


@contextmanager
def as_role(database_url: str, role: str, password: str | None) -> Iterator[Connection]:
    """A connection of an analyst, each statement committed by itself."""
    url = make_url(database_url).set(drivername="postgresql+psycopg2", username=role, password=password)
    engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def rows(engine: Engine, query: str, **values: Any) -> list[dict[str, Any]]:
    """What a query answers to the owner, who reads everything."""
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL jit = off"))
        return [dict(row) for row in connection.execute(text(query), values).mappings()]


def templates(world: World) -> list[Contract]:
    """A public template and a private one of each company."""
    nodes = [
        template.Node(id="n1", type="assign_provider", name="分配服务商"),
        template.Node(
            id="n2", type="container", name="设计", timeout=5,
            children=[
                template.Node(id="n3", type="general", name="初稿", side="provider", role="designer", timeout=10)
            ],
        ),
    ]  # fmt: skip
    owners: list[tuple[str, UUID | None]] = [("t", None), ("ours", world.vendor), ("theirs", world.rival)]
    return [
        template.TemplatePublished(
            template_id=id_of(name), version=1, serial=number, name=name, owner_id=owner, nodes=nodes
        )
        for number, (name, owner) in enumerate(owners, start=1)
    ]


def served(world: World, name: str, *, vendor: UUID, provider: UUID, person: UUID, **more: Any) -> list[Contract]:
    """A project that waited for its provider, was assigned, and stands open at its second node."""
    ids: dict[str, Any] = {"project_id": id_of(name), "run": 1}
    product = world.product if vendor == world.vendor else world.rival_product
    return [
        world.started(name, vendor_id=vendor, product_id=product, **more),
        world.entered(name, 1, "assign_provider", "分配服务商"),
        world.queued(name, "providers_full"),
        dispatch.ProviderAssigned(
            **ids, request_id=id_of(f"{name} ask 1 None"), provider_id=provider, assigned_at=NOON + timedelta(hours=2),
            decision=dispatch.Decision(how="draw", candidates=[world.vendor, world.rival], excluded={"full": 1}),
        ),
        project.ProviderSet(**ids, provider_id=provider, set_at=NOON + timedelta(hours=2)),
        world.completed(name, 1, project.Actor(kind="system")),
        dispatch.StaffAssigned(
            **ids, request_id=id_of(f"{name} staff"), provider_id=provider, role="designer", person_id=person,
            assigned_at=NOON + timedelta(hours=3),
            decision=dispatch.Decision(how="assign", candidates=[person]),
        ),
        project.RoleFilled(**ids, role="designer", person_id=person, filled_at=NOON + timedelta(hours=3)),
        world.entered(name, 2, "general", "设计", side="provider", role="designer", assignee_id=person, timeout=10),
    ]  # fmt: skip


def given_away(world: World, name: str, *, to: UUID, former: UUID, **more: Any) -> list[Contract]:
    """A project whose provider was changed: its first run was another's."""
    first = served(world, name, vendor=world.vendor, provider=former, person=world.rival_main, **more)
    restarted = project.ProjectRestarted(
        project_id=id_of(name), run=2, provider_id=to, former_provider_id=former, remark="不满意",
        by=project.Actor(kind="vendor", user_id=world.main, party_id=world.vendor),
        restarted_at=NOON + timedelta(days=1),
    )  # fmt: skip
    return [
        *first,
        restarted,
        world.entered(
            name, 3, "general", "设计", side="provider", role="designer", run=2, entered_at=NOON + timedelta(days=1)
        ),
    ]


def companies(world: World) -> list[Contract]:
    """Everything: a project of our own, one the rival serves for us, one that came back, two of the rival alone."""
    third = identity.PartyRegistered(party_id=id_of("上海服务商"), name="上海服务商", kind="isv")
    mine, theirs = (
        {"provider": world.vendor, "person": world.lisi},
        {"provider": world.rival, "person": world.rival_main},
    )
    return [
        *world.parties(),
        third,
        *world.products(),
        *templates(world),
        world.configured(world.vendor, world.rival),
        dispatch.ProvidersConfigured(
            product_id=world.rival_product,
            providers=[dispatch.ConfiguredProvider(provider_id=world.rival, weight=1, maximum=7)],
            configured_at=NOON,
        ),
        *served(world, "own", vendor=world.vendor, **mine),
        *served(world, "outsourced", vendor=world.vendor, **theirs),
        *given_away(world, "back", to=world.vendor, former=world.rival),
        *served(world, "secret", vendor=world.rival, **theirs, template_id=id_of("theirs")),
        *served(world, "secret too", vendor=world.rival, **theirs),
        project.ProjectCompleted(project_id=id_of("secret too"), run=1, completed_at=NOON + timedelta(days=2)),
        project.ProjectEvaluated(
            project_id=id_of("secret too"), run=1, stars=4, text="好", by=project.Actor(kind="customer"),
            evaluated_at=NOON + timedelta(days=3),
        ),
    ]  # fmt: skip
