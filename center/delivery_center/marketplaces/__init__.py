"""Simulated marketplaces: they sell, call a connection's address as the real ones do, and repeat until they are told
that an order is ready, by the tables of their documentation."""

from delivery_center.marketplaces.simulating import PATIENCE, Gone, Marketplace, Purchase, calling

__all__ = ["PATIENCE", "Gone", "Marketplace", "Purchase", "calling"]
