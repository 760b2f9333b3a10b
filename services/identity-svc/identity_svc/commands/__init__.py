"""The commands on parties, departments, users, sessions and saved views: one function per command, each gives an
operation that is carried out with :func:`identity_svc.carrying_out.carry_out`."""
