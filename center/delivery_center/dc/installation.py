"""Which installation a command is about, and who gives it."""

from __future__ import annotations

import getpass
import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, cast

import typer
from delivery_shared.environment import databases, with_secrets

from delivery_center.dc.failure import Failure, misused
from delivery_center.running.own_database import database_of

if (
    TYPE_CHECKING
):  # imported where used: what is only asked for its help, or about files, must not wait for six services
    from delivery_shared.eventstore import EventStore
    from delivery_shared.messaging.consumer import Consumer
    from delivery_shared.messaging.outbox import Outbox
    from delivery_shared.service import Settings
    from delivery_shared.status import Read
    from identity_svc.operator_log import OperatorLog
    from identity_svc.store import IdentityStore
    from intake_svc.store import IntakeStore
    from project_svc.store import ProjectStore

    from delivery_center.composition import Center


@dataclass
class Action:
    """An action under way. ``detail`` is what the audit will say came of it."""

    detail: str = ""


@dataclass
class Dc:
    """The installation named by the environment and by ``--folder``; nothing is connected before it is needed.

    Without ``AMQP_URL`` it is an embedded one. No key is needed here: the services are composed with one that nobody
    knows and that signs nothing.

    :param alone: nothing else runs in this process, so that what libraries log may be turned off.
    """

    given: Mapping[str, str]
    folder: Path | None = None
    given_name: str | None = None
    alone: bool = False
    _composed: list[Center] = field(default_factory=list)

    @property
    def who(self) -> str:
        """Who gives the command: ``--as``, else the user of the operating system."""
        if self.given_name:
            return self.given_name
        try:
            return getpass.getuser()
        except (KeyError, OSError):  # a container may run under a number without a name
            return f"uid {os.getuid()}"

    @cached_property
    def environment(self) -> Mapping[str, str]:
        """What was given, with secrets read from the files that name them. :raises Failure: one cannot be read."""
        try:
            return with_secrets(self.given)
        except SystemExit as error:
            raise misused(str(error)) from error

    @property
    def is_named(self) -> bool:
        """Whether an installation is named at all: what is only about files does without one."""
        return bool(self.folder or self.environment.get("DATABASE_URL"))

    @property
    def has_roles(self) -> bool:
        """Whether each service has a database role of its own, as ``prepare`` makes them."""
        return bool(self.environment.get("DATABASE_URL_FILES"))

    @cached_property
    def settings(self) -> Settings:
        """:raises Failure: the environment does not say where the database is."""
        from delivery_shared.http.tokens import TokenIssuer, new_private_jwk
        from delivery_shared.messaging.topology import Broker
        from delivery_shared.service import Settings

        environment = dict(self.environment)
        url = (database_of(self.folder) if self.folder else None) or environment.get("DATABASE_URL")
        if not url and self.folder:
            raise misused(f"no database runs in {self.folder}: start `make run`, or set DATABASE_URL")
        if not url:
            raise misused("no installation named: set DATABASE_URL, or give --folder of a running `make run`")
        key = new_private_jwk()
        environment["DELIVERY_PRIVATE_KEY"] = json.dumps(key)
        return Settings(
            database_url=url,
            databases=databases(environment),
            broker=Broker.read(environment) if environment.get("AMQP_URL") else None,
            public_keys=json.dumps(TokenIssuer(key).public_jwks),
            data_dir=Path(environment.get("DELIVERY_DATA_DIR", "data")),
            environment=environment,
        )

    @property
    def databases(self) -> dict[str, str]:
        """Where each service's schema is: the address of its database, as the owner's."""
        from delivery_center.composition import COMPOSE

        return {name: self.settings.of(name).database_url for name in COMPOSE}

    @property
    def center(self) -> Center:
        """All services, composed but not started. :raises Failure: the database does not answer."""
        from delivery_center.composition import Center

        if not self._composed:
            self.reach_database()
            self._composed.append(Center(self.settings))
        return self._composed[0]

    @property
    def stores(self) -> dict[str, EventStore]:
        """The event stores by service."""
        return {name: service.store for name, service in self.center.services.items() if service.store}

    @property
    def outboxes(self) -> dict[str, Outbox]:
        from delivery_shared.messaging.outbox import Outbox

        return {name: Outbox(store) for name, store in self.stores.items()}

    def consumers(self, service: str) -> list[Consumer]:
        return list(self.center.services[service].consumers)

    @property
    def project(self) -> ProjectStore:
        return cast("ProjectStore", self.stores["project"])

    @property
    def identity(self) -> IdentityStore:
        return cast("IdentityStore", self.stores["identity"])

    @property
    def intake(self) -> IntakeStore:
        return cast("IntakeStore", self.stores["intake"])

    @property
    def operator_log(self) -> OperatorLog:
        from identity_svc.operator_log import OperatorLog

        return OperatorLog(self.identity)

    def each_database(self) -> Iterator[tuple[list[str], Read]]:
        """Each database once: of which services it is, and how it is read."""
        of: dict[str, list[str]] = {}
        for name, url in self.databases.items():
            of.setdefault(url, []).append(name)
        for names in of.values():
            yield names, self.consumers(names[0])[0].rows

    def reach_database(self) -> None:
        """:raises Failure: naming the server and the cause; a pool would try for long and tell neither."""
        import psycopg

        if self.alone:
            _quiet()
        for url in sorted(set(self.databases.values())):
            try:
                psycopg.connect(url, connect_timeout=5).close()
            except psycopg.OperationalError as error:
                raise Failure(f"the database cannot be used: {str(error).strip().splitlines()[0]}") from error

    def renew(self, service: str) -> str:
        """Ask the relay of a service to empty its stream and publish everything anew; returns the service's name."""
        from delivery_shared.messaging.outbox import renewal_asked

        self.stores[service].save_all(rows=[renewal_asked(service)])
        return service

    @contextmanager
    def audited(self, action: str, **arguments: object) -> Iterator[Action]:
        """An action that changes something, or shows what is not shown to everybody: recorded before it begins and when
        it ends, however it ends."""
        log, doing = self.operator_log, Action()
        given = {name: str(value) for name, value in arguments.items() if value is not None}
        id = log.begin(who=self.who, action=action, arguments=given)
        try:
            yield doing
        except BaseException as error:
            log.end(id, outcome="failed", detail=f"{type(error).__name__}: {error}"[:500])
            raise
        log.end(id, outcome="done", detail=doing.detail)

    def close(self) -> None:
        for center in self._composed:
            center.stop()


def _quiet() -> None:
    """Errors of the libraries go to standard error, nothing else is said."""
    import structlog

    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def of(context: typer.Context) -> Dc:
    """The installation of a command."""
    return cast(Dc, context.obj)
