"""What the refusals of the domain mean over HTTP."""

from __future__ import annotations

from typing import Final

from delivery_shared.http import ErrorTable

from project_svc.domain import errors as e

ERRORS: ErrorTable = {
    e.ProjectUnknown: (404, "project-unknown", "项目不存在", "No such project"),
    e.RequestUnknown: (404, "request-unknown", "该申请不存在", "No such request"),
    e.FileUnknown: (404, "file-unknown", "文件不存在", "No such file"),
    e.RunUnknown: (404, "run-unknown", "没有该次流程记录", "No such run"),
    e.NotStartedThen: (404, "not-started-then", "项目当时尚未开始", "The project had not started then"),
    e.ProductNotListed: (404, "product-not-listed", "商品未上架", "The product is not listed"),
    e.ProductOffline: (409, "product-offline", "商品已下线，不能下单", "The product is offline and takes no orders"),
    e.VisitUnknown: (404, "visit-unknown", "节点操作不存在", "No such visit of a node"),
    e.NodePassed: (409, "node-passed", "该节点已处理，请刷新页面", "The node has been passed already"),
    e.NotOperator: (403, "not-operator", "您不是当前节点的操作人", "You do not operate this node"),
    e.NotOperable: (409, "not-operable", "当前节点不支持该操作", "This node has no such operation"),
    e.RemindedAlready: (409, "reminded-already", "一小时内已催办过", "Reminded already within the last hour"),
    e.RequirementMissing: (
        409,
        "requirement-missing",
        "未填写需求表单，不可直接通过当前节点",
        "The requirement form is not filled in",
    ),
    e.TestOrderRefused: (
        403,
        "test-order-refused",
        "仅可对本企业或所服务厂商的产品下测试订单",
        "Test orders are for own products and those of a vendor you serve",
    ),
    e.TooManyTestOrders: (
        409,
        "too-many-test-orders",
        "最多同时有{limit}个未结束的测试订单",
        "At most {limit} test orders may be open",
    ),
    e.FormUnknown: (503, "form-not-yet-known", "需求表单同步中，请稍后再试", "The form is not known here yet"),
    e.FormBroken: (409, "form-broken", "需求表单有误，请联系云市场小二", "The demand form itself is faulty"),
    e.NotRejectable: (409, "not-rejectable", "当前节点不可驳回", "This node cannot be rejected"),
    e.TextMissing: (422, "text-missing", "内容不能为空", "The text must not be empty"),
    e.TextTooLong: (422, "text-too-long", "内容不超过{limit}字", "At most {limit} characters"),
    e.ProjectPaused: (409, "project-paused", "项目已暂停", "The project is paused"),
    e.ProjectFrozen: (409, "project-frozen", "订单已冻结，解冻后才能操作", "The marketplace has frozen the order"),
    e.TermExpired: (409, "term-expired", "订单已到期，续费后才能操作", "The order has expired and is not renewed"),
    e.LinkOfAnother: (401, "unauthenticated", "链接已失效", "The link opens nothing any more"),
    e.BuyerForgotten: (
        409,
        "buyer-forgotten",
        "客户信息已清除，不能更换联系人",
        "The buyer is forgotten: nobody is named for him any more",
    ),
    e.NotPaused: (409, "not-paused", "项目未暂停", "The project is not paused"),
    e.ProjectEnded: (409, "project-ended", "项目已完结或已取消", "The project is completed or cancelled"),
    e.NotParticipant: (403, "not-participant", "仅项目操作人可执行该操作", "Only operators of the project may do this"),
    e.ChangePending: (
        409,
        "change-pending",
        "已有变更申请处理中",
        "A change of provider or operator is pending already",
    ),
    e.NoProviderYet: (409, "no-provider-yet", "项目尚未分配服务商", "The project has no provider yet"),
    e.SameProvider: (409, "same-provider", "项目已由该服务商交付", "The project is with this provider already"),
    e.NoAssigneeYet: (409, "no-assignee-yet", "当前节点没有可更换的操作人", "There is no operator to change"),
    e.SamePerson: (409, "same-person", "该员工已是操作人", "This person is the operator already"),
    e.NotAtClaimNode: (409, "not-at-claim-node", "订单当前不在认领节点", "The order does not stand at its claim node"),
    e.AlreadyClaimed: (409, "already-claimed", "订单已被认领", "The order has been claimed already"),
    e.ClaimPending: (409, "claim-pending", "订单正在被认领", "The order is being claimed"),
    e.WrongClaimRole: (403, "wrong-claim-role", "该订单不符合您的角色", "The order does not fit your role"),
    e.OrderUnknown: (404, "order-unknown", "订单号不存在", "No such order number"),
    e.OrderOfOtherProvider: (
        409,
        "order-of-other-provider",
        "该订单由其他服务商交付",
        "The order is delivered by another provider",
    ),
    e.ManagerMissing: (403, "forbidden", "无权执行该操作", "You may not do this"),
    e.NotCustomer: (403, "not-customer", "仅顾客可评价", "Only the customer may evaluate"),
    e.NotCompleted: (409, "not-completed", "项目完成后才能评价", "The project is not completed yet"),
    e.AlreadyEvaluated: (409, "already-evaluated", "该项目已评价", "The project has been evaluated already"),
    e.StarsRefused: (422, "stars-refused", "请选择1-5星", "1 to 5 stars"),
    e.MentionRefused: (
        422,
        "mention-refused",
        "被提及的人看不到这条内容",
        "Somebody mentioned cannot read this",
    ),
    e.FilesUnavailable: (503, "files-unavailable", "文件服务暂不可用，请稍后再试", "Files cannot be kept or read now"),
    e.FilesFull: (503, "files-full", "文件存储空间不足，请稍后再试", "There is no room for files now, try later"),
    e.ProjectFull: (
        413,
        "project-full",
        "项目文件总大小不能超过{megabytes}MB",
        "The files of the project take more than {megabytes} MB",
    ),
    e.FileHandedIn: (
        409,
        "file-handed-in",
        "该文件的节点已确认，不能删除",
        "The node of this file has been confirmed: it stays",
    ),
    e.FileEmpty: (422, "file-empty", "文件不能为空", "The file is empty"),
    e.FileTooLarge: (413, "file-too-large", "文件不能超过{megabytes}MB", "The file is larger than {megabytes} MB"),
    e.FileTypeRefused: (
        415,
        "file-type-refused",
        "不支持的文件类型{extension}；可上传不超过{megabytes}MB的：{accepted_zh}",
        "This type of file is not accepted: {extension}. Accepted, up to {megabytes} MB: {accepted_en}",
    ),
    e.FileContentRefused: (
        415,
        "file-content-refused",
        "文件内容与扩展名{extension}不符{seeming_zh}；可上传不超过{megabytes}MB的：{accepted_zh}",
        "The content is not what {extension} says{seeming_en}. Accepted, up to {megabytes} MB: {accepted_en}",
    ),
    e.FileInfected: (
        422,
        "file-infected",
        "文件中发现病毒（{signature}），未被接收",
        "A virus was found in the file ({signature}), it was not kept",
    ),
    e.FileNameRefused: (
        422,
        "file-name-refused",
        "文件名为空、超过{limit}字或含控制字符",
        "The file name is empty, longer than {limit} characters, or holds control characters",
    ),
}  # fmt: skip

REASONS: Final = {
    "provider_not_configured": ("该服务商未配置给此产品", "The provider is not configured for the product"),
    "provider_full": ("该服务商持单量已满", "The provider is full"),
    "person_unknown": ("该员工不属于此服务商", "The person does not belong to the provider"),
    "person_lacks_role": ("该员工没有对应角色", "The person lacks the role"),
    "person_full": ("该员工持单量已满", "The person is full"),
    "person_paused": ("该员工已暂停接单", "The person does not receive orders"),
    "same_person": ("该员工已是操作人", "This person is the operator already"),
    "same_provider": ("项目已由该服务商交付", "The project is with this provider already"),
    "withdrawn": ("项目流程已变更，申请已失效", "The project moved on, the request is void"),
}
"""Why a claim or change came to nothing."""
