"""The base of every contract and the index of all of them by message type."""

from __future__ import annotations

from typing import ClassVar, TypeVar

import msgspec


class Contract(msgspec.Struct, frozen=True, kw_only=True):
    """A message of one service to the others, in the past tense: something that happened.

    Carries ids only, never personal data – but for identity's own messages, and the buyer's name an order brought.
    """

    TYPE: ClassVar[str]
    """``<producer>.<what_happened>``, e.g. ``project.node_entered``."""

    VERSION: ClassVar[int] = 1

    @classmethod
    def producer(cls) -> str:
        """The service that publishes it: the part of ``TYPE`` before the dot."""
        return cls.TYPE.partition(".")[0]


CONTRACTS: dict[str, type[Contract]] = {}
"""All contracts by ``TYPE``, filled by :func:`contract`."""


ContractClass = TypeVar("ContractClass", bound=type[Contract])


def contract(cls: ContractClass) -> ContractClass:
    """Class decorator: enter ``cls`` in :data:`CONTRACTS`; a type used twice is a programming error."""
    if cls.TYPE in CONTRACTS:
        raise TypeError(f"contract type {cls.TYPE!r} is defined twice")
    CONTRACTS[cls.TYPE] = cls
    return cls


def contract_of(message_type: str) -> type[Contract] | None:
    """The contract of a message type, or ``None`` for a type this installation does not know."""
    return CONTRACTS.get(message_type)
