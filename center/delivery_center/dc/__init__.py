"""``dc``: the command line of whoever runs the delivery center. One module per noun; ``docs/operations.md`` lists the
commands. Nothing here is imported by a service."""
