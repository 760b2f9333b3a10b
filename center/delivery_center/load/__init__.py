"""Load: simulated people on a prepared system, and histories of many projects written by the bulk seeder."""
