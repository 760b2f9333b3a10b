"""What operators did by hand is stored before and after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import uuid4

import pytest
from delivery_shared.http.tokens import real_now
from delivery_shared.testing.bdd import given
from identity_svc.application import IdentityApplication
from identity_svc.domain import auditing, facts
from identity_svc.domain.errors import NotFound
from identity_svc.domain.operator_action import OperatorAction
from identity_svc.operator_log import OperatorLog
from identity_svc.status import BackupWatch
from identity_svc.store import IdentityStore

NOON = datetime(2019, 10, 16, 4, 0, tzinfo=UTC)


def begun() -> OperatorAction:
    return auditing.begin(id=uuid4(), who="李四", action="outbox rewind", arguments={"to": "0"}, at=NOON)


def test_an_action_ends_once() -> None:
    """A second end changes nothing."""
    later = NOON + timedelta(seconds=1)
    (
        given(begun())
        .when(lambda action: auditing.end(action, outcome="done", detail="from 7 to 0", at=later))
        .then((facts.ActionEnded, {"outcome": "done", "detail": "from 7 to 0", "timestamp": later}))
        .when(lambda action: auditing.end(action, outcome="failed", detail="too late", at=later))
        .then()
    )


@pytest.mark.integration
def test_actions_are_listed_newest_first(application: IdentityApplication) -> None:
    log, published = OperatorLog(application.store), application.store.recorder.max_notification_id()
    first = log.begin(who="李四", action="parked discard", arguments={"ref": "project/message/17"})
    second = log.begin(who="王五", action="projection switch", arguments={})
    log.end(second, outcome="failed", detail="Behind: project")
    listed = log.last(2)
    assert [(action.id, action.who, action.outcome) for action in listed] == [
        (second, "王五", "failed"),
        (first, "李四", None),
    ]
    assert listed[1].arguments == {"ref": "project/message/17"}
    assert [action.id for action in log.last(1)] == [second]
    assert (
        application.store.recorder.select_notifications(
            published, 10, topics=application.store.publishable_topics, inclusive_of_start=False
        )
        == []
    )  # nobody else hears of it
    with pytest.raises(NotFound):
        log.end(uuid4(), outcome="done", detail="")


@pytest.mark.integration
def test_how_old_the_last_backup_is_follows_from_what_operators_did(application: IdentityApplication) -> None:
    """Before the first one it is as old as the installation; one that failed, or is under way, is none."""
    store = cast("IdentityStore", application.store)
    log = OperatorLog(store, now=lambda: now)
    now = real_now()
    (first,) = store.recorder.select_notifications(1, 1)
    began: Any = store.mapper.to_domain_event(first)
    watch = BackupWatch(store, now=lambda: now)

    def age() -> float:
        found = {watch.status().backup_age_seconds, BackupWatch(store, now=lambda: now).status().backup_age_seconds}
        (told,) = found  # whoever has read before, and who reads all of it
        return told

    assert age() == (now - began.timestamp).total_seconds() > 0
    now += timedelta(hours=1)
    backup = log.begin(who="李四", action="backup", arguments={"file": "center.dump"})
    assert age() == (now - began.timestamp).total_seconds()
    now += timedelta(minutes=5)
    log.end(backup, outcome="done", detail="17 bytes")
    now += timedelta(hours=2)
    assert age() == 7200.0
    for action, outcome in (("backup", "failed"), ("restore", "done")):
        log.end(log.begin(who="李四", action=action, arguments={}), outcome=cast("Any", outcome), detail="")
    now += timedelta(seconds=1)
    assert age() == 7201.0
    log.end(log.begin(who="李四", action="backup", arguments={}), outcome="done", detail="")
    assert age() == 0.0
