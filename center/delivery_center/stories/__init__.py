"""The stories of the manual, played over HTTP by their people (requirements X)."""

from __future__ import annotations

from collections.abc import Mapping

from delivery_center.stories.scenario1 import Scenario1
from delivery_center.stories.scenario2 import Scenario2
from delivery_center.stories.scenario3_departments import Scenario3Departments
from delivery_center.stories.scenario3_vendors import Scenario3Vendors
from delivery_center.stories.story import Story

STORIES: Mapping[str, type[Story]] = {
    "1": Scenario1,
    "2": Scenario2,
    "3-departments": Scenario3Departments,
    "3-vendors": Scenario3Vendors,
}
"""主账号自服务, 分单给子账号, 使用“部门”实现项目外包, 使用厂商-服务商实现项目外包."""
