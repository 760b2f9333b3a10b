"""Errors of this service as HTTP answers."""

from __future__ import annotations

from delivery_shared.http import ErrorTable
from sqlalchemy.exc import TimeoutError as PoolTimeout

from notify_svc.application import MessageUnknown
from notify_svc.delivery_list import DeliveryNotParked, DeliveryUnknown

ERRORS: ErrorTable = {
    MessageUnknown: (404, "message-unknown", "没有该消息", "There is no such message"),
    DeliveryUnknown: (404, "delivery-unknown", "没有该发送记录", "There is no such delivery"),
    DeliveryNotParked: (
        409,
        "delivery-not-parked",
        "只有发送失败的消息可以重新发送",
        "Only a delivery that was given up can be tried anew",
    ),
    PoolTimeout: (503, "busy", "系统繁忙，请稍后再试", "Too many requests at once, try again"),
}
