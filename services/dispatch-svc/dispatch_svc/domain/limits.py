"""What may be set: weights and maxima, and their defaults."""

from __future__ import annotations

from dispatch_svc.domain.errors import OutOfRange

WEIGHTS = range(1, 101)
"""权重取值范围为1-100 (P-22)."""
PROVIDER_MAXIMA = range(2001)
"""最大持单量取值范围为0-2000 (P-23)."""
PERSON_MAXIMA = range(51)
"""Maximum load of a person (D-56)."""

DEFAULT_WEIGHT = 10
DEFAULT_PROVIDER_MAXIMUM = 1000
"""Defaults of a provider's configuration (P-24)."""
DEFAULT_PERSON_MAXIMUM = 10
"""Maximum of a new person, who receives orders at once (D-65)."""


def in_range(field: str, value: int, allowed: range) -> None:
    """:raises OutOfRange: ``value`` is not among ``allowed``."""
    if value not in allowed:
        raise OutOfRange(field, value, allowed)
