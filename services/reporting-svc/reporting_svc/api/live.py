"""Live changes: a stream of server-sent events."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from delivery_shared.http import SIGNED_IN, allow, caller, claims_of_request
from flask import Response, current_app, request
from flask.views import MethodView
from flask_smorest import Blueprint

from reporting_svc.listening import Live
from reporting_svc.streams import Event, Positions, Stream

blp = Blueprint("live", __name__, description="实时变化 / live changes")

HEARTBEAT = 15.0
"""Seconds of silence after which a comment tells that the stream stands."""

RETRY = 2000
"""Milliseconds after which a client connects again."""


@blp.route("/api/v1/live")
class LiveChanges(MethodView):
    @allow(SIGNED_IN)
    @blp.alt_response(200, schema={"type": "string"}, content_type="text/event-stream", success=True)
    def get(self) -> Response:
        """Which projects of the caller's lists change, as server-sent events.

        ``ready`` comes first; ``projects`` names projects to fetch again – also those that have left a list;
        ``reset``: fetch again whatever is shown. The data are ``{"projects": [id …], "positions": {source: id}}``.
        With ``Last-Event-ID`` the stream goes on where the last one broke off. It ends when the token expires or the
        session does: connect again with a new token. A user may have five streams open.
        """
        live: Live = current_app.extensions["live"]
        stream = live.open(
            claims=claims_of_request(),
            by=caller(),
            last=parsed(request.headers.get("Last-Event-ID")),
            socket=request.environ.get("gunicorn.socket"),
        )
        response = Response(frames(stream), content_type="text/event-stream; charset=utf-8")
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Accel-Buffering"] = "no"
        response.call_on_close(lambda: live.leave(stream))
        return response


def frames(stream: Stream) -> Iterator[bytes]:
    """The stream as it is sent; a comment every :data:`HEARTBEAT` seconds in which nothing happens."""
    yield f"retry: {RETRY}\n\n".encode()
    while True:
        event = stream.next(HEARTBEAT)
        if event is not None:
            yield frame(event)
        elif stream.ended:
            return
        else:
            yield b":\n\n"


def frame(event: Event) -> bytes:
    """One event. Its id holds the positions, so that any process can tell what a client has missed."""
    data = msgspec.json.encode({"projects": event.projects, "positions": event.positions}).decode()
    id = ",".join(f"{source}:{position}" for source, position in sorted(event.positions.items()))
    return f"id: {id}\nevent: {event.name}\ndata: {data}\n\n".encode()


def parsed(id: str | None) -> Positions | None:
    """The positions of an event's id; none of ours is one that knows nothing."""
    if id is None:
        return None
    positions: dict[str, Any] = {}
    for part in id.split(","):
        source, _, number = part.partition(":")
        if not number.isascii() or not number.isdigit() or len(number) > 18:
            return {}
        positions[source] = int(number)
    return positions
