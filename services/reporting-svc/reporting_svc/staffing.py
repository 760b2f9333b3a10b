"""Who works where and how much each may hold, in time: what analysts divide loads by."""

from __future__ import annotations

from datetime import datetime

from delivery_shared.contracts import dispatch as d
from delivery_shared.contracts import identity as i
from delivery_shared.rows import Rows

from reporting_svc.tables import department, member, member_history, person


def when_department_saved(rows: Rows, c: i.DepartmentSaved) -> None:
    rows.copy(department, c, deleted=False)


def when_department_deleted(rows: Rows, c: i.DepartmentDeleted) -> None:
    known = rows.get(department, c.department_id)
    if known is not None:
        rows.put(department, {**known, "deleted": True})


def when_user_deleted(rows: Rows, c: i.UserDeleted) -> None:
    known = rows.get(person, c.user_id)
    if known is not None:
        rows.put(person, {**known, "deleted": True})


def when_member_set(rows: Rows, c: d.MemberSet, *, at: datetime) -> None:
    """``at``: when dispatch stored it; the message does not say."""
    row = rows.get(member, c.provider_id, c.person_id)
    setting = {"maximum": c.maximum, "receiving": c.receiving}
    if row is not None:
        if setting == {name: row[name] for name in setting}:
            return
        at = max(at, row["since"])
        _keep(rows, row, at)
    rows.put(member, {"provider_id": c.provider_id, "person_id": c.person_id, **setting, "since": at})


def when_member_closed(rows: Rows, c: d.MemberClosed, *, at: datetime) -> None:
    row = rows.get(member, c.provider_id, c.person_id)
    if row is not None:
        _keep(rows, row, max(at, row["since"]))
        rows.remove(member, c.provider_id, c.person_id)


def _keep(rows: Rows, row: dict[str, object], until: datetime) -> None:
    """What was set and changed at one moment never was."""
    if row["since"] != until:
        rows.put(member_history, {**row, "until": until})
