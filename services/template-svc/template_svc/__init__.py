"""template-svc: service flow templates, products and their binding, and reference data."""
