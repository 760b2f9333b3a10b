"""Alembic revisions of reporting-svc, applied by ``delivery_shared.migrate``."""
