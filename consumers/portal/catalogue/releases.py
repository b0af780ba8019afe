"""Releases and versions as pages read them: which pack is in force, and what a catalogue was in an earlier one."""

from __future__ import annotations

import threading
from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import msgspec
import sqlalchemy as sa

from bus.web import Problem
from consumers.portal.shelf import instant, micros
from consumers.portal.tables import catalogue_versions, city_files, city_releases
from schemas.city import Pack, PackError, load_pack

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

    def current(self, conn: sa.Connection, now: datetime) -> Pack:
        """The pack in force; a release that this build can't read is passed over, as every part does."""
        for number in _begun(conn, now):
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
        pack = _load(conn, number)
        with self._lock:
            self._packs[number] = pack
            while len(self._packs) > _KEPT:
                self._packs.popitem(last=False)
        return pack


def versions(conn: sa.Connection, now: datetime, stem: str = "") -> list[Version]:
    """Versions that are or were in force, newest first; of one catalogue, or of all."""
    number = max(_begun(conn, now), default=0)
    query = sa.select(catalogue_versions, _r.released_at, _r.by, _r.note).join(city_releases, _v.release == _r.number)
    query = query.where(_v.release <= number).order_by(_v.stem, _v.version.desc())
    rows = conn.execute(query.where(_v.stem == stem) if stem else query)
    return [Version(r.stem, r.version, r.release, r.sha256, r.rows, instant(r.released_at), r.by, r.note) for r in rows]


def _begun(conn: sa.Connection, now: datetime) -> list[int]:
    """Releases whose time has come, newest first; the first of all from the beginning."""
    query = sa.select(_r.number).where(_r.released_at <= micros(now)).order_by(_r.number.desc())
    found = list(conn.execute(query).scalars())
    first = conn.execute(sa.select(sa.func.min(_r.number))).scalar()
    return found if first is None or first in found else [*found, first]


def _load(conn: sa.Connection, number: int) -> Pack:
    said = conn.execute(sa.select(_r.files).where(_r.number == number)).scalar()
    if said is None:
        raise Problem(404)
    files = msgspec.json.decode(said, type=dict[str, str])
    query = sa.select(city_files).where(city_files.c.sha256.in_(set(files.values())))
    values = {row.sha256: bytes(row.value) for row in conn.execute(query)}
    try:
        return load_pack({path: values[digest] for path, digest in files.items()})
    except PackError as error:
        zh = f"第{number}号发布的目录无法由当前程序读取。"
        raise Problem(503, "PACK-UNREADABLE", zh, f"Release {number} can't be read: {error.brief}.") from error
