"""What several services of the delivery center really use: contracts, messaging, the event store, the HTTP base.

No domain logic lives here; the one exception the architecture names is working time.
"""
