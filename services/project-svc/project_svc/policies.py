"""What project-svc does when it hears of events of other services: answers of dispatch move projects on; reference
data, products, parties and people are copied."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import msgspec
from delivery_shared.contracts.dispatch import (
    ProviderAssigned,
    ProvidersConfigured,
    RequestQueued,
    RequestRefused,
    StaffAssigned,
)
from delivery_shared.contracts.identity import (
    PartyErased,
    PartyRegistered,
    PersonErased,
    UserDeleted,
    UserSaved,
    buyer_key,
)
from delivery_shared.contracts.template import (
    CalendarChanged,
    DefaultMessagesSwitched,
    DemandFormDefined,
    ParametersDeclared,
    ProductListed,
    ProductTakenOffline,
    ProductTemplateChanged,
    RoleDefined,
    TemplatePublished,
)
from delivery_shared.copying import copy_of, upsert
from delivery_shared.eventstore import RowChange, UnitOfWork
from delivery_shared.http.revocation import REVOCATION
from delivery_shared.messaging.consumer import NotYet
from delivery_shared.messaging.envelope import Message
from delivery_shared.messaging.outbox import renewal_asked
from delivery_shared.messaging.process_manager import Policy, ProcessManager
from delivery_shared.platform_clock import MOVED
from delivery_shared.texts import key

from project_svc import buyers, marketplace
from project_svc.calendar_copy import year_copied
from project_svc.carrying_out import Carrier
from project_svc.domain import answers, supervising
from project_svc.domain.project import Project


class DispatchAnswers:
    """Answers of dispatch to the asks of projects; those to asks no longer open change nothing."""

    def __init__(self, carrier: Carrier) -> None:
        self.flows = carrier.flows
        self.clock = carrier.clock

    def _project(self, unit: UnitOfWork, project_id: UUID) -> Project:
        project = unit.get(Project, project_id)
        if project is None:
            raise NotYet(f"project {project_id}")
        return project

    def when_provider_assigned_then_go_on(self, unit: UnitOfWork, c: ProviderAssigned, _: Message) -> None:
        """The assign-provider node is done, or the flow restarts with the wanted provider."""
        project = self._project(unit, c.project_id)
        answers.provider_assigned(
            project,
            self.flows.of(project),
            request_id=c.request_id,
            provider_id=c.provider_id,
            at=self.clock.now(),
        )

    def when_staff_assigned_then_go_on(self, unit: UnitOfWork, c: StaffAssigned, _: Message) -> None:
        """A role is filled, a claim succeeded, or the assignee is changed."""
        project = self._project(unit, c.project_id)
        answers.staff_assigned(
            project,
            self.flows.of(project),
            request_id=c.request_id,
            role=c.role,
            person_id=c.person_id,
            department_id=c.department_id,
            at=self.clock.now(),
        )

    def when_request_refused_then_record_it(self, unit: UnitOfWork, c: RequestRefused, _: Message) -> None:
        """Whoever asked learns the reason; the project stays as it is."""
        project = self._project(unit, c.project_id)
        answers.request_refused(project, request_id=c.request_id, reason=c.reason, at=self.clock.now())


def when_request_queued_then_show_it(c: RequestQueued) -> RowChange:
    """The details page tells why the project waits, as long as it waits for this very ask."""
    return copy_of(c, "waiting", key="project_id", columns=("request_id", "reason", "queued_at"))


def when_providers_configured_then_know_who_serves(c: ProvidersConfigured) -> RowChange:
    """Providers try products of vendors they serve (S-07); 更换服务商 needs several (R-31)."""
    providers = [entry.provider_id for entry in c.providers]
    return upsert("configured", key="product_id", values={"product_id": c.product_id, "providers": providers})


def when_template_published_then_copy_it(c: TemplatePublished) -> RowChange:
    """Projects read the content of the version they started with from here (T-103)."""
    return copy_of(c, "template_version", key=("template_id", "version"), columns=("nodes",))


def when_default_messages_switched_then_tell_or_be_silent(c: DefaultMessagesSwitched) -> RowChange:
    """What is told from now on, in projects under way, too."""
    return copy_of(c, "default_messages", key="template_id", columns=("offered",))


def when_product_listed_then_copy_it(c: ProductListed) -> RowChange:
    """Orders find the product by id, or by code and vendor. One that was offline takes orders again."""
    columns = ("code", "name", "vendor_id", "template_id", "template_version")
    return copy_of(c, "product", key="product_id", columns=columns, code_key=key(c.code), offline=False)


def when_product_template_changed_then_use_it(c: ProductTemplateChanged) -> RowChange:
    """Later projects of the product start with the other template (P-14)."""
    return RowChange(
        key=f"product {c.product_id}",
        sql="UPDATE product SET template_id = %(template_id)s, template_version = %(version)s"
        " WHERE product_id = %(product_id)s",
        params={
            "product_id": c.product_id,
            "template_id": c.template_id,
            "version": c.template_version,
        },
    )


def when_product_taken_offline_then_refuse_orders(c: ProductTakenOffline) -> RowChange:
    """下线: no more orders; projects under way go on (F-05)."""
    return RowChange(
        key=f"product {c.product_id}",
        sql="UPDATE product SET offline = true WHERE product_id = %(product_id)s",
        params={"product_id": c.product_id},
    )


def when_parameters_declared_then_hold_orders_against_them(c: ParametersDeclared) -> RowChange:
    """Of orders that come from now on."""
    return RowChange(
        key=f"product {c.product_id}",
        sql="UPDATE product SET parameters = CAST(%(parameters)s AS jsonb) WHERE product_id = %(product_id)s",
        params={"product_id": c.product_id, "parameters": msgspec.json.encode(c.parameters).decode()},
    )


def when_role_defined_then_copy_it(c: RoleDefined) -> list[RowChange]:
    """The log prints the names of roles, each row the one the role had then (R-111): what it was called so far is
    kept, with the time until which. What is heard again, of an earlier time than the name there is, tells nothing."""
    return [
        RowChange(
            key=f"role {c.role}",
            sql="INSERT INTO role_name (role, until, name) SELECT role, %(at)s, name FROM role"
            " WHERE role = %(role)s AND name <> %(name)s AND %(at)s::timestamptz IS NOT NULL"
            " AND (named_at IS NULL OR named_at < %(at)s) ON CONFLICT DO NOTHING",
            params={"role": c.role, "at": c.defined_at, "name": c.name},
        ),
        copy_of(c, "role", key="role", columns=("name", "side"), named_at=c.defined_at),
    ]


def when_demand_form_defined_then_copy_it(c: DemandFormDefined) -> RowChange:
    """Filled forms are checked against its schema."""
    return copy_of(c, "demand_form", key="form", columns=("name", "schema"))


def when_calendar_changed_then_count_by_it(c: CalendarChanged) -> RowChange:
    """Due times are counted by it from now on; the scheduler sets the timers of open nodes again (H-09)."""
    return year_copied(c)


def when_party_registered_then_copy_it(c: PartyRegistered) -> RowChange:
    """Names of customers and companies; the vendor's account names it in orders, a customer's number in those of its
    marketplace."""
    columns = ("name", "kind", "account", "customer_number")
    number = c.customer_number or c.account
    compared = None if number is None else buyer_key(number, c.marketplace)
    return copy_of(c, "party", key="party_id", columns=columns, number_key=compared)


def when_user_saved_then_copy_them(c: UserSaved) -> list[RowChange]:
    """Names in the log, each from when on it was the person's (R-111), contacts on the staff cards (R-75)."""
    columns = ("party_id", "name", "roles", "mobile", "landline")
    return [
        RowChange(
            key=f"person_name {c.user_id}",
            sql="INSERT INTO person_name (user_id, since, name) SELECT %(user_id)s, %(since)s, %(name)s"
            " WHERE %(name)s::text <> '' AND %(name)s IS DISTINCT FROM (SELECT name FROM person_name"
            " WHERE user_id = %(user_id)s AND since <= %(since)s ORDER BY since DESC LIMIT 1) ON CONFLICT DO NOTHING",
            params={"user_id": c.user_id, "since": c.saved_at, "name": c.name},
        ),
        copy_of(c, "person", key="user_id", columns=columns, has_email=c.email is not None, deleted=False),
    ]


def when_user_deleted_then_keep_the_name(c: UserDeleted) -> RowChange:
    """The name stays in logs, the contacts go (U-21)."""
    return RowChange(
        key=f"person {c.user_id}",
        sql="UPDATE person SET deleted = true, mobile = NULL, landline = NULL, has_email = false"
        " WHERE user_id = %(user_id)s",
        params={"user_id": c.user_id},
    )


def when_person_erased_then_forget_them(c: PersonErased) -> list[RowChange]:
    """The log keeps the id only, of whatever name the person had."""
    return [
        RowChange(
            key=f"person {c.user_id}",
            sql="UPDATE person SET name = '', mobile = NULL, landline = NULL, has_email = false"
            " WHERE user_id = %(user_id)s",
            params={"user_id": c.user_id},
        ),
        RowChange(
            key=f"person_name {c.user_id}",
            sql="DELETE FROM person_name WHERE user_id = %(user_id)s",
            params={"user_id": c.user_id},
        ),
    ]


def when_party_erased_then_forget_the_name(c: PartyErased) -> RowChange:
    """The copy keeps the id only."""
    return RowChange(
        key=f"party {c.party_id}",
        sql="UPDATE party SET name = '' WHERE party_id = %(party_id)s",
        params={"party_id": c.party_id},
    )


def when_party_erased_then_forget_the_buyer(unit: UnitOfWork, c: PartyErased, message: Message) -> None:
    """What the party's orders brought of its name goes: their keys are destroyed, every project tells it, so that
    copies are blanked, and ``events.project`` is published anew."""
    with unit.store.connection() as connection:
        ids = buyers.projects_of(connection, c.party_id)
    if not ids:
        return
    unit.preload(ids)
    for project in (unit.get(Project, project_id) for project_id in ids):
        if project is not None:
            supervising.forget_buyer(project, at=message.time)
    unit.rows += [buyers.keys_destroyed(ids), renewal_asked(unit.store.name)]


def of_project(contract: ProviderAssigned | StaffAssigned | RequestRefused) -> Iterable[UUID]:
    """The stream a message of dispatch touches."""
    return (contract.project_id,)


def consumers(carrier: Carrier) -> list[ProcessManager]:
    """The feeds of the service, one per source."""
    store, dispatch = carrier.store, DispatchAnswers(carrier)
    return [
        ProcessManager(name="project", source="intake", store=store, policies=marketplace.policies(carrier)),
        ProcessManager(
            name="project",
            source="dispatch",
            store=store,
            policies=[
                Policy(
                    contract=ProviderAssigned,
                    then=dispatch.when_provider_assigned_then_go_on,
                    streams=of_project,
                ),
                Policy(contract=StaffAssigned, then=dispatch.when_staff_assigned_then_go_on, streams=of_project),
                Policy(
                    contract=RequestRefused,
                    then=dispatch.when_request_refused_then_record_it,
                    streams=of_project,
                ),
                Policy(contract=ProvidersConfigured, copy=when_providers_configured_then_know_who_serves),
                Policy(contract=RequestQueued, copy=when_request_queued_then_show_it),
            ],
        ),
        ProcessManager(
            name="project",
            source="template",
            store=store,
            policies=[
                Policy(contract=TemplatePublished, copy=when_template_published_then_copy_it),
                Policy(contract=DefaultMessagesSwitched, copy=when_default_messages_switched_then_tell_or_be_silent),
                Policy(contract=ProductListed, copy=when_product_listed_then_copy_it),
                Policy(contract=ProductTemplateChanged, copy=when_product_template_changed_then_use_it),
                Policy(contract=ProductTakenOffline, copy=when_product_taken_offline_then_refuse_orders),
                Policy(contract=ParametersDeclared, copy=when_parameters_declared_then_hold_orders_against_them),
                Policy(contract=RoleDefined, copy=when_role_defined_then_copy_it),
                Policy(contract=DemandFormDefined, copy=when_demand_form_defined_then_copy_it),
                Policy(contract=CalendarChanged, copy=when_calendar_changed_then_count_by_it),
                MOVED,
            ],
        ),
        ProcessManager(
            name="project",
            source="identity",
            store=store,
            policies=[
                Policy(contract=PartyRegistered, copy=when_party_registered_then_copy_it),
                Policy(contract=UserSaved, copy=when_user_saved_then_copy_them),
                Policy(contract=UserDeleted, copy=when_user_deleted_then_keep_the_name),
                Policy(contract=PersonErased, copy=when_person_erased_then_forget_them),
                Policy(
                    contract=PartyErased,
                    copy=when_party_erased_then_forget_the_name,
                    then=when_party_erased_then_forget_the_buyer,
                ),
                REVOCATION,
            ],
        ),
    ]
