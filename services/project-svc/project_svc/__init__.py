"""project-svc: one event stream per project, from the order to completion."""
