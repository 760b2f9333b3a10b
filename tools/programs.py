"""Programs that tests run and that are no Python: found on the machine, or installed from Debian's packages."""

import shutil

from tools.servers import apt_install

PATH = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin"
"""Where Debian puts servers is not on everybody's path."""


def program(name: str, *, package: str) -> str:
    """The path of a program. Where it is missing, root on Debian gets it from ``package``.

    :raises ServerError: it is missing and cannot be installed.
    """
    found = shutil.which(name) or shutil.which(name, path=PATH)
    if not found:
        apt_install(package)
        found = shutil.which(name) or shutil.which(name, path=PATH)
    if not found:
        raise FileNotFoundError(f"{package} brings no {name}")
    return found


def kustomize() -> list[str]:
    """The command that renders a folder of manifests: kubectl's own, or the tool by itself (Debian 13 has it)."""
    if kubectl := shutil.which("kubectl"):
        return [kubectl, "kustomize"]
    return [program("kustomize", package="kustomize"), "build"]
