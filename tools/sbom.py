"""`make sbom`: what the image's Python is made of, as a CycloneDX document, from the lock file it is installed from."""

import json
import subprocess
import sys
from pathlib import Path

from tools.compose_file import ROOT
from tools.versions import version

FILE = ROOT / ".run" / "sbom.json"
LOCK = ROOT / "requirements.lock"


def write(file: Path = FILE) -> Path:
    """Write it; the same lock file and version give the same bytes."""
    tool = [sys.executable, "-m", "cyclonedx_py", "requirements"]
    command = [*tool, "--output-reproducible", "--output-format", "JSON", str(LOCK)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    document = json.loads(done.stdout)
    document["metadata"]["component"] = {"type": "container", "name": "delivery-center", "version": version()}
    file.parent.mkdir(exist_ok=True)
    file.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return file


if __name__ == "__main__":
    print(write())
