"""The whole delivery center in one process: composition, demo data, story player and verify."""
