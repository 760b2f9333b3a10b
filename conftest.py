"""Fixtures every test may use."""

from delivery_shared.testing.fixtures import broker, database_url

__all__ = ["broker", "database_url"]
