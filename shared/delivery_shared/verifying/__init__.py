"""What ``verify`` is made of: everything is read at one moment of the whole database, what the events say is written
beside the live tables in a transaction that is rolled back, and the two are compared.

A service says in its ``verify.py`` what its rows follow from (:class:`~.verification.Verification`)."""
