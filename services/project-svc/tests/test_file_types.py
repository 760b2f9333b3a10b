"""Which types of files are taken, by extension and content; what a refusal says."""

from __future__ import annotations

import io
import struct
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from project_svc.api.errors import ERRORS
from project_svc.domain.errors import FileContentRefused, FileTypeRefused
from project_svc.file_types import DIRECTORY_LIMIT, INERT, TYPES, FileTypes
from project_svc.files import FileRules, LocalFiles

PNG = b"\x89PNG\r\n\x1a\n rest"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 an old or an encrypted document"
ZIP = b"PK\x03\x04 some archive"
PDF = b"%PDF-1.7 rest"
MP4 = b"\x00\x00\x00\x18ftypisom"
HEIC = b"\x00\x00\x00\x18ftypheic"
TAR = bytes(257) + b"ustar\x0000"
SCRIPT = "<script>alert('云')</script>".encode()


def office(folder: str, types: str = "[Content_Types].xml", mark: str = "/") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(types, "<Types/>")
        archive.writestr(f"{folder}{mark}document.xml", "<x/>")
    return buffer.getvalue()


def put(directory: Path, name: str, content: bytes, types: FileTypes = TYPES) -> str:
    """The content type under which a file is kept."""
    return LocalFiles(directory, FileRules(types=types)).put(name=name, content=io.BytesIO(content)).content_type


@pytest.mark.requirement("R-123")
@pytest.mark.parametrize(
    ("names", "content"),
    [
        ("a.png", PNG),
        ("a.jpg a.JPEG", b"\xff\xd8\xff\xe1 exif"),
        ("a.heic a.heif", HEIC),
        ("a.heif a.avif", b"\x00\x00\x00\x18ftypmif1"),
        ("a.avif", b"\x00\x00\x00\x1cftypavif"),
        ("a.tif a.TIFF", b"II*\x00rest"),
        ("a.tif", b"MM\x00*rest"),
        ("a.ico", b"\0\0\1\0\1\0"),
        ("a.psd a.psb", b"8BPS\0\1"),
        ("a.ai", PDF),
        ("a.ai a.eps", b"%!PS-Adobe-3.0"),
        ("a.sketch a.xd a.fig", ZIP),
        ("a.fig", b"fig-kiwi"),
        ("a.cdr", b"RIFF\0\0\0\0CDRvrsn"),
        ("a.dwg", b"AC1032\0"),
        ("a.dxf", b"0\nSECTION\n"),
        ("a.pdf", PDF),
        ("a.pdf", b"\xef\xbb\xbf\r\n\r\n" + PDF),
        ("a.pdf", b" " * 1000 + PDF),
        ("a.doc a.xls a.ppt a.vsd", OLE),
        ("a.docx a.xlsx a.pptx", OLE),
        ("a.docx", office("word")),
        ("a.docx", office("Word", types="[content_types].XML")),
        ("a.docx", office("word", mark="\\")),
        ("a.xlsx", office("xl")),
        ("a.pptx", office("ppt")),
        ("a.wps a.et a.dps", OLE),
        ("a.wps a.et a.dps a.ofd a.odt a.ods a.odp a.vsdx a.xmind", ZIP),
        ("a.rtf", b"{\\rtf1 text}"),
        ("a.txt a.md a.csv a.log", "你好".encode()),
        ("a.txt", "你好".encode("gb18030")),
        ("a.txt a.csv", "a,b\n云,1".encode("utf-16")),
        ("a.csv", b"\xfe\xff" + "a".encode("utf-16-be")),
        ("a.zip", ZIP),
        ("a.zip", b"PK\x05\x06" + bytes(18)),
        ("a.rar", b"Rar!\x1a\x07\x01\x00"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c"),
        ("a.tar", TAR),
        ("a.tar.gz a.tgz a.gz", b"\x1f\x8b\x08"),
        ("a.bz2", b"BZh9"),
        ("a.tar.xz", b"\xfd7zXZ\0"),
        ("a.html a.htm a.css a.js a.svg a.json a.xml a.vue a.ts a.scss a.php a.sql", SCRIPT),
        ("a.woff", b"wOFF\0"),
        ("a.woff2", b"wOF2\0"),
        ("a.ttf", b"\x00\x01\x00\x00\0"),
        ("a.otf", b"OTTO\0"),
        ("a.mp4 a.m4v a.mov a.m4a", MP4),
        ("a.mov", b"\x00\x00\x00\x08wide"),
        ("a.avi", b"RIFF\0\0\0\0AVI LIST"),
        ("a.mkv a.webm", b"\x1a\x45\xdf\xa3"),
        ("a.wmv a.wma", b"\x30\x26\xb2\x75\x8e\x66\xcf\x11"),
        ("a.mp3", b"ID3\x04"),
        ("a.mp3", b"\xff\xfb\x90"),
        ("a.wav", b"RIFF\0\0\0\0WAVEfmt "),
        ("a.flac", b"fLaC"),
        ("a.ogg", b"OggS"),
        ("a.amr", b"#!AMR\n"),
    ],
)
def test_what_designers_offices_and_cameras_make_is_taken(tmp_path: Path, names: str, content: bytes) -> None:
    for name in names.split():
        put(tmp_path, name, content)
    assert len(list(tmp_path.iterdir())) == len(names.split())


@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.svg", "a.js", "a.mjs", "a.xml", "a.php"])
def test_what_a_browser_would_run_is_kept_as_nothing_it_knows(tmp_path: Path, name: str) -> None:
    assert put(tmp_path, name, SCRIPT) == INERT


def test_no_type_is_one_that_a_browser_runs() -> None:
    runnable = ("html", "svg", "javascript", "ecmascript", "xml", "json", "wasm", "css")
    assert [name for name, type in TYPES.items() if type.content_type.rpartition("/")[2].endswith(runnable)] == []


@pytest.mark.parametrize(
    ("name", "content", "seeming"),
    [
        ("a.jpg", PNG, "PNG"),
        ("a.jpg", b"RIFF\0\0\0\0WEBPVP8 ", "WebP"),
        ("a.jpg", HEIC, "HEIC"),
        ("a.png", b"\xff\xd8\xff", "JPEG"),
        ("a.xls", b"<html xmlns:x='urn:schemas-microsoft-com:office:excel'>", "HTML"),
        ("a.xls", b"\xef\xbb\xbf <!DOCTYPE HTML>", "HTML"),
        ("a.xls", office("xl"), "Excel"),
        ("a.doc", office("word"), "Word"),
        ("a.docx", office("xl"), "Excel"),
        ("a.docx", ZIP, "ZIP"),
        ("a.zip", b"Rar!\x1a\x07\x00", "RAR"),
        ("a.pdf", OLE, "Office 97-2003"),
        ("a.pdf", b" " * 1024 + PDF, None),
        ("a.png", b"MZ program", None),
        ("a.txt", b"a\0b", None),
        ("a.html", b"<html>\0", "HTML"),
        ("a.mp3", b"text", None),
    ],
)
def test_content_that_is_another_is_named(tmp_path: Path, name: str, content: bytes, seeming: str | None) -> None:
    with pytest.raises(FileContentRefused) as refused:
        put(tmp_path, name, content)
    assert refused.value.seeming_en == (f", it looks like {seeming}" if seeming else "")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("name", "extension"), [("a.exe", ".exe"), ("setup", ""), ("a.png.bat", ".bat"), ("a.", "")])
def test_a_refused_type_names_those_that_are_taken_and_the_limit(tmp_path: Path, name: str, extension: str) -> None:
    with pytest.raises(FileTypeRefused) as refused:
        put(tmp_path, name, PNG)
    _, slug, zh, en = ERRORS[type(refused.value)]
    told = zh.format(**vars(refused.value)), en.format(**vars(refused.value))
    assert slug == "file-type-refused"
    for text in told:
        assert {extension, "50", *TYPES} == {part for part in (extension, "50", *TYPES) if part in text}


def test_the_operator_adds_types_and_takes_some_away(tmp_path: Path) -> None:
    types = FileTypes.from_setting(" step, .dcm=application/dicom,-ZIP , -unknown, page=text/html")
    assert put(tmp_path, "a.STEP", b"\0 anything", types) == INERT
    assert put(tmp_path, "a.dcm", b"\0", types) == "application/dicom"
    assert put(tmp_path, "a.page", SCRIPT, types) == INERT
    assert put(tmp_path, "a.png", PNG, types) == "image/png"
    with pytest.raises(FileTypeRefused):
        put(tmp_path, "a.zip", ZIP, types)
    assert dict(FileTypes.from_setting("")) == dict(TYPES)


@pytest.mark.parametrize("setting", ["a b", "tar.gz", "x=y", "=text/plain", "../x", "x=text/html; charset=utf-8"])
def test_a_setting_that_is_no_list_of_types_stops_the_start(setting: str) -> None:
    with pytest.raises(SystemExit, match="DELIVERY_FILE_TYPES"):
        FileTypes.from_setting(setting)


def of_entries(count: int) -> bytes:
    """A zip that is all directory: ``count`` empty entries of one short name."""
    local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, 0, 0, 0, 0, 0, 0, 0, 1, 0) + b"x"
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"x"
    size = len(entry) * count
    end64 = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, len(local))
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, len(local) + size, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return local + entry * count + end64 + locator + end


def test_the_directory_of_a_zip_is_measured_before_it_is_opened(tmp_path: Path) -> None:
    assert len(zipfile.ZipFile(io.BytesIO(of_entries(1000))).namelist()) == 1000
    path = tmp_path / "large"
    path.write_bytes(of_entries(1_000_000))
    tracemalloc.start()
    assert not TYPES["docx"].look(ZIP, path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * DIRECTORY_LIMIT


def test_a_document_of_many_parts_is_taken(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        for number in range(5000):
            archive.writestr(f"ppt/slides/slide{number}.xml", "<x/>")
    put(tmp_path, "a.pptx", buffer.getvalue())
