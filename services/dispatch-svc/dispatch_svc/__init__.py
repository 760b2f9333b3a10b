"""Dispatch: which provider and which person gets an order, and the queue of those that wait (requirements D)."""
