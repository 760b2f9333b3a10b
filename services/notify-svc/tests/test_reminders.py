"""Reminder rules become messages: the right people, once, whatever is delivered twice, late or out of order."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from delivery_shared.contracts import Contract, identity, project
from delivery_shared.testing.fixtures import eventually
from notify_svc.tables import message, metadata, occurrence, omission
from notify_svc.verify import verify
from sqlalchemy import Engine, inspect, select, text
from sqlalchemy.event import listen, remove

from .conftest import NOON, Feeds, World, id_of, to

pytestmark = pytest.mark.integration


def told(engine: Engine) -> list[UUID]:
    """Who got a message, one entry per message."""
    with engine.connect() as connection:
        return sorted(connection.execute(select(message.c.person_id)).scalars())


def parked(engine: Engine) -> int:
    with engine.connect() as connection:
        return len(connection.execute(text("SELECT id FROM parked")).all())


def problems(engine: Engine) -> list[str]:
    return verify(engine.url.render_as_string(hide_password=False))


def omitted(engine: Engine) -> list[tuple[UUID | None, str]]:
    columns = (omission.c.person_id, omission.c.reason)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(omission.c.omission_id))]


def everything(engine: Engine) -> dict[str, list[str]]:
    """All rows but the running numbers of omissions and the times of first attempts."""
    found = {}
    with engine.connect() as connection:
        for name in metadata.tables:
            query = f"SELECT to_jsonb(t) - 'omission_id' - 'next_try' AS row FROM {name} t"
            rows = connection.execute(text(query)).scalars()
            found[name] = sorted(map(str, rows))
    return found


@pytest.fixture
def known(feeds: Feeds, world: World) -> Feeds:
    """Everybody and the template are known; project 1 has its provider."""
    feeds(*world.people(), world.template(), world.started(), world.provider_set())
    return feeds


@pytest.mark.requirement("N-04", "N-05", "N-06")
def test_a_rule_puts_a_message_into_the_box(engine: Engine, known: Feeds, world: World) -> None:
    known(world.design(3, to("assignee")))
    with engine.connect() as connection:
        (row,) = connection.execute(select(message)).mappings().all()
    assert (row["person_id"], row["party_id"], row["trigger"], row["rule"]) == (
        world.lisi,
        world.provider,
        "entered",
        0,
    )
    assert row["title"] == "订单 801"
    assert row["body"] == "客户甲乙丙：name_80 到 节点3（河北服务商，2019-10-16 12:03:00）"
    assert (row["read_at"], row["project_id"], row["order_number"]) == (None, id_of("1"), "801")
    assert problems(engine) == []


@pytest.mark.requirement("N-05", "U-21")
def test_a_message_calls_the_customer_what_the_order_called_it(engine: Engine, known: Feeds, world: World) -> None:
    known(world.started("7", customer_name="新客户有限公司", customer_number="N-1"), world.provider_set("7"))
    known(world.design(3, to("assignee"), name="7"), world.design(2, to("assignee")))
    before = said(engine)
    assert before == {(id_of("7"), 3): "新客户有限公司", (id_of("1"), 2): "客户甲乙丙"}
    for _ in range(2):
        known(project.BuyerErased(project_id=id_of("7"), run=1, erased_at=NOON))
        known(identity.PartyErased(party_id=world.customer))
    known(world.design(4, to("assignee"), name="7"), world.design(3, to("assignee")))
    assert said(engine) == {
        (id_of("7"), 3): "--", (id_of("7"), 4): "--", (id_of("1"), 2): "--", (id_of("1"), 3): "--",
    }  # fmt: skip
    assert not any(name in repr(everything(engine)) for name in ("新客户有限公司", "客户甲乙丙"))
    assert problems(engine) == []


def said(engine: Engine) -> dict[tuple[UUID, int], str]:
    """What each message calls the customer."""
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.project_id, message.c.visit, message.c.body)).all()
    return {(row.project_id, row.visit): row.body.partition("：")[0] for row in rows}


@pytest.mark.requirement("N-05", "U-21")
def test_a_feed_that_comes_late_forgets_what_it_has_only_just_said(engine: Engine, feeds: Feeds, world: World) -> None:
    """All of an order in one batch, with its reminder and the end of its buyer's name; another of the name stays."""
    feeds(*world.people(), world.template())
    feeds(
        world.started("7", customer_name="新客户", customer_number="N-1"),
        world.started("8", customer_name="新客户", customer_number="N-2"),
        world.provider_set("7"), world.provider_set("8"),
        world.design(3, to("assignee"), name="7"), world.design(3, to("assignee"), name="8"),
        project.BuyerErased(project_id=id_of("7"), run=1, erased_at=NOON),
    )  # fmt: skip
    assert said(engine) == {(id_of("7"), 3): "--", (id_of("8"), 3): "新客户"}


@pytest.mark.requirement("N-14")
def test_receivers(engine: Engine, known: Feeds, world: World) -> None:
    expected = {
        "customer": [world.buyer, world.helper],
        "assignee": [world.lisi],
        "provider_admin": [world.provider_main],
        "vendor_admin": [world.vendor_main],
        "vendor_project_manager": [world.vendor_manager],
        "role:designer": [world.lisi],
        "role:account_manager": [world.zhao],
        "role:provider_admin": [world.provider_main],
        "role:customer": [world.buyer, world.helper],
    }
    known(world.role_filled("designer", world.lisi), world.role_filled("account_manager", world.zhao))
    known(*(world.design(visit, to(receiver)) for visit, receiver in enumerate(expected)))
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.visit, message.c.person_id)).all()
    for visit, receiver in enumerate(expected):
        assert sorted(p for v, p in rows if v == visit) == sorted(expected[receiver]), receiver
    assert problems(engine) == []


@pytest.mark.requirement("N-14", "T-40")
def test_at_a_claim_node_all_holders_of_the_role_in_the_provider_are_told(
    engine: Engine, known: Feeds, world: World
) -> None:
    claim = {"side": "provider", "role": "account_manager"}
    known(world.entered(2, "claim_order", to("role:account_manager"), **claim))
    assert told(engine) == sorted([world.lisi, world.zhao])
    known(world.entered(3, "claim_order", to("assignee"), **claim))
    assert told(engine) == sorted([world.lisi, world.zhao] * 2)
    # once claimed, it is the claimer
    known(world.role_filled("account_manager", world.zhao), world.completed(3, to("assignee", "passed_on")))
    assert told(engine) == sorted([world.lisi, world.zhao] * 2 + [world.zhao])


@pytest.mark.requirement("N-07", "N-08")
def test_rules_of_a_node_that_is_left_mean_who_operated_it(engine: Engine, known: Feeds, world: World) -> None:
    known(world.design(1), world.rejected(1, to("assignee", "rejected"), to("customer", "passed_on")))
    assert told(engine) == [world.lisi]
    known(
        world.entered(2, "confirm", side="customer", role="customer"),
        world.completed(2, to("customer", "rejected"), to("assignee", "passed_on")),
    )
    assert told(engine) == sorted([world.lisi, world.buyer, world.helper])
    changed = project.AssigneeChanged(
        project_id=id_of("1"), run=1, visit=3, role="designer", person_id=world.zhao, former_id=world.lisi,
        remark=None, by=project.Actor(kind="provider"), changed_at=NOON,
    )  # fmt: skip
    known(world.design(3), changed, world.completed(3, to("assignee", "passed_on")))
    assert told(engine).count(world.zhao) == 1
    assert problems(engine) == []


@pytest.mark.requirement("N-09", "N-14", "T-40")
def test_an_overdue_node_reminds_once_per_visit(engine: Engine, known: Feeds, world: World) -> None:
    """Also when it is told again because a new calendar moved the due time (H-09)."""
    claim = {"side": "provider", "role": "account_manager"}
    rules = [to("provider_admin", "overdue"), to("role:account_manager", "overdue"), to("customer", "passed_on")]
    known(world.entered(1, "claim_order", *rules, **claim))
    assert told(engine) == []
    known(world.overdue(1, *rules), times=2)
    known(world.overdue(1, *rules))
    once = sorted([world.provider_main, world.lisi, world.zhao])
    assert told(engine) == once
    known(world.rejected(1, *rules), world.entered(2, "claim_order", *rules, **claim), world.overdue(2, *rules))
    assert told(engine) == sorted(once * 2)
    known(world.restarted(2), world.overdue(2, *rules))
    assert told(engine) == sorted(once * 2)
    assert problems(engine) == []


@pytest.mark.requirement("T-86", "T-87")
def test_every_type_of_node_reminds_by_its_own_rules(engine: Engine, known: Feeds, world: World) -> None:
    known(world.template("other", title="另一个"))
    own = {
        "assign_provider": to("vendor_admin"),
        "claim_order": to("provider_admin"),
        "assign_order": to("vendor_project_manager"),
        "submit_requirement": to("customer", message_template="other"),
        "confirm": to("vendor_admin", message_template="other"),
        "general": to("customer", "passed_on"),
        "complete_project": to("provider_admin", "passed_on", message_template="other"),
    }
    for visit, (type, rule) in enumerate(own.items()):
        known(world.entered(visit, type, rule), world.completed(visit, rule))
    columns = (message.c.visit, message.c.trigger, message.c.title, message.c.person_id)
    with engine.connect() as connection:
        found = {tuple(row) for row in connection.execute(select(*columns))}
    assert found == {
        (0, "entered", "订单 801", world.vendor_main),
        (1, "entered", "订单 801", world.provider_main),
        (2, "entered", "订单 801", world.vendor_manager),
        (3, "entered", "另一个", world.buyer),
        (3, "entered", "另一个", world.helper),
        (4, "entered", "另一个", world.vendor_main),
        (5, "passed_on", "订单 801", world.buyer),
        (5, "passed_on", "订单 801", world.helper),
        (6, "passed_on", "另一个", world.provider_main),
    }


@pytest.mark.requirement("T-92", "N-05", "N-14")
def test_several_rules_tell_several_people_and_each_of_them_the_same_once(
    engine: Engine, known: Feeds, world: World
) -> None:
    rules = [
        to("assignee"),
        to("role:designer"),
        to("role:account_manager"),
        to("assignee", message_template="other"),
        to("assignee", "passed_on"),
    ]
    known(
        world.template("other"),
        world.role_filled("designer", world.lisi),
        world.role_filled("account_manager", world.zhao),
        world.design(1, *rules),
        world.completed(1, *rules),
        world.design(2, *rules),
        times=3,
    )
    with engine.connect() as connection:
        sent = connection.execute(select(message.c.visit, message.c.trigger, message.c.rule, message.c.person_id)).all()
    entered = {(0, world.lisi), (2, world.zhao), (3, world.lisi)}
    assert {(*row,) for row in sent} == {
        *((visit, "entered", *one) for visit in (1, 2) for one in entered),
        (1, "passed_on", 4, world.lisi),
    }
    assert len(sent) == 7
    assert omitted(engine) == [(world.lisi, "told_already")] * 2
    assert problems(engine) == []


def test_by_default_only_those_are_told_whom_no_rule_of_the_template_tells(
    engine: Engine, known: Feeds, world: World
) -> None:
    known(*(world.template(code) for code in ("arrived", "due_soon", "overdue")))
    arrived, late = to("assignee", message_template="arrived"), to("assignee", "overdue", "overdue")
    known(world.design(3, to("provider_admin"), arrived), world.design(4, to("role:designer"), arrived), times=2)
    known(world.role_filled("designer", world.lisi), world.design(5, to("role:designer"), arrived), times=2)
    known(world.overdue(5, to("assignee", "overdue"), late), times=2)
    soon = project.NodeDueSoon(
        project_id=id_of("1"), run=1, visit=5, node="n5", name="节点5", role="designer", due_at=NOON, told_at=NOON,
        reminders=[to("assignee", "due_soon", "due_soon")],
    )  # fmt: skip
    known(soon, times=2)
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.visit, message.c.trigger, message.c.rule, message.c.person_id)).all()
    assert {(*row,) for row in rows} == {
        (3, "entered", 0, world.provider_main),
        (3, "entered", 1, world.lisi),
        (4, "entered", 1, world.lisi),
        (5, "entered", 0, world.lisi),
        (5, "overdue", 0, world.lisi),
        (5, "due_soon", 0, world.lisi),
    }
    assert omitted(engine) == [(None, "role_not_filled"), (world.lisi, "told_already"), (world.lisi, "told_already")]
    assert problems(engine) == []


def test_who_is_mentioned_is_told_once_of_each_thing_said(engine: Engine, known: Feeds, world: World) -> None:
    said = [
        project.Talked(
            project_id=id_of("1"), run=1, visit=3, name="节点3", kind="comment", number=number, text=f"第{number}句",
            mentions=whom, by=project.Actor(kind="customer", user_id=world.buyer), talked_at=NOON + timedelta(number),
        )
        for number, whom in ((1, [world.lisi, world.vendor_manager]), (2, []), (3, [world.lisi]))
    ]  # fmt: skip
    mention = world.template("mention", title="提到您", body="{{ node_name }}：{{ remark }}", channels=["in_site"])
    known(mention, *said, times=2)
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.person_id, message.c.trigger, message.c.body)).all()
    assert sorted((*row,) for row in rows) == sorted(
        [
            (world.lisi, "mentioned", "节点3：第1句"),
            (world.vendor_manager, "mentioned", "节点3：第1句"),
            (world.lisi, "mentioned", "节点3：第3句"),
        ]
    )
    assert problems(engine) == []


@pytest.mark.requirement("N-05")
def test_reminding_again_is_no_repetition(engine: Engine, known: Feeds, world: World) -> None:
    urged = [
        project.AssigneeReminded(
            project_id=id_of("1"), run=1, visit=1, node="n1", name="节点1", role="designer", receiver="assignee",
            number=number, by=project.Actor(kind="vendor"), reminded_at=NOON + timedelta(hours=number),
        )
        for number in (1, 2)
    ]  # fmt: skip
    known(world.template("urge"), world.design(1), *urged)
    assert told(engine) == [world.lisi] * 2


@pytest.mark.requirement("R-46", "N-06", "N-14")
def test_the_new_operator_is_told_as_on_entering_the_node_with_the_remark(
    engine: Engine, known: Feeds, world: World
) -> None:
    rules = [
        to("customer"),
        to("assignee", message_template="why"),
        to("role:designer"),
        to("role:account_manager"),
        to("provider_admin"),
    ]

    def changed(number: int, person: UUID, former: UUID, remark: str | None) -> project.AssigneeChanged:
        return project.AssigneeChanged(
            project_id=id_of("1"), run=1, visit=1, role="designer", person_id=person, former_id=former, remark=remark,
            by=project.Actor(kind="provider"), changed_at=NOON + timedelta(minutes=number), name="节点1", number=number,
            reminders=rules,
        )  # fmt: skip

    known(world.template("why", body="{{ node_name }}：{{ remark }}，{{ reject_reason }}"), world.design(1))
    known(changed(1, world.zhao, world.lisi, "休假"), changed(2, world.lisi, world.zhao, None), times=2)
    with engine.connect() as connection:
        sent = connection.execute(select(message.c.person_id, message.c.body).order_by(message.c.created_at)).all()
    assert sorted(p for p, _ in sent) == sorted([world.zhao, world.lisi] * 2)
    assert [body for _, body in sent if "休假" in body or "--" in body] == ["节点1：休假，--", "节点1：--，--"]
    before = everything(engine)
    known(world.restarted(2), changed(3, world.zhao, world.lisi, None))
    assert everything(engine)["message"] == before["message"]
    assert problems(engine) == []


@pytest.mark.requirement("R-120", "N-07")
def test_a_message_tells_why_it_was_rejected(engine: Engine, known: Feeds, world: World) -> None:
    known(world.template("why", title="{{ node_name }} 驳回", body="{{ reject_reason }} {{ remark }}"))
    known(world.design(1), world.rejected(1, to("assignee", "rejected", "why")))
    with engine.connect() as connection:
        assert connection.execute(select(message.c.title, message.c.body)).all() == [("节点1 驳回", "r --")]


@pytest.mark.requirement("T-110")
def test_a_message_template_out_of_use_is_still_sent_by_the_templates_that_name_it(
    engine: Engine, known: Feeds, world: World
) -> None:
    known(world.template(active=False), world.design(1, to("assignee")))
    assert told(engine) == [world.lisi]


def a_life(world: World, name: str) -> list[Contract]:
    return [
        world.started(name),
        world.entered(1, "assign_provider", to("vendor_admin"), name=name),
        world.provider_set(name),
        world.completed(1, to("provider_admin", "passed_on"), name=name),
        world.entered(2, "submit_requirement", to("customer"), to("role:designer"), name=name),
        world.completed(2, to("assignee", "passed_on"), name=name),
        world.role_filled("designer", world.lisi, name),
        world.design(3, to("assignee"), name=name),
        world.rejected(3, to("role:designer", "rejected"), name=name),
        world.restarted(2, name),
        world.entered(4, "assign_provider", to("vendor_admin"), name=name, run=2),
        world.entered(5, "general", to("provider_admin"), to("role:designer"), name=name, run=2, side="provider"),
        world.ended("cancelled", name, 2),
    ]


@pytest.mark.requirement("N-06", "N-07", "N-08")
def test_twice_is_once(engine: Engine, feeds: Feeds, world: World) -> None:
    lives = [contract for name in "12" for contract in a_life(world, name)]
    feeds(*world.people(), world.template(), times=2)
    feeds(*lives, times=2)
    twice = everything(engine)
    assert problems(engine) == []
    with engine.begin() as connection:
        connection.execute(text(f"TRUNCATE {', '.join([*metadata.tables, 'feed_position'])}"))
    for projection in feeds.projections.values():
        projection.position()
    feeds.ids.clear()
    feeds(*world.people(), world.template())
    for contract in lives:
        feeds(contract)
    assert everything(engine) == twice
    assert len(twice["message"]) == 2 * 10


def test_a_batch_costs_the_same_few_statements_however_long(engine: Engine, known: Feeds, world: World) -> None:
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    listen(engine, "before_cursor_execute", note)
    try:
        counts = []
        for names in (["a"], ["b", "c", "d", "e"]):
            known(*(contract for name in names for contract in a_life(world, name)))
            counts.append(len(statements))
            statements.clear()
        known(world.completed(1), world.rejected(1))
    finally:
        remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 14
    assert [statement.split()[:2] for statement in statements] == [["SELECT", "DISTINCT"], ["UPDATE", "feed_position"]]
    assert len(told(engine)) == 5 * 10
    assert problems(engine) == []


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_lagging_source_delays_messages_and_loses_none(engine: Engine, feeds: Feeds, world: World, seed: int) -> None:
    """The customer is known from the start: an order never waits for it (see the next test)."""
    rng = random.Random(seed)
    customers = [c for c in world.people() if getattr(c, "party_id", None) == world.customer]
    feeds(*customers)
    late: list[Contract] = [world.template(), *(c for c in world.people() if c not in customers)]
    rng.shuffle(late)
    cut = rng.randrange(len(late))
    feeds(*late[:cut])
    feeds(*a_life(world, "1"))
    feeds(*late[cut:])
    eventually(lambda: feeds.retry() >= 0 and parked(engine) == 0)
    assert len(told(engine)) == 10
    assert problems(engine) == []


def test_a_project_that_waits_does_not_hold_up_others(engine: Engine, known: Feeds, world: World) -> None:
    unknown = id_of("new colleague")
    known(
        world.started("2"),
        world.provider_set("2"),
        world.design(1, to("assignee"), assignee_id=unknown),
        world.design(1, to("assignee"), name="2"),
        world.design(2, to("provider_admin")),
        world.design(2, to("provider_admin"), name="2"),
    )
    assert told(engine) == sorted([world.lisi, world.provider_main])
    assert parked(engine) == 2
    known(world.user(unknown, world.provider, "provider", "designer"))
    eventually(lambda: known.retry() >= 0 and parked(engine) == 0)
    assert told(engine) == sorted([unknown, world.lisi, world.provider_main, world.provider_main])


@pytest.mark.requirement("N-14")
def test_nobody_to_tell_is_recorded(engine: Engine, feeds: Feeds, world: World) -> None:
    others = [c for c in world.people() if getattr(c, "party_id", None) != world.customer]
    feeds(*others, world.template(), world.started())
    feeds(
        world.entered(1, "assign_provider", to("provider_admin"), to("assignee"), to("role:designer")),
        world.provider_set(),
        world.entered(2, "submit_requirement", to("customer"), to("role:designer"), to("nonsense")),
    )
    assert told(engine) == []
    assert omitted(engine) == [
        (None, "no_provider_yet"),
        (None, "no_assignee"),
        (None, "no_provider_yet"),
        (None, "no_receiver"),
        (None, "role_not_filled"),
        (None, "unknown_receiver"),
    ]
    assert problems(engine) == []


def test_a_deleted_user_is_told_nothing_and_keeps_no_contact_data(engine: Engine, known: Feeds, world: World) -> None:
    known(
        world.design(1),
        identity.UserDeleted(user_id=world.lisi, party_id=world.provider),
        world.user(world.lisi, world.provider, "provider", "designer"),
    )
    known(world.completed(1, to("assignee", "passed_on"), to("role:account_manager", "passed_on")))
    assert told(engine) == []
    assert omitted(engine) == [(world.lisi, "user_deleted"), (None, "role_not_filled")]
    with engine.connect() as connection:
        query = text("SELECT mobile, email, roles, deleted FROM person WHERE user_id = :id")
        assert tuple(connection.execute(query, {"id": world.lisi}).one()) == (None, None, [], True)
    assert problems(engine) == []


def test_a_template_that_cannot_be_rendered_holds_up_nobody(engine: Engine, known: Feeds, world: World) -> None:
    known(world.template("broken", body="{{ secret }}"))
    known(world.design(1, to("assignee", message_template="broken"), to("assignee")))
    assert told(engine) == [world.lisi]
    assert omitted(engine) == [(world.lisi, "template_unusable")]
    assert problems(engine) == []
    known(world.template("broken", body="{{ time }}"), world.design(2, to("assignee", message_template="broken")))
    assert told(engine) == [world.lisi] * 2


@pytest.mark.requirement("R-41")
def test_a_former_run_fires_nothing_and_its_people_are_forgotten(engine: Engine, known: Feeds, world: World) -> None:
    known(world.role_filled("designer", world.lisi), world.design(1), world.restarted(2), times=2)
    known(
        world.design(2, to("assignee"), to("provider_admin")),
        world.completed(1, to("assignee", "passed_on")),
        world.rejected(1, to("customer", "rejected")),
        world.role_filled("designer", world.zhao),
        world.provider_set(),
    )
    assert (told(engine), omitted(engine)) == ([], [])
    known(world.entered(3, "assign_order", to("role:designer"), to("provider_admin"), run=2, role="designer"))
    assert told(engine) == [world.rival_main]
    assert omitted(engine) == [(None, "role_not_filled")]
    assert problems(engine) == []


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_nothing_fires_after_the_end(engine: Engine, known: Feeds, world: World, end: str) -> None:
    known(
        world.entered(1, "complete_project"),
        world.completed(1, to("assignee", "passed_on")),
        world.ended(end),
    )
    before = everything(engine)
    assert told(engine) == sorted([world.buyer, world.helper])
    known(
        world.design(2, to("assignee")),
        world.completed(2, to("customer", "passed_on")),
        world.restarted(2),
        world.entered(3, "general", to("provider_admin"), run=2),
    )
    assert everything(engine) == before


def test_verify_names_what_is_wrong(engine: Engine, known: Feeds, world: World) -> None:
    known(world.design(1, to("customer")), world.design(2, to("assignee")))
    with engine.begin() as connection:
        of_buyer = "message_id IN (SELECT message_id FROM message WHERE person_id = :p)"
        connection.execute(text(f"DELETE FROM delivery WHERE {of_buyer}"), {"p": world.buyer})
        connection.execute(text("DELETE FROM message WHERE person_id = :p"), {"p": world.buyer})
        connection.execute(message.update().where(message.c.visit == 2).values(party_id=world.rival))
        connection.execute(occurrence.update().where(occurrence.c.visit == 2).values(receivers=1))
    found = [problem.split(": ")[1] for problem in problems(engine)]
    assert found == [
        "a reminder has not exactly one message or omission per receiver",
        "a message carries a party other than its project's",
    ]


def test_tables_are_as_the_migration_made_them(engine: Engine) -> None:
    inspector = inspect(engine)
    for table in metadata.sorted_tables:
        made = {c["name"]: c["nullable"] for c in inspector.get_columns(table.name, schema="notify")}
        assert made == {c.name: bool(c.nullable) for c in table.columns}
        key = inspector.get_pk_constraint(table.name, schema="notify")["constrained_columns"]
        assert key == [c.name for c in table.primary_key]


@pytest.mark.requirement("S-07", "N-14")
def test_who_placed_a_test_order_is_told_as_customer_and_named_in_no_text(
    engine: Engine, known: Feeds, world: World
) -> None:
    """The customer of a test order is an account: it alone is told, and since texts name customers by party only, no
    person's name ever stands in one."""
    test_order = msgspec.structs.replace(world.started("7"), customer_id=world.vendor_main)
    known(test_order, world.provider_set("7"), world.entered(1, "submit_requirement", to("customer"), name="7"))
    with engine.connect() as connection:
        found = connection.execute(text("SELECT person_id, body FROM message")).all()
    assert [row.person_id for row in found] == [world.vendor_main]
    assert found[0].body.startswith("--：")


def test_an_operator_is_urged_once_per_number(engine: Engine, known: Feeds, world: World) -> None:
    """催办: to the operator of the node, or all of the customer; each number once, whatever is delivered twice."""
    urge = world.template("urge", title="催办")
    known(urge, world.design(3))

    def reminded(number: int, receiver: Any = "assignee", **more: Any) -> project.AssigneeReminded:
        values: dict[str, Any] = {
            "project_id": id_of("1"), "run": 1, "visit": 3, "node": "n3", "name": "节点3", "role": "designer",
            "receiver": receiver, "number": number, "by": project.Actor(kind="vendor"), "reminded_at": NOON,
        }  # fmt: skip
        return project.AssigneeReminded(**(values | more))

    known(reminded(1), reminded(1))
    assert told(engine) == [world.lisi]
    known(reminded(2))
    assert told(engine) == [world.lisi, world.lisi]
    known(reminded(3, "customer", role=None))
    assert told(engine) == sorted([world.lisi, world.lisi, world.buyer, world.helper])
    with engine.connect() as connection:
        rows = connection.execute(select(message.c.trigger, message.c.title, message.c.node_name)).all()
    assert {tuple(row) for row in rows} == {("reminded", "催办", "节点3")}
    assert problems(engine) == []
