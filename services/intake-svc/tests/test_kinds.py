"""How each marketplace speaks: golden files, which are read for ever; what is written is what is read; vectors of the
marketplaces' own documentation."""

from __future__ import annotations

import hashlib
import json
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given as made_up
from hypothesis import settings
from hypothesis import strategies as st
from intake_svc.domain.acts import Create, Notice
from intake_svc.kinds import KINDS
from intake_svc.kinds.aliyun_spi import token_of
from intake_svc.kinds.kind import Incoming, Malformed, NotAuthentic
from intake_svc.kinds.tencent import signature_of
from standardwebhooks.webhooks import Webhook

from .golden import NOW, SECRETS, answers, call_of, plain, recorded, said

CALLS = [(kind, name) for kind in KINDS for name in said(KINDS[kind])]


@pytest.mark.parametrize(("kind", "name"), CALLS)
def test_a_golden_call_verifies_says_and_is_answered_what_it_always_was(kind: str, name: str) -> None:
    known, record = KINDS[kind], recorded(KINDS[kind])[name]
    incoming = call_of(record)
    verified = known.verify(incoming, ["another-secret-x", SECRETS[kind]][kind == "generic" :], NOW)
    assert verified.secret == SECRETS[kind]
    assert verified.skew in (None, 0)
    told = known.translate(incoming)
    assert plain(told) == record["said"]
    assert answers(known, told) == record["answers"]


@pytest.mark.parametrize(("kind", "name"), CALLS)
def test_a_stored_call_is_the_call(kind: str, name: str) -> None:
    incoming = call_of(recorded(KINDS[kind])[name])
    assert Incoming.of(incoming.stored()) == incoming


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_there_is_a_golden_call_of_everything(kind: str) -> None:
    assert recorded(KINDS[kind]).keys() == said(KINDS[kind]).keys()


TEXTS = st.text("aXZ09-_.+&=%/#?专业é ", min_size=1, max_size=30).map(str.strip).filter(bool)


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=60, deadline=None)
@made_up(
    number=st.from_regex(r"[A-Za-z0-9]{1,20}", fullmatch=True), sku=TEXTS, quantity=st.integers(1, 1_000_000),
    trial=st.booleans(), until=st.none() | st.dates(date(1970, 1, 1), date(2999, 12, 31)),
)  # fmt: skip
def test_what_is_written_is_what_is_read(
    kind: str, number: str, sku: str, quantity: int, trial: bool, until: date | None
) -> None:
    known = KINDS[kind]
    create = Create(
        order_number=number, business_number=number, customer_number="C1", product_code="p", sku=sku,
        quantity=quantity, trial=trial, valid_until=until,
    )  # fmt: skip
    notice = known.new_order(order=number, create=create)
    incoming = known.write(notice, SECRETS[kind], NOW)
    assert known.verify(incoming, [SECRETS[kind]], NOW).secret == SECRETS[kind]
    assert known.translate(incoming) == notice


@pytest.mark.parametrize("kind", sorted(KINDS))
@settings(max_examples=150, deadline=None)
@made_up(query=st.text(max_size=80), body=st.binary(max_size=200), header=st.text(max_size=40))
def test_whatever_comes_is_refused_in_words(kind: str, query: str, body: bytes, header: str) -> None:
    """Never an error of another kind, whoever sends what."""
    known = KINDS[kind]
    headers = dict.fromkeys(known.keeps, header)
    incoming = Incoming(method="POST", query=query, headers=headers, body=body)
    with pytest.raises(NotAuthentic):
        known.verify(incoming, [SECRETS[kind]], NOW)
    with pytest.raises(Malformed):
        known.translate(incoming)


def test_alibabas_token_is_that_of_its_documentation() -> None:
    """All parameters sorted by name, joined, and the key: an MD5."""
    parameters = {"p2": "2", "p1": "1", "p3": "3", "token": "never part of it"}
    assert token_of(parameters, "isvkey") == hashlib.md5(b"p1=1&p2=2&p3=3&key=isvkey").hexdigest()


def test_tencents_signature_is_that_of_its_documentation() -> None:
    """Token, timestamp and eventId sorted as texts, joined: a SHA-256."""
    expected = hashlib.sha256(b"1541750713" + b"35482" + b"token-abc").hexdigest()
    assert signature_of("token-abc", "1541750713", "35482") == expected


def test_a_standard_webhook_of_the_library_verifies_and_several_signatures_may_come() -> None:
    generic, secret = KINDS["generic"], SECRETS["generic"]
    body = '{"type": "order.expired", "order": "B1"}'
    right = Webhook(secret).sign("msg_1", NOW, body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(int(NOW.timestamp()))}
    for signature in (right, f"v1,AAAA {right}", f"v1a,xyz {right}"):
        incoming = Incoming(
            method="POST", query="", headers={**headers, "webhook-signature": signature}, body=body.encode()
        )
        assert generic.verify(incoming, [secret], NOW + timedelta(seconds=2)).skew == 2
    for signature in ("", "v1,AAAA", right.replace("v1,", "v2,"), "nonsense"):
        incoming = Incoming(
            method="POST", query="", headers={**headers, "webhook-signature": signature}, body=body.encode()
        )
        with pytest.raises(NotAuthentic) as refused:
            generic.verify(incoming, [secret], NOW)
        assert refused.value.why == "signature"


def test_usable_secrets() -> None:
    generic = KINDS["generic"]
    made = generic.new_secret()
    assert made is not None
    assert generic.usable(made)
    assert not generic.usable("whsec_c2hvcnQ=")
    assert not generic.usable("whsec_?")
    assert KINDS["huawei"].new_secret() is None
    assert not KINDS["huawei"].usable("short")
    assert not KINDS["aliyun-spi"].usable("密钥密钥密钥密钥")


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_failure_is_told_in_the_kinds_own_shape_and_is_no_readiness(kind: str) -> None:
    known = KINDS[kind]
    for status in (400, 401, 403, 404, 413):
        reply = known.fail(status, "why")
        assert (reply.status, known.instance_in(reply)) == (status, None)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"quantity": 0}, "quantity"), ({"quantity": 1_000_001}, "quantity"), ({"quantity": True}, "quantity"),
     ({"customer_number": "x" * 201}, "customer_number"), ({"customer_number": None}, "customer_number"),
     ({"valid_until": "2027-02-30"}, "valid_until"), ({"trial": "yes"}, "trial"), ({"contact": []}, "valid"),
     ({"contact": "x"}, "contact"), ({"parameters": {"a": []}}, "a"), ({"sku": "a\u0000b"}, "body")],
)  # fmt: skip
def test_limits_of_the_generic_kind(changes: dict[str, Any], field: str) -> None:
    data = {"customer_number": "C1", "product_code": "p", **changes}
    body = json.dumps({"type": "order.created", "order": str(uuid4()), "data": data}).encode()
    incoming = Incoming(method="POST", query="", headers={"webhook-id": "m"}, body=body)
    if field == "valid":
        told = KINDS["generic"].translate(incoming)
        assert isinstance(told, Notice)
        return
    with pytest.raises(Malformed) as refused:
        KINDS["generic"].translate(incoming)
    assert str(refused.value) == field
