"""Releases and versions as pages read them: which pack is in force, and what a catalogue was in an earlier one."""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import msgspec
import sqlalchemy as sa

from bus.web import Problem
from consumers.portal.shelf import instant
from consumers.portal.tables import catalogue_versions, city_files, city_releases
from schemas.city import Pack, PackError
from schemas.city.released import Release, milliseconds
from schemas.city.releases import line_of
from schemas.records import PackRelease

_KEPT = 4
"""Packs held in memory: the one in force and those that somebody compares."""
_r, _v = city_releases.c, catalogue_versions.c


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a catalogue."""

    stem: str
    number: int
    release: int
    sha256: str
    rows: int
    released_at: datetime
    by: str
    note: str


class Releases:
    """Packs by release number, the newest used kept in memory."""

    def __init__(self, start: Pack) -> None:
        """`start`: the pack that the portal began with, which stands until topic `city` has a release."""
        self._start = start
        self._lock = threading.Lock()
        self._packs: OrderedDict[int, Pack] = OrderedDict()
        self._unusable: dict[int, PackError] = {}

    def current(self, conn: sa.Connection, now: datetime) -> Pack:
        """The pack in force; a release that this build can't read is passed over, as every part does."""
        while (number := _in_force(conn, now, self._unusable)) is not None:
            with suppress(Problem):
                return self.pack(conn, number)
        return self._start

    def pack(self, conn: sa.Connection, number: int) -> Pack:
        """The pack of a release.

        Raises:
            Problem: there is none, or this build can't read it.
        """
        with self._lock:
            if number in self._packs:
                self._packs.move_to_end(number)
                return self._packs[number]
        pack = self._load(conn, number)
        with self._lock:
            self._packs[number] = pack
            while len(self._packs) > _KEPT:
                self._packs.popitem(last=False)
        return pack

    def _load(self, conn: sa.Connection, number: int) -> Pack:
        """The pack from its files; a release that is of no use is not tried again."""
        try:
            if number in self._unusable:
                raise self._unusable[number]
            return _release(conn, number).load()
        except PackError as error:
            self._unusable[number] = error
            zh = f"第{number}号发布的目录无法由当前程序读取。"
            raise Problem(503, "PACK-UNREADABLE", zh, f"Release {number} can't be read: {error.brief}.") from error


def versions(conn: sa.Connection, now: datetime, stem: str = "") -> list[Version]:
    """Versions that are or were in force, newest first; of one catalogue, or of all."""
    number = _in_force(conn, now) or 0
    query = sa.select(catalogue_versions, _r.released_at, _r.by, _r.note).join(city_releases, _v.release == _r.number)
    query = query.where(_v.release <= number).order_by(_v.stem, _v.version.desc())
    rows = conn.execute(query.where(_v.stem == stem) if stem else query)
    return [Version(r.stem, r.version, r.release, r.sha256, r.rows, instant(r.released_at), r.by, r.note) for r in rows]


class _Begin(NamedTuple):
    number: int
    since: int


def _in_force(conn: sa.Connection, now: datetime, unusable: Collection[int] = ()) -> int | None:
    """Number of the release in force, by the reading that all parts have."""
    rows = conn.execute(sa.select(_r.number, _r.released_at).order_by(_r.number))
    starts, in_force = line_of(
        [_Begin(row.number, milliseconds(instant(row.released_at))) for row in rows if row.number not in unusable]
    )
    return in_force[bisect_right(starts, milliseconds(now)) - 1].number if in_force else None


def _release(conn: sa.Connection, number: int) -> Release:
    row = conn.execute(sa.select(city_releases).where(_r.number == number)).first()
    if row is None:
        raise Problem(404)
    files = msgspec.json.decode(row.files, type=dict[str, str])
    query = sa.select(city_files).where(city_files.c.sha256.in_(set(files.values())))
    values = {each.sha256: bytes(each.value) for each in conn.execute(query)}
    said = PackRelease(release=str(number), released_at=instant(row.released_at), by=row.by, note=row.note, files=files)
    return Release(said, {path: values[digest] for path, digest in files.items()})
