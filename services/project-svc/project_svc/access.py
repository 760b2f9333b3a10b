"""Who sees a project, and as what (authorization matrix, R-22, R-133; architecture 6)."""

from __future__ import annotations

from dataclasses import dataclass, field

from delivery_shared.http import Caller
from delivery_shared.links import contact_id

from project_svc.domain.errors import LinkOfAnother, ManagerMissing, ProjectUnknown
from project_svc.domain.people import Actor, acting
from project_svc.domain.project import Project


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The capacities in which a caller sees a project; several at once where a vendor delivers by itself (G-09).

    ``as_customer``: sees what the customer sees and nothing else (S-05)."""

    vendor: bool = False
    vendor_admin: bool = False
    provider_admin: bool = False
    staff: bool = False
    operator: bool = False
    customer: bool = False
    as_customer: bool = False
    runs: frozenset[int] = field(default_factory=frozenset)
    """The runs that are or were those of the caller's party as provider."""

    @property
    def notes(self) -> bool:
        """Whether 项目备注 may be read: never by the customer (R-93)."""
        return not self.as_customer

    def internal(self, run: int) -> bool:
        """Whether what is internal to ``run`` may be seen: its notes, and its files never confirmed. Never by the
        customer (R-93, R-124); by a provider only of a run of its own, since two providers are competitors (A-68)."""
        return not self.as_customer and (self.earlier_runs or run in self.runs)

    @property
    def inner(self) -> bool:
        """Whether what those who deliver say to each other may be read: why they paused or changed the operator or the
        provider, and what a queue waits for. The customer sees that it happened."""
        return not self.as_customer

    @property
    def overdue_marks(self) -> bool:
        """Whether overdue marks and their details are shown: to those who supervise (R-28)."""
        return not self.as_customer and (self.vendor or self.provider_admin or self.operator)

    @property
    def earlier_runs(self) -> bool:
        """Whether records from before a change of provider may be read (A-68)."""
        return not self.as_customer and (self.vendor or self.operator)


def view_of(project: Project, by: Caller, *, as_customer: bool = False) -> View:
    """The caller's view of the project; with ``as_customer`` only that of its buyer (S-04).

    :raises ProjectUnknown: the caller may not know that it exists; one who came by a link knows of its own alone.
    :raises LinkOfAnother: he came by a link, and another is the contact now.
    """
    if by.project_id not in (None, project.id):
        raise ProjectUnknown
    if by.project_id is not None and by.user_id != contact_id(project.id, project.contact):
        raise LinkOfAnother
    customer = project.is_customer(by)
    vendor = by.party_id == project.vendor_id and by.is_a("vendor_admin", "vendor_project_manager")
    at_provider = by.party_id == project.provider_id
    admin = at_provider and by.is_a("provider_admin")
    staff = project.is_worker(by)
    operator = by.is_a("platform_operator")
    beside = vendor or admin or staff or operator
    if not customer and (as_customer or not beside):
        raise ProjectUnknown
    return View(
        vendor=vendor,
        vendor_admin=vendor and by.is_a("vendor_admin"),
        provider_admin=admin,
        staff=staff,
        operator=operator,
        customer=customer,
        as_customer=customer and (as_customer or not beside),
        runs=project.runs_of(by.party_id),
    )


def as_provider_admin(project: Project, by: Caller) -> Actor:
    """The caller as admin of the project's provider, who pauses, resumes and changes the assignee (R-55, R-63).

    :raises ManagerMissing: another who sees the project. :raises ProjectUnknown: everyone else.
    """
    if not view_of(project, by).provider_admin:
        raise ManagerMissing
    return acting(by, "provider")


def as_changer_of_provider(project: Project, by: Caller) -> Actor:
    """The caller as admin of the vendor or platform operator, who change the provider (R-30, R-40, R-45)."""
    view = view_of(project, by)
    if view.operator:
        return acting(by, "operator")
    if view.vendor_admin:
        return acting(by, "vendor")
    raise ManagerMissing


def as_reminder(project: Project, by: Caller) -> Actor:
    """The caller as somebody who supervises the project: its vendor, the admin of its provider, the platform operator.

    :raises ManagerMissing: another who sees the project. :raises ProjectUnknown: everyone else.
    """
    view = view_of(project, by)
    if view.operator:
        return acting(by, "operator")
    if view.vendor:
        return acting(by, "vendor")
    if view.provider_admin:
        return acting(by, "provider")
    raise ManagerMissing


def as_namer_of_contact(project: Project, by: Caller) -> Actor:
    """The caller as platform operator or marketplace, or as admin of the vendor, who name another contact.

    :raises ManagerMissing: another who sees the project. :raises ProjectUnknown: everyone else.
    """
    if by.is_a("platform_operator"):
        return acting(by, "operator")
    if by.is_a("marketplace"):
        return acting(by, "marketplace")
    if view_of(project, by).vendor_admin:
        return acting(by, "vendor")
    raise ManagerMissing


def as_canceller(project: Project, by: Caller) -> Actor:
    """The caller as platform operator or marketplace, who cancel projects (R-140), or as admin of the vendor of a test
    order (S-07).

    :raises ManagerMissing: another who sees the project. :raises ProjectUnknown: everyone else.
    """
    if by.is_a("platform_operator"):
        return acting(by, "operator")
    if by.is_a("marketplace"):
        return acting(by, "marketplace")
    if view_of(project, by).vendor_admin and project.is_test:
        return acting(by, "vendor")
    raise ManagerMissing
