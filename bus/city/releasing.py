"""Writes a release of the pack into topic `city`: what changes first, then every file, then the record that ends it.

Reads:    city, the files of a pack.
Writes:   city.
Fails to: `Refusal` where the number is used or the instant is past; what breaks off half-way counts for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from kafka import KafkaProducer

from bus import clients
from bus.city.reading import read_releases
from bus.clock import Clock, now
from bus.errors import Fatal
from bus.settings import Settings
from schemas import headers as h
from schemas.city import Pack, PackError, Problem, load_pack
from schemas.city.gazette import load_sections
from schemas.city.released import MAX_FILE_BYTES, CityRecord, Release, manifest, records_of
from schemas.city.releases import Releases
from schemas.city.sources import pack_files
from schemas.records import PackRelease, PackReleased
from schemas.topics import CITY


class Refusal(Exception):
    """A release that must not be made, in Chinese with English beside it."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.zh = zh
        self.en = en


@dataclass(frozen=True, slots=True)
class Plan:
    """A release that may be made."""

    said: PackReleased
    files: Mapping[str, bytes]
    pack: Pack
    before: Release | None
    """The newest release until now."""
    lead: timedelta | None = None
    """How long after it is written it comes into force; None where its instant is fixed."""


def plan(
    settings: Settings,
    files: Mapping[str, bytes],
    *,
    at: datetime | timedelta,
    now: datetime,
    note: str = "",
    by: str = "",
) -> Plan:
    """The release of these files, in force for what arrives from `at` on, or so long after it is written.

    Raises:
        PackError: the pack is wrong; every problem with its place.
        Refusal: its number is no number, or used; its instant lies in the past; nobody of the pack released it.
        Retriable, Fatal: the topic can't be read.
    """
    pack = _checked(files)
    releases = read_releases(settings)
    before = releases.all[-1] if releases.all else None
    _check_number(pack, before)
    lead = at if isinstance(at, timedelta) else None
    since = now + at if isinstance(at, timedelta) else at
    _check_instant(since, now, before)
    dept = by or pack.lead_office
    if dept not in pack.department:
        raise Refusal(f"城市包里没有部门“{dept}”", f"the pack has no department {dept!r}")
    return Plan(_said(pack, files, at=since, now=now, note=note, by=dept), files, pack, before, lead)


def release(settings: Settings, planned: Plan, clock: Clock = now) -> Plan:
    """Write the release; return it as it was written, when the broker has all of it and it counts.

    `clock` is read once more when the files are there: from then on nobody may have judged by another release.

    Raises:
        Refusal: another was faster, or its instant passed while it was written.
        Retriable, Fatal: the broker did not take it; it can be repeated.
    """
    written = planned

    def ending() -> PackReleased:
        nonlocal written
        written = _at_last(planned, clock())
        return written.said

    _write(settings, planned.said, planned.files, ending)
    if not _counts(read_releases(settings), written.said):
        number = written.said.data.release
        raise Refusal(
            f"第{number}号已被他人抢先发布，本次发布不生效",
            f"another release {number} was faster; this one does not count",
        )
    return written


def release_first(settings: Settings, now: datetime) -> None:
    """Release the pack of the settings' folder into a topic that holds none; where several do so, one counts.

    Raises:
        PackError: the pack is wrong.
        Fatal: this part may not write the topic.
        Retriable: the broker did not answer.
    """
    files = pack_files(settings.city)
    pack = _checked(files)
    said = _said(pack, files, at=now, now=now, note="首次发布", by=pack.lead_office)
    try:
        _write(settings, said, files, lambda: said)
    except Fatal as error:
        raise Fatal(
            f"there is no release of the city pack yet, run: gongkai city release {settings.city}: {error}"
        ) from error


def _checked(files: Mapping[str, bytes]) -> Pack:
    pack = load_pack(files)
    if any(outlet.platform == "gazette" for outlet in pack.outlets):
        load_sections(files)
    too_large = [
        Problem(path, 0, "", "PACK-FILE", f"has {len(value)} bytes, more than {MAX_FILE_BYTES}: write it as two files")
        for path, value in files.items()
        if len(value) > MAX_FILE_BYTES
    ]
    if too_large:
        raise PackError(too_large)
    return pack


def _check_number(pack: Pack, before: Release | None) -> None:
    number, last = pack.release, before.number if before else 0
    following = last + 1
    if not (number.isascii() and number.isdecimal() and not number.startswith("0") and len(number) < 10):
        raise Refusal(
            f"city.toml 的 release 须是正整数，现为“{number}”；下一个号是 {following}",
            f"release in city.toml must be a whole number, not {number!r}; the next is {following}",
        )
    if int(number) <= last:
        raise Refusal(
            f"第{number}号已经用过（最近发布的是第{last}号）；请把 city.toml 的 release 改为 {following}",
            f'release {number} is used (the newest is {last}); write release = "{following}" into city.toml',
        )


def _check_instant(at: datetime, now: datetime, before: Release | None) -> None:
    if before is not None and at < now:
        raise Refusal(
            f"生效时间 {at.isoformat()} 已经过去；发布不能追溯，请另选以后的时间",
            f"{at.isoformat()} has passed: a release can't reach back; choose a later instant",
        )


def _said(pack: Pack, files: Mapping[str, bytes], *, at: datetime, now: datetime, note: str, by: str) -> PackReleased:
    data = PackRelease(release=pack.release, released_at=at, files=manifest(files), note=note, by=by)
    return PackReleased(
        specversion="1.0", id=_id_of(data), source="/engine/operators",
        type="cn.gongkai.pack.released.v1", subject=f"{pack.lead_office}/packs/{pack.release}", time=now, data=data,
    )  # fmt: skip


def _id_of(data: PackRelease) -> str:
    return str(uuid5(NAMESPACE_OID, sha256(data.model_dump_json().encode()).hexdigest()))


def _at_last(planned: Plan, moment: datetime) -> Plan:
    """The release as it is written at `moment`.

    Raises:
        Refusal: it would reach back.
    """
    data = planned.said.data
    if planned.lead is not None:
        data = data.model_copy(update={"released_at": moment + planned.lead})
    _check_instant(data.released_at, moment, planned.before)
    return replace(planned, said=planned.said.model_copy(update={"id": _id_of(data), "time": moment, "data": data}))


def _write(
    settings: Settings, said: PackReleased, files: Mapping[str, bytes], ending: Callable[[], PackReleased]
) -> None:
    """The last record is made, and goes out, when the broker has all before it."""
    *carried, _ = records_of(said, files)
    with clients.kafka_errors(f"write {CITY.name}"):
        producer = clients.producer(settings)
        try:
            _send(producer, settings, carried, said)
            last = ending()
            _send(producer, settings, list(records_of(last, {})), last)
        finally:
            producer.close(timeout=5)


def _send(producer: KafkaProducer, settings: Settings, records: Sequence[CityRecord], said: PackReleased) -> None:
    """Return when the broker has them."""
    carried = (h.PACK, said.data.release.encode())
    sending: list[Any] = [
        producer.send(
            settings.topic(CITY), each.value, key=each.key, headers=[*each.headers, carried], partition=0,
            timestamp_ms=each.at,
        )
        for each in records
    ]  # fmt: skip
    for sent in sending:
        sent.get(timeout=settings.infrastructure_deadline)


def _counts(releases: Releases, said: PackReleased) -> bool:
    return any(each.said == said.data for each in releases.all)
