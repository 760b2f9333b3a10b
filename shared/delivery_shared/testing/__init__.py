"""The testing kit of all services."""
