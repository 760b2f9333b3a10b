"""What project-svc makes of the messages of others. ``World.hear`` delivers everything twice."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from delivery_shared.contracts import Contract, dispatch, identity, template
from delivery_shared.messaging.consumer import Position
from delivery_shared.messaging.envelope import encode, open_message
from project_svc import commands, read_model

from .conftest import BY_ADMIN, BY_VENDOR, OPERATOR, World, product_of
from .people import LISI, OTHER_PROVIDER, PROVIDER, VENDOR, WANGWU, id_of

pytestmark = pytest.mark.integration


@pytest.mark.requirement("D-01", "D-27")
def test_answers_of_dispatch_move_the_project_on_once(world: World) -> None:
    project_id = world.order()
    answer = world.provider(project_id)
    world.hear(answer)
    assert (world.project(project_id).node, world.project(project_id).provider_id) == ("assign", PROVIDER)
    before = world.versions(project_id)
    world.hear(answer)
    assert world.versions(project_id) == before
    world.hear(world.staff(project_id))
    project = world.project(project_id)
    assert (project.node, project.roles, project.asks) == ("submit", {"designer": LISI.user_id}, {})
    assert world.parked("dispatch") == []


def batch(world: World, source: str, *contracts: Contract) -> None:
    """Deliver these messages as one batch."""
    feed = world.feeds[source]
    old = feed.position()
    messages = [
        open_message(
            encode(
                contract,
                notification_id=old.id + number,
                prev=old.id + number - 1,
                subject=str(getattr(contract, "project_id", "x")),
                subject_version=1,
                time=world.clock.now(),
                correlation_id=f"c{number}",
                causation_id="c",
            )
        )
        for number, contract in enumerate(contracts, start=1)
    ]
    feed.apply(messages, old, Position(old.id + len(messages), None))


def test_a_batch_of_answers_is_applied_in_one_save(world: World) -> None:
    ids = [world.order() for _ in range(5)]
    batch(world, "dispatch", *(world.provider(project_id) for project_id in ids))
    assert [world.project(i).node for i in ids] == ["assign"] * 5
    last = list(world.application.store.events.get(ids[4]))[-1]
    assert vars(last)["trace"]["correlation_id"] == "c5"


def test_answers_of_an_older_run_and_after_the_end_change_nothing(world: World) -> None:
    project_id = world.order()
    world.hear(world.provider(project_id))
    old = world.staff(project_id)
    outcome = world.do(
        commands.change_provider(by=BY_VENDOR, project_id=project_id, provider_id=OTHER_PROVIDER, remark="换"),
    )
    change = dispatch.ProviderAssigned(
        project_id=project_id,
        run=1,
        request_id=UUID(outcome.body["request_id"]),
        provider_id=OTHER_PROVIDER,
        assigned_at=world.clock.now(),
    )
    world.hear(change)
    assert world.project(project_id).run == 2
    before = world.versions(project_id)
    world.hear(old, change)
    assert (world.versions(project_id), world.project(project_id).roles) == (before, {})
    late = world.staff(project_id)
    world.do(commands.cancel(by=OPERATOR, project_id=project_id, remark="取消"))
    ended = world.versions(project_id)
    world.hear(late)
    assert (world.versions(project_id), world.project(project_id).state) == (ended, "cancelled")


def test_a_refusal_is_recorded_for_whoever_asked(world: World) -> None:
    project_id = world.at_check()
    outcome = world.do(commands.change_assignee(by=BY_ADMIN, project_id=project_id, person_id=WANGWU.user_id))
    request_id = world.ask(project_id)
    assert outcome.body["request_id"] == str(request_id)

    def look() -> str | None:
        return world.application.request_outcome(by=BY_ADMIN, project_id=project_id, request_id=request_id)

    assert look() is None
    world.hear(
        dispatch.RequestRefused(
            project_id=project_id, run=1, request_id=request_id, reason="person_full", refused_at=world.clock.now()
        )
    )
    assert look() == "person_full"
    assert world.project(project_id).roles == {"designer": LISI.user_id}


@pytest.mark.requirement("D-30", "D-35")
def test_queueing_is_shown_as_long_as_the_ask_is_open(world: World) -> None:
    project_id = world.order()
    world.hear(world.provider(project_id))
    queued = dispatch.RequestQueued(
        project_id=project_id,
        run=1,
        request_id=world.ask(project_id),
        reason="no_staff",
        provider_id=PROVIDER,
        role="designer",
        queued_at=world.clock.now(),
    )
    before = world.versions(project_id)
    world.hear(queued)
    assert world.versions(project_id) == before
    page = world.application.details(by=BY_ADMIN, project_id=project_id)
    assert page["current"]["queue"] == {
        "reason": "no_staff",
        "reason_text": "没有找到可接单的服务商员工",
        "since": "2019-10-18 14:00:00",
    }
    world.hear(world.staff(project_id))
    assert world.application.details(by=BY_ADMIN, project_id=project_id)["current"]["queue"] is None


def test_an_answer_for_a_project_not_known_yet_waits_aside(world: World) -> None:
    unknown = uuid4()
    world.hear(
        dispatch.ProviderAssigned(
            project_id=unknown, run=1, request_id=uuid4(), provider_id=PROVIDER, assigned_at=world.clock.now()
        ),
        twice=False,
    )
    assert world.parked("dispatch") == [f"NotYet('project {unknown}')"]
    world.feeds["dispatch"].rows("DELETE FROM parked RETURNING 1", {})


@pytest.mark.requirement("T-103", "P-14")
def test_projects_keep_the_template_they_started_with(world: World) -> None:
    product_id = id_of("product changed")
    listed = template.ProductListed(
        product_id=product_id,
        code="56001",
        name="name_56",
        vendor_id=VENDOR,
        template_id=id_of("template website"),
        template_version=1,
        template_name="website",
        listed_at=world.clock.now(),
    )
    changed = template.ProductTemplateChanged(
        product_id=product_id,
        template_id=id_of("template self_service"),
        template_version=1,
        template_name="self_service",
    )
    world.hear(listed)
    first = world.order(product_id=product_id)
    world.hear(changed)
    second = world.order(product_id=product_id)
    found = [world.application.flows.of(world.project(i)).leaves[1].id for i in (first, second)]
    assert found == ["assign", "submit"]


def test_the_name_of_a_deleted_user_stays_and_the_contacts_go(world: World) -> None:
    user_id = uuid4()
    world.hear(
        identity.UserSaved(
            user_id=user_id,
            party_id=PROVIDER,
            side="provider",
            main=False,
            login_name="sjs1",
            name="sjs1",
            roles=["designer"],
            mobile="18888888888",
            saved_at=world.clock.now(),
        )
    )
    world.hear(identity.UserDeleted(user_id=user_id, party_id=PROVIDER))
    with world.application.store.connection() as connection:
        names = read_model.names(connection, people=[user_id], parties=[])
    assert names.people[user_id] == read_model.Contact(name="sjs1", mobile=None, landline=None)


def test_products_are_found_by_code_and_vendor_account(world: World) -> None:
    found = world.application.product_id_of(code="55001", vendor_account="1744526877246715")
    assert found == product_of("website")
