"""dispatch-svc on real PostgreSQL: messages as the feeds bring them, dispatchers served by hand or in threads."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import pytest
from delivery_shared.contracts import Contract, dispatch, identity, project, template
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import Message, encode, open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.process_manager import ProcessManager
from delivery_shared.migrate import migrate
from dispatch_svc.api import BLUEPRINTS
from dispatch_svc.api.errors import ERRORS
from dispatch_svc.application import DispatchApplication
from dispatch_svc.dispatcher import Dispatcher
from dispatch_svc.domain import configuring, employing
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.configuration import ProviderConfiguration
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from dispatch_svc.policies import consumers
from dispatch_svc.store import DispatchStore
from flask import Flask
from flask.testing import FlaskClient

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)
OPERATOR = project.Actor(kind="operator")


def id_of(name: str) -> UUID:
    """The same id for the same name in every run."""
    return uuid5(NAMESPACE_OID, name)


def message_of(contract: Contract, *, id: int, prev: int) -> Message:
    """``contract`` as it arrives."""
    return open_message(
        encode(
            contract,
            notification_id=id,
            prev=prev,
            subject=str(getattr(contract, "project_id", id)),
            subject_version=id,
            time=NOON,
            correlation_id=f"correlation {id}",
            causation_id=f"causation {id}",
        )
    )


@dataclass
class World:
    """One installation of dispatch; ``hinted`` are the pools whose keys were sent."""

    store: DispatchStore
    database_url: str
    hinted: list[str] = field(default_factory=list)
    seeds: random.Random = field(default_factory=lambda: random.Random(1))
    sent: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.store.hint = self.hinted.append
        self.feeds: dict[str, ProcessManager] = {feed.source: feed for feed in consumers(self.store)}
        self.sent = {source: feed.position().id for source, feed in self.feeds.items()}

    # Messages

    def tell(self, *contracts: Contract) -> None:
        """Bring messages, in one batch per source."""
        for source in dict.fromkeys(contract.producer() for contract in contracts):
            first = self.sent[source]
            batch = [c for c in contracts if c.producer() == source]
            messages = [message_of(c, id=first + n, prev=first + n - 1) for n, c in enumerate(batch, 1)]
            self.sent[source] = first + len(batch)
            self.feeds[source].apply(messages, Position(first, None), Position(first + len(batch), None))

    def isv(self, name: str) -> UUID:
        self.tell(identity.PartyRegistered(party_id=id_of(name), name=name, kind="isv", account="1"))
        return id_of(name)

    def person(
        self, name: str, *roles: str, provider: str, department: str | None = None, maximum: int | None = None
    ) -> UUID:
        self.tell(
            identity.UserSaved(
                user_id=id_of(name),
                party_id=id_of(provider),
                side="provider",
                main=False,
                login_name=name,
                name=name,
                roles=list(roles),
                department_id=id_of(department) if department else None,
                saved_at=NOON,
            )
        )
        if maximum is not None:
            self.change(
                self.staff(provider), lambda p: employing.set_load(p, person_id=id_of(name), maximum=maximum, at=NOON)
            )
        return id_of(name)

    def product(self, name: str, vendor: str = "vendor") -> UUID:
        self.tell(
            template.ProductListed(
                product_id=id_of(name),
                code=name,
                name=name,
                vendor_id=id_of(vendor),
                template_id=id_of("template"),
                template_version=1,
                template_name="template",
                listed_at=NOON,
            )
        )
        return id_of(name)

    def configure(self, product: str, vendor: str = "vendor", **providers: tuple[int, int]) -> None:
        """``provider=(weight, maximum)``; relations included."""
        found = self.configuration(product) or configuring.begin(
            product_id=id_of(product), vendor_id=id_of(vendor), at=NOON
        )
        for provider in providers:
            configuring.relate(found, provider_id=id_of(provider), related=True, at=NOON)
        configuring.configure(found, providers=[(id_of(p), w, m) for p, (w, m) in providers.items()], at=NOON)
        self.change(found, lambda _: None)

    def change(self, aggregate: Any, step: Callable[[Any], Any]) -> None:
        """Change a pool directly and wake it."""
        step(aggregate)
        self.store.save_all([aggregate])
        key = (
            PoolKey.of_product(aggregate.product_id)
            if isinstance(aggregate, ProviderConfiguration)
            else PoolKey.of_provider(aggregate.provider_id)
        )
        self.wake(key)

    def order(self, name: str, product: str = "product", **more: Any) -> UUID:
        """The project of an order asks for a provider; returns the request."""
        request_id = more.pop("request_id", uuid5(id_of(name), "provider"))
        values: dict[str, Any] = {
            "run": 1,
            "vendor_id": id_of("vendor"),
            "customer_id": id_of("customer"),
            "order_number": name,
            "requested_at": NOON,
            **more,
        }
        self.tell(
            project.ProviderRequested(
                project_id=id_of(name), request_id=request_id, product_id=id_of(product), **values
            )
        )
        return request_id

    def ask(self, name: str, role: str = "designer", provider: str = "provider", **more: Any) -> UUID:
        """The project of an order asks for a person; returns the request."""
        request_id = more.pop("request_id", uuid5(id_of(name), more.get("kind", "assign") + role))
        values: dict[str, Any] = {
            "run": 1,
            "kind": "assign",
            "vendor_id": id_of("vendor"),
            "customer_id": id_of("customer"),
            "product_id": id_of("product"),
            "order_number": name,
            "requested_at": NOON,
            **more,
        }
        self.tell(
            project.StaffRequested(
                project_id=id_of(name), request_id=request_id, provider_id=id_of(provider), role=role, **values
            )
        )
        return request_id

    def pause(self, name: str, run: int = 1) -> None:
        self.tell(project.ProjectPaused(project_id=id_of(name), run=run, remark="r", by=OPERATOR, paused_at=NOON))

    def resume(self, name: str, run: int = 1) -> None:
        self.tell(project.ProjectResumed(project_id=id_of(name), run=run, by=OPERATOR, resumed_at=NOON))

    def hold(self, name: str, *holds: Any, run: int = 1) -> None:
        """``holds``: all reasons there are then; none: the last is lifted."""
        about: dict[str, Any] = {"project_id": id_of(name), "run": run, "holds": list(holds)}
        if holds:
            self.tell(project.HoldSet(**about, reason=holds[-1], held_at=NOON))
        else:
            self.tell(project.HoldLifted(**about, reason="frozen", counted_from=None, lifted_at=NOON))

    def cancel(self, name: str, run: int = 1) -> None:
        self.tell(project.ProjectCancelled(project_id=id_of(name), run=run, remark="r", by=OPERATOR, cancelled_at=NOON))

    def complete(self, *names: str, run: int = 1) -> None:
        self.tell(*(project.ProjectCompleted(project_id=id_of(n), run=run, completed_at=NOON) for n in names))

    def restart(self, name: str, provider: str, run: int = 2, former: str = "provider") -> None:
        self.tell(
            project.ProjectRestarted(
                project_id=id_of(name),
                run=run,
                provider_id=id_of(provider),
                former_provider_id=id_of(former),
                remark="r",
                by=OPERATOR,
                restarted_at=NOON,
            )
        )

    # Dispatchers

    def dispatcher(self, **more: Any) -> Dispatcher:
        return Dispatcher(
            self.store,
            database_url=self.database_url,
            clock=self.store.clock,
            seed=lambda: self.seeds.getrandbits(63),
            **more,
        )

    def serve(self) -> None:
        """Serve every pool that has a wake, until none has."""
        dispatcher = self.dispatcher()
        try:
            while pools := self.rows("SELECT pool FROM wake ORDER BY pool"):
                for row in pools:
                    dispatcher.serve(PoolKey(row["pool"]))
        finally:
            dispatcher.close()

    def wake(self, pool: str) -> None:
        self.rows(
            "INSERT INTO wake (pool, seq) VALUES (%s, nextval('wake_seq'))"
            " ON CONFLICT (pool) DO UPDATE SET seq = excluded.seq RETURNING seq",
            pool,
        )

    # What there is

    def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        with self.store.connection() as connection:
            cursor = connection.execute(sql, params)  # type: ignore[arg-type]
            return [dict(row) for row in cursor] if cursor.description else []

    def waiting(self) -> dict[str, str]:
        """Order numbers that wait, with the reason they were told."""
        found = self.rows("SELECT order_number, reason FROM pool_inbox WHERE kind = 'ask' ORDER BY arrival")
        return {row["order_number"]: row["reason"] for row in found}

    def configuration(self, product: str = "product") -> ProviderConfiguration:
        return self._one(ProviderConfiguration, PoolKey.of_product(id_of(product)).stream)

    def staff(self, provider: str = "provider") -> ProviderPool:
        return self._one(ProviderPool, PoolKey.of_provider(id_of(provider)).stream)

    def assignment(self, name: str) -> Assignment:
        return self._one(Assignment, id_of(name))

    def _one(self, cls: Any, stream: UUID) -> Any:
        return self.store.find(cls, stream).get(stream)

    def load(self, name: str, provider: str = "provider") -> int:
        return int(self.staff(provider).members[str(id_of(name))]["load"])

    def published(self, cls: type[Contract] | None = None) -> list[Any]:
        """Contracts published so far, in order."""
        outgoing = Outbox(self.store).read(after=0, limit=100_000)
        contracts = [open_message(o.body).contract for o in outgoing]
        return [c for c in contracts if cls is None or isinstance(c, cls)]

    def answers(self) -> list[Any]:
        """Answers to asks, in order."""
        kinds = (
            dispatch.ProviderAssigned,
            dispatch.StaffAssigned,
            dispatch.RequestQueued,
            dispatch.RequestRefused,
        )
        return [c for c in self.published() if isinstance(c, kinds)]

    def count(self) -> int:
        """Stored events: to show that nothing happened."""
        return int(self.rows("SELECT count(*) AS n FROM dispatch_events")[0]["n"])


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    """An empty installation in a schema of its own."""
    schema = f"d{uuid4().hex[:10]}"
    with DispatchStore(database_url=database_url, schema=schema) as store:
        migrate(database_url=database_url, schema=schema, package="dispatch_svc", driver="psycopg", store=store)
        yield World(store, database_url)


@pytest.fixture
def shop(world: World) -> World:
    """A vendor with a product, served by ``provider`` (maximum 100), which has no staff yet."""
    world.isv("vendor")
    world.isv("provider")
    world.product("product")
    world.configure("product", provider=(10, 100))
    world.serve()
    return world


SIDES: dict[str, tuple[str, bool, tuple[str, ...]]] = {
    "main": ("isv", True, ("vendor_admin", "provider_admin")),
    "vendor_project_manager": ("vendor", False, ("vendor_project_manager",)),
    "staff": ("provider", False, ("designer",)),
    "account_manager": ("provider", False, ("account_manager",)),
    "customer": ("customer", False, ("customer",)),
    "platform_operator": ("operator", False, ("platform_operator",)),
    "marketplace": ("marketplace", False, ()),
}


@dataclass
class Account:
    """A signed-in caller."""

    client: FlaskClient
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.client.open(
            f"/api/v1/{path}",
            method=method,
            json=body,
            headers={"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}},
        )


@pytest.fixture
def flask_app(world: World, issuer: TokenIssuer) -> Flask:
    return create_api(
        name="dispatch",
        title="dispatch-svc",
        application=DispatchApplication(world.store),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        verifier=TokenVerifier(issuer.public_jwks),
        consumers=list(world.feeds.values()),
    )


@pytest.fixture(scope="session")
def issuer() -> TokenIssuer:
    return TokenIssuer(new_private_jwk())


@pytest.fixture
def sign_in(flask_app: Flask, issuer: TokenIssuer) -> Callable[..., Account]:
    """``sign_in("main", "vendor")``: the main account of the vendor."""

    def sign_in(kind: str, party: str, user: str | None = None) -> Account:
        side, main, roles = SIDES[kind]
        token, _ = issuer.issue(
            user_id=id_of(user or f"{kind} of {party}"),
            party_id=id_of(party),
            side=side,
            main=main,
            roles=frozenset(roles),
            department_id=None,
            name="测试",
            must_change_password=False,
            session_id=uuid4(),
        )
        return Account(flask_app.test_client(), token)

    return sign_in
