"""What the rows of template-svc follow from: each from the last state of its aggregate, parties from identity."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from delivery_shared.eventstore import RowChange
from delivery_shared.verifying.verification import UNTOLD_OF_FEEDS, UNTOLD_OF_STORES, UNUSED, FoldingVerification

from template_svc.domain.calendar import PlatformClock
from template_svc.rows import row_of

ROWS: Final = (
    "template",
    "product",
    "historical_product",
    "role",
    "demand_form",
    "message_template",
    "holiday_year",
)


class TemplateVerification(FoldingVerification):
    """Of template-svc."""

    copies = ("party", "revoked")
    rows = ROWS
    keys: ClassVar = {"product.code_key": "code", "historical_product.code_key": "code"}
    untold: ClassVar = {
        **UNTOLD_OF_FEEDS,
        **UNTOLD_OF_STORES,
        "template_tracking": UNUSED,
        "template.bindings": "raised whenever a product is bound, for two saves to notice each other; nothing else"
        " reads it",
    }

    def rows_of(self, aggregate: Any) -> Sequence[RowChange]:
        return [] if isinstance(aggregate, PlatformClock) else [row_of(aggregate)]
