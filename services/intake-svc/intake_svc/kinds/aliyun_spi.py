"""``aliyun-spi``: Alibaba Cloud Marketplace, production of SaaS products and messages, as GET (or POST of a form) with
``action``.

The instance id is the marketplace's own ``orderBizId``, which it recommends; all later calls name it. A new order is
answered with ``"0"`` until it is ready, and asked again up to 120 times. ``token`` is an MD5 over all parameters,
whichever they are, and the secret; no time is in it, so an old call is as good as a new one: it gets its old answer.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from delivery_shared.contracts.identity import HOME

from intake_svc.contacts import contact
from intake_svc.domain.acts import Act, Change, Create, Expire, Nothing, Notice, Release, Renew, Said
from intake_svc.kinds.kind import (
    Incoming,
    Kind,
    Malformed,
    NotAuthentic,
    Reply,
    Standing,
    Verified,
    count_in,
    needed,
    text_in,
)

NOT_READY: Final = "0"
MESSAGES: Final = ("orderPay",)
"""What only tells of an order that comes as a call of its own."""

_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([ T]\d{2}:\d{2}:\d{2})?")


class AliyunSpi(Kind):
    name = "aliyun-spi"
    title = ("阿里云云市场 SaaS", "Alibaba Cloud Marketplace, SaaS")
    keeps = ("content-type",)
    mirrored = True

    def marketplace(self, connection_id: UUID) -> str:
        """The center is this marketplace's: whoever has an ``aliUid`` may be registered under it already."""
        return HOME

    def usable(self, secret: str) -> bool:
        return 8 <= len(secret) <= 200 and secret.isascii() and secret.isprintable()

    def verify(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> Verified:
        parameters = _parameters(incoming)
        if parameters is None:
            raise NotAuthentic("signature")
        given = parameters.get("token", "").lower().encode(errors="replace")
        for secret in secrets:
            if randomness.compare_digest(token_of(parameters, secret).encode(), given):
                return Verified(secret=secret)
        raise NotAuthentic("signature")

    def translate(self, incoming: Incoming) -> Said:
        said = _parameters(incoming)
        if said is None:
            raise Malformed("query")
        verb = needed(said, "action")
        if verb == "createInstance":
            order = needed(said, "orderBizId")
            return Notice(key=_key(said, verb, order), order=order, verb=verb, act=_create(said, order))
        order = text_in(said, "orderBizId") or text_in(said, "instanceId")
        if verb in MESSAGES or (not order and said.get("requestId")):
            return Notice(
                key=f"message {needed(said, 'requestId')}",
                order=order or needed(said, "orderId"),
                verb=verb,
                act=Nothing() if verb in MESSAGES else None,
            )
        order = text_in(said, "instanceId") or needed(said, "orderBizId")
        return Notice(
            key=_key(said, verb, order), order=order, verb=verb, act=_act(said, verb), numbered="orderId" in said
        )

    def answer(self, said: Notice, standing: Standing, secret: str) -> Reply:
        if said.verb != "createInstance":
            return Reply.json({"success": "true"})
        if not standing.ready:
            return Reply.json({"instanceId": NOT_READY})
        shown = {"appInfo": {"frontEndUrl": standing.front_url}} if standing.front_url else {}
        return Reply.json({"instanceId": standing.instance, **shown})

    def fail(self, status: int, why: str) -> Reply:
        return Reply.json({"instanceId": NOT_READY, "success": "false", "message": why}, status=status)

    def write(self, said: Said, secret: str, now: datetime) -> Incoming:
        if not isinstance(said, Notice):
            raise Malformed("notice")
        parameters = _said(said)
        signed = {**parameters, "token": token_of(parameters, secret)}
        return Incoming(method="GET", query=urlencode(signed))

    def new_order(self, *, order: str, create: Create) -> Notice:
        return Notice(
            key=f"createInstance {order} {create.order_number}", order=order, verb="createInstance", act=create
        )

    def instance_in(self, reply: Reply) -> str | None:
        found = json.loads(reply.body).get("instanceId", NOT_READY) if reply.status == 200 else NOT_READY
        return None if found == NOT_READY else str(found)


def token_of(parameters: Mapping[str, str], secret: str) -> str:
    """MD5 of all parameters but ``token``, sorted by name, and the secret, as this marketplace defines it."""
    joined = "&".join(f"{name}={parameters[name]}" for name in sorted(parameters) if name != "token")
    return hashlib.md5(f"{joined}&key={secret}".encode(errors="replace")).hexdigest()  # noqa: S324 - not ours to choose


def _parameters(incoming: Incoming) -> dict[str, str] | None:
    """Of query and form; None: one is there twice, so that nobody can say which is meant, or there are too many."""
    raw = [incoming.query]
    if incoming.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        raw.append(incoming.body.decode(errors="replace"))
    try:
        pairs = [pair for text in raw for pair in parse_qsl(text, keep_blank_values=True, max_num_fields=200)]
    except ValueError:
        return None
    return dict(pairs) if len({name for name, _ in pairs}) == len(pairs) else None


def _key(said: Mapping[str, str], verb: str, order: str) -> str:
    """``action + orderBizId + orderId``; what has no order id is told apart by what it asks for."""
    return f"{verb} {order} {text_in(said, 'orderId') or text_in(said, 'skuId')}".rstrip()


def _create(said: Mapping[str, str], order: str) -> Create:
    template = text_in(said, "template")
    return Create(
        order_number=needed(said, "orderId"),
        business_number=order,
        customer_number=needed(said, "aliUid"),
        product_code=needed(said, "productCode"),
        sku=text_in(said, "skuId"),
        quantity=count_in(said, "accountQuantity", preset=1),
        trial=text_in(said, "trial").lower() == "true",
        valid_until=_day(said),
        contact=contact(name=None, mobile=text_in(said, "mobile"), email=text_in(said, "email")),
        parameters={"template": template} if template else {},
    )


def _act(said: Mapping[str, str], verb: str) -> Act | None:
    match verb:
        case "renewInstance":
            if (until := _day(said)) is None:
                raise Malformed("expiredOn")
            return Renew(valid_until=until)
        case "upgradeInstance":
            return Change(sku=needed(said, "skuId"), quantity=count_in(said, "accountQuantity"))
        case "expiredInstance":
            return Expire()
        case "releaseInstance":
            return Release(refund=text_in(said, "isRefund").lower() == "true")
    return None


def _day(said: Mapping[str, str]) -> date | None:
    """The day of ``expiredOn``, ``yyyy-MM-dd HH:mm:ss`` of Shanghai."""
    text = text_in(said, "expiredOn")
    found = _DAY.fullmatch(text)
    if text and not found:
        raise Malformed("expiredOn")
    try:
        return date.fromisoformat(found[1]) if found else None
    except ValueError:
        raise Malformed("expiredOn") from None


def _said(said: Notice) -> dict[str, str]:
    """The inverse of ``translate``. What a call without an order id of its own asks for is in its key."""
    found = {"action": said.verb}
    number = said.key.removeprefix(f"{said.verb} {said.order}").strip()
    match said.act:
        case Create() as order:
            found |= {
                "aliUid": order.customer_number,
                "orderBizId": said.order,
                "orderId": order.order_number,
                "productCode": order.product_code,
                "skuId": order.sku,
                "trial": str(order.trial).lower(),
                "accountQuantity": str(order.quantity),
                **order.parameters,
            }
            if order.valid_until:
                found["expiredOn"] = f"{order.valid_until} 00:00:00"
            for part in ("mobile", "email"):
                if order.contact and getattr(order.contact, part):
                    found[part] = getattr(order.contact, part)
            return found
        case Nothing():
            return found | {"orderBizId": said.order, "requestId": said.key.removeprefix("message ")}
        case Renew() as renewed:
            found["expiredOn"] = f"{renewed.valid_until} 00:00:00"
        case Change() as changed:
            found["skuId"] = changed.sku or ""
            if changed.quantity:
                found["accountQuantity"] = str(changed.quantity)
        case Release() as released:
            found["isRefund"] = str(released.refund).lower()
    if said.numbered:
        found["orderId"] = number
    return found | {"instanceId": said.order}
