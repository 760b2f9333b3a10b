"""Large data sets without the front door: hundreds of thousands of projects in minutes.

    python -m delivery_center.seeding --projects 200000     # DATABASE_URL, … as for the services

The events are decided by the services' own aggregates in memory, each with a time of its own in the past, and stored
in bulk together with the rows their saves would have written – timers, queue, decisions, positions of the feeds
between project-svc and dispatch-svc –, so that ``python -m delivery_center.verify`` finds nothing wrong afterwards.
reporting-svc and notify-svc then read the events as they always do, straight from the event tables.

Two scenarios are written so: the large one here, and the past of the demo data (:mod:`delivery_center.past`).

Only for a fresh installation whose processes do not run yet: nothing here guards against others who write.
"""

from delivery_center.seeding.company import Company, Isv, Listed
from delivery_center.seeding.seeder import Amounts, Seeded, seed

__all__ = ["Amounts", "Company", "Isv", "Listed", "Seeded", "seed"]
