"""Releases of packs for tests, with no broker: the example city's files, changed, and the records they make."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from schemas.city.released import CityRecord, manifest, records_of
from schemas.city.sources import pack_files
from schemas.records import PackRelease, PackReleased

EXAMPLE = Path(__file__).parents[2] / "cities/example"


def example_files(number: int = 1, **changed: tuple[str, str]) -> dict[str, bytes]:
    """The example's files as release `number`; `changed` names files by stem: what stands there, and what instead."""
    files = pack_files(EXAMPLE)
    files["city.toml"] = replaced(files["city.toml"], 'release = "1"', f'release = "{number}"')
    for stem, (old, new) in changed.items():
        [path] = [path for path in files if Path(path).stem == stem.replace("_", "-")]
        files[path] = replaced(files[path], old, new)
    return files


def replaced(value: bytes, old: str, new: str) -> bytes:
    """`value` with `old` (which must be there) replaced."""
    assert old.encode() in value, old
    return value.replace(old.encode(), new.encode())


def released(files: Mapping[str, bytes], number: int, since: datetime, written: datetime | None = None) -> PackReleased:
    """The record that ends release `number`."""
    return PackReleased(
        specversion="1.0", id=f"release-{number}", source="/engine/operators", type="cn.gongkai.pack.released.v1",
        subject=f"zfb/packs/{number}", time=written or since,
        data=PackRelease(release=str(number), released_at=since, files=manifest(files), by="zfb"),
    )  # fmt: skip


def records(
    files: Mapping[str, bytes], number: int, since: datetime, written: datetime | None = None
) -> list[CityRecord]:
    """Every record of a release."""
    return list(records_of(released(files, number, since, written), files))
