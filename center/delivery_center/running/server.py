"""The one process of embedded mode: every worker and loop as threads, and HTTP of all services on one port.

gunicorn with a single gthread worker; everything is made after its fork, since connections and threads do not
survive one.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from delivery_shared import telemetry
from delivery_shared.http.positions import places
from delivery_shared.logs import configure_logging, library_logging
from delivery_shared.messaging.topology import Broker
from delivery_shared.service import LONGEST_LINE, Settings, before_stopping, collect_less_often

from delivery_center.composition import Center
from delivery_center.gateway.routing import Gateway


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Settings of embedded mode; without ``AMQP_URL`` no broker is used."""
    broker = environment.get("AMQP_URL")
    read = Settings.read({**environment, "AMQP_URL": broker or "memory"})
    namespace = environment.get("DELIVERY_NAMESPACE", "")
    return replace(
        read,
        broker=Broker(url=broker, namespace=namespace) if broker else None,
        schema=None,
        streams=int(environment.get("DELIVERY_STREAMS", "32")),
        environment=environment,
    )


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    from gunicorn.app.base import BaseApplication

    configure_logging()
    collect_less_often()

    settings = read_settings(dict(os.environ))
    threads = int(os.environ.get("DELIVERY_THREADS", "16"))

    class Server(BaseApplication):
        center: Center | None = None

        def load_config(self) -> None:
            options: dict[str, Any] = {
                "bind": os.environ.get("DELIVERY_BIND", "127.0.0.1:8000"),
                "workers": 1,
                "threads": threads + settings.streams,
                "worker_class": "delivery_shared.draining.DrainingWorker",
                "limit_request_line": LONGEST_LINE,
                "graceful_timeout": 15,
                "timeout": 120,
                "control_socket_disable": True,
                "logconfig_dict": library_logging(),
                "worker_exit": lambda _arbiter, _worker: self.end(),
            }
            for key, value in options.items():
                self.cfg.set(key, value)

        def end(self) -> None:
            if self.center:
                self.center.stop()
            telemetry.close()

        def load(self) -> Gateway:
            telemetry.configure("delivery-center")
            places.share(threads)
            self.center = Center(settings)
            self.center.migrate()
            self.center.start()
            for service in self.center.services.values():
                if service.end_streams is not None:
                    before_stopping(service.end_streams)
            return Gateway({name: service.create_api() for name, service in self.center.services.items()})

    Server().run()


if __name__ == "__main__":
    main()
