"""notify-svc: messages to people, put into their in-site boxes exactly once. Publishes nothing."""
