"""Names, limits and errors of dispatch; its aggregates stand in ``configuration``, ``pool`` and ``assignment``.

A pool is what one decision at a time is made in: ``product:<id>`` – the providers of a product – or
``provider:<id>`` – the staff of a provider. Pools hold counts only; who holds what stands in ``Assignment``.
"""

from __future__ import annotations

from uuid import UUID, uuid5

POOLS = UUID("5b2f6a0e-7f0c-4f7d-9a55-1f8f3f7f6f10")
"""Namespace of the pools' stream ids."""

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


def product_pool(product_id: UUID | str) -> str:
    """The key of the pool of a product's providers."""
    return f"product:{product_id}"


def provider_pool(provider_id: UUID | str) -> str:
    """The key of the pool of a provider's staff."""
    return f"provider:{provider_id}"


def pool_stream(pool: str) -> UUID:
    """The stream of a pool's aggregate."""
    return uuid5(POOLS, pool)


def staff_class(role: str, department_id: UUID | str | None) -> str:
    """Asks of one class are interchangeable: whoever can take one can take any other."""
    return f"{role}/{department_id}" if department_id else role


def class_parts(cls: str) -> tuple[str, str | None]:
    """Role and department of a staff class."""
    role, _, department_id = cls.partition("/")
    return role, department_id or None


class NotVisible(Exception):
    """There is none, or the caller may not know that there is."""


class NotAProvider(Exception):
    """Only a marketplace ISV can be related to a product (P-16)."""


class AskPaused(Exception):
    """The project is paused, so its ask rests (D-38)."""


class NotRelated(Exception):
    """Providers without a relation to the product, kept by the platform operator, cannot be configured (P-15)."""

    def __init__(self, provider_ids: list[str]) -> None:
        super().__init__(provider_ids)
        self.provider_ids = provider_ids


class ConfiguredTwice(Exception):
    """A provider stands twice in one configuration."""

    def __init__(self, provider_id: str) -> None:
        super().__init__(provider_id)
        self.provider_id = provider_id


class OutOfRange(Exception):
    """A weight or maximum outside its range."""

    def __init__(self, field: str, value: int, allowed: range) -> None:
        super().__init__(field, value)
        self.field, self.value = field, value
        self.least, self.most = allowed[0], allowed[-1]


class UnknownMember(Exception):
    """Nobody of that id works for the provider."""

    def __init__(self, person_id: UUID | str) -> None:
        super().__init__(str(person_id))
        self.person_id = str(person_id)


class NotHeld(Exception):
    """Something is to be freed that is not held: counts and holdings have come apart."""


class NotAsked(Exception):
    """An answer to an ask the project does not have open."""


def in_range(field: str, value: int, allowed: range) -> None:
    """:raises OutOfRange: ``value`` is not among ``allowed``."""
    if value not in allowed:
        raise OutOfRange(field, value, allowed)
