"""What may be uploaded, and that a refused upload leaves nothing behind."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest
from project_svc.domain.errors import FileEmpty, FileNameRefused, FileTooLarge, FileTypeRefused
from project_svc.files import LocalFiles, checked_name

PNG = b"\x89PNG\r\n\x1a\n rest"


def office(folder: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(f"{folder}/document.xml", "<x/>")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("首页.PNG", PNG, "image/png"),
        ("说明.txt", "你好".encode(), "text/plain"),
        ("a.docx", office("word"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("b.xlsx", office("xl"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ("c.zip", office("x"), "application/zip"),
        ("d.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("e.mp4", b"\x00\x00\x00\x18ftypmp42", "video/mp4"),
    ],
)
def test_allowed_files_are_kept_under_a_generated_name(
    tmp_path: Path, name: str, content: bytes, content_type: str
) -> None:
    store = LocalFiles(tmp_path)
    stored = store.put(name=name, content=io.BytesIO(content))
    assert (stored.name, stored.size, stored.content_type) == (name, len(content), content_type)
    assert [path.name for path in tmp_path.iterdir()] == [stored.storage]
    with store.open(stored.storage) as file:
        assert file.read() == content
    store.remove(stored.storage)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("empty.png", b"", FileEmpty),
        ("large.txt", b"x" * 101, FileTooLarge),
        ("page.html", b"<html>", FileTypeRefused),
        ("picture.svg", b"<svg/>", FileTypeRefused),
        ("no-extension", b"x", FileTypeRefused),
        ("fake.png", b"MZ program", FileTypeRefused),
        ("fake.docx", b"PK\x03\x04 not a document", FileTypeRefused),
        ("binary.txt", b"a\0b", FileTypeRefused),
        ("", PNG, FileNameRefused),
        ("...", PNG, FileNameRefused),
        ("a\r\nb.png", PNG, FileNameRefused),
        ("x" * 200 + ".png", PNG, FileNameRefused),
    ],
)
def test_refused_files_leave_nothing_behind(tmp_path: Path, name: str, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        LocalFiles(tmp_path, limit=100).put(name=name, content=io.BytesIO(content))
    assert list(tmp_path.iterdir()) == []


def test_only_the_last_part_of_a_name_counts() -> None:
    assert checked_name("../../etc/首页.png") == "首页.png"
    assert checked_name("C:\\temp\\首页.png") == "首页.png"
