"""What the views of template-svc call: commands carried out, and pages."""

from __future__ import annotations

from datetime import timedelta

from delivery_shared.clock import Clock
from delivery_shared.commands import Command, Outcome

from template_svc.carrying_out import Means, Operation, carry_out
from template_svc.pages.calendar import CalendarPages
from template_svc.pages.products import ProductPages
from template_svc.pages.reference import ReferencePages
from template_svc.pages.templates import TemplatePages
from template_svc.store import TemplateStore


class TemplateApplication:
    """Templates, products, reference data, calendar and clock of ``store``."""

    def __init__(
        self,
        store: TemplateStore,
        *,
        clock: Clock | None = None,
        revisions_offered: bool = False,
        movable_clock: bool = False,
    ) -> None:
        self.store = store
        self.means = Means(
            store=store,
            clock=clock or Clock(),
            revisions_offered=revisions_offered,
            movable_clock=movable_clock,
        )
        self.templates = TemplatePages(store)
        self.products = ProductPages(store)
        self.reference = ReferencePages(store)
        self.calendar = CalendarPages(store)

    def carry_out(self, command: Command, operation: Operation) -> Outcome:
        """:raises KeyReused, Busy: and what the operation refuses with."""
        return carry_out(self.means, command, operation)

    @property
    def clock_offset(self) -> timedelta:
        """How far the platform's clock is ahead; 0 where it cannot be moved."""
        return self.calendar.clock_offset() if self.means.movable_clock else timedelta(0)
