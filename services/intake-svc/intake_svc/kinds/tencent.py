"""``tencent``: Tencent Cloud Marketplace, automatic delivery: POST of JSON, ``action`` in it, the signature in the
address.

The signature covers the secret (Token), the time and a random number, *not the body*: whoever could change a body on
its way would not be noticed. It is good for 30 s. Whether a new order may be answered with ``"0"`` for "not yet" is
read from excerpts of the documentation only, as is ``isRefund``.
"""

from __future__ import annotations

import hashlib
import json
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from intake_svc.contacts import contact, name_of
from intake_svc.domain.acts import Act, Change, Create, Expire, Notice, Probe, Release, Renew, Said
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

TOLERANCE: Final = timedelta(seconds=30)
NOT_READY: Final = "0"


class Tencent(Kind):
    name = "tencent"
    title = ("腾讯云云市场", "Tencent Cloud Marketplace")

    def usable(self, secret: str) -> bool:
        return 8 <= len(secret) <= 200 and secret.isascii() and secret.isprintable()

    def verify(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> Verified:
        try:
            given = dict(parse_qsl(incoming.query, keep_blank_values=True, max_num_fields=50))
        except ValueError:
            raise NotAuthentic("signature") from None
        told = given.get("timestamp", "")
        if not (told.isascii() and told.isdecimal() and len(told) <= 12):
            raise NotAuthentic("signature")
        skew = now.timestamp() - int(told)
        for secret in secrets:
            expected = signature_of(secret, told, given.get("eventId", "")).encode()
            if randomness.compare_digest(expected, given.get("signature", "").lower().encode(errors="replace")):
                if abs(skew) > TOLERANCE.total_seconds():
                    raise NotAuthentic("clock", skew=skew)
                return Verified(secret=secret, skew=skew)
        raise NotAuthentic("signature")

    def translate(self, incoming: Incoming) -> Said:
        said = object_in(incoming.body)
        verb = needed(said, "action")
        if verb == "verifyInterface":
            return Probe(echo=text_in(said, "echoback"))
        number = text_in(said, "orderId")
        if verb == "createInstance":
            return Notice(key=f"{verb} {needed(said, 'orderId')}", order=number, verb=verb, act=_create(said))
        order = text_in(said, "signId") or needed(said, "orderId")
        return Notice(
            key=f"{verb} {order} {number}".rstrip(),
            order=order,
            verb=verb,
            act=_act(said, verb),
            numbered=bool(number),
        )

    def answer(self, said: Notice, standing: Standing, secret: str) -> Reply:
        if said.verb != "createInstance":
            return Reply.json({"success": "true"})
        if not standing.ready:
            return Reply.json({"signId": NOT_READY})
        shown = {"appInfo": {"website": standing.front_url}} if standing.front_url else {}
        return Reply.json({"signId": standing.instance, **shown})

    def echo(self, said: Probe, secret: str) -> Reply:
        return Reply.json({"echoback": said.echo})

    def fail(self, status: int, why: str) -> Reply:
        return Reply.json({"success": "false", "signId": NOT_READY, "message": why}, status=status)

    def write(self, said: Said, secret: str, now: datetime) -> Incoming:
        told, event = str(int(now.timestamp())), str(randomness.randbelow(10**9))
        query = {"signature": signature_of(secret, told, event), "timestamp": told, "eventId": event}
        body = json.dumps(_said(said), ensure_ascii=False).encode()
        return Incoming(method="POST", query=urlencode(query), body=body)

    def new_order(self, *, order: str, create: Create) -> Notice:
        return Notice(key=f"createInstance {order}", order=order, verb="createInstance", act=create)

    def instance_in(self, reply: Reply) -> str | None:
        found = json.loads(reply.body).get("signId", NOT_READY) if reply.status == 200 else NOT_READY
        return None if found == NOT_READY else str(found)


def signature_of(secret: str, told: str, event: str) -> str:
    return hashlib.sha256("".join(sorted((secret, told, event))).encode(errors="replace")).hexdigest()


def _create(said: Mapping[str, Any]) -> Create:
    bought = said.get("productInfo") or {}
    if not isinstance(bought, dict):
        raise Malformed("productInfo")
    number = needed(said, "orderId")
    return Create(
        order_number=number,
        business_number=number,
        customer_number=needed(said, "openId"),
        product_code=needed(said, "productId"),
        sku=text_in(bought, "spec"),
        quantity=count_in(bought, "num", preset=1),
        trial=text_in(bought, "isTrial").lower() == "true",
        valid_until=_day(said),
        customer_name=name_of(text_in(said, "customerName")),
        contact=contact(name=None, mobile=text_in(said, "mobile"), email=text_in(said, "email")),
    )


def _act(said: Mapping[str, Any], verb: str) -> Act | None:
    match verb:
        case "renewInstance":
            if (until := _day(said)) is None:
                raise Malformed("instanceExpireTime")
            return Renew(valid_until=until)
        case "modifyInstance":
            return Change(sku=needed(said, "spec"), quantity=count_in(said, "num"))
        case "expireInstance":
            return Expire()
        case "destroyInstance":
            return Release(refund=text_in(said, "isRefund").lower() == "true")
    return None


def _day(said: Mapping[str, Any]) -> date | None:
    """The day of ``instanceExpireTime``, ``yyyy-MM-dd HH:mm:ss`` of Shanghai."""
    return day_in(said, "instanceExpireTime", digits=10)


def _said(said: Said) -> dict[str, Any]:
    """The inverse of ``translate``."""
    if isinstance(said, Probe):
        return {"action": "verifyInterface", "echoback": said.echo}
    if not isinstance(said, Notice):
        raise Malformed("inquiry")
    found: dict[str, Any] = {"action": said.verb}
    number = said.key.removeprefix(f"{said.verb} {said.order}").strip()
    match said.act:
        case Create() as order:
            bought = {"spec": order.sku, "isTrial": str(order.trial).lower(), "num": order.quantity}
            found |= {"orderId": said.order, "openId": order.customer_number, "productId": order.product_code}
            found |= {"productInfo": bought, "customerName": order.customer_name}
            if order.valid_until:
                found["instanceExpireTime"] = f"{order.valid_until} 00:00:00"
            for part in ("mobile", "email"):
                found[part] = getattr(order.contact, part) if order.contact else None
            return found
        case Renew() as renewed:
            found["instanceExpireTime"] = f"{renewed.valid_until} 00:00:00"
        case Change() as changed:
            found |= {"spec": changed.sku, "num": changed.quantity}
        case Release() as released:
            found["isRefund"] = str(released.refund).lower()
    return found | {"signId": said.order} | ({"orderId": number} if said.numbered else {})
