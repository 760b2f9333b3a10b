"""Schema of project-svc, as Alembic revisions."""
