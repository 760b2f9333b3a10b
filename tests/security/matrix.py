"""docs/authorization-matrix.md from the declarations of all routes: ``python -m tests.security.matrix`` prints it.

The stored table is what reviewers read; test_matrix.py fails while it says anything else than the routes.
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from delivery_center.composition import COMPOSE
from delivery_shared.http import ANYONE, BY_LINK, KINDS, SIGNED_IN, TokenVerifier, create_api, declarations
from delivery_shared.http.access import KEY_SERVICES
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk

STORED = Path(__file__).parents[2] / "docs" / "authorization-matrix.md"

Routes = dict[tuple[str, str], frozenset[str]]
"""Method and rule → who may call."""

HEAD = """# Who may call what

Every route of every service, by kind of caller (requirements, part (c)). ✔: may call – and sees or changes only what is
its party's; what is not answers 404. –: 403. Generated from the declarations in the code by
`python -m tests.security.matrix > docs/authorization-matrix.md`; the test `tests/security/test_matrix.py` holds the two
together and tries every cell over HTTP. A change here is a change of rights: review it as one.

VA and PA are the two entrances of an ISV's one main account, so a cell of either is open to it. LK is the customer who
came by a link: he may call what names him, for the one project of his link. AK is an access key with every scope: it
does what the main account does, but for accounts and keys (identity-svc); one with fewer scopes gets 403 on the routes
of the others.
"""

SHORT = {
    "vendor_admin": "VA",
    "vendor_project_manager": "VPM",
    "provider_admin": "PA",
    "staff": "PE",
    "account_manager": "CM",
    "customer": "CU",
    "customer_link": "LK",
    "platform_operator": "OP",
    "marketplace": "MP",
    "access_key": "AK",
}


def routes() -> dict[str, Routes]:
    """Service → its routes. Needs neither database nor broker."""
    verifier = TokenVerifier(TokenIssuer(new_private_jwk()).public_jwks)
    found: dict[str, Routes] = {}
    for name in COMPOSE:
        blueprints = import_module(f"{name}_svc.api").BLUEPRINTS
        app = create_api(name=name, title=name, application=None, blueprints=blueprints, errors={}, verifier=verifier)
        declared = declarations(app)
        found[name] = {
            route: allowed
            for route, allowed in sorted(declared.items(), key=lambda item: (item[0][1], item[0][0]))
            if allowed is not None
        }
    return found


def may(kind: str, allowed: frozenset[str], service: str) -> bool:
    """Whether a caller of ``kind`` is let in at a route of ``service``. 客户经理 is an employee as well (G-26); an
    access key is its party's main account, where there are scopes."""
    if kind == "access_key" and service not in KEY_SERVICES:
        return ANYONE in allowed
    also = {"account_manager": {"staff"}, "access_key": {"vendor_admin", "provider_admin"}}
    kinds = {kind, *also.get(kind, ())}
    everybody = {ANYONE} if kind == BY_LINK else {ANYONE, SIGNED_IN}
    return bool(allowed & everybody) or not allowed.isdisjoint(kinds)


def lines() -> Iterator[str]:
    """The document."""
    yield HEAD
    for service, table in routes().items():
        yield f"## {service}-svc\n"
        yield f"| route | {' | '.join(SHORT[kind] for kind in KINDS)} | no token |"
        yield f"|---|{'---|' * (len(KINDS) + 1)}"
        for (method, rule), allowed in table.items():
            cells = ["✔" if may(kind, allowed, service) else "–" for kind in KINDS]
            yield f"| `{method} {rule}` | {' | '.join(cells)} | {'✔' if ANYONE in allowed else '–'} |"
        yield ""


def document() -> str:
    return "\n".join(lines())


if __name__ == "__main__":
    print(document(), end="")  # noqa: T201
