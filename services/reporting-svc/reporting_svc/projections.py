"""What each message does to the read model: pure folds over :class:`~delivery_shared.rows.Rows`.

All values are absolute; messages of an older run and of an ended project change nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from delivery_shared.contracts import Contract
from delivery_shared.contracts import dispatch as d
from delivery_shared.contracts import identity as i
from delivery_shared.contracts import project as p
from delivery_shared.contracts import template as t
from delivery_shared.copying import fields_of
from delivery_shared.http import revocation
from delivery_shared.order_parameters import found_by, shown
from delivery_shared.pinyin import sort_key
from delivery_shared.rows import Row, Rows
from delivery_shared.texts import key

from reporting_svc import history_rows, staffing
from reporting_svc.history import configured, moved
from reporting_svc.tables import (
    assignment,
    buyer,
    calendar,
    clock,
    configuration_history,
    decision,
    department,
    dispatch_event,
    handled,
    member,
    member_history,
    node_visit,
    occurrence,
    party,
    pause,
    person,
    product,
    project,
    project_event,
    project_history,
    provider_configuration,
    queue_wait,
    role,
    template,
    waiting,
)

UNMARKED: Row = {"overdue_side": None, "overdue": None}
"""No overdue mark (R-29)."""

ENDED = frozenset({"completed", "cancelled"})
"""Final states: nothing after them changes a project."""


Fold = Callable[..., None]
"""Takes the rows and a contract."""


class UnknownRow(Exception):
    """A message refers to a row its own source never announced: the projection stops rather than show a gap."""


# Source template


def when_role_defined(rows: Rows, c: t.RoleDefined) -> None:
    rows.copy(role, c)


def when_product_listed(rows: Rows, c: t.ProductListed) -> None:
    rows.copy(product, c)


def when_product_template_changed(rows: Rows, c: t.ProductTemplateChanged) -> None:
    row = rows.get(product, c.product_id)
    if row is None:
        raise UnknownRow(f"product {c.product_id}")
    template = {
        "template_id": c.template_id,
        "template_version": c.template_version,
        "template_name": c.template_name,
    }
    rows.put(product, {**row, **template})


def when_product_taken_offline(rows: Rows, c: t.ProductTakenOffline) -> None:
    row = rows.get(product, c.product_id)
    if row is None:
        raise UnknownRow(f"product {c.product_id}")
    rows.put(product, {**row, "taken_offline_at": c.taken_offline_at})


def when_calendar_changed(rows: Rows, c: t.CalendarChanged) -> None:
    rows.copy(calendar, c)


def when_clock_moved(rows: Rows, c: t.ClockMoved) -> None:
    rows.copy(clock, c, clock="platform")


# Source identity


def when_party_registered(rows: Rows, c: i.PartyRegistered) -> None:
    rows.copy(party, c, number_key=_key(c.customer_number))


def _key(number: str | None) -> str | None:
    return None if number is None else key(number)


def when_party_erased(rows: Rows, c: i.PartyErased) -> None:
    known = rows.get(party, c.party_id)
    if known is not None:
        rows.put(party, {**known, "name": ""})


def when_user_saved(rows: Rows, c: i.UserSaved) -> None:
    rows.copy(person, c, deleted=False)


def when_person_erased(rows: Rows, c: i.PersonErased) -> None:
    known = rows.get(person, c.user_id)
    if known is not None:
        rows.put(person, {**known, "name": ""})


# Source dispatch


def when_providers_configured(rows: Rows, c: d.ProvidersConfigured) -> None:
    configured(rows, c.product_id, msgspec.to_builtins(c.providers), at=c.configured_at)


def when_request_queued(rows: Rows, c: d.RequestQueued) -> None:
    for table in (waiting, queue_wait):
        rows.copy(table, c, role=c.role or "")


def when_provider_assigned(rows: Rows, c: d.ProviderAssigned) -> None:
    rows.remove(waiting, c.request_id, "")
    history_rows.assigned(rows, c, role="", person_id=None, department_id=None, candidates_of=None)


def when_staff_assigned(rows: Rows, c: d.StaffAssigned) -> None:
    rows.remove(waiting, c.request_id, c.role)
    history_rows.assigned(
        rows, c, role=c.role, person_id=c.person_id, department_id=c.department_id, candidates_of=c.provider_id
    )


# Source project


def when_project_started(rows: Rows, c: p.ProjectStarted) -> None:
    if rows.get(project, c.project_id) is not None:
        return
    begin = {"created_at": c.started_at, "since": c.started_at, "state": "running"}
    keys = {"order_key": key(c.order_number), "business_key": key(c.business_number)}
    declared = msgspec.to_builtins(c.declared)
    brought = {"parameters": brought_of(declared, c.parameters), "found_by": found_by(declared, c.parameters)}
    rows.copy(
        project, c, **begin, **keys, **brought, name_key=sort_key(c.product_name), visit=0, left_visit=0, timeout=0
    )
    if (c.customer_name, c.customer_number) != (None, None):
        said = {"name": c.customer_name, "number": c.customer_number, "number_key": _key(c.customer_number)}
        rows.put(buyer, {"project_id": c.project_id, "marketplace": c.customer_marketplace, **said})


def brought_of(declared: Sequence[Row], given: Mapping[str, str]) -> list[Row]:
    """The declared parameters an order brings."""
    searchable = {parameter["key"]: parameter["searchable"] for parameter in declared}
    known = (parameter for parameter in shown(declared, given) if parameter["name"] in searchable)
    return [{**parameter, "searchable": searchable[parameter["name"]]} for parameter in known]


def when_buyer_erased(rows: Rows, c: p.BuyerErased) -> None:
    """The number stays: like the order's it is the marketplace's, and names nobody. Of the parameters go those that
    were written freely."""
    known = rows.get(buyer, c.project_id)
    if known is not None:
        rows.put(buyer, {**known, "name": ""})
    row = rows.get(project, c.project_id)
    if row is not None and row["parameters"]:
        kept = [parameter for parameter in row["parameters"] if parameter["type"] != "text"]
        declared = [{**parameter, "key": parameter["name"]} for parameter in kept]
        values = {parameter["name"]: parameter["value"] for parameter in kept}
        rows.put(project, {**row, "parameters": kept, "found_by": found_by(declared, values)})


def _open(rows: Rows, c: Any) -> Row | None:
    """The project of ``c`` unless it has ended or ``c`` belongs to an earlier run."""
    row = rows.get(project, c.project_id)
    if row is None:
        raise UnknownRow(f"project {c.project_id}")
    return None if row["state"] in ENDED or c.run != row["run"] else row


def when_provider_set(rows: Rows, c: p.ProviderSet) -> None:
    if row := _open(rows, c):
        moved(rows, row, at=c.set_at, provider_id=c.provider_id)


def operator_of(c: p.NodeEntered) -> str:
    """Who operates the node: ``system`` where it has no side, ``customer`` or ``staff`` (R-09)."""
    if c.side is None:
        return "system"
    return "customer" if c.side == "customer" else "staff"


def _counting(row: Row, since: datetime) -> datetime | None:
    """From when on the clock counts that would from ``since`` on: it stands while the marketplace holds the project."""
    return None if row["hold"] else since


def when_node_entered(rows: Rows, c: p.NodeEntered) -> None:
    """A container has no operator and no place of its own in the list: its child follows (T-70)."""
    row = _open(rows, c)
    if row is None or c.type == "container" or c.visit < row["visit"]:
        return
    operator = operator_of(c)
    current = {
        "visit": c.visit,
        "node": c.node,
        "stage": c.name,
        "type": c.type,
        "step": c.step,
        "operator": operator,
        "role": c.role if operator == "staff" else None,
        "assignee_id": c.assignee_id if operator == "staff" else None,
        "entered_at": c.entered_at,
        "timeout": c.timeout,
        "clock_from": _counting(row, c.entered_at),
    }
    moved(rows, row, at=c.entered_at, **current, **(UNMARKED if c.visit > row["visit"] else {}))


def when_role_filled(rows: Rows, c: p.RoleFilled) -> None:
    """The current node gets its operator where it waited for one (认领, T-38)."""
    row = _open(rows, c)
    if row and row["operator"] == "staff" and row["role"] == c.role:
        rows.put(project, {**row, "assignee_id": c.person_id})


def when_assignee_changed(rows: Rows, c: p.AssigneeChanged) -> None:
    row = _open(rows, c)
    if row and row["operator"] == "staff" and row["role"] == c.role:
        rows.put(project, {**row, "assignee_id": c.person_id})


def when_node_completed(rows: Rows, c: p.NodeCompleted) -> None:
    _note_handled(rows, c, at=c.completed_at)
    _unmark(rows, c)
    _left(rows, c, at=c.completed_at, outcome="completed")


def when_node_rejected(rows: Rows, c: p.NodeRejected) -> None:
    _note_handled(rows, c, at=c.rejected_at)
    _unmark(rows, c)
    _left(rows, c, at=c.rejected_at, outcome="rejected", reason=c.reason)


def _left(rows: Rows, c: Any, *, at: datetime, outcome: history_rows.Outcome, reason: str | None = None) -> None:
    row = _open(rows, c)
    if row and row["visit"] == c.visit:
        rows.put(project, history_rows.left(rows, row, at=at, outcome=outcome, by=c.by, reason=reason))


def when_reminded(rows: Rows, c: p.AssigneeReminded | p.NodeDueSoon) -> None:
    """It changes nothing of the project; that it was told is kept (:func:`_reminding`)."""


def _reminding(fold: Fold) -> Fold:
    """``fold``, and what of the reminder rules its message fires, for the run it is about and before the end."""

    def folded(rows: Rows, c: Any) -> None:
        if row := _open(rows, c):
            history_rows.fired(rows, row, c)
        fold(rows, c)

    return folded


def when_node_overdue(rows: Rows, c: p.NodeOverdue) -> None:
    """The project carries the mark while the node of the visit is open (R-23, R-29)."""
    row = _open(rows, c)
    if row and row["visit"] == c.visit:
        told = msgspec.to_builtins(c)
        shown = {name: told[name] for name in ("name", "timeout", "entered_at", "counted_from", "due_at")}
        rows.put(project, {**row, "overdue_side": c.side, "overdue": shown})


def when_overdue_withdrawn(rows: Rows, c: p.OverdueWithdrawn) -> None:
    _unmark(rows, c)


def _unmark(rows: Rows, c: Any) -> None:
    row = _open(rows, c)
    if row and row["visit"] == c.visit and row["overdue"] is not None:
        rows.put(project, {**row, **UNMARKED})


def _note_handled(rows: Rows, c: Any, *, at: Any) -> None:
    """已处理 is a list of provider staff: what a customer (or somebody acting as one, S-04) does, does not count."""
    if _open(rows, c) and c.by.user_id is not None and c.by.kind != "customer":
        rows.put(handled, {"project_id": c.project_id, "person_id": c.by.user_id, "handled_at": at})


def when_project_restarted(rows: Rows, c: p.ProjectRestarted) -> None:
    """The next run stands before its first node, unsuspended (R-34, R-44); it left the former provider (R-41)."""
    row = rows.get(project, c.project_id)
    if row is None:
        raise UnknownRow(f"project {c.project_id}")
    if row["state"] in ENDED or c.run <= row["run"]:
        return
    row = history_rows.left(rows, row, at=c.restarted_at, outcome="restarted", by=c.by)
    row = history_rows.pause_ended(rows, row, at=c.restarted_at, outcome="restarted")
    nowhere = dict.fromkeys(("node", "stage", "operator", "role", "assignee_id", "entered_at", "clock_from"))
    nowhere |= dict.fromkeys(("type", "step"))
    again = {"run": c.run, "state": "running", "provider_id": c.provider_id, "visit": 0, "timeout": 0}
    again |= {"left_visit": 0}
    moved(rows, row, at=c.restarted_at, **nowhere, **again, **UNMARKED)


def when_project_paused(rows: Rows, c: p.ProjectPaused) -> None:
    row = _open(rows, c)
    if row and row["state"] != "paused":
        history_rows.paused(rows, row, c)
        moved(rows, row, at=c.paused_at, state="paused", paused_at=c.paused_at)


def when_project_resumed(rows: Rows, c: p.ProjectResumed) -> None:
    """The timeout of the current node counts anew (A-03)."""
    if row := _open(rows, c):
        row = history_rows.pause_ended(rows, row, at=c.resumed_at, outcome="resumed")
        moved(rows, row, at=c.resumed_at, state="running", clock_from=_counting(row, c.resumed_at))


def when_hold_set(rows: Rows, c: p.HoldSet) -> None:
    if row := _open(rows, c):
        moved(rows, row, at=c.held_at, hold=_shown(c.holds), clock_from=None)


def when_hold_lifted(rows: Rows, c: p.HoldLifted) -> None:
    """With the last hold the timeout goes on with what remains of it."""
    if row := _open(rows, c):
        counted_from = None if c.holds else c.counted_from or row["entered_at"]
        moved(rows, row, at=c.lifted_at, hold=_shown(c.holds), clock_from=counted_from)


def _shown(holds: list[p.HoldReason]) -> p.HoldReason | None:
    """The one of several reasons that is shown."""
    return "frozen" if "frozen" in holds else next(iter(holds), None)


def when_term_extended(rows: Rows, c: p.TermExtended) -> None:
    rows.put(project, {**_known(rows, c), "valid_until": c.valid_until})


def when_edition_changed(rows: Rows, c: p.EditionChanged) -> None:
    rows.put(project, {**_known(rows, c), **fields_of(c, ("sku", "edition", "quantity"))})


def when_order_ended(rows: Rows, c: p.OrderEnded) -> None:
    """After the end of its project (退款)."""
    rows.put(project, {**_known(rows, c), "refund": c.refund})


def _known(rows: Rows, c: Any) -> Row:
    """The project of ``c``, ended or not: its order goes on."""
    row = rows.get(project, c.project_id)
    if row is None:
        raise UnknownRow(f"project {c.project_id}")
    return row


def when_project_completed(rows: Rows, c: p.ProjectCompleted) -> None:
    if row := _open(rows, c):
        row = history_rows.left(rows, row, at=c.completed_at, outcome="completed", by=None)
        row = history_rows.pause_ended(rows, row, at=c.completed_at, outcome="completed")
        moved(rows, row, at=c.completed_at, state="completed", ended_at=c.completed_at, hold=None, **UNMARKED)


def when_project_cancelled(rows: Rows, c: p.ProjectCancelled) -> None:
    if row := _open(rows, c):
        row = history_rows.left(rows, row, at=c.cancelled_at, outcome="cancelled", by=c.by)
        row = history_rows.pause_ended(rows, row, at=c.cancelled_at, outcome="cancelled")
        ended = {"state": "cancelled", "ended_at": c.cancelled_at, "hold": None, "refund": c.refund}
        moved(rows, row, at=c.cancelled_at, **ended, **UNMARKED)


def when_project_evaluated(rows: Rows, c: p.ProjectEvaluated) -> None:
    """评价, after the end (R-137)."""
    rows.put(project, {**_known(rows, c), "stars": c.stars, "evaluated_at": c.evaluated_at})


def when_said_or_shown(rows: Rows, c: p.Talked | p.FileAttached | p.FileWithdrawn) -> None:
    """No row of the lists says it: who shows the project is told to look again (:mod:`reporting_svc.announcing`)."""


Handlers = Mapping[type[Contract], Fold]

SOURCES: dict[str, Handlers] = {
    "template": {
        t.RoleDefined: when_role_defined,
        t.ProductListed: when_product_listed,
        t.ProductTemplateChanged: when_product_template_changed,
        t.ProductTakenOffline: when_product_taken_offline,
        t.TemplatePublished: history_rows.when_template_published,
        t.CalendarChanged: when_calendar_changed,
        t.ClockMoved: when_clock_moved,
    },
    "identity": {
        i.PartyRegistered: when_party_registered,
        i.PartyErased: when_party_erased,
        i.UserSaved: when_user_saved,
        i.PersonErased: when_person_erased,
        i.UserDeleted: staffing.when_user_deleted,
        i.DepartmentSaved: staffing.when_department_saved,
        i.DepartmentDeleted: staffing.when_department_deleted,
        i.SessionsRevoked: revocation.fold,
    },
    "dispatch": {
        d.ProvidersConfigured: when_providers_configured,
        d.RequestQueued: when_request_queued,
        d.ProviderAssigned: when_provider_assigned,
        d.StaffAssigned: when_staff_assigned,
        d.MemberSet: staffing.when_member_set,
        d.MemberClosed: staffing.when_member_closed,
    },
    "project": {
        p.ProjectStarted: when_project_started,
        p.BuyerErased: when_buyer_erased,
        p.ProviderSet: when_provider_set,
        p.NodeEntered: _reminding(when_node_entered),
        p.RoleFilled: when_role_filled,
        p.AssigneeChanged: _reminding(when_assignee_changed),
        p.AssigneeReminded: _reminding(when_reminded),
        p.NodeDueSoon: _reminding(when_reminded),
        p.NodeCompleted: _reminding(when_node_completed),
        p.NodeRejected: _reminding(when_node_rejected),
        p.ProjectRestarted: when_project_restarted,
        p.NodeOverdue: _reminding(when_node_overdue),
        p.OverdueWithdrawn: when_overdue_withdrawn,
        p.ProjectPaused: when_project_paused,
        p.ProjectResumed: when_project_resumed,
        p.ProjectCompleted: when_project_completed,
        p.ProjectCancelled: when_project_cancelled,
        p.ProjectEvaluated: when_project_evaluated,
        p.TermExtended: when_term_extended,
        p.EditionChanged: when_edition_changed,
        p.HoldSet: when_hold_set,
        p.HoldLifted: when_hold_lifted,
        p.OrderEnded: when_order_ended,
        p.Talked: _reminding(when_said_or_shown),
        p.FileAttached: when_said_or_shown,
        p.FileWithdrawn: when_said_or_shown,
    },
}
"""Which messages of which source are read, and what they do."""

UNDATED = frozenset({d.MemberSet, d.MemberClosed})
"""Messages that do not say when: their handlers take ``at``, when they were stored."""

WRITERS = {
    "template": (role, product, template, calendar, clock),
    "identity": (party, person, department, revocation.revoked),
    "dispatch": (
        provider_configuration,
        configuration_history,
        member,
        member_history,
        waiting,
        queue_wait,
        assignment,
        decision,
        dispatch_event,
    ),
    "project": (project, buyer, project_history, handled, node_visit, pause, occurrence, project_event),
}
"""The tables of each source; a table has one source only, but for the seconds of ``node_visit``
(:mod:`reporting_svc.worked`)."""

READ_FIRST = {
    "template": (product,),
    "identity": (person, revocation.revoked),
    "dispatch": (provider_configuration,),
    "project": (project,),
}
"""Those whose rows a handler reads before it writes them: read for a whole batch at once."""
