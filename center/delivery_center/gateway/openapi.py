"""The OpenAPI 3.1 document of the whole center, made from the services' routes alone: `make docs` stores it as
``docs/openapi.json``. The running gateway serves the very same one."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.tokens import TokenIssuer, new_private_jwk

from delivery_center.composition import COMPOSE
from delivery_center.gateway.routing import merged_openapi


def document() -> dict[str, Any]:
    """Needs neither database nor broker: no application stands behind the routes."""
    verifier = TokenVerifier(TokenIssuer(new_private_jwk()).public_jwks)
    applications = {}
    for name in COMPOSE:
        routes = import_module(f"{name}_svc.api")
        applications[name] = create_api(
            name=name,
            title=name,
            application=None,
            blueprints=routes.BLUEPRINTS,
            errors={},
            verifier=verifier,
        )
    return merged_openapi(applications)


def main() -> None:
    """Print the document."""
    print(json.dumps(document(), ensure_ascii=False, indent=1))  # noqa: T201


if __name__ == "__main__":
    main()
