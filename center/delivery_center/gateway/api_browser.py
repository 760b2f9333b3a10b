"""The API browser and the status page as files, for a gateway that serves files:
``python -m delivery_center.gateway.api_browser FOLDER`` writes ``openapi.json``, ``docs/`` and ``status/`` there.
Unlike the browser of the embedded mode this one has no script inside its page, so that the content security policy
need not allow any."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import flask_swagger_ui

from delivery_center.gateway.openapi import document

SOURCES = Path(__file__).with_name("browser")
PAGES = Path(__file__).with_name("pages")
UNUSED = shutil.ignore_patterns("*.map", "oauth2-redirect.*", "swagger-ui.js", "VERSION")


def write(folder: Path) -> None:
    """Write the files, over those of before."""
    docs = folder / "docs"
    shutil.copytree(Path(flask_swagger_ui.__file__).with_name("dist"), docs, ignore=UNUSED, dirs_exist_ok=True)
    for source in SOURCES.iterdir():
        shutil.copy(source, docs / source.name)
    for page in PAGES.glob("status.*"):
        name = "index.html" if page.suffix == ".html" else page.name
        (folder / "status").mkdir(exist_ok=True)
        shutil.copy(page, folder / "status" / name)
    text = json.dumps(document(), ensure_ascii=False, separators=(",", ":"))
    (folder / "openapi.json").write_text(text, encoding="utf-8")


def main() -> None:
    """Write into the folder that is the one argument."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python -m delivery_center.gateway.api_browser FOLDER")
    write(Path(sys.argv[1]))


if __name__ == "__main__":
    main()
