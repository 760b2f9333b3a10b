"""The system that the console's browser tests use: embedded without a broker, on a free port, with a database of its
own and the demo data, after six months of past with ``--past``. Prints one line of JSON – address, accounts and the key
of links – once it is ready, and ends when its standard input closes."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from delivery_center import demo
from delivery_center.client import Client
from delivery_center.installing.keys import environment_of
from delivery_center.running.embedded import past_of, say, serving
from delivery_center.running.own_database import database
from delivery_center.running.ports import free_port


def main(with_past: bool) -> None:
    """Run until nobody holds our standard input any more."""
    for name in ("DATABASE_URL", "AMQP_URL"):
        os.environ.pop(name, None)  # others' data would be seen in the lists
    os.environ["DELIVERY_MIRROR_ENDPOINTS"] = "http://127.0.0.1:9"  # nobody is told
    os.environ["DELIVERY_TEMPLATE_REVISIONS"] = "1"  # the screens of reviews are shown as well
    with tempfile.TemporaryDirectory(prefix="delivery-console-") as name:
        folder = Path(name)
        with database(folder, say) as database_url, ExitStack() as running:
            if with_past:
                past_of(folder, database_url)
            base = running.enter_context(serving(free_port(), folder, database_url))
            client = running.enter_context(Client(lambda path: base + path))
            accounts = demo.load(client, database_url=database_url, folder=folder, say=lambda _text: None)
            link_key = environment_of(folder)["DELIVERY_LINK_KEYS"]
            say(json.dumps({"base": base, "accounts": accounts, "link_key": link_key}, ensure_ascii=False))
            sys.stdin.read()


if __name__ == "__main__":
    main(with_past="--past" in sys.argv[1:])
