"""A project-svc on a scratch database with copies of one product, and callers of every kind."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome
from delivery_shared.contracts import Contract, dispatch, identity, template
from delivery_shared.http import Caller, TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import encode, open_message
from delivery_shared.messaging.outbox import Outbox
from delivery_shared.messaging.process_manager import ProcessManager
from delivery_shared.migrate import migrate
from delivery_shared.testing.fixtures import database_url
from flask.testing import FlaskClient
from project_svc import commands
from project_svc.api import BLUEPRINTS, ERRORS
from project_svc.application import ProjectApplication
from project_svc.carrying_out import AnyOperation
from project_svc.domain.order import Order
from project_svc.domain.project import Project
from project_svc.files import FileRules, LocalFiles
from project_svc.policies import consumers
from project_svc.store import ProjectStore

from .flows import Raw, outsourced, self_service, timed, website
from .people import (
    ADMIN,
    BUYER,
    CUSTOMER,
    DEPARTMENT,
    LISI,
    MANAGER,
    OTHER_PROVIDER,
    PROVIDER,
    VENDOR,
    WANGWU,
    at,
    id_of,
)

__all__ = ["database_url"]

FORM: dict[str, Any] = {
    "type": "object",
    "properties": {
        "site": {"title": "网站名称", "type": "string", "maxLength": 50},
        "pages": {"type": "integer", "minimum": 1},
        "contact": {
            "type": "object",
            "properties": {"mail": {"type": "string", "format": "email"}},
            "required": ["mail"],
        },
    },
    "required": ["site"],
    "additionalProperties": False,
}

ROLES = {
    "vendor_admin": "厂商管理员",
    "provider_admin": "服务商管理员",
    "account_manager": "客户经理",
    "designer": "设计师",
    "customer": "顾客",
}


class Still(Clock):
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        super().__init__()
        self.time = at(0)

    def now(self) -> datetime:
        return self.time


def caller_of(
    user_id: UUID,
    party_id: UUID,
    *kinds: str,
    roles: tuple[str, ...] = (),
    department_id: UUID | None = None,
    name: str = "",
) -> Caller:
    return Caller(
        user_id=user_id,
        party_id=party_id,
        kinds=frozenset(kinds),
        roles=frozenset(roles),
        department_id=department_id,
        name=name,
    )


MARKET = caller_of(id_of("market"), id_of("云市场"), "marketplace", name="云市场")
OPERATOR = caller_of(id_of("小二"), id_of("云市场运营"), "platform_operator", name="小二")
BY_CUSTOMER = caller_of(CUSTOMER.user_id, BUYER, "customer", roles=("customer",), name="客户甲乙丙")
BY_LISI = caller_of(LISI.user_id, PROVIDER, "staff", roles=("designer",), name="李四")
BY_WANGWU = caller_of(WANGWU.user_id, PROVIDER, "staff", roles=("designer",), name="王五")
BY_MANAGER = caller_of(
    MANAGER.user_id,
    PROVIDER,
    "staff",
    "account_manager",
    roles=("account_manager",),
    department_id=DEPARTMENT,
    name="张三",
)
BY_ADMIN = caller_of(
    ADMIN.user_id,
    PROVIDER,
    "vendor_admin",
    "provider_admin",
    roles=("vendor_admin", "provider_admin"),
    name="河北服务商",
)
BY_VENDOR = caller_of(
    id_of("云梦DB main"), VENDOR, "vendor_admin", "provider_admin", roles=("vendor_admin", "provider_admin")
)
BY_VPM = caller_of(id_of("项目经理"), VENDOR, "vendor_project_manager", roles=("vendor_project_manager",))
FOREIGN_ADMIN = caller_of(
    id_of("北京服务商 main"), OTHER_PROVIDER, "vendor_admin", "provider_admin", roles=("provider_admin",)
)
FOREIGN_CUSTOMER = caller_of(id_of("other account"), id_of("other customer"), "customer", roles=("customer",))


def product_of(flow: str) -> UUID:
    return id_of(f"product {flow}")


class World:
    """The application, and the other services as far as it hears of them."""

    def __init__(self, application: ProjectApplication, clock: Still) -> None:
        self.application = application
        self.clock = clock
        self.feeds: dict[str, ProcessManager] = {c.source: c for c in consumers(application.carrier)}
        self.outbox = Outbox(application.store)
        self._numbers = count(1)
        self._heard = 0

    def hear(self, *contracts: Contract, twice: bool = True) -> None:
        """Deliver messages as their feed would, each batch a second time under new ids."""
        for _ in range(2 if twice else 1):
            for contract in contracts:
                feed = self.feeds[contract.producer()]
                old = feed.position()
                body = encode(
                    contract,
                    notification_id=old.id + 1,
                    prev=old.id,
                    subject=str(getattr(contract, "project_id", "x")),
                    subject_version=1,
                    time=self.clock.now(),
                    correlation_id="c",
                    causation_id="c",
                )
                feed.apply([open_message(body)], old, Position(old.id + 1, None))

    def parked(self, source: str) -> list[str]:
        feed = self.feeds[source]
        found = feed.rows("SELECT error FROM parked WHERE source = %(source)s", {"source": source})
        return [row["error"] for row in found]

    def order(self, flow: str = "website", **more: Any) -> UUID:
        number = f"{next(self._numbers):06}-{uuid4().hex[:8]}"
        values = {
            "order_number": number,
            "business_number": number,
            "product_id": product_of(flow),
            "customer_id": BUYER,
            "edition": "尊享版 (自营)",
            **more,
        }
        outcome = self.do(commands.take_order(order=Order(**values)))
        return UUID(outcome.body["project_id"])

    def project(self, project_id: UUID) -> Project:
        return self.application.store.project(project_id)

    def ask(self, project_id: UUID) -> UUID:
        (found,) = self.project(project_id).asks
        return found

    def provider(self, project_id: UUID, provider_id: UUID = PROVIDER) -> dispatch.ProviderAssigned:
        project = self.project(project_id)
        return dispatch.ProviderAssigned(
            project_id=project_id,
            run=project.run,
            request_id=self.ask(project_id),
            provider_id=provider_id,
            assigned_at=self.clock.now(),
        )

    def staff(
        self,
        project_id: UUID,
        person_id: UUID = LISI.user_id,
        role: str = "designer",
        department_id: UUID | None = None,
    ) -> dispatch.StaffAssigned:
        project = self.project(project_id)
        return dispatch.StaffAssigned(
            project_id=project_id,
            run=project.run,
            request_id=self.ask(project_id),
            provider_id=project.provider_id or PROVIDER,
            role=role,
            person_id=person_id,
            department_id=department_id,
            assigned_at=self.clock.now(),
        )

    def at_submit(self, flow: str = "website", **more: Any) -> UUID:
        project_id = self.order(flow, **more)
        self.hear(self.provider(project_id))
        self.hear(self.staff(project_id))
        return project_id

    def at_check(self) -> UUID:
        project_id = self.at_submit()
        self.fill(project_id)
        self.confirm(project_id, BY_CUSTOMER)
        return project_id

    def at_design(self) -> UUID:
        project_id = self.at_check()
        self.confirm(project_id, BY_LISI)
        return project_id

    def do(self, operation: AnyOperation) -> Outcome:
        """Carry it out as a command of its own."""
        return self.application.carry_out(Command(), operation)

    def visit(self, project_id: UUID) -> int:
        return self.project(project_id).visit

    def fill(self, project_id: UUID, by: Caller = BY_CUSTOMER) -> Outcome:
        return self.application.carry_out(
            Command(),
            commands.submit_requirement(by=by, project_id=project_id, visit=self.visit(project_id), data={"site": "x"}),
        )

    def confirm(self, project_id: UUID, by: Caller) -> Outcome:
        return self.application.carry_out(
            Command(), commands.confirm(by=by, project_id=project_id, visit=self.visit(project_id))
        )

    def versions(self, project_id: UUID) -> int:
        return self.project(project_id).version


def reference_data() -> list[Contract]:
    """What template-svc and identity-svc have said before the tests begin."""
    said: list[Contract] = [template.RoleDefined(role=role, name=name, side="provider") for role, name in ROLES.items()]
    said.append(template.DemandFormDefined(form="website", name="网站需求", schema=FORM))
    flows: dict[str, list[Raw]] = {
        "website": website(),
        "outsourced": outsourced(),
        "self_service": self_service(),
        "timed": timed(),
    }
    for number, (name, raw) in enumerate(flows.items(), start=1):
        said += [
            template.TemplatePublished(
                template_id=id_of(f"template {name}"),
                version=1,
                serial=number,
                name=name,
                owner_id=VENDOR,
                nodes=msgspec.convert(raw, list[template.Node]),
            ),
            template.ProductListed(
                product_id=product_of(name),
                code=f"5500{number}",
                name="name_55",
                vendor_id=VENDOR,
                template_id=id_of(f"template {name}"),
                template_version=1,
                template_name=name,
                listed_at=at(0),
            ),
        ]
    parties = {
        VENDOR: ("云梦DB", "isv", "1744526877246715"),
        PROVIDER: ("河北服务商", "isv", "hebei"),
        OTHER_PROVIDER: ("北京服务商", "isv", "beijing"),
        BUYER: ("客户甲乙丙", "customer", None),
    }
    for party_id, (name, kind, account) in parties.items():
        said.append(identity.PartyRegistered(party_id=party_id, name=name, kind=kind, account=account))  # type: ignore[arg-type]
    people = {
        LISI: ("李四", ["designer"], None, "1111-1121313"),
        WANGWU: ("王五", ["designer"], "18888888888", None),
        MANAGER: ("张三", ["account_manager"], "18888888888", "0451-57028123-0987"),
        ADMIN: ("河北服务商", ["vendor_admin", "provider_admin"], None, None),
    }
    for person, (name, roles, mobile, landline) in people.items():
        said.append(
            identity.UserSaved(
                user_id=person.user_id,
                party_id=person.party_id,
                side="provider",
                main=person is ADMIN,
                login_name=name,
                name=name,
                roles=roles,
                mobile=mobile,
                landline=landline,
                saved_at=at(0),
            )
        )
    return said


@pytest.fixture(scope="session")
def shared_world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    clock = Still()
    directory: Path = tmp_path_factory.mktemp("files")
    store = ProjectStore(database_url=database_url)
    application = ProjectApplication(store, clock=clock, files=LocalFiles(directory, FileRules(limit=2 * 1024 * 1024)))
    migrate(
        database_url=database_url,
        schema=store.schema,
        package="project_svc",
        driver="psycopg",
        store=store,
    )
    world = World(application, clock)
    world.hear(*reference_data())
    assert world.parked("template") == world.parked("identity") == []
    yield world
    store.close()


@pytest.fixture
def world(shared_world: World) -> World:
    """The shared application with its clock set back."""
    shared_world.clock.time = at(0)
    return shared_world


class Client:
    """Requests of one caller; ``files`` – (field, file name, content) – makes a multipart body."""

    def __init__(self, client: FlaskClient, token: str) -> None:
        self.client, self.token = client, token

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        files: list[tuple[str, str, bytes]] | None = None,
        **more: str,
    ) -> Any:
        content: dict[str, Any] = {"json": body}
        if files is not None:
            content = {"data": multipart(files), "content_type": "multipart/form-data; boundary=b"}
        return self.client.open(
            path if path.startswith("/") else f"/api/v1/{path}",
            method=method,
            **content,
            headers={
                "Authorization": f"Bearer {self.token}",
                **{name.replace("_", "-"): value for name, value in more.items()},
            },
        )


def multipart(files: list[tuple[str, str, bytes]]) -> bytes:
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n"
        for field, name, content in files
    ]
    return b"".join(parts) + b"--b--\r\n"


class Http:
    """The HTTP side: a client per caller."""

    def __init__(self, world: World) -> None:
        key = new_private_jwk()
        self.issuer = TokenIssuer(key)
        self.app = create_api(
            name="project",
            title="project-svc",
            application=world.application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(self.issuer.public_jwks),
            consumers=list(world.feeds.values()),
        )

    def of(self, by: Caller, scopes: frozenset[str] | None = None) -> Client:
        """``scopes``: as a program with an access key of them."""
        sides = {
            "vendor_project_manager": "vendor",
            "staff": "provider",
            "customer": "customer",
            "platform_operator": "operator",
            "marketplace": "marketplace",
        }
        main = by.is_a("vendor_admin")
        side = "isv" if main else next(sides[kind] for kind in sides if by.is_a(kind))
        token, _ = self.issuer.issue(
            user_id=by.user_id,
            party_id=by.party_id,
            side=side,
            main=main,
            roles=by.roles,
            department_id=by.department_id,
            name=by.name,
            must_change_password=False,
            session_id=id_of("session"),
            scopes=scopes,
        )
        return Client(self.app.test_client(), token)


@pytest.fixture(scope="session")
def shared_http(shared_world: World) -> Http:
    return Http(shared_world)


@pytest.fixture
def http(shared_http: Http, world: World) -> Http:
    return shared_http
