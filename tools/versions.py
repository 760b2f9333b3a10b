"""The version of what is built here, from git: the last tag, the commits since, and whether files differ from them."""

import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def git(*arguments: str) -> str:
    """What git says; nothing where this is no clone."""
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else ""


def version() -> str:
    """Such as ``0.2.0``, ``0.2.0-14-g3fa9c1d`` (14 commits later) or ``…-dirty``."""
    return git("describe", "--tags", "--always", "--dirty", "--match", "v[0-9]*").removeprefix("v") or "unknown"


def build_arguments() -> dict[str, str]:
    """What the image definition takes."""
    return {"VERSION": version(), "REVISION": git("rev-parse", "HEAD") or "unknown"}


if __name__ == "__main__":
    print(version())
