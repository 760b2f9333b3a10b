"""``dc doctor``: whether everything an installation needs is there and fits together."""

from __future__ import annotations

import json as jsons
import platform
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import typer
from delivery_shared.version import VERSION

from delivery_center.dc.failure import Failure
from delivery_center.dc.installation import Dc, of
from delivery_center.dc.outbox import is_relayed
from delivery_center.dc.output import Json, put
from delivery_center.dc.status import feeds

if TYPE_CHECKING:
    from delivery_shared.eventstore import EventStore
    from delivery_shared.status import Read

OLDEST_SERVER = 140000
"""The first PostgreSQL the statements used here run on."""

SKEW = 2.0
"""Seconds this machine's clock may differ from the database's: tokens and timers go by both."""

REPLICAS = 3
"""On so many nodes a stream or queue lies: two of them must agree."""

CALENDAR_DAYS = 60
"""With fewer days of settled calendar ahead, due times are being set that may still move."""

State = Literal["ok", "warning", "wrong", "skipped"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """``state``: ``warning`` is worth a look, ``wrong`` stops or endangers the installation, ``skipped`` was not looked
    at, since what it needs is not named here."""

    check: str
    state: State
    detail: str


def doctor(context: typer.Context, json: Json = False) -> None:
    """Database, migrations, broker, keys, clock, connections, calendar, feeds: what is missing or does not fit."""
    findings = list(_examine(of(context)))
    put([vars(finding) for finding in findings], as_json=json)
    wrong = [finding.check for finding in findings if finding.state == "wrong"]
    if wrong:
        raise Failure(f"wrong: {', '.join(wrong)}")


def _examine(dc: Dc) -> Iterator[Finding]:
    from delivery_center.composition import COMPOSE

    yield _found("versions", "ok", f"delivery center {VERSION}, Python {platform.python_version()}")
    for which, read in _databases(dc):
        (server,) = read("SELECT current_setting('server_version_num')::int AS number, version() AS text", {})
        yield _judged(f"database{which}", server["number"] >= OLDEST_SERVER, server["text"].split(" on ")[0])
    migrated = [finding for name in COMPOSE for finding in _migrations(dc, name)]
    yield from migrated
    yield from _broker(dc)
    yield from _keys(dc)
    yield from _connections(dc)
    if all(finding.state == "ok" for finding in migrated):
        yield _upgrade(dc)
        yield from _clock(dc)
        yield from _calendar(dc)
        yield from _feeds(dc)


def _found(check: str, state: State, detail: str) -> Finding:
    return Finding(check=check, state=state, detail=detail)


def _judged(check: str, well: bool, detail: str) -> Finding:
    return _found(check, "ok" if well else "wrong", detail)


def _databases(dc: Dc) -> Iterator[tuple[str, Read]]:
    """Each database, by what is said of it – which services it is of, where there are several –, and how it is read."""
    found = list(dc.each_database())
    for names, read in found:
        yield f" of {', '.join(names)}" if len(found) > 1 else "", read


def _migrations(dc: Dc, name: str) -> Iterator[Finding]:
    """Whether the schema of a service is one its code can work with."""
    from delivery_shared.migrate import fits

    found = fits(dc.databases[name], schema=name, package=f"{name}_svc")
    detail = ", ".join(found.applied) or "no schema"
    if found.state == "older":
        detail += f"; the code expects {', '.join(found.expected)}: run prepare"
    if found.state == "newer":
        detail += f", newer than this code, which knows {', '.join(found.expected)} and works with it"
    yield _judged(f"migrations of {name}", found.state != "older", detail)


def _upgrade(dc: Dc) -> Finding:
    """Whether what processes of the version before wrote, while they were replaced, is whole."""
    from delivery_center.finishing import unfinished

    due = unfinished(dc.center)
    detail = f"of {', '.join(due)} not finished: once all processes are replaced, dc upgrade finish" if due else "whole"
    return _found("upgrade", "warning" if due else "ok", detail)


def _broker(dc: Dc) -> Iterator[Finding]:
    """Server, streams and queues, relays."""
    broker = dc.settings.broker
    if broker is None:
        relayed = [name for name, store in dc.stores.items() if _has_relayed(store)]
        detail = "none: the services share a process and a database"
        if relayed:
            detail = f"AMQP_URL is not set here, but {', '.join(relayed)} have published to one"
        yield _found("broker", "warning" if relayed else "ok", detail)
        return
    try:
        with broker.connect() as connection:
            server: Any = connection.connection.server_properties
            product = f"{server.get('product')} {server.get('version')}"
        missing = broker.missing()
    except Exception as error:  # whatever keeps it from answering is the finding
        yield _found("broker", "wrong", f"{broker.address}: {type(error).__name__}: {error}")
        return
    yield _found("broker", "ok", product)
    yield _judged("streams and queues", not missing, f"missing: {', '.join(missing)}" if missing else "declared")
    if not missing:
        yield _replicas(dc)
        yield _retention(dc)
    away = [name for name, store in dc.stores.items() if not is_relayed(store)]
    yield _judged("relays", not away, f"not connected: {', '.join(away)}" if away else "connected")


def _has_relayed(store: EventStore) -> bool:
    """Whether a relay of the service has ever published, which embedded services have none for."""
    with store.connection() as connection:
        return connection.execute("SELECT 1 FROM outbox_position LIMIT 1").fetchone() is not None


def _replicas(dc: Dc) -> Finding:
    """Whether each stream and queue lies on as many nodes as are wanted, else as there are, up to three: members are
    chosen when it is declared, and grow by themselves only where the broker is told to."""
    import httpx

    check = "replicas of streams and queues"
    broker = dc.settings.broker
    assert broker is not None
    try:
        nodes, members = broker.cluster.members(broker.names)
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return _found(check, "skipped", f"its management API does not tell: {type(error).__name__}")
    wanted = broker.nodes if broker.nodes > 1 else min(nodes, REPLICAS)
    few = [f"{name} on {count} of {nodes} nodes" for name, count in members.items() if count < wanted]
    return _found(check, "wrong" if few else "ok", ", ".join(few) or f"on {wanted} of {nodes} nodes")


def _retention(dc: Dc) -> Finding:
    """For how long streams keep what was published, and whether each still holds what its feeds need."""
    import httpx

    from delivery_center.supplying import lacks

    broker = dc.settings.broker
    assert broker is not None
    if found := lacks(dc.center):
        said = [
            f"{', '.join(lack.feeds)} need what {broker.stream_name(lack.source)} does not hold any more:"
            f" dc outbox rewind {lack.source} --behind"
            for lack in found
        ]
        return _found("retention of streams", "wrong", "; ".join(said))
    try:
        kept = broker.cluster.kept([broker.stream_name(source) for source in dc.stores])
    except (httpx.HTTPError, KeyError, ValueError) as error:
        return _found("retention of streams", "ok", f"not told ({type(error).__name__}); each holds what is needed")
    return _found("retention of streams", "ok", ", ".join(f"{name} {age or 'for ever'}" for name, age in kept.items()))


def _keys(dc: Dc) -> Iterator[Finding]:
    """The key files named here, as far as they are."""
    from delivery_shared.http.tokens import TokenIssuer, TokenVerifier

    public, private = (dc.environment.get(f"DELIVERY_{kind}_KEY{s}") for kind, s in (("PUBLIC", "S"), ("PRIVATE", "")))
    if not public:
        yield _found("public keys", "skipped", "DELIVERY_PUBLIC_KEYS is not set here")
        return
    try:
        known = jsons.loads(_text(public))
        TokenVerifier(known)
        kids = [key["kid"] for key in known["keys"]]
        yield _found("public keys", "ok", ", ".join(kids))
        if not private:
            return
        signing = jsons.loads(_text(private))
        TokenIssuer(signing)
    except (OSError, ValueError, KeyError, TypeError) as error:
        yield _found("keys", "wrong", f"{type(error).__name__}: unusable")
        return
    yield _judged("signing key", signing["kid"] in kids, signing["kid"] + ("" if signing["kid"] in kids else
                  " is not among the public keys"))  # fmt: skip
    if not private.lstrip().startswith("{"):
        yield _mode(Path(private))


def _mode(private: Path) -> Finding:
    """Nobody else may read the file. What a container gets mounted as a secret only it can read, whatever its mode."""
    mode = stat.S_IMODE(private.stat().st_mode)
    inside = private.is_relative_to("/run/secrets")
    return _judged("mode of the signing key", inside or not mode & stat.S_IRWXO, oct(mode))


def _text(given: str) -> str:
    return given if given.lstrip().startswith("{") else Path(given).read_text()


def _connections(dc: Dc) -> Iterator[Finding]:
    """How many connections of the server are taken: beyond four fifths a restart of everything may not fit."""
    for which, read in _databases(dc):
        (row,) = read(
            "SELECT count(*) FILTER (WHERE backend_type = 'client backend') AS used,"
            " count(*) FILTER (WHERE datname = current_database()) AS here,"
            " current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int AS most"
            " FROM pg_stat_activity",
            {},
        )
        detail = f"{row['used']} of {row['most']} taken, {row['here']} by this database"
        state: State = "ok" if row["used"] <= 0.8 * row["most"] else "warning"
        yield _found(f"connections{which}", state, detail)


def _clock(dc: Dc) -> Iterator[Finding]:
    """This machine's clock against the databases', and the offset of the platform's clock."""
    for which, read in _databases(dc):
        (told,) = read("SELECT clock_timestamp() AS now", {})
        skew = abs((datetime.now(UTC) - told["now"]).total_seconds())
        yield _judged("clock of this machine", skew <= SKEW, f"{skew:.1f} s from that of the database{which}")
    (row,) = dc.consumers("project")[0].rows(
        "SELECT coalesce((SELECT offset_seconds FROM platform_clock), 0) AS ahead", {}
    )
    movable = dc.environment.get("DELIVERY_MOVABLE_CLOCK") == "1"
    if not row["ahead"]:
        yield _found("clock offset", "ok", "0")
    elif movable:
        yield _found("clock offset", "warning", f"{row['ahead']} s ahead: for demo and tests only")
    else:
        yield _found("clock offset", "wrong", f"{row['ahead']} s stored, by an installation whose clock could be moved")


def _calendar(dc: Dc) -> Iterator[Finding]:
    from template_svc.status import calendar_status

    days = calendar_status(dc.stores["template"]).calendar_days
    state: State = "ok" if days >= CALENDAR_DAYS else "warning" if days else "wrong"
    yield _found("calendar", state, f"settled for {days} days")


def _feeds(dc: Dc) -> Iterator[Finding]:
    beyond = [f"{row['service']} of {row['source']} by {row['beyond']}" for row in feeds(dc) if row["beyond"]]
    detail = f"beyond what their source has – was it restored alone? {', '.join(beyond)}" if beyond else "within"
    yield _judged("feed positions", not beyond, detail)
