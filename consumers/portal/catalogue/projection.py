"""Releases of the city pack into the portal's store, with the version of each catalogue that they bring.

A version counts the releases in which a catalogue's file changed, so it depends on the log alone. Files are kept
each content once; a file that stood in an earlier release need not be sent again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

import msgspec
import sqlalchemy as sa
import structlog

from bus.record import Record
from bus.store import bulk, storable
from consumers.portal.shelf import micros
from consumers.portal.tables import catalogue_versions, city_files, city_releases
from schemas.city.catalogues import FOLDER, SUFFIX, stem_of
from schemas.city.released import CityRecord, Ignored, PackFile, assemble, milliseconds, read
from schemas.records import PackRelease, PackReleased

log = structlog.get_logger()


def take_city(conn: sa.Connection, records: Sequence[Record]) -> None:
    """Keep what `records` of topic `city` bring; one that says nothing is passed over, as every reader does."""
    for record in records:
        found = read(CityRecord(record.key, record.value, record.timestamp))
        if isinstance(found, PackFile):
            bulk.insert_or_leave(conn, city_files, [{"sha256": found.sha256, "value": found.value}])
            continue
        ignored = found if isinstance(found, Ignored) else _release(conn, found, record.timestamp)
        if ignored:
            log.warning("city.ignored", record=str(record.origin), reason=ignored.reason)


def _release(conn: sa.Connection, said: PackReleased, written: int) -> Ignored | None:
    last = conn.execute(sa.select(sa.func.max(city_releases.c.number))).scalar()
    number = int(said.data.release)
    if last is not None and number <= last:
        return Ignored(f"release {number} comes after release {last}")
    if last is not None and milliseconds(said.data.released_at) < written:
        return Ignored(f"release {number} would be in force before it was written")
    release = assemble(said, lambda digest: _file(conn, digest))
    if isinstance(release, Ignored):
        return release
    bulk.insert(conn, city_releases, [_row(said.data)])
    _count(conn, number, release.said.files, release.files)
    return None


def _row(said: PackRelease) -> dict[str, object]:
    return {
        "number": int(said.release), "released_at": micros(said.released_at), "by": storable(said.by),
        "note": storable(said.note), "files": msgspec.json.encode(said.files).decode(),
    }  # fmt: skip


def _count(conn: sa.Connection, number: int, digests: Mapping[str, str], files: Mapping[str, bytes]) -> None:
    """A version more for each catalogue whose file is another than in its newest version."""
    newest = _newest(conn)
    for path in sorted(path for path in digests if path.startswith(f"{FOLDER}/") and path.endswith(SUFFIX)):
        version, sha256 = newest.get(stem_of(path), (0, ""))
        if sha256 != digests[path]:
            row = {"stem": stem_of(path), "version": version + 1, "release": number, "sha256": digests[path]}
            bulk.insert(conn, catalogue_versions, [{**row, "rows": _lines(files[path])}])


def _newest(conn: sa.Connection) -> dict[str, tuple[int, str]]:
    v = catalogue_versions.c
    found: Iterable[sa.Row[tuple[str, int, str]]] = conn.execute(
        sa.select(v.stem, v.version, v.sha256).order_by(v.version)
    )
    return {row.stem: (row.version, row.sha256) for row in found}


def _file(conn: sa.Connection, digest: str) -> bytes | None:
    value = conn.execute(sa.select(city_files.c.value).where(city_files.c.sha256 == digest)).scalar()
    return None if value is None else bytes(value)


def _lines(value: bytes) -> int:
    """Rows of a catalogue's file, but for its header."""
    try:
        return max(sum(1 for row in csv.reader(io.StringIO(value.decode("utf-8-sig"))) if any(row)) - 1, 0)
    except (UnicodeDecodeError, csv.Error):
        return 0
