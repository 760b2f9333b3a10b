"""A service whose requests take ``SECONDS`` each, on the server every service runs on: what it carries is known, 8
threads a time. ``python -m tests.overload.slow_service``."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from delivery_shared.http import ANYONE, SIGNED_IN, TokenVerifier, allow, create_api
from delivery_shared.service import Settings, serve
from flask import Flask
from flask_smorest import Blueprint

SECONDS = "SECONDS"
THREADS = 8

blp = Blueprint("slow", __name__)


@blp.route("/api/v1/work", methods=["GET"])
@allow(ANYONE)
def work() -> dict[str, Any]:
    time.sleep(float(os.environ[SECONDS]))
    return {"done": True}


@blp.route("/api/v1/mine", methods=["GET", "POST"])
@allow(SIGNED_IN)
def mine() -> dict[str, Any]:
    return {"mine": True}


def main() -> None:
    keys = json.loads(os.environ["DELIVERY_PUBLIC_KEYS"])

    def create() -> Flask:
        return create_api(
            name="slow", title="Slow", application=None, blueprints=[blp], errors={}, verifier=TokenVerifier(keys)
        )

    serve(create, Settings(database_url="", broker=None, environment=os.environ))


if __name__ == "__main__":
    main()
