"""Errors of the domain as problems: status, type, Chinese and English text."""

from delivery_shared.http import ErrorTable

from intake_svc.domain import errors

ERRORS: ErrorTable = {
    errors.NotVisible: (404, "not-found", "未找到", "Not found"),
    errors.SecretUnusable: (
        422,
        "secret-unusable",
        "密钥缺失或不符合该云市场的格式",
        "The secret is missing, or none of this marketplace's",
    ),
    errors.NotPrepared: (
        409,
        "connection-not-prepared",
        "进入测试需先设置密钥，正式上线还需设置规格映射",
        "A connection needs a secret to be tested, and an SKU map as well to go live",
    ),
    errors.NotInTest: (
        409,
        "connection-not-in-test",
        "仅测试状态的接入可以发送测试订单",
        "Test orders come through a connection in test only",
    ),
    errors.NotMirrored: (
        422,
        "mirror-unavailable",
        "该类云市场没有可上报的交付中心，或此地址未被允许",
        "This kind of marketplace has no delivery center that can be told, or the address is not allowed",
    ),
    errors.MirrorIncomplete: (
        422,
        "mirror-incomplete",
        "请填写访问密钥的密钥内容",
        "The secret of the access key is missing",
    ),
    errors.ReportNotParked: (
        409,
        "report-not-parked",
        "该上报未被搁置，无需处理",
        "The report is not parked; nothing is left to do of it",
    ),
    errors.NotParked: (
        409,
        "notice-not-parked",
        "该通知未被搁置，无需处理",
        "The notice is not parked; nothing is left to do of it",
    ),
    errors.BehindAnother: (
        409,
        "notice-behind-another",
        "该订单有更早的通知被搁置，请先处理",
        "An earlier notice of the order is parked; it comes first",
    ),
    errors.NothingLeft: (
        409,
        "notice-erased",
        "该通知的内容已随买家信息删除",
        "What the notice said was erased with its buyer",
    ),
}
