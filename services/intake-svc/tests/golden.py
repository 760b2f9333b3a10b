"""Golden files: for each kind, calls as the marketplace sends them, and what they say.

Run as a program this writes those that are missing; what stands there is never changed. Each file has its calls as they
came (query, headers, body), which verify at the time ``NOW``, what they say, and what is answered before and after the
order is ready.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from intake_svc.domain.acts import (
    Act,
    Change,
    ChangeContact,
    Contact,
    Create,
    Expire,
    Freeze,
    Inquiry,
    Nothing,
    Notice,
    Probe,
    Release,
    Renew,
    Said,
    Thaw,
)
from intake_svc.kinds import KINDS, Kind
from intake_svc.kinds.kind import Incoming, Reply, Standing

FOLDER = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 2, 3, 4, 5, tzinfo=UTC)
SECRETS = {
    "generic": "whsec_" + "c2VjcmV0LW9mLWF0LWxlYXN0LTI0LWJ5dGVz",
    "aliyun-spi": "aliyun-secret-1",
    "huawei": "huawei-secret-1",
    "tencent": "tencent-secret-1",
}
CREATE = Create(
    order_number="205060317920890", business_number="B1", customer_number="1744526877246715", product_code="cmgj01",
    sku="pro", quantity=2, trial=True, valid_until=date(2027, 11, 2),
    contact=Contact(mobile="+8613800138000", email="zhang@example.com"),
)  # fmt: skip


def said(kind: Kind) -> dict[str, Said]:
    """What the calls of a kind are to say, by the name of the call."""

    def notice(verb: str, act: Act, number: str = "", apart: str = "") -> Notice:
        key = f"{verb} B1 {number or apart}".strip()
        return Notice(key=key, order="B1", verb=verb, act=act, numbered=bool(number))

    create = kind.new_order(order="B1", create=CREATE)
    until = Renew(valid_until=date(2028, 11, 2))
    match kind.name:
        case "generic":
            verbs: dict[str, Act] = {
                "order.renewed": until, "order.changed": Change(sku="max", quantity=3), "order.expired": Expire(),
                "order.contact_changed": ChangeContact(contact=Contact(name="余华", email="yu@example.com")),
                "order.frozen": Freeze(), "order.thawed": Thaw(), "order.released": Release(refund=True),
            }  # fmt: skip
            told = {verb: Notice(key=f"msg_{verb}", order="B1", verb=verb, act=act) for verb, act in verbs.items()}
            return {"create": create, **told, "inquiry": Inquiry(order="B1")}
        case "aliyun-spi":
            return {
                "create": create,
                "renewInstance": notice("renewInstance", until, "R1"),
                "upgradeInstance": notice("upgradeInstance", Change(sku="max"), apart="max"),
                "expiredInstance": notice("expiredInstance", Expire()),
                "releaseInstance": notice("releaseInstance", Release(refund=True), "X1"),
                "orderPay": Notice(key="message m1", order="B1", verb="orderPay", act=Nothing()),
            }
        case "huawei":
            return {
                "create": create,
                "refreshInstance": notice("refreshInstance", until, "CS2 CS2-1"),
                "upgrade": notice("upgrade", Change(sku="max", quantity=3), "CS3 CS3-1"),
                "expireInstance": notice("expireInstance", Expire()),
                "freeze": notice("updateInstanceStatus", Freeze(), apart="FREEZE"),
                "unfreeze": notice("updateInstanceStatus", Thaw(), apart="UNFREEZE"),
                "releaseInstance": notice("releaseInstance", Release(refund=True), "CS4 CS4-1"),
                "queryInstance": Inquiry(order="B1"),
            }
    own = Create(**{**vars(CREATE), "order_number": "B1"})
    return {
        "create": kind.new_order(order="B1", create=own),
        "renewInstance": notice("renewInstance", until, "R1"),
        "modifyInstance": notice("modifyInstance", Change(sku="max", quantity=3), "M1"),
        "expireInstance": notice("expireInstance", Expire(), "E1"),
        "destroyInstance": notice("destroyInstance", Release(refund=True), "D1"),
        "verifyInterface": Probe(echo="回声"),
    }


def plain(said: Said) -> dict[str, Any]:
    """What is said, as JSON has it."""
    found = {"said": type(said).__name__, **asdict(said)}
    if isinstance(said, Notice):
        found["act"] = None if said.act is None else {"act": type(said.act).__name__, **asdict(said.act)}
    return json.loads(json.dumps(found, default=str, ensure_ascii=False))  # type: ignore[no-any-return]


def answers(kind: Kind, said: Said) -> dict[str, Any]:
    """What is answered before and after the order is ready."""
    return {
        name: answer(kind, said, Standing(instance="B1", known=True, ready=ready, front_url="https://shop.example"))
        for name, ready in (("not ready", False), ("ready", True))
    }


def answer(kind: Kind, said: Said, standing: Standing) -> dict[str, Any]:
    secret = SECRETS[kind.name]
    match said:
        case Notice():
            return shown(kind.answer(said, standing, secret))
        case Inquiry():
            return shown(kind.inform(said, standing, secret))
        case Probe():
            return shown(kind.echo(said, secret))


def shown(reply: Reply) -> dict[str, Any]:
    return {"status": reply.status, "headers": dict(reply.headers), "body": reply.body.decode()}


def path_of(kind: Kind) -> Path:
    return FOLDER / f"{kind.name}.json"


def recorded(kind: Kind) -> dict[str, dict[str, Any]]:
    path = path_of(kind)
    return json.loads(path.read_text()) if path.exists() else {}


def call_of(record: dict[str, Any]) -> Incoming:
    call = record["call"]
    return Incoming(**{**call, "body": call["body"].encode()})


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(exist_ok=True)
    for kind in KINDS.values():
        known = recorded(kind)
        for name, one in said(kind).items():
            if name in known:
                continue
            call = kind.write(one, SECRETS[kind.name], NOW)
            sent = {**vars(call), "body": call.body.decode(), "headers": dict(call.headers)}
            known[name] = {"call": sent, "said": plain(one), "answers": answers(kind, one)}
        path_of(kind).write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    main()
