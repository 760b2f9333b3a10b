"""Messages between services: outbox and relay on one side, feeds and work queues on the other (architecture 3)."""
