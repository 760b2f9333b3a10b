"""Uploaded files: what is accepted, and where the bytes lie."""

from __future__ import annotations

import errno
import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, BinaryIO, Final, Protocol
from uuid import uuid4

from delivery_shared import texts

from project_svc.domain.errors import (
    FileContentRefused,
    FileEmpty,
    FileNameRefused,
    FilesFull,
    FilesUnavailable,
    FileTooLarge,
    FileTypeRefused,
)
from project_svc.file_types import TYPES, FileTypes, head_of, seeming
from project_svc.virus_scan import Scan, unscanned

SIZE_LIMIT: Final = 50 * 1024 * 1024
"""Bytes of a file unless set otherwise."""

NAME_LIMIT: Final = 255
"""Characters of a file's name: what file systems allow."""

CHUNK: Final = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class StoredFile:
    """Bytes put away: ``storage`` is their generated name, ``name`` the one the uploader gave."""

    name: str
    size: int
    content_type: str
    sha256: str
    storage: str


@dataclass(frozen=True, kw_only=True)
class FileRules:
    """What is taken. ``limit``: bytes of the largest file; ``types``: by extension; ``scan``: who looks for viruses."""

    limit: int = SIZE_LIMIT
    types: FileTypes = field(default_factory=lambda: TYPES)
    scan: Scan = unscanned


class FileStore(Protocol):
    """Where files lie."""

    rules: FileRules

    def put(self, *, name: str, content: IO[bytes]) -> StoredFile:
        """Check and keep a file. :raises FileRefused, FilesUnavailable: nothing is left behind."""

    def open(self, storage: str) -> BinaryIO:
        """The bytes. :raises FileNotFoundError: they are gone. :raises FilesUnavailable: not to be read now."""

    def remove(self, storage: str) -> None:
        """Drop the bytes of an upload that came to nothing."""


def checked_name(name: str) -> str:
    """The last part of a file name by the rule for texts, which leaves no marks that turn the direction of writing, by
    which an extension can be hidden. :raises FileNameRefused: empty, above 255 characters, control characters."""
    try:
        name = texts.clean(re.split(r"[/\\]", name)[-1])
    except texts.ControlCharacter:
        raise FileNameRefused(NAME_LIMIT) from None
    if not texts.visible(name.strip(".")) or len(name) > NAME_LIMIT:
        raise FileNameRefused(NAME_LIMIT)
    return name


_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextmanager
def keeping() -> Iterator[None]:
    """:raises FilesFull: the disk has no room left. :raises FilesUnavailable: it fails otherwise."""
    try:
        yield
    except OSError as error:
        raise (FilesFull if error.errno in _NO_ROOM else FilesUnavailable)(str(error)) from error


@contextmanager
def draft(directory: Path, *, name: str, content: IO[bytes], rules: FileRules) -> Iterator[tuple[Path, StoredFile]]:
    """The content as a checked, synced file in ``directory``, under a name that goes with the end of the context.

    :raises FileRefused, FilesUnavailable: nothing is left behind.
    """
    name = checked_name(name)
    extension = name.rpartition(".")[2].lower() if "." in name else ""
    limit, types = rules.limit, rules.types
    if extension not in types:
        raise FileTypeRefused(extension, limit=limit, accepted=types)
    storage = uuid4().hex
    path = directory / f".{storage}"
    try:
        with keeping():
            sha256, size = _written(path, content, limit)
            if not types[extension].look(head_of(path), path):
                raise FileContentRefused(extension, seeming(path), limit=limit, accepted=types)
            rules.scan(path)
        content_type = types[extension].content_type
        yield path, StoredFile(name=name, size=size, content_type=content_type, sha256=sha256, storage=storage)
    finally:
        with suppress(OSError):
            path.unlink(missing_ok=True)


def _written(path: Path, content: IO[bytes], limit: int) -> tuple[str, int]:
    """``content`` on disk, synced; its digest and size."""
    path.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.sha256(), 0
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
    return digest.hexdigest(), size


class LocalFiles:
    """Files in a directory of this machine, under generated names."""

    def __init__(self, directory: Path, rules: FileRules = FileRules()) -> None:
        self.directory = directory
        self.rules = rules

    def put(self, *, name: str, content: IO[bytes]) -> StoredFile:
        """Written to a temporary name, checked, synced, renamed: a file is there whole or not at all."""
        with draft(self.directory, name=name, content=content, rules=self.rules) as (path, file), keeping():
            path.rename(self.directory / file.storage)
        return file

    def open(self, storage: str) -> BinaryIO:
        """See :class:`FileStore`."""
        try:
            return (self.directory / storage).open("rb")
        except FileNotFoundError:
            raise
        except OSError as error:
            raise FilesUnavailable(str(error)) from error

    def remove(self, storage: str) -> None:
        """See :class:`FileStore`."""
        with keeping():
            (self.directory / storage).unlink(missing_ok=True)
