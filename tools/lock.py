"""Write the lock files: every dependency pinned with its hashes, for all platforms and Python 3.11 and later.

The packages' pyproject.toml files say what they need, `requirements*.in` what the tools need. Our own
packages are left out before anything is asked of a registry: a stranger could publish under their names.
No address of a registry is written, so that the files install from any of them.
"""

import re
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADER = "# Written by `make lock`; do not edit.\n"
RESOLVER = "uv==0.13.9"
RESOLVER_HOME = ROOT / ".run" / "resolver"


def name_of(requirement: str) -> str:
    """Return the normalised distribution name at the start of a requirement."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    if not found:
        raise ValueError(f"not a requirement: {requirement!r}")
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def declared() -> list[str]:
    """Return what our packages need from outside, without our packages themselves."""
    projects = [
        tomllib.loads(path.read_text(encoding="utf-8"))["project"]
        for pattern in ("shared", "services/*", "center")
        for path in sorted(ROOT.glob(f"{pattern}/pyproject.toml"))
    ]
    own = {name_of(project["name"]) for project in projects}
    wanted = {need for project in projects for need in project.get("dependencies", [])}
    return sorted(need for need in wanted if name_of(need) not in own)


def resolver() -> Path:
    """Install the resolver, apart from `.venv` because nobody needs it but this script."""
    if not (RESOLVER_HOME / "bin" / "uv").exists():
        venv.create(RESOLVER_HOME, with_pip=True)
    subprocess.run([RESOLVER_HOME / "bin" / "pip", "install", "-qq", RESOLVER], check=True)
    return RESOLVER_HOME / "bin" / "uv"


def lock(uv: Path, name: str, needs: list[str], *upgrade: str) -> None:
    """Resolve `needs` into `name`; pins already there stay unless upgraded or out of range."""
    command = [
        str(uv), "--no-config", "pip", "compile", "-", "--quiet", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-header", "--no-annotate", "--output-file", name, *upgrade,
    ]  # fmt: skip
    target = ROOT / name
    subprocess.run(command, cwd=ROOT, input="\n".join(needs), text=True, check=True, stdout=subprocess.DEVNULL)
    text = HEADER + target.read_text(encoding="utf-8")
    if "://" in text:
        raise SystemExit(f"{name} names an address; it was not meant to")
    target.write_text(text, encoding="utf-8")


def main() -> None:
    """Write the four files; the arguments (`--upgrade`, `--upgrade-package NAME`) go to the resolver."""
    uv, upgrade = resolver(), sys.argv[1:]
    own = declared()
    lock(uv, "requirements.lock", ["-r requirements.in", *own], *upgrade)
    lock(uv, "requirements-dev.lock", ["-r requirements-dev.in", "-c requirements.lock"], *upgrade)
    lock(uv, "requirements-bench.lock", ["-r requirements-bench.in", "-c requirements.lock"], *upgrade)
    lock(uv, "requirements-web.lock", ["-r requirements-web.in"], *upgrade)


if __name__ == "__main__":
    main()
