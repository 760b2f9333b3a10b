"""What may be uploaded, and that a refused upload leaves nothing behind."""

from __future__ import annotations

import io
import resource
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from project_svc.domain.errors import (
    FileContentRefused,
    FileEmpty,
    FileNameRefused,
    FilesFull,
    FilesUnavailable,
    FileTooLarge,
    FileTypeRefused,
)
from project_svc.files import FileRules, LocalFiles, checked_name

PNG = b"\x89PNG\r\n\x1a\n rest"


@pytest.mark.parametrize(
    ("name", "content", "content_type"), [("首页.PNG", PNG, "image/png"), ("说明.txt", "你好".encode(), "text/plain")]
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
        ("program.exe", b"MZ", FileTypeRefused),
        ("no-extension", b"x", FileTypeRefused),
        ("fake.png", b"MZ program", FileContentRefused),
        ("binary.txt", b"a\0b", FileContentRefused),
        ("", PNG, FileNameRefused),
        ("...", PNG, FileNameRefused),
        ("a\r\nb.png", PNG, FileNameRefused),
        ("a\x00.png", PNG, FileNameRefused),
        ("x" * 252 + ".png", PNG, FileNameRefused),
    ],
)
def test_refused_files_leave_nothing_behind(tmp_path: Path, name: str, content: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        LocalFiles(tmp_path, FileRules(limit=100)).put(name=name, content=io.BytesIO(content))
    assert list(tmp_path.iterdir()) == []


def test_only_the_last_part_of_a_name_counts() -> None:
    assert checked_name("../../etc/首页.png") == "首页.png"
    assert checked_name("C:\\temp\\首页.png") == "首页.png"


@pytest.mark.requirement("R-86")
@pytest.mark.parametrize(
    "name",
    [
        "Screenshot 2026-11-28 at 4.05.06\u202fPM.png",
        "合同　终稿.png",
        "a\u00a0b.png",
        "👨‍👩‍👧.png",
        "李𱍐.png",
        "می‌خواهم.png",
        "a\u200bb\u200f.png",
        "汉" * 251 + ".png",
        "𠮷" * 251 + ".png",
    ],
)
def test_names_of_all_systems_and_scripts_are_kept_as_they_are(name: str) -> None:
    assert checked_name(name) == name


@pytest.mark.requirement("R-86")
@pytest.mark.parametrize(
    ("given", "kept"),
    [(" \u3000合同.png\u200b", "合同.png"), ("\ufeffa.png\u00a0", "a.png"), ("Re\u0301.png", "Ré.png")],
)
def test_names_follow_the_rule_for_texts(given: str, kept: str) -> None:
    assert checked_name(given) == kept


@pytest.mark.requirement("R-86")
@pytest.mark.parametrize(
    "name", ["", "\u200b", "\u3164..", "...", "a\x00.png", "a\n.png", "a\u2028.png", "a\ud800.png", "汉" * 252 + ".png"]
)
def test_names_of_nothing_visible_and_of_control_characters_are_refused(name: str) -> None:
    with pytest.raises(FileNameRefused):
        checked_name(name)


def test_marks_that_turn_the_direction_hide_no_extension() -> None:
    assert checked_name("photo\u202egnp.exe") == "photognp.exe"
    assert checked_name("\u2066a\u2069.png") == "a.png"


@pytest.fixture
def small_disk() -> Iterator[Callable[[int], None]]:
    """Lets the kernel refuse files larger than so many bytes, as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    yield lambda size: resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_is_told_and_keeps_nothing(tmp_path: Path, small_disk: Callable[[int], None]) -> None:
    store = LocalFiles(tmp_path)
    small_disk(1000)
    with pytest.raises(FilesFull):
        store.put(name="a.png", content=io.BytesIO(PNG + b"x" * 1000))
    assert list(tmp_path.iterdir()) == []
    store.put(name="a.png", content=io.BytesIO(PNG))
    assert len(list(tmp_path.iterdir())) == 1


def test_a_directory_that_fails_is_told_apart_from_a_missing_file(tmp_path: Path) -> None:
    (tmp_path / "no-directory").write_bytes(b"")
    broken = LocalFiles(tmp_path / "no-directory")
    with pytest.raises(FilesUnavailable) as refused:
        broken.put(name="a.png", content=io.BytesIO(PNG))
    assert not isinstance(refused.value, FilesFull)
    for failing in (broken.open, broken.remove):
        with pytest.raises(FilesUnavailable):
            failing("some-file")
    whole = LocalFiles(tmp_path)
    with pytest.raises(FileNotFoundError):
        whole.open("some-file")
    whole.remove("some-file")
