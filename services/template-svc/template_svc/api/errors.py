"""Errors of the domain as problems: status, type, Chinese and English text."""

from delivery_shared.http import ErrorTable

from template_svc import application, domain, forms

ERRORS: ErrorTable = {
    domain.NotVisible: (404, "not-found", "未找到", "Not found"),
    domain.NotTheOwner: (403, "not-the-owner", "只能修改自己的模板", "Only its owner may change it"),
    domain.TemplateNameInvalid: (
        422,
        "template-name-invalid",
        "服务流程名称应为1-50个字符",
        "The template name needs 1 to 50 characters",
    ),
    domain.TemplateReadOnly: (
        409,
        "template-published",
        "已发布的模板不支持编辑或删除",
        "A published template can be neither edited nor deleted",
    ),
    domain.TemplateNotPublished: (
        409,
        "template-not-published",
        "只能选择已发布的服务流程模板",
        "Only a published template can be bound to a product",
    ),
    application.NameTaken: (
        409,
        "name-taken",
        "已有名称为“{name}”的模板",
        "There is a template named “{name}” already",
    ),
    application.CodeTaken: (409, "code-taken", "编号“{code}”已存在", "The code “{code}” exists already"),
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
