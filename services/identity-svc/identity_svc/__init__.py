"""identity-svc: parties, departments, users, roles held, passwords and sessions."""
