"""What is run: our own engines, and the peers that describe themselves in a `peer.toml`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
PEERS = Path(__file__).parent / "peers"


class Missing(Exception):
    """A peer can't run here; the message says what it lacks."""


@dataclass(frozen=True)
class Engine:
    """A program that does the job."""

    name: str
    title: str
    version: str
    command: tuple[str, ...]
    folder: Path = ROOT
    environment: dict[str, str] = field(default_factory=dict)
    verdicts: bool = False
    ids: bool = True
    """Whether its outputs carry the header that tells repeats; without it the job is another one."""

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Run it; the caller ends it."""
        environment = {**os.environ, "PYTHONPATH": str(ROOT), **self.environment}
        return subprocess.Popen([*self.command, *arguments], cwd=self.folder, env=environment)


def own() -> Iterator[Engine]:
    """The engines of this environment."""
    python = (sys.executable, "-m")
    ours = f"faust-streaming {version('faust-streaming')}, aiokafka {version('aiokafka')}"
    yield Engine("ours", "batch transport", ours, (*python, "benchmarks.router.engines.ours"))
    verdicts = (*python, "benchmarks.router.engines.ours", "--verdicts")
    yield Engine("ours-with-verdicts", "batch transport, with verdicts", ours, verdicts, verdicts=True)
    yield Engine("stock-faust", "stock Faust agent", ours, (*python, "benchmarks.router.engines.stock"))


def peers() -> Iterator[str]:
    """Names of the peers that are there."""
    return (path.parent.name for path in sorted(PEERS.glob("*/peer.toml")))


def peer(name: str) -> Engine:
    """The peer, set up.

    Raises:
        Missing: a program it needs is not on this machine, or its setup failed.
    """
    folder = PEERS / name
    about = tomllib.loads((folder / "peer.toml").read_text())
    lacking = [program for program in about.get("needs", []) if shutil.which(program) is None]
    if lacking:
        raise Missing(f"{about['title']}: not here: {', '.join(lacking)}")
    python = _environment(folder) if (folder / "requirements.txt").exists() else sys.executable
    for step in about.get("setup", []):
        _must([part.format(python=python) for part in step], folder, about["title"])
    command = tuple(part.format(python=python) for part in about["run"])
    return Engine(
        name, about["title"], _version(about, python), command, folder, about.get("environment", {}),
        ids=about.get("ids", True),
    )  # fmt: skip


def _environment(folder: Path) -> str:
    """The interpreter of the peer's own environment, made from its pinned requirements."""
    python = folder / ".venv" / "bin" / "python"
    done = folder / ".venv" / ".done"
    wanted = (folder / "requirements.txt").read_text()
    if not done.exists() or done.read_text() != wanted:
        _must([sys.executable, "-m", "venv", str(folder / ".venv")], folder, folder.name)
        _must([str(python), "-m", "pip", "install", "-q", "-r", "requirements.txt"], folder, folder.name)
        done.write_text(wanted)
    return str(python)


def _must(command: list[str], folder: Path, title: str) -> None:
    if subprocess.run(command, cwd=folder, check=False).returncode:
        raise Missing(f"{title}: setup failed: {' '.join(command)}")


def _version(about: dict[str, str], python: str) -> str:
    if "package" not in about:
        return about.get("version", "")
    ask = f"from importlib.metadata import version; print(version({about['package']!r}))"
    return subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True).stdout.strip()
