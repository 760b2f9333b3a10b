"""Steps of a project's life, for the given of the tests."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from project_svc.domain import answers, changing, operating, walking
from project_svc.domain.facts import Started
from project_svc.domain.flow import Flow
from project_svc.domain.project import Project

from .people import BUYER, CUSTOMER, LISI, MANAGER, PRODUCT, PROVIDER, START, TEMPLATE, VENDOR, Person, at

Step = Callable[[Project], None]


def started(
    flow: Flow,
    *,
    order_number: str = "210018",
    business_number: str = "210018",
    customer_id: UUID = BUYER,
    customer_number: str | None = None,
) -> Project:
    order = Started(
        run=1,
        order_number=order_number,
        business_number=business_number,
        vendor_id=VENDOR,
        customer_id=customer_id,
        product_id=PRODUCT,
        product_name="name_55",
        edition="尊享版 (自营)",
        sales_channel=None,
        template_id=TEMPLATE,
        template_version=1,
        valid_until="2019-06-05",
        customer_number=customer_number,
    )
    return walking.begin(flow, order, at=START)


def only_ask(project: Project, kind: str | None = None) -> UUID:
    (found,) = [i for i, ask in project.asks.items() if kind is None or ask.kind == kind]
    return found


def provider_comes(flow: Flow, provider_id: UUID = PROVIDER, kind: str = "provider") -> Step:
    return lambda p: answers.provider_assigned(p, flow, request_id=only_ask(p, kind), provider_id=provider_id, at=at(1))


def person_comes(
    flow: Flow, person: Person = LISI, role: str = "designer", kind: str = "assign", department: UUID | None = None
) -> Step:
    return lambda p: answers.staff_assigned(
        p,
        flow,
        request_id=only_ask(p, kind),
        role=role,
        person_id=person.user_id,
        department_id=department,
        at=at(2),
    )


def fills(flow: Flow, person: Person = CUSTOMER) -> Step:
    return lambda p: operating.submit_requirement(p, flow, visit=p.visit, person=person, data={"site": "x"}, at=at(3))


def confirms(flow: Flow, person: Person) -> Step:
    return lambda p: operating.confirm(p, flow, visit=p.visit, person=person, at=at(4))


def rejects(flow: Flow, person: Person, reason: str = "不完整") -> Step:
    return lambda p: operating.reject(p, flow, visit=p.visit, person=person, reason=reason, at=at(5))


def claims(flow: Flow, request_id: UUID, person: Person = MANAGER) -> Step:
    return lambda p: changing.claim(
        p,
        flow,
        person=person,
        roles=frozenset({"account_manager"}),
        department_id=None,
        request_id=request_id,
        at=at(1),
    )
