"""Names that know their text: of pools, and of the classes of asks within a pool."""

from __future__ import annotations

from uuid import UUID, uuid5

POOLS = UUID("5b2f6a0e-7f0c-4f7d-9a55-1f8f3f7f6f10")
"""Namespace of the pools' stream ids."""


class PoolKey(str):
    """Names a pool: ``product:<id>`` or ``provider:<id>``."""

    __slots__ = ()

    @classmethod
    def of_product(cls, product_id: UUID | str) -> PoolKey:
        """The pool of a product's providers."""
        return cls(f"product:{product_id}")

    @classmethod
    def of_provider(cls, provider_id: UUID | str) -> PoolKey:
        """The pool of a provider's staff."""
        return cls(f"provider:{provider_id}")

    @property
    def stream(self) -> UUID:
        """The stream of the pool's aggregate."""
        return uuid5(POOLS, self)

    @property
    def level(self) -> str:
        """``product`` or ``provider``: what is chosen in a ``product`` pool is a provider."""
        return self.partition(":")[0]

    @property
    def owner(self) -> UUID:
        """The product, or the provider."""
        return UUID(self.partition(":")[2])


class StaffClass(str):
    """Asks of one class look for the same people: those of a role, or of a role within a department and those below.
    Whoever can take one can take any other – but for the people who hold its project already (D-28). Empty in the pool
    of a product, where all asks are alike."""

    __slots__ = ()

    @classmethod
    def of(cls, role: str, department_id: UUID | str | None = None) -> StaffClass:
        """The class of an ask for ``role``, under 部门优先 within a department (D-25)."""
        return cls(f"{role}/{department_id}" if department_id else role)

    @property
    def role(self) -> str:
        return self.partition("/")[0]

    @property
    def department(self) -> str | None:
        return self.partition("/")[2] or None
