"""The first accounts of an installation: a platform operator, and the marketplace's service account for orders."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Final

from delivery_shared.commands import Command

from identity_svc.carrying_out import Means, carry_out
from identity_svc.commands import parties
from identity_svc.domain.errors import NumberTaken
from identity_svc.domain.sides import PartyKind
from identity_svc.vault import PersonalData

OPERATOR: Final = "operator@platform.onaliyun.com"
MARKETPLACE: Final = "orders@marketplace.onaliyun.com"

_FIRST: Final[list[tuple[PartyKind, str, str, str]]] = [
    ("operator", "云市场", OPERATOR, "小二"),
    ("marketplace", "云市场订单", MARKETPLACE, "云市场订单"),
]


def bootstrap(means: Means, passwords: Mapping[str, str]) -> dict[str, str]:
    """Create what is missing of the first accounts; safe to repeat.

    :param passwords: lasting passwords by login name. Without one, the operator gets an initial password like
        everybody, and the service account, which nobody signs in to by hand, a long random one that lasts.
    :returns: login name → password of those created now, to be shown once.
    """
    created: dict[str, str] = {}
    for kind, name, login_name, person in _FIRST:
        password = passwords.get(login_name)
        if password is None and kind == "marketplace":
            password = secrets.token_urlsafe(32)
        local_name, _, account = login_name.removesuffix(".onaliyun.com").partition("@")
        registering = parties.register(
            kind=kind,
            name=name,
            number=account,
            first_user=parties.FirstUser(local_name=local_name, data=PersonalData(name=person)),
            password=password,
        )
        try:
            carry_out(means, Command(route="bootstrap"), registering)
        except NumberTaken:
            continue
        created[login_name] = password or registering.initial_password or ""
    return created
