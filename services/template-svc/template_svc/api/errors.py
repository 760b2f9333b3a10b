"""Errors of the domain as problems: status, type, Chinese and English text."""

from delivery_shared.http import ErrorTable

from template_svc import forms
from template_svc.domain import errors

ERRORS: ErrorTable = {
    errors.NotVisible: (404, "not-found", "未找到", "Not found"),
    errors.NotTheOwner: (403, "not-the-owner", "只能修改自己的模板", "Only its owner may change it"),
    errors.TemplateNameInvalid: (
        422,
        "template-name-invalid",
        "服务流程名称应为1-50个字符",
        "The template name needs 1 to 50 characters",
    ),
    errors.TemplateReadOnly: (
        409,
        "template-published",
        "已发布的模板不支持编辑或删除",
        "A published template can be neither edited nor deleted",
    ),
    errors.TemplateNotPublished: (
        409,
        "template-not-published",
        "只能选择已发布的服务流程模板",
        "Only a published template can be bound to a product",
    ),
    errors.ClockFixed: (403, "clock-fixed", "本系统的时钟不可调整", "The clock of this installation cannot be moved"),
    errors.ClockOutOfRange: (
        422,
        "clock-out-of-range",
        "时钟只能向后调整，且不超过十年",
        "The clock can be moved ahead only, by ten years at most",
    ),
    errors.NameTaken: (
        409,
        "name-taken",
        "已有名称为“{name}”的模板",
        "There is a template named “{name}” already",
    ),
    errors.CodeTaken: (409, "code-taken", "编号“{code}”已存在", "The code “{code}” exists already"),
    errors.NotUnderReview: (
        409,
        "no-revision",
        "该模板没有待审核的修改",
        "The template has no revision to review or withdraw",
    ),
    errors.ProductOffline: (409, "product-offline", "商品“{code}”已下线", "The product “{code}” is offline"),
    errors.AlreadySwitched: (
        409,
        "already-switched",
        "商品“{code}”已更换为交付中心模板",
        "The product “{code}” has a template already",
    ),
    errors.OperatorsToReplace: (
        403,
        "operators-to-replace",
        "历史商品的模板由云市场小二更换",
        "The template of a historical product is replaced by the platform operator",
    ),
    forms.FormInvalid: (
        422,
        "demand-form-invalid",
        "需求模板不是有效的JSON Schema：{path} {reason}",
        "The demand form is no valid JSON Schema: {path} {reason}",
    ),
    forms.VariableUnknown: (
        422,
        "variable-unknown",
        "消息模板中有未知变量“{found}”，可用变量：{known}",
        "The message template names the unknown variable “{found}”; known are {known}",
    ),
}
