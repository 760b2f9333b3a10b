"""The gateway's nginx configuration, made from the one table of routes: ``python -m delivery_center.gateway.nginx``.

`make docs` stores it as ``deploy/gateway/nginx.conf``, which the containers use. Everything that depends on a place –
addresses, folders, limits – is a parameter, so that tests run the same configuration on ports of their own.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import jinja2
from delivery_shared.http.api import BODY_LIMIT, SIGNED_IN_PATH
from delivery_shared.http.problems import HTTP_TEXTS
from delivery_shared.logs import BEARING_PATH, HIDDEN
from delivery_shared.service import LONGEST_LINE
from identity_svc.api.access_keys import GATEWAY_PATH, REFUSAL_HEADER, REFUSAL_TEXT_HEADER, TOKEN_HEADER
from intake_svc.api.marketplaces import LARGEST
from project_svc.api.files import MULTIPART_OVERHEAD
from project_svc.files import SIZE_LIMIT

from delivery_center.composition import COMPOSE
from delivery_center.gateway import market
from delivery_center.gateway.console import ASSETS, PLACEHOLDER, POLICY
from delivery_center.gateway.routing import MARKETPLACES, SEGMENTS

UPLOADS: Final = {r"^/api/v1/projects/[^/]+/(visits/[^/]+/)?files$": "project"}
"""Routes that take a file, and so a larger body → service."""

STREAMING: Final = ("live",)
"""First segments of routes that answer with server-sent events: passed on at once, for as long as they last."""

SMALL: Final = 16 * 1024
"""Bytes of a body that are kept in memory, for anybody."""

STATUSES: Final = {
    **{status: HTTP_TEXTS[status] for status in (400, 401, 404, 405, 408, 413, 414, 429, 431)},
    502: HTTP_TEXTS[503],
    503: HTTP_TEXTS[503],
    504: ("timeout", "处理超时，请稍后再试", "It took too long, try again"),
}
"""What the gateway answers by itself: status → slug, Chinese and English text."""

EARLY: Final = (400, 408, 414, 431)
"""Those that may come before there is an address; nginx finds no named location then."""

API_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
CONSOLE_POLICY: Final = POLICY.format(nonce="$request_id")
"""That of the console's own server, with nginx's 128 random bits of the request as its nonce."""

DOCS_POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Scripts from here only. Styles may stand in elements: the API browser makes its own at run time."""

PERMISSIONS: Final = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Per client address: requests a second and how many more at once, sign-ins and marketplaces apart, and how many
    under way.

    Streams stay under way for as long as somebody looks, and an office has one address: they are counted apart, and per
    token. So are uploads, which take room while they arrive.
    """

    api: int = 100
    api_burst: int = 200
    sessions: int = 10
    sessions_burst: int = 40
    intake: int = 100
    intake_burst: int = 400
    connections: int = 100
    streams: int = 2000
    streams_of_one: int = 20
    uploads: int = 8
    uploads_of_one: int = 3


def configuration(
    *,
    listen: str = "8080",
    upstreams: Mapping[str, str] | None = None,
    www: str = "/srv/www",
    scratch: str = "/tmp",  # noqa: S108 - of the container's own
    site: str = "/etc/delivery/gateway",
    resolver: str = "/tmp/resolver.conf",  # noqa: S108
    segments: Mapping[str, str] = SEGMENTS,
    limits: Limits | None = None,
) -> str:
    """The whole configuration.

    :param upstreams: target of ``segments`` → ``host:port`` of its processes; default: see :func:`_address`.
    :param www: folder with the console's files, ``openapi.json`` and ``docs/``.
    :param scratch: folder for the pid, buffered requests and buffered answers.
    :param site: folder of further ``*.conf`` files of the server block.
    :param resolver: file that names the name server, and ``$domain`` behind every name; ``deploy/gateway/start.sh``
        writes it.
    """
    routes: dict[str, list[str]] = defaultdict(list)
    for segment, service in segments.items():
        if segment != "sessions" and segment not in STREAMING:
            routes[service].append(segment)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("delivery_center.gateway", "."),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - no HTML, and no word of it comes from outside
    )
    return environment.get_template("nginx.conf.j2").render(
        listen=listen,
        upstreams={name: (upstreams or {}).get(name, _address(name)) for name in dict.fromkeys(segments.values())},
        www=www,
        scratch=scratch,
        site=site,
        resolver=resolver,
        limits=limits or Limits(),
        body_limit=BODY_LIMIT,
        longest_line=LONGEST_LINE,
        small=SMALL,
        signed_in=SIGNED_IN_PATH,
        small_digits=len(str(SMALL)) - 1,
        upload_limit=SIZE_LIMIT + MULTIPART_OVERHEAD,
        uploads=UPLOADS,
        streaming={segment: segments[segment] for segment in STREAMING if segment in segments},
        sessions=segments["sessions"],
        marketplaces=MARKETPLACES,
        intake=segments.get("connections"),
        notice_limit=LARGEST,
        market=market.MARKET if "access-keys" in segments and "projects" in segments else None,
        signed_request=GATEWAY_PATH,
        token_header=_variable(TOKEN_HEADER),
        refusal_header=_variable(REFUSAL_HEADER),
        refusal_text_header=_variable(REFUSAL_TEXT_HEADER),
        not_found=market.NOT_FOUND,
        keys=segments.get("access-keys"),
        projects=segments.get("projects"),
        told={
            "refused": _told("$market_code", "$market_text"),
            "throttled": _told(*market.THROTTLED),
            "too_large": _told(*market.TOO_LARGE),
            "unavailable": _told(*market.UNAVAILABLE),
        },
        routes=routes,
        problems={status: _problem(status, *texts) for status, texts in STATUSES.items()},
        pages={status: f"/problem/{status}" if status in EARLY else f"@problem{status}" for status in STATUSES},
        early=EARLY,
        api_policy=API_POLICY,
        assets=ASSETS,
        placeholder=PLACEHOLDER,
        console_policy=CONSOLE_POLICY,
        docs_policy=DOCS_POLICY,
        permissions=PERMISSIONS,
        secret_in_path=BEARING_PATH,
        hidden=HIDDEN,
    )


def _address(target: str) -> str:
    """Where the containers have it: a service's API processes, or ``<service>-<process>`` itself."""
    return f"{target}-api$domain:8000" if target in COMPOSE else f"{target}$domain:8000"


def _problem(status: int, slug: str, zh: str, en: str) -> str:
    """A problem document like those of the services; nginx puts the request's own values in."""
    body = {
        "type": f"urn:delivery-center:problem:{slug}",
        "title": en,
        "status": status,
        "detail": zh,
        "messages": {"zh": zh, "en": en},
        "instance": "/" if status in EARLY else "$instance",
        "correlation_id": "$correlation_id",
    }
    return json.dumps(body, ensure_ascii=False).replace("'", "\\'")


def _told(code: str, text: str) -> str:
    """A refusal as clients of the public API read it."""
    return json.dumps({"RequestId": "$correlation_id", "HostId": "$market_host", "Code": code, "Message": text})


def _variable(header: str) -> str:
    """What nginx calls a header of an upstream's answer."""
    return "$upstream_http_" + header.lower().replace("-", "_")


def main() -> None:
    """Print the configuration of the containers."""
    print(configuration(), end="")  # noqa: T201 - that is what it is for


if __name__ == "__main__":
    main()
