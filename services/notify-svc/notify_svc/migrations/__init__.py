"""Alembic revisions of notify-svc, applied by ``delivery_shared.migrate``."""
