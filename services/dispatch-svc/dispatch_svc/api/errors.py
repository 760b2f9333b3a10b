"""The domain's refusals as problems."""

from __future__ import annotations

from delivery_shared.http import ErrorTable

from dispatch_svc.domain.errors import (
    AskPaused,
    ConfiguredTwice,
    NotAProvider,
    NotRelated,
    NotVisible,
    OutOfRange,
    UnknownMember,
)

ERRORS: ErrorTable = {
    NotVisible: (404, "not-found", "未找到", "Not found"),
    UnknownMember: (404, "not-found", "未找到该员工", "No such employee"),
    NotRelated: (
        422,
        "provider-not-related",
        "服务商与该商品没有交付关系：{provider_ids}",
        "Providers without a relation to the product: {provider_ids}",
    ),
    ConfiguredTwice: (422, "provider-twice", "服务商 {provider_id} 重复", "Provider {provider_id} stands twice"),
    NotAProvider: (422, "not-a-provider", "必须是云市场服务商", "It must be a provider of the marketplace"),
    OutOfRange: (
        422,
        "out-of-range",
        "{field} 取值范围为{least}-{most}",
        "{field} must be from {least} to {most}",
    ),
    AskPaused: (409, "project-paused", "项目已暂停或被冻结，恢复后才能分单", "The project is paused or held"),
}
