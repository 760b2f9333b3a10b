"""Errors of this service as HTTP answers."""

from __future__ import annotations

from delivery_shared.http import ErrorTable
from sqlalchemy.exc import TimeoutError as PoolTimeout

from reporting_svc.application import EntranceClosed

ERRORS: ErrorTable = {
    EntranceClosed: (403, "entrance-closed", "当前账号没有该入口", "Your account does not have this entrance"),
    PoolTimeout: (503, "busy", "系统繁忙，请稍后再试", "Too many requests at once, try again"),
}
