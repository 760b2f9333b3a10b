"""What is read: settings, the queue, decisions explained."""
