"""Refusals: what commands of vendors are refused for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class NotVisible(Exception):
    """It does not exist, or the caller may not know that it does."""


class SecretUnusable(Exception):
    """The secret is none of this kind's."""


class NotPrepared(Exception):
    """A connection takes notices once it has a secret, and real ones once it has an SKU map."""


class NotInTest(Exception):
    """Test orders come through a connection in test only."""


class SkuMapInvalid(Exception):
    """Lines of the SKU map that cannot be; ``fields`` name them."""

    def __init__(self, fields: Sequence[dict[str, Any]]) -> None:
        super().__init__(f"{len(fields)} lines")
        self.fields = list(fields)


class NotParked(Exception):
    """The notice is applied or refused; nothing is left to do of it."""


class BehindAnother(Exception):
    """An earlier notice of the order is parked; it comes first."""


class NothingLeft(Exception):
    """What the notice said was erased with its buyer."""


class NotMirrored(Exception):
    """Marketplaces of this kind have no delivery center that is told, or not at this address."""


class MirrorIncomplete(Exception):
    """A mirror needs the secret of its access key."""


class ReportNotParked(Exception):
    """The report waits to be told, or nothing is left to do of it."""
