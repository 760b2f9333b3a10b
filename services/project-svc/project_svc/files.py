"""Uploaded files: what is accepted, and where the bytes lie."""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol
from uuid import uuid4

from project_svc.domain.errors import FileEmpty, FileNameRefused, FileTooLarge, FileTypeRefused

SIZE_LIMIT: Final = 50 * 1024 * 1024
"""Bytes of a file unless set otherwise."""

NAME_LIMIT: Final = 200
CHUNK: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """Bytes put away: ``storage`` is their generated name, ``name`` the one the uploader gave."""

    name: str
    size: int
    content_type: str
    sha256: str
    storage: str


class FileStore(Protocol):
    """Where files lie. ``limit``: bytes of the largest one."""

    limit: int

    def put(self, *, name: str, content: IO[bytes]) -> StoredFile:
        """Check and keep a file. :raises FileRefused, FilesUnavailable: nothing is left behind."""

    def open(self, storage: str) -> BinaryIO:
        """The bytes. :raises FileNotFoundError: they are gone. :raises FilesUnavailable: not to be read now."""

    def remove(self, storage: str) -> None:
        """Drop the bytes of an upload that came to nothing."""


def _starts(*magics: bytes) -> Callable[[Path], bool]:
    def looks(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(16).startswith(magics)

    return looks


def _office(folder: str) -> Callable[[Path], bool]:
    def looks(path: Path) -> bool:
        try:
            with zipfile.ZipFile(path) as archive:
                entries = archive.namelist()
        except (zipfile.BadZipFile, OSError, NotImplementedError):
            return False
        return "[Content_Types].xml" in entries and any(entry.startswith(folder) for entry in entries)

    return looks


def _riff(kind: bytes) -> Callable[[Path], bool]:
    def looks(path: Path) -> bool:
        with path.open("rb") as file:
            head = file.read(12)
        return head[:4] == b"RIFF" and head[8:] == kind

    return looks


def _mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(12)[4:8] == b"ftyp"


def _text(path: Path) -> bool:
    with path.open("rb") as file:
        return all(b"\0" not in chunk for chunk in iter(lambda: file.read(CHUNK), b""))


_ole = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_zip = _starts(b"PK\x03\x04", b"PK\x05\x06")

ALLOWED: Final[Mapping[str, tuple[str, Callable[[Path], bool]]]] = {
    "png": ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
    "jpg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    "jpeg": ("image/jpeg", _starts(b"\xff\xd8\xff")),
    "gif": ("image/gif", _starts(b"GIF87a", b"GIF89a")),
    "bmp": ("image/bmp", _starts(b"BM")),
    "webp": ("image/webp", _riff(b"WEBP")),
    "psd": ("image/vnd.adobe.photoshop", _starts(b"8BPS")),
    "mp4": ("video/mp4", _mp4),
    "pdf": ("application/pdf", _starts(b"%PDF-")),
    "doc": ("application/msword", _ole),
    "xls": ("application/vnd.ms-excel", _ole),
    "ppt": ("application/vnd.ms-powerpoint", _ole),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", _office("word/")),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _office("xl/")),
    "pptx": ("application/vnd.openxmlformats-officedocument.presentationml.presentation", _office("ppt/")),
    "zip": ("application/zip", _zip),
    "rar": ("application/vnd.rar", _starts(b"Rar!\x1a\x07")),
    "7z": ("application/x-7z-compressed", _starts(b"7z\xbc\xaf\x27\x1c")),
    "txt": ("text/plain", _text),
    "csv": ("text/csv", _text),
    "md": ("text/markdown", _text),
}
"""Extension → content type and the look that content of this type has. Nothing a browser would run."""


def checked_name(name: str) -> str:
    """The last part of a file name. :raises FileNameRefused: empty, above 200 characters, control characters."""
    name = re.split(r"[/\\]", name)[-1].strip()
    if not name.strip(".") or len(name) > NAME_LIMIT or not name.isprintable():
        raise FileNameRefused
    return name


@contextmanager
def draft(directory: Path, *, name: str, content: IO[bytes], limit: int) -> Iterator[tuple[Path, StoredFile]]:
    """The content as a checked, synced file in ``directory``, under a name that goes with the end of the context.

    :raises FileRefused: nothing is left behind.
    """
    name = checked_name(name)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    if extension not in ALLOWED:
        raise FileTypeRefused
    content_type, looks_right = ALLOWED[extension]
    directory.mkdir(parents=True, exist_ok=True)
    storage = uuid4().hex
    path = directory / f".{storage}"
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as file:
            for chunk in iter(lambda: content.read(CHUNK), b""):
                size += len(chunk)
                if size > limit:
                    raise FileTooLarge(limit)
                digest.update(chunk)
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        if not size:
            raise FileEmpty
        if not looks_right(path):
            raise FileTypeRefused
        yield (
            path,
            StoredFile(name=name, size=size, content_type=content_type, sha256=digest.hexdigest(), storage=storage),
        )
    finally:
        path.unlink(missing_ok=True)


class LocalFiles:
    """Files in a directory of this machine, under generated names."""

    def __init__(self, directory: Path, *, limit: int = SIZE_LIMIT) -> None:
        self.directory = directory
        self.limit = limit

    def put(self, *, name: str, content: IO[bytes]) -> StoredFile:
        """Written to a temporary name, checked, synced, renamed: a file is there whole or not at all."""
        with draft(self.directory, name=name, content=content, limit=self.limit) as (path, file):
            path.rename(self.directory / file.storage)
        return file

    def open(self, storage: str) -> BinaryIO:
        return (self.directory / storage).open("rb")

    def remove(self, storage: str) -> None:
        (self.directory / storage).unlink(missing_ok=True)
