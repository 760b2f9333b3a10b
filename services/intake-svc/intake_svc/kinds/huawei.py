"""``huawei``: Huawei Cloud Marketplace (云商店), SaaS interface V2.0: POST of JSON, ``activity`` in it; signature, time
and nonce in the address; the answer's body is signed.

Read from excerpts of the documentation only: over what the signature goes (taken here: HMAC-SHA256 of time, nonce and
body, in hexadecimal), which result code says "not yet" (taken: 000004, in process), that ``skuCode``,
``customerId`` and ``expireTime`` are named so. What is wrong is put right in this file and its golden files alone.

A new order that is not answered within three hours is refunded by itself; an alarm comes after one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from intake_svc.contacts import contact, name_of
from intake_svc.domain.acts import Act, Change, Create, Expire, Freeze, Inquiry, Notice, Release, Renew, Said, Thaw
from intake_svc.kinds.kind import (
    Incoming,
    Kind,
    Malformed,
    NotAuthentic,
    Reply,
    Standing,
    Verified,
    count_in,
    day_in,
    needed,
    object_in,
    text_in,
)

TOLERANCE: Final = timedelta(seconds=60)
DONE: Final = "000000"
UNAUTHENTIC: Final = "000001"
INVALID: Final = "000002"
NO_INSTANCE: Final = "000003"
NOT_READY: Final = "000004"
INTERNAL: Final = "000005"
"""Result codes."""


class Huawei(Kind):
    name = "huawei"
    title = ("华为云云商店", "Huawei Cloud Marketplace")

    def usable(self, secret: str) -> bool:
        return 8 <= len(secret) <= 200 and secret.isascii() and secret.isprintable()

    def verify(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> Verified:
        try:
            given = dict(parse_qsl(incoming.query, keep_blank_values=True, max_num_fields=50))
        except ValueError:
            raise NotAuthentic("signature") from None
        told, nonce = given.get("timestamp", ""), given.get("nonce", "")
        if not (told.isascii() and told.isdecimal() and len(told) <= 15):
            raise NotAuthentic("signature")
        skew = now.timestamp() - int(told) / 1000
        for secret in secrets:
            expected = signature_of(secret, told, nonce, incoming.body).encode()
            if randomness.compare_digest(expected, given.get("signature", "").lower().encode(errors="replace")):
                if abs(skew) > TOLERANCE.total_seconds():
                    raise NotAuthentic("clock", skew=skew)
                return Verified(secret=secret, skew=skew)
        raise NotAuthentic("signature")

    def translate(self, incoming: Incoming) -> Said:
        said = object_in(incoming.body)
        verb, number = needed(said, "activity"), text_in(said, "orderId")
        line = text_in(said, "orderLineId")
        if verb == "newInstance":
            order = line or needed(said, "orderId")
            return Notice(key=f"{verb} {number} {line}".rstrip(), order=order, verb=verb, act=_create(said, order))
        order = needed(said, "instanceId")
        if verb == "queryInstance":
            return Inquiry(order=order)
        told_apart = f"{number} {line}".strip() or text_in(said, "status")
        return Notice(
            key=f"{verb} {order} {told_apart}".rstrip(),
            order=order,
            verb=verb,
            act=_act(said, verb),
            numbered=bool(number),
        )

    def answer(self, said: Notice, standing: Standing, secret: str) -> Reply:
        if said.verb != "newInstance":
            return _signed({"resultCode": DONE, "resultMsg": "success"}, secret)
        if not standing.ready:
            return _signed({"resultCode": NOT_READY, "resultMsg": "in process"}, secret)
        return _signed({"resultCode": DONE, "resultMsg": "success", "instanceId": standing.instance}, secret)

    def inform(self, said: Inquiry, standing: Standing, secret: str) -> Reply:
        if not standing.known:
            return _signed({"resultCode": NO_INSTANCE, "resultMsg": "no such instance"}, secret)
        if not standing.ready:
            return _signed({"resultCode": NOT_READY, "resultMsg": "in process"}, secret)
        shown = {"appInfo": {"frontEndUrl": standing.front_url}} if standing.front_url else {}
        info = [{"instanceId": standing.instance, **shown}]
        return _signed({"resultCode": DONE, "resultMsg": "success", "info": info}, secret)

    def fail(self, status: int, why: str) -> Reply:
        code = UNAUTHENTIC if status in (401, 403) else INVALID if status < 500 else INTERNAL
        return Reply.json({"resultCode": code, "resultMsg": why}, status=status)

    def write(self, said: Said, secret: str, now: datetime) -> Incoming:
        body = json.dumps(_said(said), ensure_ascii=False).encode()
        told, nonce = str(int(now.timestamp() * 1000)), randomness.token_hex(16)
        query = {"signature": signature_of(secret, told, nonce, body), "timestamp": told, "nonce": nonce}
        return Incoming(method="POST", query=urlencode(query), body=body)

    def new_order(self, *, order: str, create: Create) -> Notice:
        return Notice(key=f"newInstance {create.order_number} {order}", order=order, verb="newInstance", act=create)

    def instance_in(self, reply: Reply) -> str | None:
        found = json.loads(reply.body) if reply.status == 200 else {}
        return str(found["instanceId"]) if found.get("resultCode") == DONE and "instanceId" in found else None


def signature_of(secret: str, told: str, nonce: str, body: bytes) -> str:
    return hmac.digest(secret.encode(), f"{told}{nonce}".encode(errors="replace") + body, "sha256").hex()


def body_sign_of(secret: str, body: bytes) -> str:
    """The header that signs an answer."""
    signature = base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()
    return f'sign_type="HMAC-SHA256", signature="{signature}"'


def _signed(body: Mapping[str, Any], secret: str) -> Reply:
    plain = Reply.json(body)
    return Reply(status=200, body=plain.body, headers={"Body-Sign": body_sign_of(secret, plain.body)})


def _create(said: Mapping[str, Any], order: str) -> Create:
    return Create(
        order_number=needed(said, "orderId"),
        business_number=order,
        customer_number=needed(said, "customerId"),
        product_code=needed(said, "productId"),
        sku=text_in(said, "skuCode"),
        quantity=count_in(said, "amount", preset=1),
        trial=text_in(said, "trialFlag") == "1",
        test=text_in(said, "testFlag") == "1",
        valid_until=_day(said),
        customer_name=name_of(text_in(said, "customerName")),
        contact=contact(name=None, mobile=text_in(said, "mobilePhone"), email=text_in(said, "email")),
    )


def _act(said: Mapping[str, Any], verb: str) -> Act | None:
    match verb:
        case "refreshInstance":
            if (until := _day(said)) is None:
                raise Malformed("expireTime")
            return Renew(valid_until=until)
        case "upgrade":
            return Change(sku=needed(said, "skuCode"), quantity=count_in(said, "amount"))
        case "expireInstance":
            return Expire()
        case "updateInstanceStatus":
            changes: dict[str, Act] = {"FREEZE": Freeze(), "UNFREEZE": Thaw()}
            return changes.get(needed(said, "status"))
        case "releaseInstance":
            return Release(refund=text_in(said, "refundFlag") == "1")
    return None


def _day(said: Mapping[str, Any]) -> date | None:
    """The day of ``expireTime``, ``yyyyMMddHHmmss`` of Shanghai."""
    return day_in(said, "expireTime", digits=8)


def _said(said: Said) -> dict[str, Any]:
    """The inverse of ``translate``; ``businessId`` is another one with each call."""
    found: dict[str, Any] = {"businessId": randomness.token_hex(16)}
    if isinstance(said, Inquiry):
        return found | {"activity": "queryInstance", "instanceId": said.order}
    if not isinstance(said, Notice):
        raise Malformed("probe")
    found["activity"] = said.verb
    number, _, line = said.key.removeprefix(f"{said.verb} {said.order}").strip().partition(" ")
    match said.act:
        case Create() as order:
            found |= {"orderId": order.order_number, "orderLineId": said.order, "productId": order.product_code}
            found |= {"skuCode": order.sku, "customerId": order.customer_number, "amount": order.quantity}
            found |= {"trialFlag": str(int(order.trial)), "testFlag": str(int(order.test))}
            found |= {"customerName": order.customer_name}
            if order.valid_until:
                found["expireTime"] = f"{order.valid_until:%Y%m%d}000000"
            for field, part in (("mobilePhone", "mobile"), ("email", "email")):
                found[field] = getattr(order.contact, part) if order.contact else None
            return found
        case Renew() as renewed:
            found["expireTime"] = f"{renewed.valid_until:%Y%m%d}000000"
        case Change() as changed:
            found |= {"skuCode": changed.sku, "amount": changed.quantity}
        case Freeze() | Thaw():
            found["status"] = "FREEZE" if isinstance(said.act, Freeze) else "UNFREEZE"
        case Release() as released:
            found["refundFlag"] = str(int(released.refund))
    if said.numbered:
        found |= {"orderId": number, **({"orderLineId": line} if line else {})}
    return found | {"instanceId": said.order}
