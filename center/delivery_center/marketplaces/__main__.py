"""An order from a simulated marketplace: what a newcomer sees arrive.

    DELIVERY_MARKETPLACE_SECRET=… python -m delivery_center.marketplaces \\
        http://127.0.0.1:8000/intake/generic/<token> --product-code cmgj000001 --sku pro

The demo's connections, their addresses and secrets stand in ``demo-passwords.json`` (``connection generic``,
``connection aliyun-spi``). Exit status: 0 the order is ready, 1 it was not in time.
"""

from __future__ import annotations

import os
import sys
import time
from argparse import ArgumentParser
from datetime import timedelta
from urllib.parse import urlsplit

from intake_svc.kinds import KINDS

from delivery_center.marketplaces.simulating import Marketplace, calling


def main() -> int:
    """:raises SystemExit: the address is none of a connection, or the secret is missing."""
    parser = ArgumentParser(prog="python -m delivery_center.marketplaces")
    parser.add_argument("address", help="of a connection: http://…/intake/<kind>/<token>")
    parser.add_argument("--product-code", required=True, help="as the connection's SKU map has it")
    parser.add_argument("--sku", default="")
    parser.add_argument("--faster", type=float, default=60.0, help="how many times faster than a real marketplace")
    given = parser.parse_args()
    kind = urlsplit(given.address).path.strip("/").split("/")[-2:][0]
    secret = os.environ.get("DELIVERY_MARKETPLACE_SECRET", "")
    if kind not in KINDS or not secret:
        parser.error("an address of a connection, and its secret in DELIVERY_MARKETPLACE_SECRET")

    def wait(pause: timedelta) -> None:
        time.sleep(pause.total_seconds() / given.faster)

    bought = Marketplace.of(kind, secret=secret, send=calling(given.address), wait=wait).sell(
        product_code=given.product_code, sku=given.sku
    )
    sys.stdout.write(f"{bought.order}: {bought.instance or 'not ready'} after {bought.calls} calls\n")
    return 0 if bought.instance else 1


if __name__ == "__main__":
    sys.exit(main())
