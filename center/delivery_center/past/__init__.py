"""Six months of projects before the demo data: what ``make run`` shows of an installation in use.

Companies, people, products and some hundred projects – finished, overdue, evaluated, sent back, handed over, paused,
cancelled, waiting – relative to now, decided by the services' own aggregates as of whenever it happened and written in
bulk (:mod:`delivery_center.seeding`). The demo data are loaded after it, over HTTP, for the same companies.
"""

from delivery_center.past.writing import interrupted, possible, write

__all__ = ["interrupted", "possible", "write"]
