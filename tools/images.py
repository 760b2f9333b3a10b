"""The images of deploy/Dockerfile, built without a registry: buildah builds in a chroot, on a base that debootstrap
makes and that gets the name deploy/Dockerfile gives it. The servers' images have stand-ins from Debian's packages."""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tools.compose_file import IMAGE, ROOT
from tools.programs import program

HOME = ROOT / ".run" / "containers"
STORAGE = ["--root", str(HOME / "storage"), "--runroot", str(HOME / "run"), "--storage-driver", "overlay"]
RELEASE = "trixie"
STAND_INS = ROOT / "tools" / "stand_ins"


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"containers: {text}", flush=True)


def call(*command: str) -> str:
    """Run a command; its output. :raises RuntimeError: it failed, with what it said."""
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}\n{done.stdout[-2000:]}{done.stderr[-4000:]}")
    return done.stdout.strip()


def base() -> str:
    """The base image under the name that the image definition gives it, made from Debian's packages once."""
    for name in ("buildah", "debootstrap"):
        program(name, package=name)
    HOME.mkdir(parents=True, exist_ok=True)
    tag: str = re.findall(r"^ARG BASE=(\S+)", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)[0]
    if tag.removeprefix("docker.io/library/") not in call(
        "buildah", *STORAGE, "images", "--format", "{{.Name}}:{{.Tag}}"
    ):
        with tempfile.TemporaryDirectory(dir=HOME) as folder:
            say(f"making {tag}")
            call("debootstrap", "--variant=minbase", RELEASE, f"{folder}/root")
            shutil.rmtree(f"{folder}/root/var/cache/apt/archives", ignore_errors=True)
            (Path(folder) / "Dockerfile").write_text("FROM scratch\nCOPY root /\n", encoding="utf-8")
            _build(folder, "-f", f"{folder}/Dockerfile", "-t", tag)
    return tag


def build(target: str, tag: str, arguments: Mapping[str, str]) -> None:
    """Build one target of ours. The machine's own settings for package registries hold while building."""
    pip = HOME / "pip.conf"
    authorities = os.environ.get("PIP_CERT") or "/etc/ssl/certs/ca-certificates.crt"
    pip.write_text("[global]\ncert = /etc/build-ca.crt\n", encoding="utf-8")
    mounts = [f"--volume={pip}:/etc/pip.conf:ro", f"--volume={authorities}:/etc/build-ca.crt:ro"]
    given = [f"--build-arg={name}={value}" for name, value in arguments.items()]
    _build(str(ROOT), *mounts, *given, "--target", target, "-f", str(IMAGE), "-t", tag)


def build_stand_in(name: str, tag: str) -> None:
    """Build what stands in for a server's image."""
    _build(str(STAND_INS), f"--build-arg=BASE={base()}", "-f", str(STAND_INS / f"{name}.Dockerfile"), "-t", tag)


def _build(folder: str, *arguments: str) -> None:
    say(f"building {arguments[-1]}")
    policy = HOME / "policy.json"
    policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}', encoding="utf-8")
    call(
        "buildah", *STORAGE, "bud", "--layers", "--isolation", "chroot", "--pull-never", "--timestamp", "0",
        "--signature-policy", str(policy), *arguments, folder,
    )  # fmt: skip


def archive(tag: str, file: Path) -> None:
    """Write an image as `docker load` reads it."""
    file.unlink(missing_ok=True)
    policy = str(HOME / "policy.json")
    call("buildah", *STORAGE, "push", "--signature-policy", policy, tag, f"docker-archive:{file}:{tag}")
