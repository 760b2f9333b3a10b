"""Turning a message template (消息模板) into the text of a message.

Templates are texts with variables, nothing else: no expressions, filters or control flow, and only the variables of
:data:`VARIABLES`. The sandbox is the second wall behind that rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment

VARIABLES = frozenset(
    {
        "order_number",
        "business_number",
        "product_name",
        "node_name",
        "customer_name",
        "provider_name",
        "time",
        "reject_reason",
        "remark",
    }
)
"""订单号, 业务号, 产品名称, 节点名称, 客户名称, 服务商名称, 时间, 驳回原因 (of 当前流程驳回), 备注 (of 更换操作人, and
what is said where somebody is mentioned)."""

MISSING = "--"
"""What stands for something there is not (yet), as in the manual's lists."""

SHANGHAI = timezone(timedelta(hours=8), "Asia/Shanghai")

_environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
_PLAIN = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)


def problem_of(text: str) -> str | None:
    """Why ``text`` cannot be a template, None if it can."""
    try:
        parsed = _environment.parse(text)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    for node in parsed.find_all(nodes.Node):
        if not isinstance(node, _PLAIN):
            return f"line {node.lineno}: {type(node).__name__} is not allowed"
        if isinstance(node, nodes.Name) and node.name not in VARIABLES:
            return f"line {node.lineno}: unknown variable {node.name}"
    return None


def render(text: str, values: Mapping[str, str]) -> str:
    """``text`` with its variables filled in; only for texts without a :func:`problem_of`."""
    return _compiled(text).render(values)


@lru_cache(maxsize=256)
def _compiled(text: str) -> Template:
    return _environment.from_string(text)


def printed(time: datetime) -> str:
    """A time as messages print it: to the second, in Shanghai."""
    return time.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
