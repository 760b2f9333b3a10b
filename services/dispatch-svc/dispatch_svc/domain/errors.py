"""The refusals of dispatch."""

from __future__ import annotations

from uuid import UUID


class NotVisible(Exception):
    """There is none, or the caller may not know that there is."""


class NotAProvider(Exception):
    """Only a marketplace ISV can be related to a product (P-16)."""


class AskPaused(Exception):
    """The project is paused or held by the marketplace, so its ask rests (D-38)."""


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
