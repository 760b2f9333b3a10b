"""Errors as RFC 9457 ``application/problem+json``: a stable type, a message in Chinese and English, fields."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import structlog
from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from delivery_shared.commands import Busy, KeyReused
from delivery_shared.http.wording import worded
from delivery_shared.logs import shown_path
from delivery_shared.messaging.consumer import DATABASE_DOWN, NotYet
from delivery_shared.tracing import current_trace

log = structlog.get_logger()

ErrorTable = Mapping[type[Exception], tuple[int, str, str, str]]
"""Domain error → HTTP status, type slug, Chinese and English text; ``{name}`` takes attributes of the error. One with
``blocking`` and ``total`` lists what is in the way (:meth:`Problem.blocked`)."""

BLOCKING_SHOWN: Final = 20
"""How many of what is in the way a refusal lists; it tells how many there are."""

STORAGE = (503, "storage-unavailable", "存储暂不可用，请稍后再试", "Storage is unavailable, try again")

COMMON: ErrorTable = {
    KeyReused: (
        422,
        "idempotency-key-reused",
        "该幂等键已用于其他请求",
        "The key was used with another body",
    ),
    Busy: (503, "busy", "系统繁忙，请稍后再试", "Too many changes at once, try again"),
    NotYet: (503, "not-yet-known", "数据同步中，请稍后再试", "Not yet known here, try again"),
    **dict.fromkeys(DATABASE_DOWN, STORAGE),
}

HTTP_TEXTS = {
    400: ("malformed", "请求格式错误", "The request is malformed"),
    401: ("unauthenticated", "请先登录", "Sign in first"),
    403: ("forbidden", "无权执行该操作", "You may not do this"),
    404: ("not-found", "未找到", "Not found"),
    405: ("method-not-allowed", "不支持该方法", "Method not allowed"),
    408: ("timeout", "请求超时", "The request took too long to arrive"),
    412: ("changed-meanwhile", "内容已被他人修改，请刷新后重试", "It was changed meanwhile, reload it"),
    413: ("too-large", "内容过大", "The content is too large"),
    414: ("address-too-long", "地址过长", "The address is too long"),
    415: ("unsupported-media-type", "不支持的内容类型", "Unsupported content type"),
    422: ("invalid", "输入有误", "The input is invalid"),
    428: ("precondition-required", "缺少 If-Match", "If-Match is required"),
    429: ("too-many-requests", "请求过于频繁，请稍后再试", "Too many requests, try later"),
    431: ("headers-too-large", "请求头过大", "The headers are too large"),
    500: ("internal", "系统内部错误", "Internal error"),
    503: ("unavailable", "服务暂不可用，请稍后再试", "Unavailable, try again"),
}


class Problem(Exception):
    """An answer other than success. ``errors`` name fields: ``{"field": …, "message": …}`` each."""

    def __init__(
        self,
        status: int,
        slug: str,
        zh: str,
        en: str,
        *,
        errors: list[dict[str, Any]] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(f"{status} {slug}")
        self.status, self.slug, self.zh, self.en = status, slug, zh, en
        self.errors, self.headers, self.more = errors, dict(headers or {}), more

    @classmethod
    def of(cls, status: int, **more: Any) -> Problem:
        """The standard problem of an HTTP status."""
        slug, zh, en = HTTP_TEXTS[status]
        return cls(status, slug, zh, en, **more)

    @classmethod
    def blocked(
        cls, status: int, slug: str, zh: str, en: str, *, items: Sequence[Mapping[str, Any]], total: int, **more: Any
    ) -> Problem:
        """A refusal that lists what is in the way, so that nobody has to search for it.

        :param items: the first of it, each with ``kind`` – project, user or department –, ``id`` and ``name``, of a
            project its order number; :data:`BLOCKING_SHOWN` are told.
        :param total: how many there are in all.
        """
        listed = [{"kind": one["kind"], "id": str(one["id"]), "name": one["name"]} for one in items[:BLOCKING_SHOWN]]
        if listed:
            names, rest = [one["name"] for one in listed], total - len(listed)
            zh = f"{zh}：{'、'.join(names)}" + (f" 等{total}个" if rest > 0 else "")
            en = f"{en}: {', '.join(names)}" + (f" and {rest} more" if rest > 0 else "")
        return cls(status, slug, zh, en, blocking={"items": listed, "total": total}, **more)

    def response(self) -> Response:
        body = {
            **document(self.status, self.slug, self.zh, self.en),
            "instance": request.path,
            "correlation_id": current_trace().correlation_id,
            **({"errors": [worded(error) for error in self.errors]} if self.errors else {}),
            **self.more,
        }
        response = Response(
            json.dumps(body, ensure_ascii=False, default=str).encode(errors="replace"),
            status=self.status,
            content_type="application/problem+json",
        )
        response.headers.update(self.headers)
        if self.status == 503:
            response.headers.setdefault("Retry-After", "1")
        return response


def document(status: int, slug: str, zh: str, en: str) -> dict[str, Any]:
    """What a problem says whatever was asked."""
    return {
        "type": f"urn:delivery-center:problem:{slug}",
        "title": en,
        "status": status,
        "detail": zh,
        "messages": {"zh": zh, "en": en},
    }


def refusal(
    environ: Mapping[str, Any], start_response: Callable[..., Any], status: int, slug: str, zh: str, en: str
) -> list[bytes]:
    """The WSGI answer of whoever refuses a request before any application sees it."""
    body = {
        **document(status, slug, zh, en),
        "instance": environ.get("PATH_INFO", ""),
        "correlation_id": environ.get("HTTP_X_CORRELATION_ID", ""),
    }
    content = json.dumps(body, ensure_ascii=False).encode(errors="replace")
    headers = [("Content-Type", "application/problem+json"), ("Content-Length", str(len(content)))]
    headers += [("Cache-Control", "no-store"), *([("Retry-After", "1")] if status == 503 else [])]
    start_response(f"{status} {HTTPStatus(status).phrase}", headers)
    return [content]


def field_errors(messages: Any, path: str = "") -> list[dict[str, Any]]:
    """marshmallow's nested messages as a flat list of field and message."""
    if isinstance(messages, dict):
        return [e for k, v in messages.items() for e in field_errors(v, f"{path}.{k}" if path else str(k))]
    if isinstance(messages, list | tuple):
        return [e for v in messages for e in field_errors(v, path)]
    return [{"field": path, "message": str(messages)}]


def install(app: Flask, errors: ErrorTable) -> None:
    """Answer every error of ``app`` as a problem; what is in no table is a 500 with its correlation id."""
    table = {**COMMON, **errors}

    def by_table(error: Exception) -> Response:
        entry = next(table[cls] for cls in type(error).__mro__ if cls in table)
        status, slug, zh, en = entry
        if status >= 500:
            log.warning("request failed", path=shown_path(request.path), error=repr(error))
        values = {k: v for k, v in vars(error).items() if not k.startswith("_")}
        texts = zh.format(**values), en.format(**values)
        if "blocking" in values:
            return Problem.blocked(status, slug, *texts, items=values["blocking"], total=values["total"]).response()
        return Problem(status, slug, *texts).response()

    def by_status(error: HTTPException) -> Response:
        status = error.code or 500
        if status >= 500 or status not in HTTP_TEXTS:
            return unexpected(error)
        data = getattr(error, "data", None) or {}
        fields = [e for part in (data.get("messages") or {}).values() for e in field_errors(part)]
        problem = Problem.of(status, errors=fields or None)
        retry_after = getattr(error, "retry_after", None)
        if retry_after:
            problem.headers["Retry-After"] = str(retry_after)
        if isinstance(error, MethodNotAllowed) and error.valid_methods:
            problem.headers["Allow"] = ", ".join(sorted(error.valid_methods))
        return problem.response()

    def unexpected(error: Exception) -> Response:
        log.error("request failed unexpectedly", path=shown_path(request.path), exc_info=error)
        return Problem.of(500).response()

    for cls in table:
        app.register_error_handler(cls, by_table)
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(HTTPException, by_status)
    app.register_error_handler(Exception, unexpected)
