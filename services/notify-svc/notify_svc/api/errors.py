"""Errors of this service as HTTP answers."""

from __future__ import annotations

from delivery_shared.http import ErrorTable
from sqlalchemy.exc import TimeoutError as PoolTimeout

from notify_svc.application import MessageUnknown

ERRORS: ErrorTable = {
    MessageUnknown: (404, "message-unknown", "没有该消息", "There is no such message"),
    PoolTimeout: (503, "busy", "系统繁忙，请稍后再试", "Too many requests at once, try again"),
}
