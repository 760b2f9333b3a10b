"""The manual's sample data (requirements, part (d)), loaded over the public API:
``python -m delivery_center.demo ADDRESS``."""

from delivery_center.demo.loading import DATA, Accounts, describe, file_in, load, notebook

__all__ = ["DATA", "Accounts", "describe", "file_in", "load", "notebook"]
