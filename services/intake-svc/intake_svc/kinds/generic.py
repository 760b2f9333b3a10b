"""``generic``: our own JSON, for marketplaces that can be made to speak it, and for shops of one's own. Signed as
Standard Webhooks 1.0.0 says: whoever has a library for those needs nothing else.

    POST /intake/generic/<token>
    webhook-id: the same for every repeat      webhook-timestamp: seconds      webhook-signature: v1,…

    {"type": "order.created", "order": "8001", "data": {"product_code": "66001", "sku": "pro", …}}
"""

from __future__ import annotations

import base64
import json
import secrets as randomness
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from intake_svc.contacts import contact as contact_of
from intake_svc.contacts import name_of
from intake_svc.domain.acts import (
    Act,
    Change,
    ChangeContact,
    Contact,
    Create,
    Expire,
    Freeze,
    Inquiry,
    Notice,
    Release,
    Renew,
    Said,
    Thaw,
)
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
    object_in,
    text_in,
)

TOLERANCE: Final = timedelta(minutes=5)
"""How far the clocks may be apart."""

PREFIX: Final = "whsec_"
KEY_BYTES: Final = range(24, 65)
MOST_PARAMETERS: Final = 50

VERBS: Final[Mapping[type, str]] = {
    Create: "order.created",
    Renew: "order.renewed",
    Change: "order.changed",
    ChangeContact: "order.contact_changed",
    Expire: "order.expired",
    Freeze: "order.frozen",
    Thaw: "order.thawed",
    Release: "order.released",
}
INQUIRED: Final = "order.inquired"


class Generic(Kind):
    name = "generic"
    title = ("通用接口", "Generic")
    keeps = ("webhook-id", "webhook-timestamp", "webhook-signature")
    alarm_after: ClassVar[timedelta | None] = None

    def marketplace(self, connection_id: UUID) -> str:
        """Each connection's own: shops that know nothing of each other count their customers alike."""
        return f"{self.name}:{connection_id}"

    def usable(self, secret: str) -> bool:
        try:
            return len(base64.b64decode(secret.removeprefix(PREFIX), validate=True)) in KEY_BYTES
        except ValueError:
            return False

    def new_secret(self) -> str:
        return PREFIX + base64.b64encode(randomness.token_bytes(32)).decode()

    def verify(self, incoming: Incoming, secrets: Sequence[str], now: datetime) -> Verified:
        told = incoming.headers.get("webhook-timestamp", "")
        if not (told.isascii() and told.isdecimal() and len(told) <= 12):
            raise NotAuthentic("signature")
        skew = now.timestamp() - int(told)
        for secret in secrets:
            if self._signed(incoming, secret, int(told)):
                if abs(skew) > TOLERANCE.total_seconds():
                    raise NotAuthentic("clock", skew=skew)
                return Verified(secret=secret, skew=skew)
        raise NotAuthentic("signature")

    def _signed(self, incoming: Incoming, secret: str, told: int) -> bool:
        """The library's ``verify`` looks at the process's clock first and so cannot tell a wrong clock from a wrong
        signature; its ``sign`` makes what is expected."""
        try:
            body = incoming.body.decode()
            at = datetime.fromtimestamp(told, UTC)
            expected = Webhook(secret).sign(msg_id=incoming.headers.get("webhook-id", ""), timestamp=at, data=body)
        except (ValueError, OverflowError, OSError, WebhookVerificationError):
            return False
        given = incoming.headers.get("webhook-signature", "").split(" ")
        found = [randomness.compare_digest(expected.encode(), one.encode()) for one in given]
        return any(found) and bool(incoming.headers.get("webhook-id"))

    def translate(self, incoming: Incoming) -> Said:
        body = object_in(incoming.body)
        data = body.get("data") or {}
        if not isinstance(data, dict):
            raise Malformed("data")
        verb, order = needed(body, "type"), needed(body, "order")
        if verb == INQUIRED:
            return Inquiry(order=order)
        key = needed(incoming.headers, "webhook-id")
        return Notice(key=key, order=order, verb=verb, act=_act(verb, order, data))

    def answer(self, said: Notice, standing: Standing, secret: str) -> Reply:
        return Reply.json(_standing(said.order, standing) | {"state": standing.state, "reason": standing.reason})

    def inform(self, said: Inquiry, standing: Standing, secret: str) -> Reply:
        return Reply.json(_standing(said.order, standing), status=200 if standing.known else 404)

    def fail(self, status: int, why: str) -> Reply:
        return Reply.json({"error": why}, status=status)

    def write(self, said: Said, secret: str, now: datetime) -> Incoming:
        body: dict[str, Any]
        if isinstance(said, Notice):
            body, key = {"type": said.verb, "order": said.order, "data": _data(said.act)}, said.key
        elif isinstance(said, Inquiry):
            body, key = {"type": INQUIRED, "order": said.order}, f"inquiry {said.order}"
        else:
            raise Malformed("probe")
        text = json.dumps(body, ensure_ascii=False)
        at = now.replace(microsecond=0)
        headers = {
            "webhook-id": key,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": Webhook(secret).sign(msg_id=key, timestamp=at, data=text),
        }
        return Incoming(method="POST", query="", headers=headers, body=text.encode())

    def new_order(self, *, order: str, create: Create) -> Notice:
        return Notice(key=f"created {order}", order=order, verb="order.created", act=create)

    def instance_in(self, reply: Reply) -> str | None:
        found = json.loads(reply.body).get("instance_id") if reply.status == 200 else None
        return None if found is None else str(found)


def _standing(order: str, standing: Standing) -> dict[str, Any]:
    return {"order": order, "ready": standing.ready, "instance_id": standing.instance if standing.ready else None}


def _act(verb: str, order: str, data: Mapping[str, Any]) -> Act | None:
    match verb:
        case "order.created":
            return _create(order, data)
        case "order.renewed":
            if (until := _date(data, "valid_until")) is None:
                raise Malformed("valid_until")
            return Renew(valid_until=until)
        case "order.changed":
            return Change(
                product_code=text_in(data, "product_code") or None,
                sku=text_in(data, "sku") if "sku" in data else None,
                quantity=count_in(data, "quantity"),
            )
        case "order.contact_changed":
            if (named := _contact(data)) is None:
                raise Malformed("contact")
            return ChangeContact(contact=named)
        case "order.expired":
            return Expire()
        case "order.frozen":
            return Freeze()
        case "order.thawed":
            return Thaw()
        case "order.released":
            return Release(refund=_flag(data, "refund"))
    return None


def _create(order: str, data: Mapping[str, Any]) -> Create:
    contact = _contact(data)
    parameters = data.get("parameters") or {}
    if not isinstance(parameters, dict) or len(parameters) > MOST_PARAMETERS:
        raise Malformed("parameters")
    return Create(
        order_number=text_in(data, "order_number") or order,
        business_number=text_in(data, "business_number") or order,
        customer_number=needed(data, "customer_number"),
        product_code=needed(data, "product_code"),
        sku=text_in(data, "sku"),
        quantity=count_in(data, "quantity", preset=1),
        trial=_flag(data, "trial"),
        test=_flag(data, "test"),
        valid_until=_date(data, "valid_until"),
        customer_name=name_of(text_in(data, "customer_name")),
        contact=contact,
        parameters={needed({"name": name}, "name"): text_in(parameters, name) for name in parameters},
        sales_channel=text_in(data, "sales_channel") or None,
    )


def _contact(data: Mapping[str, Any]) -> Contact | None:
    """Whom it names, as far as he can be used."""
    said = data.get("contact") or {}
    if not isinstance(said, dict):
        raise Malformed("contact")
    return contact_of(**{part: text_in(said, part) for part in ("name", "mobile", "email", "locale")})


def _data(act: Act | None) -> dict[str, Any]:
    """The inverse of :func:`_act`."""
    found = {} if act is None else {name: value for name, value in asdict(act).items() if value is not None}
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _flag(data: Mapping[str, Any], name: str) -> bool:
    value = data.get(name, False)
    if not isinstance(value, bool):
        raise Malformed(name)
    return value


def _date(data: Mapping[str, Any], name: str) -> date | None:
    text = text_in(data, name)
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise Malformed(name) from None
