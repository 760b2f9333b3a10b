"""What can be asked for: one function per command, each giving the operation that carries it out. Views, seeding and
tests carry out the same.

``owner_id`` is the vendor acting, None for the platform operator; ``at_version`` checks the version that was edited.
"""
