"""What docker-compose.yml says, read by our own tools: tests and `make test-containers` start what stands there, not a
copy of it."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "docker-compose.yml"
IMAGE = ROOT / "deploy" / "Dockerfile"
VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::?-([^}]*))?\}")


@dataclass(frozen=True, kw_only=True)
class Container:
    """One service of the file. ``secrets`` are names; each lies in ``/run/secrets`` under its name."""

    name: str
    image: str
    command: list[str]
    environment: dict[str, str]
    user: str
    secrets: list[str]
    depends_on: dict[str, str] = field(default_factory=dict)
    """Other service → ``service_started``, ``service_healthy`` or ``service_completed_successfully``."""
    profiles: list[str]
    raw: Mapping[str, Any]

    @property
    def is_ours(self) -> bool:
        """Tell whether it runs an image of ours."""
        return self.image.startswith("delivery-center")


def document(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The file as compose understands it, variables replaced by ``environment`` or their defaults."""
    text = VARIABLE.sub(lambda found: environment.get(found[1]) or found[2] or "", FILE.read_text(encoding="utf-8"))
    loaded: dict[str, Any] = yaml.safe_load(text)
    return loaded


def containers(environment: Mapping[str, str] = os.environ) -> dict[str, Container]:
    """All services by name."""
    return {name: _container(name, raw) for name, raw in document(environment)["services"].items()}


def _container(name: str, raw: Mapping[str, Any]) -> Container:
    depends = raw.get("depends_on", {})
    if isinstance(depends, list):
        depends = {other: {"condition": "service_started"} for other in depends}
    return Container(
        name=name,
        image=raw["image"],
        command=raw.get("command", []),
        environment={key: _text(name, key, value) for key, value in raw.get("environment", {}).items()},
        user=raw.get("user", ""),
        secrets=raw.get("secrets", []),
        depends_on={other: how["condition"] for other, how in depends.items()},
        profiles=raw.get("profiles", []),
        raw=raw,
    )


def _text(container: str, variable: str, value: object) -> str:
    """A variable without a value would be taken from whoever runs compose."""
    if value is None:
        raise ValueError(f"{container}: {variable} has no value")
    return str(value)


def in_order(wanted: Mapping[str, Container]) -> list[Container]:
    """``wanted`` so that each comes after those of them it depends on."""
    placed: dict[str, Container] = {}
    while len(placed) < len(wanted):
        ready = [
            one
            for name, one in wanted.items()
            if name not in placed and all(other in placed for other in one.depends_on if other in wanted)
        ]
        if not ready:
            raise ValueError(f"depend on each other: {sorted(wanted.keys() - placed.keys())}")
        placed.update({one.name: one for one in ready})
    return list(placed.values())


def image_environment() -> dict[str, str]:
    """What the image of our processes puts into their environment."""
    stage = IMAGE.read_text(encoding="utf-8").partition(" AS center\n")[2].partition("\nFROM ")[0].replace("\\\n", " ")
    found: dict[str, str] = {}
    for line in stage.splitlines():
        if line.startswith("ENV "):
            found.update(dict(pair.split("=", 1) for pair in line.split()[1:]))
    return found
