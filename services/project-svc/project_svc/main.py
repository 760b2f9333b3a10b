"""Composition root and processes: ``python -m project_svc.main api|worker|migrate``."""

from __future__ import annotations

import json
from dataclasses import asdict

from delivery_shared.clock import DatabaseClock
from delivery_shared.http import TokenVerifier, create_api
from delivery_shared.http.revocation import revocations
from delivery_shared.messaging.transport import Transport
from delivery_shared.migrate import migrate
from delivery_shared.service import Service, Settings, run
from delivery_shared.status import ServiceStatus, status_of
from flask import Flask

from project_svc.api import BLUEPRINTS, ERRORS
from project_svc.application import ProjectApplication
from project_svc.calendar_copy import reading_time
from project_svc.file_types import FileTypes
from project_svc.files import SIZE_LIMIT, FileStore, LocalFiles
from project_svc.policies import consumers
from project_svc.s3_files import S3Files
from project_svc.scheduler import TimerScheduler
from project_svc.status import GAUGES, timer_status
from project_svc.values import QUOTA

NAME = "project"


def service(settings: Settings, transport: Transport) -> Service:
    """project-svc. Own settings: ``DELIVERY_FILE_LIMIT`` – bytes of an uploaded file –, ``DELIVERY_FILE_TYPES`` – types
    of files beside ours (:meth:`FileTypes.from_setting`) –, ``DELIVERY_PROJECT_QUOTA`` – bytes of all files of a
    project –, ``DELIVERY_KEPT_PROJECTS`` – projects kept in memory per process. Files lie in ``project-files`` of the
    data directory, or with ``DELIVERY_FILES_S3`` in a bucket."""
    environment = settings.environment
    limit = int(environment.get("DELIVERY_FILE_LIMIT", SIZE_LIMIT))
    types = FileTypes.from_setting(environment.get("DELIVERY_FILE_TYPES", ""))
    files: FileStore = LocalFiles(settings.data_dir / "project-files", limit=limit, types=types)
    if environment.get("DELIVERY_FILES_S3"):
        files = S3Files.from_settings(environment, limit=limit, types=types)
    application = ProjectApplication(
        database_url=settings.database_url,
        schema=settings.schema,
        files=files,
        quota=int(environment.get("DELIVERY_PROJECT_QUOTA", QUOTA)),
        kept=int(environment.get("DELIVERY_KEPT_PROJECTS", "4000")),
    )
    movable = environment.get("DELIVERY_MOVABLE_CLOCK") == "1"
    read = reading_time(application.connection, movable=movable)
    application.clock = DatabaseClock(read, every=0.5 if movable else 30.0)
    feeds = consumers(application)

    def ready() -> None:
        with application.connection() as connection:
            connection.execute("SELECT 1 FROM purchase LIMIT 1")

    def status() -> ServiceStatus:
        return status_of(
            service="project",
            store=application,
            consumers=feeds,
            relayed=settings.broker is not None,
            own=lambda: asdict(timer_status(application, now=application.clock.now())),
        )

    def api() -> Flask:
        return create_api(
            name=NAME,
            title="交付中心 project-svc",
            application=application,
            blueprints=BLUEPRINTS,
            errors=ERRORS,
            verifier=TokenVerifier(json.loads(settings.public_keys)),
            revoked=revocations(application),
            consumers=feeds,
            ready=ready,
            status=status,
        )

    return Service(
        name=NAME,
        store=application,
        consumers=feeds,
        create_api=api,
        migrate=lambda: migrate(
            database_url=settings.database_url,
            schema=application.schema,
            package="project_svc",
            driver="psycopg",
            store=application,
        ),
        background={"timers": TimerScheduler(application).run},
        status=status,
        gauges=GAUGES,
        close=application.close,
    )


if __name__ == "__main__":
    run(service)
