"""The gateway serves the console's files: pages with a policy of their own, assets for good, the API untouched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from delivery_center.gateway.console import Console
from delivery_center.gateway.routing import Gateway
from werkzeug.test import Client

INDEX = '<meta property="csp-nonce" nonce="__CSP_NONCE__"><script nonce="__CSP_NONCE__" src="/assets/a-1.js"></script>'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small build."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "index.html").write_text(INDEX, encoding="utf-8")
    (tmp_path / "assets" / "a-1.js").write_text("export {};", encoding="utf-8")
    return tmp_path


def test_every_page_has_a_nonce_of_its_own(folder: Path) -> None:
    client = Client(Console(folder))
    nonces = set()
    for path in ("/", "/vendor/projects/1"):
        answer = client.get(path)
        policy = answer.headers["Content-Security-Policy"]
        [nonce] = re.findall(r"'nonce-([^']+)'", policy)
        assert answer.status_code == 200
        assert answer.text == INDEX.replace("__CSP_NONCE__", nonce)
        assert "unsafe" not in policy
        assert answer.headers["Cache-Control"] == "no-store"
        nonces.add(nonce)
    assert len(nonces) == 2


def test_assets_are_kept_for_good_and_nothing_else_is_served(folder: Path) -> None:
    client = Client(Console(folder))
    answer = client.get("/assets/a-1.js", buffered=True)
    assert (answer.status_code, answer.text) == (200, "export {};")
    assert "immutable" in answer.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert client.get("/assets/b-2.js").status_code == 404
    assert client.get("/assets/../index.html").status_code == 404
    assert client.post("/").status_code == 404


def test_the_console_takes_no_address_of_the_api(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY_CONSOLE", str(folder))
    client = Client(Gateway({}))
    assert client.get("/customer/nothing").text.startswith("<meta")
    assert client.get("/livez").json == {"status": "alive"}
    assert client.get("/api/v1/unknown").status_code == 404


def test_without_a_build_the_api_browser_is_first(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DELIVERY_CONSOLE", str(folder / "nowhere"))
    assert Client(Gateway({})).get("/").headers["Location"] == "/docs/"
