"""Which facts the other services hear of, and as what. What is personal is opened here, on its way out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from functools import partial
from typing import Any

import msgspec
from delivery_shared.contracts import Contract, intake
from delivery_shared.contracts.template import OrderParameter
from delivery_shared.facts import Fact
from delivery_shared.order_parameters import chosen
from delivery_shared.publishing import carries

from intake_svc.domain import facts
from intake_svc.vault import Vault


def until(fact: facts.TermExtended) -> date:
    return date.fromisoformat(fact.valid_until)


def order_received(fact: facts.OrderReceived, vault: Vault) -> intake.OrderReceived:
    """With the buyer's name, contact and parameters as the order brought them; once the buyer was erased, also when
    the stream is published anew, without what he is called and what he wrote freely."""
    parameters = dict(fact.parameters)
    if parameters and vault.key_of_order(fact.originator_id) is None:
        parameters = chosen(fact.declared or [], parameters)
    return intake.OrderReceived(
        project_id=fact.originator_id,
        connection_id=fact.connection_id,
        vendor_id=fact.vendor_id,
        kind=fact.kind,
        product_id=fact.product_id,
        order_number=fact.order_number,
        business_number=fact.business_number,
        customer_number=fact.customer_number,
        customer_name=vault.name_in(fact),
        contact=vault.contact_in(fact),
        sku=fact.sku,
        edition=fact.edition,
        quantity=fact.quantity,
        trial=fact.trial,
        test=fact.test,
        parameters=parameters,
        declared=msgspec.convert(fact.declared or [], list[OrderParameter]),
        sales_channel=fact.sales_channel,
        valid_until=date.fromisoformat(fact.valid_until) if fact.valid_until else None,
        received_at=fact.timestamp,
    )


def contact_changed(fact: facts.ContactChanged, vault: Vault) -> intake.ContactChanged:
    """With the contact as it was named; with nobody once the buyer was erased."""
    return intake.ContactChanged(
        project_id=fact.originator_id, contact=vault.contact_in(fact), changed_at=fact.timestamp
    )


PUBLISHING: Mapping[type[Fact], Callable[..., Contract]] = {
    facts.OrderReceived: order_received,
    facts.ContactChanged: contact_changed,
    facts.TermExtended: carries(intake.TermExtended, id="project_id", time="extended_at", valid_until=until),
    facts.EditionChanged: carries(intake.EditionChanged, id="project_id", time="changed_at"),
    facts.Frozen: carries(intake.Frozen, id="project_id", time="frozen_at"),
    facts.Thawed: carries(intake.Thawed, id="project_id", time="thawed_at"),
    facts.Ended: carries(intake.Ended, id="project_id", time="ended_at"),
}
"""Any fact not in here is private."""


def publishing(vault: Vault) -> Mapping[type, Callable[[Any], Contract]]:
    """:data:`PUBLISHING` with ``vault`` at hand for the messages that carry a name and a contact."""
    return {
        fact: partial(to_contract, vault=vault) if to_contract in (order_received, contact_changed) else to_contract
        for fact, to_contract in PUBLISHING.items()
    }
