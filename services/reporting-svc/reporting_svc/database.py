"""The service's one way to its database: SQLAlchemy Core on psycopg2."""

from __future__ import annotations

from sqlalchemy import Engine, create_engine
from sqlalchemy.engine import make_url


def connect(database_url: str, schema: str) -> Engine:
    """An engine whose sessions see ``schema`` only and speak UTC, so that the same rows always read the same
    (``state_hash`` depends on it). At most five connections a process; a dead one is noticed before use."""
    return create_engine(
        make_url(database_url).set(drivername="postgresql+psycopg2"),
        pool_size=5,
        max_overflow=0,
        pool_timeout=10,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5, "options": f"-csearch_path={schema} -ctimezone=UTC"},
    )
