"""Alembic revisions of intake-svc's schema."""
