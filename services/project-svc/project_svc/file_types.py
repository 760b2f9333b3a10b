"""The types of files that may be uploaded, and the look that content of each has.

The look keeps honest mistakes out – a picture saved under the wrong name –, not malice: downloads are attachments of a
type that no browser runs, whatever lies in them.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

INERT: Final = "application/octet-stream"
"""The content type of what a browser would run or draw as a page, and of what is not ours to know."""

HEAD: Final = 4096
"""Bytes from the beginning that looks go by."""

DIRECTORY_LIMIT: Final = 1024 * 1024
"""Bytes of a zip's directory at most where its entries are looked at: each becomes an object in memory."""

_CHUNK: Final = 64 * 1024
_EXTENSION: Final = re.compile(r"[a-z0-9]{1,10}")
_CONTENT_TYPE: Final = re.compile(r"[a-z0-9.+-]+/[a-z0-9.+-]+")

Look = Callable[[bytes, Path], bool]


@dataclass(frozen=True)
class FileType:
    """One type: its ``group`` and ``content_type``, and the ``look`` of its content given its head and the file."""

    group: str
    content_type: str
    look: Look


class FileTypes(Mapping[str, FileType]):
    """Extension → type, those of the operator included."""

    def __init__(self, types: Mapping[str, FileType]) -> None:
        self._types = dict(types)

    @classmethod
    def from_setting(cls, text: str) -> FileTypes:
        """Ours, changed by ``DELIVERY_FILE_TYPES``: ``step, dcm=application/dicom, -exe`` adds the first two, which are
        taken with any content, and takes the third away.

        :raises SystemExit: not such a list.
        """
        types = dict(TYPES)
        for entry in filter(None, (part.strip().lower() for part in text.split(","))):
            extension, _, content_type = entry.removeprefix("-").removeprefix(".").partition("=")
            content_type = content_type or INERT
            if not _EXTENSION.fullmatch(extension) or not _CONTENT_TYPE.fullmatch(content_type):
                raise SystemExit(f"DELIVERY_FILE_TYPES: {entry!r} is neither an extension nor extension=content/type")
            if entry.startswith("-"):
                types.pop(extension, None)
            else:
                types[extension] = FileType("other", INERT if content_type in _ACTIVE else content_type, _any)
        return cls(types)

    def __getitem__(self, extension: str) -> FileType:
        return self._types[extension]

    def __iter__(self) -> Iterator[str]:
        return iter(self._types)

    def __len__(self) -> int:
        return len(self._types)


def head_of(path: Path) -> bytes:
    """What looks go by."""
    with path.open("rb") as file:
        return file.read(HEAD)


def seeming(path: Path) -> str | None:
    """What the content of a file is, by its name among people, if it shows."""
    head = head_of(path)
    return next((name for name, look in _SHOWING.items() if look(head, path)), None)


def _starts(*magics: bytes, at: int = 0) -> Look:
    return lambda head, _: head[at:].startswith(magics)


def _riff(kind: bytes) -> Look:
    return lambda head, _: head[:4] == b"RIFF" and head[8:12] == kind


def _either(*looks: Look) -> Look:
    return lambda head, path: any(look(head, path) for look in looks)


def _any(head: bytes, path: Path) -> bool:
    return True


def _text(head: bytes, path: Path) -> bool:
    """No zero bytes, except in UTF-16 or UTF-32 that says so."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    with path.open("rb") as file:
        return all(b"\0" not in chunk for chunk in iter(lambda: file.read(_CHUNK), b""))


def _pdf(head: bytes, _: Path) -> bool:
    """Readers allow something before: marks of byte order, line breaks, a mail's header."""
    return b"%PDF-" in head[:1024]


def _html(head: bytes, _: Path) -> bool:
    return head.removeprefix(b"\xef\xbb\xbf").lstrip()[:14].lower().startswith((b"<!doctype html", b"<html"))


def _office(folder: str) -> Look:
    """A package of Open XML, written by whoever; or an encrypted one, which is an OLE file."""

    def looks(head: bytes, path: Path) -> bool:
        return _ole(head, path) or (_zip(head, path) and _holds(path, folder))

    return looks


def _holds(path: Path, folder: str) -> bool:
    try:
        with path.open("rb") as file, zipfile.ZipFile(_Bounded(file)) as archive:
            entries = [name.replace("\\", "/").lower() for name in archive.namelist()]
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError):
        return False
    return "[content_types].xml" in entries and any(entry.startswith(folder) for entry in entries)


class _Bounded:
    """A file of which no read takes more than a directory may have: ``zipfile`` reads the directory in one."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        """:raises BadZipFile: more than :data:`DIRECTORY_LIMIT`."""
        found = self._file.read(DIRECTORY_LIMIT + 1) if size < 0 or size > DIRECTORY_LIMIT else self._file.read(size)
        if len(found) > DIRECTORY_LIMIT:
            raise zipfile.BadZipFile("its directory is too large")
        return found


_ole = _starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_zip = _starts(b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_jpeg = _starts(b"\xff\xd8\xff")
_tiff = _starts(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_mp4 = _starts(b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", at=4)
_heif = _starts(*(b"ftyp" + brand for brand in (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")), at=4)
_avif = _starts(b"ftypavif", b"ftypavis", b"ftypmif1", at=4)
_matroska = _starts(b"\x1a\x45\xdf\xa3")
_asf = _starts(b"\x30\x26\xb2\x75\x8e\x66\xcf\x11")
_mpeg = _starts(b"\x00\x00\x01\xba", b"\x00\x00\x01\xb3")
_mp3 = _starts(b"ID3", *(bytes((0xFF, second)) for second in (0xFB, 0xFA, 0xF3, 0xF2, 0xE3, 0xE2)))
_font = _starts(b"\x00\x01\x00\x00", b"OTTO", b"true", b"ttcf")
_postscript = _starts(b"%!PS", b"\xc5\xd0\xd3\xc6")
_ole_or_zip = _either(_ole, _zip)
_gzip = _starts(b"\x1f\x8b")
_OPEN: Final = "application/vnd.openxmlformats-officedocument"
_ACTIVE: Final = ("text/html", "application/xhtml+xml", "image/svg+xml", "text/javascript", "application/javascript")

_LISTED: Final[Mapping[str, Mapping[str, tuple[str, Look]]]] = {
    "image": {
        "png": ("image/png", _starts(b"\x89PNG\r\n\x1a\n")),
        "jpg": ("image/jpeg", _jpeg),
        "jpeg": ("image/jpeg", _jpeg),
        "gif": ("image/gif", _starts(b"GIF87a", b"GIF89a")),
        "bmp": ("image/bmp", _starts(b"BM")),
        "webp": ("image/webp", _riff(b"WEBP")),
        "heic": ("image/heic", _heif),
        "heif": ("image/heif", _heif),
        "avif": ("image/avif", _avif),
        "tif": ("image/tiff", _tiff),
        "tiff": ("image/tiff", _tiff),
        "ico": ("image/vnd.microsoft.icon", _starts(b"\0\0\1\0")),
        "svg": (INERT, _text),
    },
    "design": {
        "psd": ("image/vnd.adobe.photoshop", _starts(b"8BPS")),
        "psb": ("image/vnd.adobe.photoshop", _starts(b"8BPS")),
        "ai": ("application/illustrator", _either(_pdf, _postscript)),
        "eps": ("application/postscript", _postscript),
        "sketch": (INERT, _zip),
        "fig": (INERT, _either(_starts(b"fig-"), _zip)),
        "xd": (INERT, _zip),
        "rp": (INERT, _any),
        "cdr": (INERT, _either(_starts(b"RIFF"), _zip)),
        "indd": (INERT, _starts(b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5")),
        "dwg": ("image/vnd.dwg", _starts(b"AC1", b"AC2")),
        "dxf": ("image/vnd.dxf", _either(_starts(b"AutoCAD Binary DXF"), _text)),
    },
    "document": {
        "pdf": ("application/pdf", _pdf),
        "doc": ("application/msword", _ole),
        "xls": ("application/vnd.ms-excel", _ole),
        "ppt": ("application/vnd.ms-powerpoint", _ole),
        "docx": (f"{_OPEN}.wordprocessingml.document", _office("word/")),
        "xlsx": (f"{_OPEN}.spreadsheetml.sheet", _office("xl/")),
        "pptx": (f"{_OPEN}.presentationml.presentation", _office("ppt/")),
        "wps": ("application/wps-office.wps", _ole_or_zip),
        "et": ("application/wps-office.et", _ole_or_zip),
        "dps": ("application/wps-office.dps", _ole_or_zip),
        "ofd": ("application/ofd", _zip),
        "odt": ("application/vnd.oasis.opendocument.text", _zip),
        "ods": ("application/vnd.oasis.opendocument.spreadsheet", _zip),
        "odp": ("application/vnd.oasis.opendocument.presentation", _zip),
        "rtf": ("application/rtf", _starts(b"{\\rtf")),
        "vsd": ("application/vnd.visio", _ole),
        "vsdx": ("application/vnd.ms-visio.drawing", _zip),
        "xmind": ("application/vnd.xmind.workbook", _zip),
        "txt": ("text/plain", _text),
        "csv": ("text/csv", _text),
        "md": ("text/markdown", _text),
        "log": ("text/plain", _text),
    },
    "archive": {
        "zip": ("application/zip", _zip),
        "rar": ("application/vnd.rar", _starts(b"Rar!\x1a\x07")),
        "7z": ("application/x-7z-compressed", _starts(b"7z\xbc\xaf\x27\x1c")),
        "tar": ("application/x-tar", _starts(b"ustar", at=257)),
        "gz": ("application/gzip", _gzip),
        "tgz": ("application/gzip", _gzip),
        "bz2": ("application/x-bzip2", _starts(b"BZh")),
        "xz": ("application/x-xz", _starts(b"\xfd7zXZ\0")),
    },
    "web": {
        **dict.fromkeys(("html", "htm", "css", "scss", "less", "js", "mjs", "ts", "jsx", "tsx", "vue"), (INERT, _text)),
        **dict.fromkeys(("json", "xml", "yaml", "yml", "php", "jsp", "sql", "map"), (INERT, _text)),
        "woff": ("font/woff", _starts(b"wOFF")),
        "woff2": ("font/woff2", _starts(b"wOF2")),
        "ttf": ("font/ttf", _font),
        "otf": ("font/otf", _font),
        "eot": ("application/vnd.ms-fontobject", _starts(b"LP", at=34)),
    },
    "audio": {
        "mp3": ("audio/mpeg", _mp3),
        "m4a": ("audio/mp4", _mp4),
        "aac": ("audio/aac", _starts(b"\xff\xf1", b"\xff\xf9", b"ADIF", b"ID3")),
        "wav": ("audio/wav", _riff(b"WAVE")),
        "flac": ("audio/flac", _starts(b"fLaC")),
        "ogg": ("audio/ogg", _starts(b"OggS")),
        "amr": ("audio/amr", _starts(b"#!AMR")),
        "wma": ("audio/x-ms-wma", _asf),
    },
    "video": {
        "mp4": ("video/mp4", _mp4),
        "m4v": ("video/x-m4v", _mp4),
        "mov": ("video/quicktime", _mp4),
        "avi": ("video/x-msvideo", _riff(b"AVI ")),
        "mkv": ("video/x-matroska", _matroska),
        "webm": ("video/webm", _matroska),
        "wmv": ("video/x-ms-wmv", _asf),
        "flv": ("video/x-flv", _starts(b"FLV")),
        "mpg": ("video/mpeg", _mpeg),
        "mpeg": ("video/mpeg", _mpeg),
    },
}

TYPES: Final = FileTypes(
    {
        extension: FileType(group, content_type, look)
        for group, listed in _LISTED.items()
        for extension, (content_type, look) in listed.items()
    }
)
"""What is taken unless set otherwise."""

_SHOWING: Final[Mapping[str, Look]] = {
    "PNG": _LISTED["image"]["png"][1],
    "JPEG": _jpeg,
    "GIF": _LISTED["image"]["gif"][1],
    "WebP": _LISTED["image"]["webp"][1],
    "HEIC": _heif,
    "AVIF": _avif,
    "TIFF": _tiff,
    "PSD": _LISTED["design"]["psd"][1],
    "PDF": _pdf,
    "HTML": _html,
    "Office 97-2003": _ole,
    "Word": _office("word/"),
    "Excel": _office("xl/"),
    "PowerPoint": _office("ppt/"),
    "ZIP": _zip,
    "RAR": _LISTED["archive"]["rar"][1],
    "7z": _LISTED["archive"]["7z"][1],
    "gzip": _gzip,
    "MP4": _mp4,
    "MP3": _mp3,
}
"""What a refusal can name."""
