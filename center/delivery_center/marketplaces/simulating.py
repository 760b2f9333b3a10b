"""One simulated marketplace. Time is the caller's: whoever plays says how to wait, so that tests need none."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import httpx
from intake_svc.domain.acts import Create, Notice, Said
from intake_svc.kinds import KINDS, Kind
from intake_svc.kinds.kind import Incoming, Reply

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

PATIENCE: Final[Mapping[str, Sequence[timedelta]]] = {
    "generic": [timedelta(seconds=5), 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR, 20 * HOUR],
    "aliyun-spi": [MINUTE] * 119,
    "huawei": [HOUR] * 3,
    "tencent": [MINUTE] * 10,
}
"""How long each waits before every further call: of Standard Webhooks; of Alibaba Cloud 120 calls; of Huawei Cloud each
hour for three, then it refunds. What lies between two calls of Alibaba and Tencent is not documented: a minute here."""

MESSAGES: Final = [MINUTE] * 3 + [5 * MINUTE] + [10 * MINUTE] * 3 + [HOUR] * 2 + [2 * HOUR, 4 * HOUR]
"""Of Alibaba Cloud's messages; then they are to be pulled."""


class Gone(Exception):
    """Nobody answered: the address is away, or the answer was lost. The marketplace calls again."""


def calling(address: str, *, timeout: float = 10) -> Callable[[Incoming], Reply]:
    """Calls a connection's address over HTTP. :raises Gone: nobody answered within ``timeout`` seconds."""

    def send(call: Incoming) -> Reply:
        url = f"{address}?{call.query}" if call.query else address
        try:
            answer = httpx.request(
                call.method, url, headers=dict(call.headers), content=call.body or None, timeout=timeout
            )
        except httpx.TransportError as error:
            raise Gone(str(error)) from error
        return Reply(status=answer.status_code, body=answer.content, headers=dict(answer.headers))

    return send


@dataclass(frozen=True, kw_only=True)
class Purchase:
    """What became of an order: ``instance`` None – never ready; then it is refunded, or somebody has to look.
    ``said`` is what the marketplace calls with, again and again."""

    order: str
    said: Notice
    calls: int
    instance: str | None


@dataclass(kw_only=True)
class Marketplace:
    """A marketplace of a kind, with the secret it shares with a connection.

    :param send: calls the connection's address. :raises Gone:
    :param wait: what it does between two calls.
    :param now: its clock.
    """

    kind: Kind
    secret: str
    send: Callable[[Incoming], Reply]
    wait: Callable[[timedelta], None]
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    sold: list[Purchase] = field(default_factory=list)

    @classmethod
    def of(
        cls, kind: str, *, secret: str, send: Callable[[Incoming], Reply], wait: Callable[[timedelta], None]
    ) -> Marketplace:
        """:raises KeyError: no such kind."""
        return cls(kind=KINDS[kind], secret=secret, send=send, wait=wait)

    def sell(
        self, *, product_code: str, sku: str = "", customer_number: str = "10000001", number: str = ""
    ) -> Purchase:
        """An order, asked for until it is ready or patience is at its end."""
        number = number or f"SIM{secrets.token_hex(8).upper()}"
        create = Create(
            order_number=number,
            business_number=number,
            customer_number=customer_number,
            product_code=product_code,
            sku=sku,
        )
        bought = self.ask(self.kind.new_order(order=number, create=create))
        self.sold.append(bought)
        return bought

    def ask(self, said: Notice) -> Purchase:
        """Call for a new order until it is ready."""
        pauses = [*PATIENCE[self.kind.name], None]
        for calls, pause in enumerate(pauses, start=1):
            reply = self.call(said)
            instance = self.kind.instance_in(reply) if reply else None
            if instance is not None:
                return Purchase(order=said.order, said=said, calls=calls, instance=instance)
            if pause is not None:
                self.wait(pause)
        return Purchase(order=said.order, said=said, calls=len(pauses), instance=None)

    def tell(self, said: Notice) -> int:
        """Call for anything else until it is taken; returns how many calls that took.

        :raises Gone: nobody answered to the last.
        """
        pauses = MESSAGES if self.kind.name == "aliyun-spi" else PATIENCE[self.kind.name]
        for calls, pause in enumerate([*pauses, None], start=1):
            reply = self.call(said)
            if reply is not None and reply.status == 200:
                return calls
            if pause is not None:
                self.wait(pause)
        raise Gone(said.key)

    def call(self, said: Said) -> Reply | None:
        """One call, signed as of now; None: nobody answered."""
        try:
            return self.send(self.kind.write(said, self.secret, self.now()))
        except Gone:
            return None
