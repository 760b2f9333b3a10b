"""What people do with a project, decided by the domains of project-svc and dispatch-svc as of whenever they did it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from delivery_shared.working_time import SHANGHAI
from dispatch_svc.domain import following
from dispatch_svc.domain.assignment import Assignment
from dispatch_svc.domain.keys import PoolKey
from dispatch_svc.domain.pool import ProviderPool
from project_svc.domain import changing, operating, supervising, talking
from project_svc.domain.flow import Flow, FlowNode
from project_svc.domain.people import Actor, acting
from project_svc.domain.project import Project
from project_svc.files import FileStore

from delivery_center.past.papers import paper
from delivery_center.past.world import DATA, World
from delivery_center.seeding.lives import Lives, Somebody

TEXTS: dict[str, Any] = DATA["texts"]


@dataclass(kw_only=True)
class Life:
    """A project under way, with what dispatch knows of it."""

    project: Project
    assignment: Assignment
    flow: Flow
    customer: Somebody
    company: str
    handed_in: dict[str, set[int]] = field(default_factory=dict)
    """The visits, by node, at which something was uploaded."""

    @property
    def node(self) -> FlowNode:
        """Where it stands."""
        return self.flow.node(self.project.node)


class Doing:
    """Everything people do. Texts are drawn; ids, too, so that the same draw gives the same past."""

    def __init__(self, lives: Lives, world: World, draw: random.Random, files: FileStore) -> None:
        self.lives = lives
        self.world = world
        self.draw = draw
        self.files = files

    def serve(self, life: Life, at: datetime) -> bool:
        """Have dispatch answer what the project asks; False when it has to wait."""
        return self.lives.serve(life.project, life.assignment, life.flow, at)

    def pass_time(self, life: Life, at: datetime) -> None:
        """What the time limits do until ``at``, node after node where one goes on by itself."""
        visit = 0
        while not life.project.ended and visit != life.project.visit:
            visit = life.project.visit
            self.lives.tick(life.project, life.flow, at)

    def operate(self, life: Life, at: datetime, *, rejects: bool) -> None:
        """Confirm the open node, or send it back."""
        person, visit, node = self.operator(life), life.project.visit, life.node
        if rejects:
            reason = self.text("reject_customer" if node.by_customer else "reject_provider")
            operating.reject(life.project, life.flow, visit=visit, person=person, reason=reason, at=at)
            return
        if node.fills_form and node.id not in life.project.filled_nodes:
            data = self._filled(life, node, at)
            operating.submit_requirement(life.project, life.flow, visit=visit, person=person, data=data, at=at)
        operating.confirm(life.project, life.flow, visit=visit, person=person, at=at)
        if life.project.ended:
            self.lives.ended(life.project, life.assignment, at)

    def hand_in(self, life: Life, at: datetime) -> None:
        """上传内容 of the open node, unless it was done before."""
        project, node = life.project, life.node
        files = life.handed_in.setdefault(node.id, set())
        if project.visit in files:
            return
        files.add(project.visit)
        name, content = paper(node.name, company=life.company, order=project.order_number, version=len(files))
        kept = self.files.put(name=name, content=content)
        file_id = self.id()
        operating.attach_file(
            project,
            life.flow,
            visit=project.visit,
            person=self.operator(life),
            file_id=file_id,
            name=kept.name,
            size=kept.size,
            at=at,
        )
        row = {"file_id": file_id, "project_id": project.id, "uploaded_at": at, **asdict(kept)}
        self.lives.batch.files.append(row)

    def operator(self, life: Life) -> Somebody:
        """Who operates the open node."""
        if life.node.by_customer:
            return life.customer
        return self._staff(life, life.project.roles[life.node.role or ""])

    def claim(self, life: Life, at: datetime) -> bool:
        """One of those who may claims the order."""
        role = life.node.role or ""
        assert life.project.provider_id is not None
        who = self.draw.choice(self.world.staff[life.project.provider_id, role])
        changing.claim(
            life.project,
            life.flow,
            person=self._staff(life, who),
            roles=frozenset({role}),
            department_id=None,
            request_id=self.id(),
            at=at,
        )
        return self.serve(life, at)

    def hand_over(self, life: Life, at: datetime) -> bool:
        """更换操作人 to somebody else who can take it, if there is one."""
        assert life.project.provider_id is not None
        pool = self.lives.pool(PoolKey.of_provider(life.project.provider_id))
        assert isinstance(pool, ProviderPool)
        roles = [role for role in life.project.roles if role != "account_manager"]
        role = life.node.role if life.node.role in roles else roles[0]
        others = [
            UUID(person)
            for person, member in pool.members.items()
            if role in member["roles"] and member["receiving"] and member["load"] < member["maximum"]
            and UUID(person) != life.project.roles[role or ""]
        ]  # fmt: skip
        if not others:
            return True
        changing.change_assignee(
            life.project,
            life.flow,
            role=role,
            person_id=self.draw.choice(others),
            remark=self.text("hand_over"),
            by=self._provider(life),
            request_id=self.id(),
            at=at,
        )
        return self.serve(life, at)

    def change_provider(self, life: Life, providers: list[UUID], at: datetime) -> bool:
        """更换服务商 to another of those that deliver the product, if there is one."""
        others = [provider for provider in providers if provider != life.project.provider_id]
        if not others:
            return True
        changing.change_provider(
            life.project,
            provider_id=self.draw.choice(others),
            remark=self.text("change_provider"),
            by=acting(self.world.admin(life.project.vendor_id), "vendor"),
            request_id=self.id(),
            at=at,
        )
        return self.serve(life, at)

    def pause(self, life: Life, at: datetime) -> None:
        """暂停项目."""
        supervising.pause(life.project, remark=self.text("pause"), by=self._provider(life), at=at)
        following.suspend(life.assignment, run=life.project.run, at=at)

    def resume(self, life: Life, at: datetime) -> bool:
        """启动项目."""
        supervising.resume(life.project, life.flow, by=self._provider(life), at=at)
        following.resume(life.assignment, run=life.project.run, at=at)
        return self.serve(life, at)

    def cancel(self, life: Life, at: datetime) -> None:
        """取消项目, by the marketplace."""
        supervising.cancel(life.project, remark=self.text("cancel"), by={"kind": "marketplace"}, at=at)
        self.lives.ended(life.project, life.assignment, at)

    def remind(self, life: Life, at: datetime) -> None:
        """催办 by the vendor."""
        by = acting(self.world.admin(life.project.vendor_id), "vendor")
        supervising.remind(life.project, life.flow, visit=life.project.visit, by=by, at=at)

    def comment(self, life: Life, at: datetime) -> None:
        """项目留言 of the customer or of the provider's people."""
        people = list(life.project.roles.values())
        if people and self.draw.random() < 0.5:
            person, text = self._staff(life, self.draw.choice(people)), self.text("comment_staff")
        else:
            person, text = life.customer, self.text("comment_customer")
        talking.comment(life.project, life.flow, comment_id=self.id(), person=person, text=text, at=at)

    def note(self, life: Life, at: datetime) -> None:
        """项目备注 of the provider's people."""
        people = list(life.project.roles.values())
        if people:
            person = self._staff(life, self.draw.choice(people))
            talking.note(life.project, life.flow, note_id=self.id(), person=person, text=self.text("note"), at=at)

    def evaluate(self, life: Life, at: datetime) -> None:
        """评价."""
        (stars,) = self.draw.choices((5, 4, 3, 2, 1), (56, 27, 10, 5, 2))
        text = self.draw.choice(TEXTS["stars"][str(stars)])
        talking.evaluate(life.project, person=life.customer, stars=stars, text=text, at=at)

    def text(self, kind: str) -> str:
        """Something people say."""
        said: str = self.draw.choice(TEXTS[kind])
        return said

    def id(self) -> UUID:
        """A new id."""
        return UUID(int=self.draw.getrandbits(128), version=4)

    def _staff(self, life: Life, user_id: UUID) -> Somebody:
        assert life.project.provider_id is not None
        return Somebody(user_id=user_id, party_id=life.project.provider_id)

    def _provider(self, life: Life) -> Actor:
        assert life.project.provider_id is not None
        return acting(self.world.admin(life.project.provider_id), "provider")

    def _filled(self, life: Life, node: FlowNode, at: datetime) -> dict[str, Any]:
        """The demand form, filled in."""
        wanted = (at.astimezone(SHANGHAI) + timedelta(days=self.draw.randrange(20, 60))).date().isoformat()
        contact = {
            "contact": self.draw.choice(DATA["contacts"]),
            "mobile": f"0{self.draw.randrange(311, 999)}-{self.draw.randrange(6_000_000, 8_999_999)}",
        }
        if node.form == "mini_program_design":
            return {
                **contact,
                "program_name": f"{life.company[:6]}小程序",
                "platform": self.draw.choice(("微信", "支付宝", "多平台")),
                "industry": self.draw.choice(("零售", "餐饮", "教育", "物流", "其他")),
                "features": self.draw.choice(
                    ("会员、下单、优惠券", "门店预约与排队", "商品展示与在线支付", "活动报名与签到")
                ),
                "pages": self.draw.randrange(8, 30),
                "has_logo": self.draw.random() < 0.7,
                "delivery_date": wanted,
            }
        return {
            **contact,
            "company_name": life.company,
            "site_kind": self.draw.choice(("企业官网", "产品展示", "资讯门户")),
            "columns": ["首页", *self.draw.sample(TEXTS["columns"], 3), "联系我们"],
            "style": self.draw.choice(("简约", "商务", "科技", "活泼")),
            "launch_date": wanted,
        }


def nodes_operated(flow: Flow) -> Iterator[FlowNode]:
    """The nodes at which somebody works."""
    return (leaf for leaf in flow.leaves if leaf.operated)
