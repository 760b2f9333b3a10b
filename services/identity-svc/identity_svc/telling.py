"""What operators see of signing in: counts for alerts, and a line of the log for each attempt.

The counts name no one. A line names the user by id, or – where there is none of the name given – a short hash of that
name, since people type passwords into its field; the address is in it because whoever is guessing is to be found.
"""

from __future__ import annotations

import hashlib
from uuid import UUID

import structlog
from prometheus_client import Counter

log = structlog.get_logger()

sign_ins = Counter(
    "delivery_sign_ins_total",
    "Attempts to sign in: signed_in; refused: bad_credentials, throttled_address, throttled_pair, throttled_account,"
    " initial_password_expired, second_factor_missing, second_factor_wrong, second_factor_demanded",
    ["outcome"],
)
refreshes = Counter(
    "delivery_session_refreshes_total",
    "Refreshes of a session: renewed; repeated (the answer was given again); ended; reused (a used token came again)",
    ["outcome"],
)
refreshes.labels("reused")  # told from the start, so that the first one is an increase
password_checks = Counter(
    "delivery_password_changes_total",
    "Users changing their own password: changed; refused: wrong_password, throttled",
    ["outcome"],
)


def pseudonym(login_name: str) -> str:
    """What stands for a login name in the log."""
    return hashlib.sha256(login_name.casefold().encode()).hexdigest()[:16]


def signed_in(*, user_id: UUID, session_id: UUID, address: str, known_by: str | None) -> None:
    sign_ins.labels("signed_in").inc()
    log.info("signed in", user_id=str(user_id), session_id=str(session_id), address=address, known_by=known_by)


def sign_in_refused(*, outcome: str, login_name: str, user_id: UUID | None, address: str) -> None:
    sign_ins.labels(outcome).inc()
    who = {"user_id": str(user_id)} if user_id else {"login": pseudonym(login_name)}
    log.warning("sign-in refused", outcome=outcome, address=address, **who)


def refreshed(outcome: str) -> None:
    refreshes.labels(outcome).inc()


def password_change(*, outcome: str, user_id: UUID, address: str) -> None:
    password_checks.labels(outcome).inc()
    if outcome == "changed":
        log.info("password changed", user_id=str(user_id))
    else:
        log.warning("password change refused", outcome=outcome, user_id=str(user_id), address=address)
