"""Composition root and processes: ``python -m project_svc.main api|worker|migrate``."""

from __future__ import annotations

from delivery_shared.clock import Clock
from delivery_shared.composing import event_sourced
from delivery_shared.messaging.transport import Transport
from delivery_shared.platform_clock import platform_clock
from delivery_shared.service import Service, Settings, run
from delivery_shared.together import MOST

from project_svc import virus_scan
from project_svc.api import BLUEPRINTS, ERRORS
from project_svc.application import ProjectApplication
from project_svc.domain.operating import QUOTA
from project_svc.file_types import FileTypes
from project_svc.files import SIZE_LIMIT, FileRules, FileStore, LocalFiles
from project_svc.policies import consumers
from project_svc.s3_files import S3Files
from project_svc.scheduler import TimerScheduler
from project_svc.status import GAUGES, timer_status
from project_svc.store import ProjectStore


def service(settings: Settings, transport: Transport) -> Service:
    """project-svc. Own settings: ``DELIVERY_FILE_LIMIT`` – bytes of an uploaded file –, ``DELIVERY_FILE_TYPES`` – types
    of files beside ours (:meth:`FileTypes.from_setting`) –, ``DELIVERY_VIRUS_SCAN`` – who looks for viruses
    (:func:`~project_svc.virus_scan.from_setting`) –, ``DELIVERY_PROJECT_QUOTA`` – bytes of all files of a
    project –, ``DELIVERY_KEPT_PROJECTS`` – projects kept in memory per process. Files lie in ``project-files`` of the
    data directory, or with ``DELIVERY_FILES_S3`` in a bucket."""
    environment = settings.environment
    memory = int(environment.get("DELIVERY_KEPT_PROJECTS", "4000"))
    application = application_of(
        ProjectStore(database_url=settings.database_url, schema=settings.schema, memory=memory), settings
    )
    return event_sourced(
        settings=settings,
        store=application.store,
        application=application,
        consumers=consumers(application.carrier),
        blueprints=BLUEPRINTS,
        errors=ERRORS,
        table="purchase",
        figures=lambda: timer_status(application.store, now=application.clock.now()),
        gauges=GAUGES,
        background={"timers": TimerScheduler(application.carrier).run},
    )


def application_of(store: ProjectStore, settings: Settings) -> ProjectApplication:
    """The application of ``store`` with the clock and the files of these settings."""
    environment = settings.environment
    rules = FileRules(
        limit=int(environment.get("DELIVERY_FILE_LIMIT", SIZE_LIMIT)),
        types=FileTypes.from_setting(environment.get("DELIVERY_FILE_TYPES", "")),
        scan=virus_scan.from_setting(environment.get("DELIVERY_VIRUS_SCAN", "")),
    )
    files: FileStore = LocalFiles(settings.data_dir / "project-files", rules)
    if environment.get("DELIVERY_FILES_S3"):
        files = S3Files.from_settings(environment, rules)
    return ProjectApplication(
        store,
        clock=clock_of(store, settings),
        files=files,
        quota=int(environment.get("DELIVERY_PROJECT_QUOTA", QUOTA)),
    )


def clock_of(store: ProjectStore, settings: Settings) -> Clock:
    """The platform's clock, as copied to ``store``."""
    return platform_clock(store, settings.environment)


if __name__ == "__main__":
    run("project", service, threads=MOST)  # as many as are saved together (docs/performance.md)
