"""The database is away for as long as a test likes, while every service is asked all the time."""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

import httpx
from delivery_center.accounts import settle
from delivery_center.client import Client
from delivery_center.composition import COMPOSE
from delivery_center.demo import notebook
from delivery_center.running.processes import System
from delivery_shared.http.tokens import TokenIssuer
from identity_svc.bootstrap import OPERATOR

from tools.private_servers import PrivatePostgres

EVERY = 0.2
"""Seconds between two requests to a service."""


def operator_token(system: System) -> str:
    """A platform operator's, who has signed in."""
    book = notebook(system.environment["DATABASE_URL"], system.folder)
    with Client(system.address) as client:
        return str(settle(client, book, OPERATOR).token)


def renewed(system: System, token: str) -> Mapping[str, str]:
    """Headers with ``token`` as of now: identity could not renew it while it has no database."""
    body = token.split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    key = json.loads(Path(system.environment["DELIVERY_PRIVATE_KEY"]).read_text())
    fresh, _ = TokenIssuer(key).issue(
        user_id=UUID(claims["sub"]),
        party_id=UUID(claims["party"]),
        side=claims["side"],
        main=claims["main"],
        roles=frozenset(claims["roles"]),
        department_id=None,
        name=claims["name"],
        must_change_password=False,
        session_id=UUID(claims["sid"]),
    )
    return {"Authorization": f"Bearer {fresh}"}


def database_away(system: System, postgres: PrivatePostgres, *, seconds: float) -> dict[str, float]:
    """Stop the database for ``seconds`` and start it again; service → seconds from then to its first good answer.

    Every service must say 503 with Retry-After meanwhile, and nothing else.
    """
    token = operator_token(system)
    back: list[float] = []
    well: dict[str, float] = {}
    said: dict[str, set[tuple[int, str | None]]] = {name: set() for name in COMPOSE}
    postgres.stop()

    def ask(name: str) -> None:
        while name not in well:
            try:
                answer = httpx.get(system.address(f"/api/v1/{name}-status"), headers=renewed(system, token), timeout=60)
            except httpx.TransportError as error:
                said[name].add((0, repr(error)))
            else:
                if answer.status_code != 200:
                    said[name].add((answer.status_code, answer.headers.get("Retry-After")))
                elif back:
                    well[name] = time.monotonic() - back[0]
            time.sleep(EVERY)

    asking = [threading.Thread(target=ask, args=(name,), daemon=True) for name in COMPOSE]
    for thread in asking:
        thread.start()
    time.sleep(seconds)
    postgres.start()
    back.append(time.monotonic())
    for thread in asking:
        thread.join(60)
    assert well.keys() == COMPOSE.keys(), said
    assert all(kinds <= {(503, "1")} for kinds in said.values()), said
    return well
