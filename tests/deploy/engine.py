"""A Docker engine with Compose, or a clear word that there is none; a whole city in a project of its own."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from tests.deploy.compose import DOCKERFILE, PARTS
from tests.support.servers import KAFKA_IMAGE, POSTGRES_IMAGE, docker_has
from tests.support.waiting import free_ports

PUBLISHED = tuple(name for name, service in PARTS.items() if "ports" in service)
ENDS_IN = 600.0
"""Seconds that one command of Docker may take; a build fetches every dependency."""


def compose_command() -> list[str]:
    """The command of Compose; the test is skipped where Docker, Compose or an image is missing."""
    base = DOCKERFILE.split("FROM ", 1)[1].split()[0]
    missing = [image for image in (base, KAFKA_IMAGE, POSTGRES_IMAGE) if not docker_has(image)]
    if missing:
        pytest.skip(f"no Docker engine that has {', '.join(missing)}")
    if _succeeds("docker", "compose", "version"):
        return ["docker", "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    pytest.skip("Docker is here, Compose is not")


@dataclass(frozen=True)
class City:
    """Every part in containers."""

    compose: tuple[str, ...]
    environment: dict[str, str]

    def run(self, *words: str, given: bytes = b"") -> str:
        """A command of Compose; what it printed."""
        return _run(*self.compose, *words, given=given, environment=self.environment)

    def inside(self, service: str, *words: str, index: int = 1, given: bytes = b"") -> str:
        """A command within a service's container."""
        return self.run("exec", "-T", "--index", str(index), service, *words, given=given)

    def asked(self, *words: str) -> dict[str, Any]:
        """A command of ours within the gateway's container that answers in JSON."""
        answer: dict[str, Any] = json.loads(self.inside("gateway", *words, "--json"))
        return answer

    def kill(self, service: str, index: int) -> None:
        """End a container's program as a power cut would; Docker's own restart is what brings it back."""
        self.inside(service, "sh", "-c", "kill -KILL -1 || true", index=index)

    def url(self, service: str, port: int, index: int = 1) -> str:
        """Where a copy's published port is reached."""
        return f"http://{self.run('port', '--index', str(index), service, str(port)).strip()}"


@contextmanager
def city(**scale: int) -> Iterator[City]:
    """Everything up, on free ports, with so many copies; taken down with its volumes at the end."""
    compose, tag = compose_command(), f"test-{uuid.uuid4().hex[:8]}"
    found = City((*compose, "--project-name", f"gongkai-{tag}", "--env-file", "deploy/demo.env"), _environment(tag))
    _run("docker", "build", "--network", "host", "--quiet", "--tag", f"gongkai:{tag}", ".")
    copies = [word for name, number in scale.items() for word in ("--scale", f"{name}={number}")]
    try:
        found.run("up", "--detach", "--no-build", *copies)
        yield found
    finally:
        found.run("down", "--volumes", "--timeout", "5")
        _run("docker", "image", "rm", "--force", f"gongkai:{tag}")


def _environment(tag: str) -> dict[str, str]:
    """Copies share a range of ports, which begins anywhere."""
    first = free_ports(len(PUBLISHED))
    ports = {f"GONGKAI_{name.upper()}_PORTS": f"{port}-{port + 9}" for name, port in zip(PUBLISHED, first, strict=True)}
    password = f"{secrets.token_hex(8)} @:/%?#"
    return {**os.environ, **ports, "GONGKAI_TAG": tag, "GONGKAI_DB_PASSWORD": password}


def _succeeds(*words: str) -> bool:
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def _run(*words: str, given: bytes = b"", environment: dict[str, str] | None = None) -> str:
    ran = subprocess.run(
        words, input=given, capture_output=True, check=False, timeout=ENDS_IN, env=environment
    )  # fmt: skip
    said = ran.stdout.decode()
    assert ran.returncode == 0, f"{' '.join(words)}: {said[-2_000:]} {ran.stderr.decode()[-2_000:]}"
    return said
