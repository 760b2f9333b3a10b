"""Decisions on notices and connections, as given/when/then."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.testing.bdd import given
from intake_svc.domain import connecting, facts, receiving
from intake_svc.domain.acts import (
    Act,
    Change,
    ChangeContact,
    Contact,
    Create,
    Expire,
    Freeze,
    Nothing,
    Notice,
    Release,
    Renew,
    Thaw,
)
from intake_svc.domain.connection import Connection
from intake_svc.domain.errors import BehindAnother, NotParked, NotPrepared, SkuMapInvalid
from intake_svc.domain.order import Order, notice_id_of, project_id_of
from intake_svc.domain.receiving import Mapped, Terms

AT = datetime(2026, 10, 16, 4, 0, tzinfo=UTC)
CONNECTION, VENDOR, PRODUCT = uuid4(), uuid4(), uuid4()
CREATE = Create(order_number="O1", business_number="B1", customer_number="C1", product_code="p", sku="pro")


def terms(**changes: Any) -> Terms:
    told = {
        "connection_id": CONNECTION, "vendor_id": VENDOR, "kind": "generic", "test": False, "ready_when": "started",
        "mapped": Mapped(product_id=PRODUCT, edition="专业版", facts={"档期": "夜间"}),
    }  # fmt: skip
    return Terms(**{**told, **changes})


def id_of(key: str) -> UUID:
    return notice_id_of(CONNECTION, key)


def arrives(key: str, act: Act | None, **changes: Any) -> Any:
    """A notice comes in and is decided on."""

    def step(order: Order) -> None:
        notice = Notice(key=key, order="B1", verb="verb", act=act)
        receiving.receive(order, notice_id=id_of(key), key=key, notice=notice, raw="sealed", at=AT)
        receiving.apply(order, notice_id=id_of(key), act=act, terms=terms(**changes), at=AT)

    return step


def order(*steps: Any) -> given[Order]:
    seen = receiving.see(id=project_id_of(CONNECTION, "B1"), terms=terms(), order="B1", at=AT)
    return given(seen, *steps)


def created(*steps: Any) -> given[Order]:
    return order(arrives("create", CREATE), *steps)


RECEIVED = facts.NoticeReceived


def test_a_buyers_number_is_the_one_of_the_marketplace_the_order_was_seen_in() -> None:
    """Also where the connection has changed its mind since: of orders seen before there was a word for it the home
    marketplace's."""
    for seen, later in (("", "generic:x"), ("generic:x", "generic:x"), ("huawei", "")):
        began = receiving.see(id=project_id_of(CONNECTION, "B1"), terms=terms(marketplace=seen), order="B1", at=AT)
        (
            given(began)
            .when(arrives("create", CREATE, marketplace=later))
            .then(RECEIVED, (facts.OrderReceived, {"customer_number": "C1", "customer_marketplace": seen}))
        )


def test_an_order_is_taken_with_what_its_sku_is_here() -> None:
    (
        order()
        .when(arrives("create", CREATE, test=True))
        .then(
            RECEIVED,
            (facts.OrderReceived, {"product_id": PRODUCT, "edition": "专业版", "test": True, "sku": "pro",
                                   "parameters": {"档期": "夜间"}, "valid_until": None}),
        )
    )  # fmt: skip


def test_an_order_ready_at_receipt_says_so_at_once() -> None:
    order().when(arrives("create", CREATE, ready_when="received")).then(RECEIVED, facts.OrderReceived, facts.OrderReady)


@pytest.mark.parametrize(
    ("act", "changes", "reason"),
    [
        (None, {}, receiving.VERB_UNKNOWN),
        (CREATE, {"mapped": None}, receiving.SKU_UNKNOWN),
        (Renew(valid_until=date(2027, 1, 1)), {}, receiving.ORDER_UNKNOWN),
        (Release(refund=True), {}, receiving.ORDER_UNKNOWN),
    ],
)
def test_what_is_missing_is_said_where_a_notice_is_parked(act: Any, changes: Any, reason: str) -> None:
    order().when(arrives("n", act, **changes)).then(RECEIVED, (facts.NoticeParked, {"reason": reason}))


def test_what_only_tells_is_noted_whatever_came_before() -> None:
    order(arrives("n", None)).when(arrives("m", Nothing())).then(RECEIVED, facts.NoticeNoted)


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (Renew(valid_until=date(2027, 1, 1)), (facts.TermExtended, {"valid_until": "2027-01-01"})),
        (Change(quantity=5), (facts.EditionChanged, {"sku": "pro", "edition": "专业版", "quantity": 5})),
        (ChangeContact(contact=Contact(name="余华")), (facts.ContactChanged, {"contact": "sealed"})),
        (Expire(), (facts.Frozen, {"expired": True})),
        (Freeze(), (facts.Frozen, {"expired": False})),
        (Thaw(), facts.NoticeNoted),
        (Release(refund=True), (facts.Ended, {"refund": True})),
        (CREATE, (facts.NoticeRefused, {"reason": receiving.ORDER_EXISTS})),
    ],
)  # fmt: skip
def test_each_act_on_an_open_order(act: Act, expected: Any) -> None:
    created().when(arrives("n", act, mapped=None, contact="sealed")).then(RECEIVED, expected)


def test_of_a_forgotten_buyer_nobody_is_named() -> None:
    act = ChangeContact(contact=Contact(name="余华"))
    created(lambda o: receiving.forget_buyer(o, at=AT)).when(arrives("n", act, contact="sealed")).then(
        RECEIVED, facts.NoticeNoted
    )


def test_an_upgrade_to_a_sku_of_another_product_is_refused() -> None:
    created().when(arrives("n", Change(sku="x"), mapped=Mapped(product_id=uuid4()))).then(
        RECEIVED, (facts.NoticeRefused, {"reason": receiving.ANOTHER_PRODUCT})
    )


def test_nothing_happens_to_an_order_that_has_ended() -> None:
    ended = created(arrives("release", Release(refund=False)))
    for act in (Renew(valid_until=date(2027, 1, 1)), Thaw(), Release(refund=True)):
        ended.when(arrives(repr(act), act)).then(RECEIVED, (facts.NoticeRefused, {"reason": receiving.ORDER_ENDED}))


def test_a_freeze_and_an_expiry_hold_beside_each_other() -> None:
    held = created(arrives("f", Freeze()), arrives("e", Expire()))
    held.when(arrives("r", Renew(valid_until=date(2027, 1, 1)))).then(RECEIVED, facts.TermExtended)
    assert (held.aggregate.frozen, held.aggregate.expired) == (True, False)
    held.when(arrives("t", Thaw())).then(RECEIVED, facts.Thawed)
    assert not held.aggregate.frozen


def test_of_one_order_notices_wait_behind_one_that_is_parked() -> None:
    parked = created(arrives("u", Change(sku="x"), mapped=None))
    parked.when(arrives("r", Renew(valid_until=date(2027, 1, 1)))).then(
        RECEIVED, (facts.NoticeParked, {"reason": receiving.BEHIND})
    )
    parked.refuses(BehindAnother, lambda o: receiving.mend(o, notice_id=id_of("r"), changes={}, at=AT))
    parked.refuses(NotParked, lambda o: receiving.refuse(o, notice_id=id_of("create"), reason="by-hand", at=AT))
    parked.when(lambda o: receiving.refuse(o, notice_id=id_of("u"), reason="by-hand", at=AT)).then(facts.NoticeRefused)
    again = lambda o: receiving.apply(  # noqa: E731
        o, notice_id=id_of("r"), act=Renew(valid_until=date(2027, 1, 1)), terms=terms(), at=AT
    )
    parked.when(again).then(facts.TermExtended)


def test_parking_again_for_the_same_reason_records_nothing() -> None:
    again = lambda o: receiving.apply(o, notice_id=id_of("n"), act=None, terms=terms(), at=AT)  # noqa: E731
    order(arrives("n", None)).when(again).then()


@pytest.mark.parametrize("policy", ["received", "started", "first_human_node"])
def test_when_an_order_is_ready(policy: str) -> None:
    taken = order(arrives("create", CREATE, ready_when=policy))
    first = {"received": (), "started": (facts.OrderReady,), "first_human_node": ()}[policy]
    taken.when(lambda o: receiving.project_started(o, at=AT)).then(*first)
    second = (facts.OrderReady,) if policy == "first_human_node" else ()
    taken.when(lambda o: receiving.person_has_done_a_node(o, at=AT)).then(*second)
    taken.when(lambda o: receiving.person_has_done_a_node(o, at=AT)).then()


def test_of_two_refusals_each_is_of_another_notice() -> None:
    renewed = created(
        arrives("r1", Renew(valid_until=date(2027, 1, 1))), arrives("r2", Renew(valid_until=date(2028, 1, 1)))
    )
    asked = "intake.term_extended"
    for key in ("r1", "r2"):
        renewed.when(lambda o: receiving.project_refused(o, asked=asked, reason="project-ended", at=AT)).then(
            (facts.ProjectRefused, {"notice_id": id_of(key), "asked": asked, "reason": "project-ended"})
        )
    assert renewed.aggregate.state == "open"
    renewed.when(lambda o: receiving.project_refused(o, asked=asked, reason="project-ended", at=AT)).then(
        (facts.ProjectRefused, {"notice_id": None})
    )


def test_an_order_the_project_refuses_takes_nothing_more() -> None:
    told = "intake.order_received"
    refused = created(lambda o: receiving.project_refused(o, asked=told, reason="product-offline", at=AT))
    assert refused.aggregate.state == "refused"
    refused.when(arrives("r", Renew(valid_until=date(2027, 1, 1)))).then(
        RECEIVED, (facts.NoticeRefused, {"reason": receiving.PROJECT_REFUSED})
    )


def test_a_verb_without_a_number_repeats_the_last_until_it_is_no_longer_so() -> None:
    held = created(arrives("expire", Expire())).aggregate
    notice = Notice(key="expire", order="B1", verb="verb", act=Expire(), numbered=False)
    assert receiving.repeated(held, notice) == "expire"
    arrives("r", Renew(valid_until=date(2027, 1, 1)))(held)
    assert receiving.repeated(held, notice) is None
    assert receiving.next_key(held, notice) == "expire #2"
    arrives("expire #2", Expire())(held)
    assert receiving.repeated(held, notice) == "expire #2"


def test_forgetting_a_buyer_is_told_once() -> None:
    created().when(lambda o: receiving.forget_buyer(o, at=AT)).then(facts.BuyerErased)
    created(lambda o: receiving.forget_buyer(o, at=AT)).when(lambda o: receiving.forget_buyer(o, at=AT)).then()


# --- connections ---


def draft(*steps: Any) -> given[Connection]:
    opened = connecting.open_connection(
        id=CONNECTION, vendor_id=VENDOR, kind="generic", name="云市场", token="t", ready_when="started",
        front_url=None, at=AT,
    )  # fmt: skip
    return given(opened, *steps)


def secret(text: str) -> Any:
    return lambda c: connecting.set_secret(c, sealed=text, overlap=timedelta(hours=1), at=AT)


def stage(name: Any) -> Any:
    return lambda c: connecting.set_stage(c, stage=name, at=AT)


def skus(*entries: facts.MappedSku, own: Any = (PRODUCT,)) -> Any:
    return lambda c: connecting.set_sku_map(c, entries=entries, own=own, at=AT)


LINE = facts.MappedSku(product_code="p", sku="", product_id=PRODUCT, edition=None, facts={})


def test_a_connection_goes_into_test_with_a_secret_and_live_with_a_map() -> None:
    draft().refuses(NotPrepared, stage("test"))
    known = draft(secret("a"))
    known.refuses(NotPrepared, stage("live"))
    known.when(stage("test")).then((facts.StageSet, {"stage": "test"}))
    known.when(stage("test")).then()
    known.when(skus(LINE)).then(facts.SkuMapSet)
    known.when(skus(LINE)).then()
    known.when(stage("live")).then((facts.StageSet, {"stage": "live"}))


def test_of_secrets_the_last_two_are_kept() -> None:
    known = draft(secret("a"), secret("b"))
    known.when(secret("c")).then((facts.SecretSet, {"secret": "c", "former_until": AT + timedelta(hours=1)}))
    assert [(s.sealed, s.until) for s in known.aggregate.secrets] == [("c", None), ("b", AT + timedelta(hours=1))]


def test_a_map_names_the_vendors_own_products_and_each_sku_once() -> None:
    draft().refuses(SkuMapInvalid, skus(LINE, LINE))
    draft().refuses(SkuMapInvalid, skus(LINE, own=()))


def test_a_change_that_changes_nothing_records_nothing() -> None:
    same = {"name": "云市场", "ready_when": "started", "front_url": None}
    draft().when(lambda c: connecting.change(c, **same, at=AT)).then()
    draft().when(lambda c: connecting.change(c, **{**same, "name": "二"}, at=AT)).then(facts.ConnectionChanged)
