"""reporting-svc: the lists and counts of projects, products and purchased services. Reads only, publishes nothing."""
