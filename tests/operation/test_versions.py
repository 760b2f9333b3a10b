"""Whoever operates it can say what runs, and what that is made of."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

from delivery_center.gateway.openapi import document
from delivery_shared import asyncapi, version
from delivery_shared.health import Health
from delivery_shared.metrics import exposition

from tools import sbom, versions
from tools.compose_file import IMAGE, ROOT

SAID = "import delivery_shared.version as v; print(v.VERSION, v.REVISION)"


def test_an_image_says_what_it_was_built_as() -> None:
    environment = {**os.environ, "DELIVERY_VERSION": "1.2.3-4-gabc", "DELIVERY_REVISION": "abc"}
    told = subprocess.run([sys.executable, "-c", SAID], env=environment, capture_output=True, text=True, check=True)
    assert told.stdout == "1.2.3-4-gabc abc\n"
    stages = IMAGE.read_text(encoding="utf-8").split("\nFROM ")
    for stage in ("AS build", "AS center"):
        (text,) = (one for one in stages if stage in one.partition("\n")[0])
        assert "DELIVERY_VERSION=${VERSION} DELIVERY_REVISION=${REVISION}" in text


def test_everything_that_tells_a_version_tells_the_same() -> None:
    assert document()["info"]["version"] == asyncapi.document()["info"]["version"] == version.VERSION
    assert (
        f'delivery_build_info{{revision="{version.REVISION}",version="{version.VERSION}"}} 1.0' in exposition().decode()
    )
    started: list[str] = []
    (answer,) = Health(list)({"PATH_INFO": "/livez"}, lambda status, headers: started.append(status))
    assert (started, json.loads(answer)) == (["200 OK"], {"status": "alive", "version": version.VERSION})


def test_the_version_is_that_of_git() -> None:
    found = versions.build_arguments()
    assert re.fullmatch(r"[0-9a-f]{40}|unknown", found["REVISION"])
    assert re.fullmatch(r"(\d+\.\d+\.\d+(-\d+-g[0-9a-f]+)?|[0-9a-f]{7,}|unknown)(-dirty)?", found["VERSION"])


def test_the_changelog_tells_of_what_is_not_released() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
    assert all(re.fullmatch(r"\d+\.\d+\.\d+.*", heading) for heading in headings[1:])


def test_the_bill_of_materials_names_every_locked_package(tmp_path: Path) -> None:
    made = json.loads(sbom.write(tmp_path / "sbom.json").read_text(encoding="utf-8"))
    locked = re.findall(
        r"^([a-z0-9][a-z0-9._-]*)(?:\[[^]]*\])?==(\S+)", (ROOT / "requirements.lock").read_text(), re.MULTILINE
    )
    assert {(one["name"].lower(), one["version"]) for one in made["components"]} >= set(locked)
    assert made["metadata"]["component"]["name"] == "delivery-center"
