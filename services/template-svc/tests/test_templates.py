"""Decisions of a template and of a product."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from uuid import UUID, uuid4

import pytest
from delivery_shared.testing.bdd import given
from template_svc.domain import editing, facts, listing
from template_svc.domain.errors import (
    BuiltInNodeMissing,
    NotVisible,
    PublishingRefused,
    TemplateNameInvalid,
    TemplateNotPublished,
    TemplateReadOnly,
)
from template_svc.domain.flow import Reference
from template_svc.domain.nodes import Node, built_in_start, with_presets
from template_svc.domain.product import Product
from template_svc.domain.template import FlowTemplate

NOW = datetime(2019, 10, 25, 11, 57, tzinfo=UTC)
VENDOR = uuid4()
REFERENCE = Reference(roles={}, forms=(), message_templates=())


def template(owner_id: UUID | None = VENDOR, name: str = "网站设计") -> FlowTemplate:
    return editing.create(id=uuid4(), serial=7, name=name, description="", owner_id=owner_id, at=NOW)


def whole() -> list[Node]:
    return [built_in_start(), with_presets({"id": "end", "type": "complete_project", "name": "完成项目"})]


def save(template: FlowTemplate) -> None:
    editing.save_content(template, name="网站设计", description="", nodes=whole(), at=NOW)


def publish(template: FlowTemplate) -> None:
    editing.publish(template, reference=REFERENCE, at=NOW)


def published(owner_id: UUID | None = VENDOR, name: str = "网站设计") -> FlowTemplate:
    made = template(owner_id, name)
    editing.save_content(made, name=name, description="", nodes=whole(), at=NOW)
    publish(made)
    return made


@pytest.mark.requirement("T-10")
@pytest.mark.parametrize("name", ["x", " x ", "名" * 50, f"  {'名' * 50}\n"])
def test_a_name_of_1_to_50_characters_after_trimming(name: str) -> None:
    assert template(name=name).name == name.strip()


@pytest.mark.requirement("T-09", "T-10")
@pytest.mark.parametrize("name", ["", "   ", "名" * 51])
def test_other_names_are_refused(name: str) -> None:
    with pytest.raises(TemplateNameInvalid):
        template(name=name)
    given(template()).refuses(
        TemplateNameInvalid, lambda t: editing.save_content(t, name=name, description="", nodes=whole(), at=NOW)
    ).refuses(
        TemplateNameInvalid, lambda t: editing.copied(t, id=uuid4(), serial=8, name=name, owner_id=VENDOR, at=NOW)
    )


@pytest.mark.requirement("T-11", "T-14", "T-18")
def test_a_new_template_holds_the_built_in_node_and_the_end_that_all_have() -> None:
    made = template()
    assert [type(fact) for fact in made.facts] == [facts.TemplateCreated]
    first, last = made.nodes
    assert first == {"id": "start", "type": "assign_provider", "name": "分配服务商节点", "reminders": []}
    assert (last["type"], last["name"]) == ("complete_project", "完成项目节点")
    assert (made.serial, made.published, made.owner_id) == (7, False, VENDOR)


@pytest.mark.requirement("T-13", "T-21", "T-34", "T-96", "T-97", "T-98")
def test_content_is_saved_any_number_of_times_without_being_complete() -> None:
    start = {**built_in_start(), "name": "分配服务商节点发布后编辑"}
    claim, work = with_presets({"id": "c", "type": "claim_order"}), with_presets({"id": "w", "type": "general"})

    def content(*nodes: Node) -> Any:
        return lambda t: editing.save_content(t, name="新名", description="说明", nodes=[start, *nodes], at=NOW)

    given(template()).when(content()).then(
        (facts.ContentSaved, {"name": "新名", "description": "说明", "nodes": [start]})
    ).when(content(claim)).then((facts.ContentSaved, {"nodes": [start, claim]})).when(content(claim)).then().when(
        content(work, claim)
    ).then((facts.ContentSaved, {"nodes": [start, work, claim]})).when(content(claim, work)).then(
        (facts.ContentSaved, {"nodes": [start, claim, work]})
    ).when(content(work)).then((facts.ContentSaved, {"nodes": [start, work]}))


@pytest.mark.requirement("T-34")
def test_nodes_are_inserted_moved_and_deleted_only_before_publishing() -> None:
    start, end = whole()
    given(published()).refuses(
        TemplateReadOnly,
        lambda t: editing.save_content(t, name="网站设计", description="", nodes=[start, end], at=NOW),
    )


@pytest.mark.requirement("T-19", "T-20")
def test_the_built_in_node_stays_where_it_is() -> None:
    start, end = whole()
    for nodes in ([end], [end, start], [start, {**start, "id": "again"}, end], []):
        given(template()).refuses(
            BuiltInNodeMissing, partial(editing.save_content, name="x", description="", nodes=nodes, at=NOW)
        )


@pytest.mark.requirement("T-99")
def test_publishing() -> None:
    given(template(), save).when(publish).then(
        (
            facts.TemplatePublished,
            {"version": 1, "serial": 7, "name": "网站设计", "owner_id": VENDOR, "nodes": whole(), "timestamp": NOW},
        )
    )


@pytest.mark.requirement("T-98")
def test_publishing_an_unfinished_template_changes_nothing() -> None:
    unfinished = template()
    editing.save_content(unfinished, name="网站设计", description="", nodes=[built_in_start()], at=NOW)
    given(unfinished).refuses(PublishingRefused, publish)


@pytest.mark.requirement("T-100", "T-105")
def test_a_published_template_is_read_only() -> None:
    given(published()).refuses(TemplateReadOnly, save).refuses(TemplateReadOnly, publish).refuses(
        TemplateReadOnly, lambda t: editing.delete(t, at=NOW)
    )


@pytest.mark.requirement("T-105")
def test_an_unpublished_template_is_deleted() -> None:
    done = given(template()).when(lambda t: editing.delete(t, at=NOW)).then(facts.TemplateDeleted)
    assert not done.aggregate.visible_to(VENDOR)
    assert not done.aggregate.visible_to(None)


@pytest.mark.requirement("T-04", "T-05")
def test_a_copy_has_the_content_and_a_life_of_its_own() -> None:
    public = published(owner_id=None)
    copied = editing.copied(public, id=uuid4(), serial=8, name="我的", owner_id=VENDOR, at=NOW)
    assert (copied.owner_id, copied.published, copied.copied_from) == (VENDOR, False, public.id)
    assert copied.nodes == public.nodes
    editing.save_content(copied, name="我的", description="", nodes=[built_in_start()], at=NOW)
    assert public.nodes == whole()
    given(copied).when(lambda t: editing.save_content(t, name="我的", description="", nodes=whole(), at=NOW)).then(
        facts.ContentSaved
    )


@pytest.mark.requirement("T-06")
def test_who_sees_a_template() -> None:
    other = uuid4()
    assert published(owner_id=None).visible_to(other)
    assert not template(owner_id=None).visible_to(other)
    assert template().visible_to(VENDOR)
    assert not published().visible_to(other)
    assert template().visible_to(None)
    assert template(owner_id=None).visible_to(None)


def product(with_template: FlowTemplate) -> Product:
    return listing.list_product(
        id=uuid4(), code="56001", name="name_56", vendor_id=VENDOR, template=with_template, at=NOW
    )


@pytest.mark.requirement("P-08", "P-09")
@pytest.mark.parametrize("owner_id", [None, VENDOR])
def test_a_product_is_listed_with_a_public_template_or_an_own_one(owner_id: UUID | None) -> None:
    chosen = published(owner_id)
    listed = product(chosen)
    given(listed).when(lambda p: None).then()
    assert (listed.template_id, listed.template_version, listed.template_name) == (chosen.id, 1, "网站设计")
    assert listed.listed_at == NOW


@pytest.mark.requirement("P-09", "T-104")
def test_a_product_takes_neither_a_foreign_nor_an_unpublished_template() -> None:
    with pytest.raises(NotVisible):
        product(published(uuid4()))
    with pytest.raises(TemplateNotPublished):
        product(template())
    given(product(published())).refuses(
        NotVisible, lambda p: listing.replace_template(p, template=published(uuid4()), at=NOW)
    ).refuses(TemplateNotPublished, lambda p: listing.replace_template(p, template=template(), at=NOW))


@pytest.mark.requirement("P-11", "P-14")
def test_the_template_of_a_product_is_replaced() -> None:
    first, second = published(), published(name="新模板")
    given(product(first)).when(lambda p: listing.replace_template(p, template=second, at=NOW)).then(
        (
            facts.ProductTemplateChanged,
            {"template_id": second.id, "template_version": 1, "template_name": "新模板", "timestamp": NOW},
        )
    ).when(lambda p: listing.replace_template(p, template=second, at=NOW)).then()
