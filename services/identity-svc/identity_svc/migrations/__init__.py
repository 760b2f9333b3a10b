"""Alembic revisions of identity-svc's schema."""
