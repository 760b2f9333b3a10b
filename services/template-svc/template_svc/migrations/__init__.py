"""Alembic revisions of template-svc's own tables."""
