"""One public address for all services: which path goes where, one OpenAPI document and its browser, the console, the
configuration of the real gateway and what that one tells Prometheus."""
