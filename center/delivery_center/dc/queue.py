"""``dc queue``: who waits, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict, cast
from uuid import UUID

import typer

from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.output import Json, Limit, put, say, text_of
from delivery_center.dc.stream import orders

app = typer.Typer(help="排队情况: what waits for a provider or a person.")

LISTED = """
SELECT i.arrival, i.order_number, i.project_id, i.run, i.pool, i.class, i.role,
    coalesce(nullif(coalesce(c.reason, i.reason), ''), 'not tried yet') AS reason, i.queued_at, c.last_attempt,
    i.suspended, i.parked_at IS NOT NULL AS parked, i.request_id
FROM pool_inbox i LEFT JOIN pool_class c ON c.pool = i.pool AND c.class = i.class
WHERE i.kind = 'ask' AND (%(project)s::uuid IS NULL OR i.project_id = %(project)s)
ORDER BY i.arrival LIMIT %(limit)s
"""

ListedAsk = TypedDict(
    "ListedAsk",
    {
        "pool": str,
        "class": str,
        "project_id": UUID,
        "role": str | None,
        "reason": str,
        "queued_at": datetime,
        "suspended": bool,
    },
)
"""What is read of a row of :data:`LISTED`; all of it is shown."""

DECIDED = "SELECT DISTINCT request_id, min(decided_at) AS at FROM decision WHERE project_id = %s GROUP BY 1 ORDER BY 2"


@app.command("list")
def listing(context: typer.Context, limit: Limit = 100, json: Json = False) -> None:
    """Asks that wait, in the order in which they will be tried."""
    put(_asks(of(context), None, limit), as_json=json, empty="nobody waits")


@app.command()
def explain(
    context: typer.Context,
    order: Annotated[str, typer.Argument(help="Number of the order, or id of the project.")],
    json: Json = False,
) -> None:
    """Why its asks wait, with every candidate as it stands now, and how those decided were decided, with every
    candidate as it stood then."""
    dc = of(context)
    project = _project(dc, order)
    waiting: list[dict[str, Any]] = [{**ask, "candidates": _candidates(dc, ask)} for ask in _asks(dc, project, 100)]
    decided = _decided(dc, project)
    if json:
        put({"project_id": project, "waiting": waiting, "decided": decided}, as_json=True)
        return
    if not waiting and not decided:
        say("nothing was asked for this order yet")
    for ask in waiting:
        wanted = f"role {ask['role']}" if ask["role"] else "a provider"
        state = "suspended while the project is paused" if ask["suspended"] else ask["reason"]
        say(f"\nwaits for {wanted} since {text_of(ask['queued_at'])} at {ask['pool']}: {state}")
        put(ask["candidates"], as_json=False, empty="there is no candidate at all")
    for decision in decided:
        chosen = decision["person_id"] or decision["provider_id"]
        outcome = f"{decision['outcome']} {chosen}" if decision["outcome"] == "assigned" else decision["outcome"]
        how = decision["how"] or decision["reason"]
        say(f"\n{decision['level']} {decision['role'] or ''} {outcome} at {text_of(decision['decided_at'])} by {how}")
        put(decision["candidates"], as_json=False, empty="there was no candidate at all")


def _project(dc: Dc, order: str) -> UUID:
    """:raises Failure: no such order, or several."""
    try:
        return UUID(order)
    except ValueError:
        found = orders(dc, order)
    if not found:
        raise Failure(f"no order has the number {order}")
    if len(found) > 1:
        raise Failure(f"{len(found)} orders have the number {order}: {', '.join(map(str, found))}")
    return found[0]


def _asks(dc: Dc, project: UUID | None, limit: int) -> list[ListedAsk]:
    with dc.stores["dispatch"].connection() as connection:
        rows = connection.execute(LISTED, {"project": project, "limit": limit}).fetchall()
    return [cast(ListedAsk, row) for row in rows]


def _candidates(dc: Dc, ask: ListedAsk) -> list[dict[str, Any]]:
    """Everybody in the ask's pool as of now, and why they cannot take it (``excluded``)."""
    from dispatch_svc.domain.assignment import Assignment
    from dispatch_svc.domain.keys import PoolKey, StaffClass
    from dispatch_svc.pages.decisions import listed

    stream, store = PoolKey(ask["pool"]).stream, dc.stores["dispatch"]
    pool = store.load_all([stream]).get(stream)
    assignment = store.find(Assignment, ask["project_id"]).get(ask["project_id"])
    candidates = listed(pool, StaffClass(ask["class"]), assignment.holders if assignment else ())
    rows = [{**row, "id": row.get("provider_id") or row.get("person_id")} for row in candidates]
    return _shown(dc, rows)


def _decided(dc: Dc, project: UUID) -> list[dict[str, Any]]:
    """The recorded decisions of a project, as the platform operator sees them."""
    from delivery_shared.http import Caller
    from dispatch_svc.domain.errors import NotVisible
    from dispatch_svc.pages.decisions import DecisionPages
    from dispatch_svc.store import DispatchStore

    dispatch = cast(DispatchStore, dc.stores["dispatch"])
    pages = DecisionPages(dispatch)
    with dispatch.connection() as connection:
        requests = [row["request_id"] for row in connection.execute(DECIDED, (project,)).fetchall()]
    none = UUID(int=0)
    operator = Caller(
        user_id=none, party_id=none, kinds=frozenset({"platform_operator"}), roles=frozenset(),
        department_id=None, name="",
    )  # fmt: skip
    found: list[dict[str, Any]] = []
    for request_id in requests:
        try:
            found += pages.of_request(by=operator, request_id=request_id)
        except NotVisible:
            continue
    named = ("level", "role", "outcome", "reason", "how", "provider_id", "person_id", "decided_at", "seed", "tied")
    return [
        {**{name: d[name] for name in named}, "candidates": [_candidate(c) for c in d["candidates"]]} for d in found
    ]


def _shown(dc: Dc, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Candidates with the names of providers; people are shown by id."""
    from dispatch_svc.pages import read_model

    with dc.stores["dispatch"].connection() as connection:
        names = read_model.names(connection, "party", [str(row["id"]) for row in rows])
    return [_candidate({**row, "name": names.get(str(row["id"]))}) for row in rows]


def _candidate(row: dict[str, Any]) -> dict[str, Any]:
    shown = {"id": row["id"], "load": f"{row['load']}/{row['maximum']}", "excluded": row.get("excluded")}
    if row.get("provider_id"):
        return {"name": row.get("name"), **shown, "weight": row.get("weight")}
    return {**shown, "receiving": row.get("receiving"), "roles": row.get("roles")}
