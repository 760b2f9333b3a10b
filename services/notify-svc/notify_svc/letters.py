"""What a contact of an order reads: the message as everybody has it, in the contact's language, with a link that opens
the project. Link and code are made when the letter is written: they stand in no row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from delivery_shared.links import LinkKeys
from sqlalchemy import RowMapping

ASKED: Final = frozenset({"link", "code"})
"""Triggers of what identity asks for on behalf of whoever holds a link."""

PATH: Final = "/l#"
"""Where links lead: what follows is for the browser alone and reaches no server's log."""

ENGLISH: Final = {
    "entered": "{product}: “{node}” has begun",
    "passed_on": "{product}: “{node}” is done",
    "rejected": "{product}: “{node}” was sent back",
    "overdue": "{product}: “{node}” is overdue",
    "due_soon": "{product}: “{node}” is due soon",
    "reminded": "{product}: “{node}” is waiting for you",
    "reassigned": "{product}: somebody else looks after “{node}” now",
    "mentioned": "{product}: somebody has mentioned you",
}
"""By trigger. Templates are written in Chinese: who reads English gets this, and their text below it."""

LINK: Final = {
    "zh": ("打开项目的新链接", "您的订单 {order}（{product}）的新链接如下。"),
    "en": ("Your new link", "Here is the new link to your order {order} ({product})."),
}
INTRODUCED: Final = {
    "zh": ("您是订单联系人", "您已成为订单 {order}（{product}）的联系人。", "现在等您处理：{node}。"),
    "en": ("You look after an order",
           "You are the contact of order {order} ({product}).", " It waits for you: {node}."),
}  # fmt: skip
CODE: Final = {
    "zh": ("验证码", "您的验证码：{code}，10分钟内有效。用于确认订单 {order}（{product}）的操作，请勿告诉他人。"),
    "en": ("Your code", "Your code is {code}, good for 10 minutes. It confirms what is decided in your order {order}"
                        " ({product}); tell it to nobody."),
}  # fmt: skip
OPEN: Final = {
    "zh": "点击打开项目，无需登录：\n{link}\n链接过期后，可在打开的页面上重新获取。请勿转发本邮件。",
    "en": "Open your project, no account needed:\n{link}\nOnce the link has expired, its page sends you a new one."
    " Please do not forward this message.",
}
SHORT: Final = {"zh": "打开项目：{link}", "en": "Open: {link}"}


def language_of(locale: str | None) -> str:
    """``zh`` or ``en``: what somebody with this locale reads. Who has named none reads Chinese."""
    return "zh" if not locale or locale.lower().startswith("zh") else "en"


@dataclass(frozen=True, kw_only=True)
class Letters:
    """Writes what leaves the system. Without ``keys`` or the ``address`` where browsers find the center there are no
    links."""

    keys: LinkKeys | None = None
    address: str = ""

    def written(self, row: RowMapping, channel: str, *, at: datetime) -> tuple[str, str] | None:
        """Title and body of a delivery, whose ``row`` holds message, receiver and project. None: it would say nothing
        without a link or code, and there are none here."""
        if row["contact_of"] is None:
            return row["title"], row["body"]
        language = language_of(row["locale"])
        said = {"order": row["order_number"], "product": row["product_name"], "node": row["node_name"]}
        link = self._link(row, at=at)
        if row["trigger"] == "code":
            title, body = CODE[language]
            code = self.keys and self.keys.code(row["contact_of"], row["version"], row["visit"])
            return (title, body.format(code=code, **said)) if code else None
        if row["trigger"] == "link":
            title, body = LINK[language]
            return (title, _joined(body.format(**said), link, language, channel)) if link else None
        if row["trigger"] == "introduced":
            title, body, waits = INTRODUCED[language]
            text = body.format(**said) + (waits.format(**said) if row["node_name"] else "")
            return (title, _joined(text, link, language, channel)) if link else None
        if language == "zh":
            return row["title"], _joined(row["body"], link, language, channel)
        title = ENGLISH[row["trigger"]].format(**said)
        text = _joined(f"{title}\n{row['order_number']}", link, language, channel)
        return title, text if channel == "sms" else f"{text}\n\n-- \n{row['body']}"

    def _link(self, row: RowMapping, *, at: datetime) -> str:
        if self.keys is None or not self.address:
            return ""
        return f"{self.address.rstrip('/')}{PATH}{self.keys.link(row['contact_of'], row['version'], at=at)}"


def _joined(body: str, link: str, language: str, channel: str) -> str:
    if not link:
        return body
    ending = (SHORT if channel == "sms" else OPEN)[language].format(link=link)
    return f"{body}\n{ending}" if channel == "sms" else f"{body}\n\n{ending}"
