"""文件管理: upload at a visit, list, download."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import structlog
from delivery_shared.http import BY_LINK, SIGNED_IN, Problem, allow, caller, command, reply
from delivery_shared.http.paging import page_schema
from flask import Response, request, send_file
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, fields
from werkzeug.exceptions import RequestEntityTooLarge

from project_svc.api.calling import application
from project_svc.api.schemas import AsCustomer, PageQuery
from project_svc.domain.errors import FilesUnavailable, FileTooLarge
from project_svc.files import FileStore, StoredFile, keeping
from project_svc.pages.files import files

log = structlog.get_logger()

blp = Blueprint("files", __name__, description="文件管理")

MULTIPART_OVERHEAD = 64 * 1024
"""Bytes a multipart body may have beside the file."""

AT_ONCE: Final = 3
"""Files that one person can send to one process at the same time."""

UPLOAD_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


class File(Schema):
    file_id = fields.UUID()
    name = fields.String()
    size = fields.Integer()
    sha256 = fields.String()


class FileEntry(Schema):
    file_id = fields.UUID(required=True)
    name = fields.String(required=True)
    uploaded_at = fields.String(required=True)
    size = fields.Integer(required=True)
    size_text = fields.String(required=True)
    operator = fields.String(required=True)
    node = fields.String(required=True)
    node_id = fields.String(required=True)
    visit = fields.Integer(required=True)
    run = fields.Integer(required=True)
    released = fields.Boolean(required=True)
    removable = fields.Boolean(metadata={"description": "the caller can DELETE it: its node is not confirmed yet"})
    href = fields.String(required=True)


class FileTypeEntry(Schema):
    extension = fields.String(required=True, metadata={"description": "without a dot, in small letters"})
    group = fields.String(
        required=True, metadata={"description": "image, design, document, archive, web, audio, video or other"}
    )


class FileRules(Schema):
    limit = fields.Integer(required=True, metadata={"description": "bytes of the largest file"})
    types = fields.List(fields.Nested(FileTypeEntry), required=True)


class FilesQuery(AsCustomer, PageQuery):
    """As whom, and which page."""


def drop(store: FileStore, storage: str) -> None:
    """Remove bytes that nothing names (any more); a store that is away now keeps them, which hurts nobody."""
    try:
        store.remove(storage)
    except FilesUnavailable as error:
        log.warning("bytes that nothing names were not removed", storage=storage, error=repr(error))


def keep_upload(project_id: UUID, visit: int | None) -> Response:
    """Keep the one file sent as the part ``file``; refused before the bytes are read where possible, and dropped
    when it comes to nothing."""
    store = application().files
    application().check_may_attach(by=caller(), project_id=project_id, visit=visit)
    with _few_at_once(caller().user_id):
        file = _received(store)
    try:
        outcome = application().attach_file(
            command=command(), by=caller(), project_id=project_id, visit=visit, file=file
        )
    except BaseException:
        drop(store, file.storage)
        raise
    if outcome.replayed:
        drop(store, file.storage)
    return reply(outcome, location=f"/api/v1/files/{outcome.body['file_id']}")


def _received(store: FileStore) -> StoredFile:
    """The one file of the request, put away."""
    request.max_content_length = store.rules.limit + MULTIPART_OVERHEAD
    try:
        with keeping():  # large bodies are laid down on disk while they are taken apart
            parts = [*request.files.items(multi=True)]
    except RequestEntityTooLarge:
        raise FileTooLarge(store.rules.limit) from None
    try:
        if [name for name, _ in parts] != ["file"] or request.form:
            raise Problem.of(422, errors=[{"field": "file", "message": "请上传一个文件 / upload one file"}])
        return store.put(name=parts[0][1].filename or "", content=parts[0][1].stream)
    finally:
        for _, part in parts:
            part.close()


_sending: Counter[UUID] = Counter()
_lock = threading.Lock()


@contextmanager
def _few_at_once(person: UUID) -> Iterator[None]:
    """:raises Problem: 429, the person sends :data:`AT_ONCE` files already."""
    with _lock:
        if _sending[person] >= AT_ONCE:
            raise Problem(
                429,
                "too-many-uploads",
                f"同时最多上传{AT_ONCE}个文件，请稍后再试",
                f"At most {AT_ONCE} files at once, try again later",
                headers={"Retry-After": "2"},
            )
        _sending[person] += 1
    try:
        yield
    finally:
        with _lock:
            _sending[person] -= 1
            if not _sending[person]:
                del _sending[person]


@blp.route("/api/v1/file-types")
class Types(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.response(200, FileRules)
    def get(self) -> Any:
        """What can be uploaded: types and size of a file."""
        rules = application().files.rules
        return {
            "limit": rules.limit,
            "types": [{"extension": name, "group": type.group} for name, type in rules.types.items()],
        }


@blp.route("/api/v1/projects/<uuid:project_id>/visits/<int:visit>/files")
class Uploads(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.doc(**UPLOAD_BODY)
    @blp.response(201, File)
    def post(self, project_id: UUID, visit: int) -> Response:
        """上传内容 at a node: one file as the part ``file``."""
        return keep_upload(project_id, visit)


@blp.route("/api/v1/projects/<uuid:project_id>/files")
class Files(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.arguments(FilesQuery, location="query", unknown=RAISE)
    @blp.response(200, page_schema(FileEntry))
    def get(self, query: dict[str, Any], project_id: UUID) -> Any:
        """文件管理, oldest first."""
        return application().listed(files, by=caller(), project_id=project_id, **query)

    @allow(SIGNED_IN, BY_LINK)
    @blp.doc(**UPLOAD_BODY)
    @blp.response(201, File)
    def post(self, project_id: UUID) -> Response:
        """添加附件: a file of an operator of the project outside a node's upload (R-84)."""
        return keep_upload(project_id, None)


def names(name: str) -> dict[str, str]:
    """The name of a download: whole (RFC 8187), and one in ASCII for old programs, which is never bare of a stem."""
    stem, dot, extension = name.rpartition(".")
    ascii_stem = "".join(c for c in stem if c.isascii() and c.isprintable() and c not in '"\\').strip() or "file"
    if stem.isascii() and ascii_stem == stem:
        return {"filename": name}
    return {"filename": ascii_stem + dot + extension, "filename*": f"UTF-8''{quote(name, safe='')}"}


@blp.route("/api/v1/files/<uuid:file_id>")
class Download(MethodView):
    @allow(SIGNED_IN, BY_LINK)
    @blp.doc(
        responses={
            "200": {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
        }
    )
    def get(self, file_id: UUID) -> Response:
        """Download under its own name; never shown inside a page."""
        row, content = application().open_file(by=caller(), file_id=file_id)
        response = send_file(
            content, mimetype=row["content_type"], as_attachment=True, download_name=row["name"], max_age=0
        )
        response.headers.set("Content-Disposition", "attachment", **names(row["name"]))
        response.headers["Content-Length"] = str(row["size"])
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
        response.headers["Cache-Control"] = "private, no-store"
        return response

    @allow(SIGNED_IN, BY_LINK)
    @blp.response(204)
    def delete(self, file_id: UUID) -> Response:
        """Take a file away again before the node it was added at is confirmed."""
        outcome, storage = application().withdraw_file(command=command(), by=caller(), file_id=file_id)
        drop(application().files, storage)
        return reply(outcome)
