"""SMS through a gateway spoken to over HTTP (N-02).

``POST <url>`` with ``Authorization: Bearer <token>``, ``Idempotency-Key: <id>`` and the JSON
``{"id", "to", "text"}``. Any 2xx means taken. A gateway that wants something else gets an adapter of its own beside
this one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx

from notify_svc.channels import TIMEOUT, Letter, Refused, Unreachable

ANSWER = 500
"""Bytes of an answer that are read."""

THEIRS = frozenset({400, 404, 410, 413, 422})
"""Answers that refuse this letter for good; every other one is about the gateway or our account with it."""


@dataclass(frozen=True, kw_only=True)
class Sms:
    """An SMS gateway. One request per letter."""

    url: str
    token: str = field(repr=False)
    timeout: float = TIMEOUT

    @staticmethod
    def at(url: str, *, token: str) -> Sms:
        """The gateway at ``url``. :raises ValueError: no such URL."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("not an http:// or https:// URL")
        return Sms(url=url, token=token)

    def send(self, letter: Letter) -> str:
        id = str(letter.delivery_id)
        try:
            with (
                httpx.Client(timeout=self.timeout) as client,
                client.stream(
                    "POST",
                    self.url,
                    json={"id": id, "to": letter.address, "text": letter.body},
                    headers={"Authorization": f"Bearer {self.token}", "Idempotency-Key": id},
                ) as response,
            ):
                text = next(response.iter_bytes(ANSWER), b"").decode(errors="replace")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise Unreachable(repr(error)) from error
        answer = f"{response.status_code} {text}".rstrip()
        if response.is_success:
            return answer
        raise Refused(answer) if response.status_code in THEIRS else Unreachable(answer)
