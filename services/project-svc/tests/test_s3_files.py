"""Files in an S3-compatible store, spoken to over its real protocol."""

from __future__ import annotations

import io
from collections.abc import Iterator

import boto3
import pytest
from moto.server import ThreadedMotoServer
from project_svc.domain.errors import FilesUnavailable, FileTypeRefused
from project_svc.files import FileRules
from project_svc.s3_files import S3Files

from .conftest import BY_CUSTOMER, BY_LISI, Http, World
from .test_files import PNG
from .test_http import problem, upload

BUCKET = "delivery-files"


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def files(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> S3Files:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    boto3.client("s3", endpoint_url=endpoint).create_bucket(Bucket=BUCKET)
    settings = {"DELIVERY_FILES_S3": f"s3://{BUCKET}/projects/", "DELIVERY_FILES_S3_ENDPOINT": endpoint}
    return S3Files.from_settings(settings, FileRules(limit=2 * 1024 * 1024))


def keys(endpoint: str) -> list[str]:
    found = boto3.client("s3", endpoint_url=endpoint).list_objects_v2(Bucket=BUCKET)
    return [entry["Key"] for entry in found.get("Contents", [])]


@pytest.mark.requirement("R-86")
def test_a_file_comes_back_as_it_was_and_can_be_removed(files: S3Files, endpoint: str) -> None:
    stored = files.put(name="首页.png", content=io.BytesIO(PNG))
    assert (stored.name, stored.size, stored.content_type) == ("首页.png", len(PNG), "image/png")
    assert keys(endpoint) == [f"projects/{stored.storage}"]
    for _ in range(2):
        with files.open(stored.storage) as content:
            assert content.read() == PNG
    for _ in range(2):
        files.remove(stored.storage)
    assert keys(endpoint) == []
    with pytest.raises(FileNotFoundError):
        files.open(stored.storage)


def test_a_refused_file_is_never_sent(files: S3Files, endpoint: str) -> None:
    with pytest.raises(FileTypeRefused):
        files.put(name="fake.png", content=io.BytesIO(b"MZ program"))
    assert keys(endpoint) == []


@pytest.mark.usefixtures("files")
def test_a_store_that_does_not_answer_is_told_apart_from_a_missing_file(endpoint: str) -> None:
    away = S3Files(bucket=BUCKET, endpoint="http://127.0.0.1:9")
    for call in (
        lambda: away.put(name="a.png", content=io.BytesIO(PNG)),
        lambda: away.open("x"),
        lambda: away.remove("x"),
    ):
        with pytest.raises(FilesUnavailable):
            call()
    with pytest.raises(FilesUnavailable):
        S3Files(bucket="no-such-bucket", endpoint=endpoint).put(name="a.png", content=io.BytesIO(PNG))


def test_an_address_without_a_bucket_stops_the_start() -> None:
    for address in ("bucket", "s3://", "https://bucket"):
        with pytest.raises(SystemExit):
            S3Files.from_settings({"DELIVERY_FILES_S3": address}, FileRules())


@pytest.mark.integration
@pytest.mark.requirement("R-81", "R-86", "R-123")
def test_upload_and_download_over_http(
    http: Http, world: World, files: S3Files, endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.application, "files", files)
    project_id = world.at_design()
    path = f"projects/{project_id}/visits/5/files"
    response = http.of(BY_LISI)("POST", path, files=upload())
    assert response.status_code == 201
    found = http.of(BY_LISI)("GET", response.headers["Location"])
    assert found.get_data() == upload()[0][2]
    found.close()
    kept = keys(endpoint)
    assert problem(http.of(BY_CUSTOMER)("POST", path.replace("/5/", "/4/"), files=upload())) == (409, "node-passed")
    assert keys(endpoint) == kept
    away = S3Files(bucket=BUCKET, endpoint="http://127.0.0.1:9")
    monkeypatch.setattr(world.application, "files", away)
    before = world.versions(project_id)
    assert problem(http.of(BY_LISI)("POST", path, files=upload())) == (503, "files-unavailable")
    assert problem(http.of(BY_LISI)("GET", response.headers["Location"])) == (503, "files-unavailable")
    assert world.versions(project_id) == before


@pytest.mark.integration
def test_a_refusal_is_told_even_if_the_bytes_cannot_be_removed(
    http: Http, world: World, files: S3Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(storage: str) -> None:
        raise FilesUnavailable(storage)

    monkeypatch.setattr(files, "remove", away)
    monkeypatch.setattr(world.application, "files", files)
    monkeypatch.setattr(world.application.carrier, "quota", 1)
    project_id = world.at_design()
    assert problem(http.of(BY_LISI)("POST", f"projects/{project_id}/files", files=upload())) == (413, "project-full")
    assert world.project(project_id).files == {}
