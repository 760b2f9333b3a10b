"""The messages between services: one module per producer, one frozen class per message type.

Nothing else is shared between services. A new optional field keeps ``VERSION``; a breaking change gets a new
version whose message carries the old and the new shape until nobody reads the old one. One golden sample per
version stands under ``samples/`` and is never edited after its release.
"""

from delivery_shared.contracts import dispatch, identity, intake, project, template
from delivery_shared.contracts.registry import CONTRACTS, Contract, contract_of

__all__ = ["CONTRACTS", "Contract", "contract_of", "dispatch", "identity", "intake", "project", "template"]
