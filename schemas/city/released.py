"""The records of topic `city`: what each is, what a release writes, and the release that records make up.

A release is a record for every file (key: its path, value: its bytes), then one of key `pack.released` that names
each by its SHA-256. Files are known by digest, so two that release at once do each other no harm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from pydantic import ValidationError

from schemas import headers as h
from schemas.city.errors import PackError, Problem
from schemas.city.gazette import Section, load_sections
from schemas.city.load import load_pack
from schemas.city.pack import Pack
from schemas.headers import Headers
from schemas.ids import pack_record_id
from schemas.records import PackRelease, PackReleased

RELEASED = "pack.released"
"""Key of the record that ends a release."""
MAX_FILE_BYTES = 1_000_000
"""Of one file of a pack."""


@dataclass(frozen=True, slots=True)
class CityRecord:
    """A record of topic `city`, whatever client read or will write it; `at` is its timestamp, in ms since 1970."""

    key: bytes | None
    value: bytes | None
    at: int

    @property
    def headers(self) -> Headers:
        """Those it is written with, beside `gk-pack`."""
        digest = sha256(self.value or b"").hexdigest()
        return ((h.ID, pack_record_id((self.key or b"").decode("utf-8", "replace"), digest).encode()),)


@dataclass(frozen=True, slots=True)
class PackFile:
    """A file of some release."""

    path: str
    sha256: str
    value: bytes


@dataclass(frozen=True, slots=True)
class Ignored:
    """A record that says nothing, and why."""

    reason: str


@dataclass(frozen=True, eq=False)
class Release:
    """A complete release; whether its pack can be read shows when it is loaded."""

    said: PackRelease
    files: Mapping[str, bytes]

    @property
    def number(self) -> int:
        """Its number."""
        return int(self.said.release)

    @property
    def since(self) -> int:
        """The first arrival that it judges, in ms since 1970."""
        return milliseconds(self.said.released_at)

    def load(self) -> Pack:
        """Its pack.

        Raises:
            PackError: this build can't read it, or it is of another number.
        """
        pack = load_pack(self.files)
        if pack.release != self.said.release:
            said = f"says release {pack.release!r}, but was released as {self.said.release!r}"
            raise PackError([Problem("city.toml", 0, "release", "PACK-VALUE", said)])
        return pack

    def sections(self) -> tuple[Section, ...]:
        """The gazette's sections.

        Raises:
            PackError: they are missing or wrong.
        """
        return load_sections(self.files)


def records_of(said: PackReleased, files: Mapping[str, bytes]) -> Iterator[CityRecord]:
    """The records of a release, in the order in which they must be written."""
    at = milliseconds(said.time)
    for path, value in files.items():
        yield CityRecord(path.encode(), value, at)
    yield CityRecord(RELEASED.encode(), said.model_dump_json().encode(), at)


def manifest(files: Mapping[str, bytes]) -> dict[str, str]:
    """Every file by its SHA-256."""
    return {path: sha256(value).hexdigest() for path, value in files.items()}


def read(record: CityRecord) -> PackFile | PackReleased | Ignored:
    """What a record of topic `city` is."""
    if record.value is None or not record.key:
        return Ignored("a record without key or value")
    if record.key == RELEASED.encode():
        return _released(record)
    try:
        path = record.key.decode()
    except UnicodeDecodeError:
        return Ignored("a key that is not UTF-8")
    if len(record.value) > MAX_FILE_BYTES:
        return Ignored(f"{path[:200]!r} has {len(record.value)} bytes, more than {MAX_FILE_BYTES}")
    return PackFile(path, sha256(record.value).hexdigest(), record.value)


def assemble(said: PackReleased, file_of: Callable[[str], bytes | None]) -> Release | Ignored:
    """The release that `said` ends, from files known by SHA-256; `Ignored` where one is missing."""
    files = {}
    for path, digest in said.data.files.items():
        value = file_of(digest)
        if value is None:
            return Ignored(f"release {said.data.release} is not complete: {path!r} is missing")
        files[path] = value
    return Release(said.data, files)


def milliseconds(instant: datetime) -> int:
    """An instant as Kafka counts it, the next whole one where it lies between two."""
    since = instant.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return -(-(since.days * 86_400_000_000 + since.seconds * 1_000_000 + since.microseconds) // 1_000)


def _released(record: CityRecord) -> PackReleased | Ignored:
    try:
        return PackReleased.model_validate_json(record.value or b"")
    except (ValidationError, RecursionError) as error:
        said = error.errors(include_url=False, include_input=False)[0] if isinstance(error, ValidationError) else error
        return Ignored(f"a {RELEASED} that can't be read: {str(said)[:200]}")
