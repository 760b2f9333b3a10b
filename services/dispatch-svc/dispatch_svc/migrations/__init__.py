"""Alembic revisions of dispatch-svc's schema."""
