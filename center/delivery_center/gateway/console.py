"""The console's built files (``web/dist``) beside the API: hashed assets, and ``index.html`` for every page of it.

``index.html`` goes out with a Content-Security-Policy whose nonce is fresh every time; the build has left a placeholder
where it belongs. Nothing may run or be styled but what carries it or lies in our own files.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from whitenoise import WhiteNoise

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]

PLACEHOLDER = "__CSP_NONCE__"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
ASSETS = "/assets/"


def built() -> Path | None:
    """Where the console lies: ``DELIVERY_CONSOLE`` or ``web/dist`` of this checkout; None where it is not built."""
    folder = Path(os.environ.get("DELIVERY_CONSOLE") or Path(__file__).parents[3] / "web" / "dist")
    return folder if (folder / "index.html").is_file() else None


class Console:
    """WSGI application over the console in ``folder``; asks for nothing else, and answers 404 to no page's address:
    which page there is, or none, the console itself says."""

    def __init__(self, folder: Path) -> None:
        self.index = (folder / "index.html").read_text(encoding="utf-8")
        self.assets = WhiteNoise(
            not_found,
            root=folder / "assets",
            prefix=ASSETS,
            immutable_file_test=lambda _path, _url: True,  # names carry a hash of what is in them
            allow_all_origins=False,
            add_headers_function=lambda headers, _path, _url: headers.__setitem__("X-Content-Type-Options", "nosniff"),
        )

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO", "").startswith(ASSETS):
            answer: Iterable[bytes] = self.assets(environ, start_response)
            return answer
        return self.page(environ, start_response)

    def page(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """``index.html`` with a nonce of its own; never kept, so that a new build is seen at once."""
        if environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return not_found(environ, start_response)
        nonce = secrets.token_urlsafe(16)
        body = self.index.replace(PLACEHOLDER, nonce).encode()
        headers = [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Content-Security-Policy", POLICY.format(nonce=nonce)),
            ("X-Content-Type-Options", "nosniff"),
            ("Referrer-Policy", "same-origin"),
        ]
        start_response("200 OK", headers)
        return [body] if environ["REQUEST_METHOD"] == "GET" else []


def not_found(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Neither a page nor a file."""
    start_response("404 Not Found", [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", "0")])
    return []
