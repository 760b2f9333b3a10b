"""A small client of the public API, as demo, stories and benchmarks use it: one account, read-your-writes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from urllib.parse import urlsplit

import httpx
from delivery_shared.signatures import signing


class Refused(Exception):
    """An answer that was not expected."""

    def __init__(self, response: httpx.Response) -> None:
        self.status = response.status_code
        self.body = _body(response)
        request = response.request
        text = json.dumps(self.body, ensure_ascii=False, default=repr)[:2000]
        super().__init__(f"{request.method} {request.url.path} → {self.status} {text}")


def _body(response: httpx.Response) -> Any:
    return response.json() if "json" in response.headers.get("content-type", "") else response.content


@dataclass
class Client:
    """Calls the API as one account. ``address`` turns a path into a full address; ``positions`` are what the last
    commands answered, sent along so that reads see them."""

    address: Callable[[str], str]
    token: str | None = None
    positions: dict[str, int] = field(default_factory=dict)
    http: httpx.Client = field(default_factory=lambda: httpx.Client(timeout=30))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        expect: int | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> httpx.Response:
        """Send a request with ``body`` as JSON; ``more`` goes to httpx (``params``, ``files``).

        :param expect: the status wanted; None = any 2xx.
        :raises Refused: another status.
        """
        sent = dict(headers or {})
        if self.token:
            sent["Authorization"] = f"Bearer {self.token}"
        if self.positions and method == "GET":
            sent["Delivery-Min-Position"] = ", ".join(f"{s}:{n}" for s, n in self.positions.items())
        if body is not None:
            more["json"] = body
        response = self.http.request(method, self.address(path), headers=sent, **more)
        if response.status_code != expect if expect is not None else not response.is_success:
            raise Refused(response)
        source, _, position = response.headers.get("Delivery-Position", "").partition(":")
        if position:
            self.positions[source] = max(self.positions.get(source, 0), int(position))
        return response

    def get(self, path: str, **more: Any) -> Any:
        """The body of a GET."""
        return _body(self.call("GET", path, **more))

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """The body of the answer to a POST."""
        return _body(self.call("POST", path, {} if body is None and "files" not in more else body, **more))

    def put(self, path: str, body: Any = None, **more: Any) -> Any:
        """The body of the answer to a PUT."""
        return _body(self.call("PUT", path, {} if body is None else body, **more))

    def with_key(self, access_key_id: str, secret: str) -> Client:
        """A program of a vendor, by the token its access key is given: for five minutes."""
        path = "/api/v1/sessions/access-key"
        headers = signing(
            method="POST", target=path, host=urlsplit(self.address(path)).netloc, key_id=access_key_id, secret=secret,
            now=datetime.now(UTC),
        )  # fmt: skip
        response = self.http.post(self.address(path), headers=headers)
        if response.status_code != 201:
            raise Refused(response)
        return Client(self.address, token=response.json()["access_token"], positions=self.positions, http=self.http)

    def signed_in(self, login_name: str, password: str) -> Client:
        """A client of another account, sharing the positions."""
        other = Client(self.address, positions=self.positions, http=self.http)
        other.token = other.post("/api/v1/sessions", {"login_name": login_name, "password": password})["access_token"]
        return other
