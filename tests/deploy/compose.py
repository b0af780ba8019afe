"""docker-compose.yml and Dockerfile, read as their tests need them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

Service = dict[str, Any]

OURS = "gongkai:"
COMPOSE = Path("docker-compose.yml").read_text(encoding="utf-8")
DOCKERFILE = Path("Dockerfile").read_text(encoding="utf-8")
SERVICES: dict[str, Service] = yaml.safe_load(COMPOSE)["services"]
PARTS = {name: service for name, service in SERVICES.items() if service["image"].startswith(OURS)}
"""Services that run our own image."""

VARIABLES = frozenset(re.findall(r"\$\{(\w+)", COMPOSE))
"""What an operator may set in the environment of `docker compose`."""

COPIED = tuple(
    source
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
)  # fmt: skip
"""What the image is built from."""
