"""Refusals: what commands on templates, products, reference data and calendar are refused for."""

from __future__ import annotations

from collections.abc import Sequence

from template_svc.domain.flow import Violation


class TemplateNameInvalid(Exception):
    """T-10: a template name has 1 to 50 characters after trimming."""


class TemplateReadOnly(Exception):
    """T-100, T-105: a published template can neither be edited nor deleted."""


class BuiltInNodeMissing(Exception):
    """T-19, T-20: the assign-provider node was deleted, moved or added again."""

    def __init__(self, broken: Sequence[Violation]) -> None:
        super().__init__("built-in node missing")
        self.violations = broken


class PublishingRefused(Exception):
    """T-98: all the rules that stand against publishing the template."""

    def __init__(self, broken: Sequence[Violation]) -> None:
        super().__init__("publishing refused")
        self.violations = broken


class TemplateNotPublished(Exception):
    """T-104: only a published template can be bound to a product, or revised."""


class NotUnderReview(Exception):
    """T-102: the template has no revision under review (any more)."""


class NotTheOwner(Exception):
    """The template or product can be seen, but is another party's to change."""


class NotVisible(Exception):
    """It does not exist, or the caller may not know that it does."""


class NameTaken(Exception):
    """T-10: the vendor has another template of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class CodeTaken(Exception):
    """The vendor's product, or the piece of reference data, of this code exists already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ProductOffline(Exception):
    """The product was taken offline (下线); nothing about it changes any more."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class StillListed(Exception):
    """The product is not offline, so it cannot be listed again."""


class AlreadySwitched(Exception):
    """The historical product has a template already."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class OperatorsToReplace(Exception):
    """P-13: the template of a historical product is replaced by the operator, not by the vendor."""


class HolidaysInvalid(Exception):
    """Holidays that contradict each other or their year; ``fields`` say where and why."""

    def __init__(self, fields: Sequence[dict[str, str]]) -> None:
        super().__init__("holidays invalid")
        self.fields = list(fields)


class ClockFixed(Exception):
    """This installation's clock cannot be moved (production)."""


class ClockOutOfRange(Exception):
    """The clock is moved back before the present, or by more than ten years."""
