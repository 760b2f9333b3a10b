"""Orders of marketplaces: connections, the notices they send, and what those mean."""
