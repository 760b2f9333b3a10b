"""The people and companies of the tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid5

from project_svc.domain.people import Actor


@dataclass(frozen=True, kw_only=True)
class Person:
    """An account and its party."""

    user_id: UUID
    party_id: UUID


SPACE = UUID("00000000-0000-0000-0000-00000000abcd")


def id_of(name: str) -> UUID:
    return uuid5(SPACE, name)


VENDOR, PROVIDER, OTHER_PROVIDER, BUYER = map(id_of, ("云梦DB", "河北服务商", "北京服务商", "客户甲乙丙"))
PRODUCT, TEMPLATE = id_of("name_55"), id_of("网站设计")
CUSTOMER = Person(user_id=id_of("客户甲乙丙 account"), party_id=BUYER)
LISI = Person(user_id=id_of("李四"), party_id=PROVIDER)
WANGWU = Person(user_id=id_of("王五"), party_id=PROVIDER)
MANAGER = Person(user_id=id_of("张三"), party_id=PROVIDER)
ADMIN = Person(user_id=id_of("河北服务商 main"), party_id=PROVIDER)
STRANGER = Person(user_id=id_of("stranger"), party_id=id_of("nobody"))
DEPARTMENT = id_of("外包公司2")
AS_ADMIN: Actor = {"kind": "provider", "user_id": ADMIN.user_id, "party_id": PROVIDER}
AS_VENDOR: Actor = {"kind": "vendor", "user_id": id_of("云梦DB main"), "party_id": VENDOR}
AS_OPERATOR: Actor = {"kind": "operator", "user_id": id_of("小二"), "party_id": id_of("云市场")}

START = datetime(2019, 10, 18, 6, 0, 0, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return START + timedelta(minutes=minutes)
