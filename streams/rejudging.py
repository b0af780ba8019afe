"""Judges every record of the log again, by the release and the arrival that its verdict names (DESIGN §2).

Reads:    city, verdicts and every input topic, partition by partition, to their ends as they are then; what the door
          found in attached files.
Writes:   nothing: the verdict in the log stays the record.
Keeps:    of one partition's verdicts, their digests and releases.
Fails to: Retriable, Fatal where a topic, or the text of an attachment, can't be read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from bus.city import read_releases
from bus.errors import GongkaiError
from bus.extracting import Texts
from bus.record import Outgoing, Record
from bus.settings import Settings
from bus.store.rebuilding import read_to_end
from rules import judge
from schemas import headers as h
from schemas.city import PackError
from schemas.city.released import Release
from schemas.city.releases import KEPT_PACKS
from schemas.extracts import Extracts
from schemas.reasons import Reason
from schemas.records import VerdictGiven
from schemas.topics import ROUTED, VERDICTS
from streams.judging import Judging

CRASH = b'"ENGINE-CRASH"'
"""In a verdict: judging that record may end a process, and nobody does so again."""
NO_RELEASE, UNREADABLE, NO_VERDICT = "release", "verdict", "none"
"""Said instead of a verdict's member: its release can't be loaded; it can't be read; judging gave none."""


class Difference(NamedTuple):
    """A record of which judging says something else now: the members of its verdict that differ, with both values."""

    origin: str
    release: str
    members: tuple[tuple[str, str, str], ...]
    """Name, as the log has it, as it is now."""


@dataclass(slots=True)
class Rejudged:
    """What a walk found."""

    judged: int = 0
    differing: int = 0
    without_verdict: int = 0
    """Records whose verdict is not there yet; `gongkai reconcile` tells whether one is missing."""
    crashed: int = 0
    """Records that ended a worker; they are not judged again."""
    differences: list[Difference] = field(default_factory=list)
    """The first of those differing, as many as were asked for."""
    by_release: Counter[str] = field(default_factory=Counter)


class _Given(NamedTuple):
    digest: bytes
    release: str
    crashed: bool


class Judgings:
    """Each release's judge by its number, whenever it was in force; the few used last are kept."""

    def __init__(self, releases: Sequence[Release], texts: Extracts | None = None) -> None:
        self._releases = {each.said.release: each for each in releases}
        self._judge = partial(judge, texts=texts)
        self._made: dict[str, Judging | None] = {}

    def __call__(self, number: str) -> Judging | None:
        """None where there is no such release, or this build can't read it."""
        judging = self._made.pop(number) if number in self._made else self._make(number)
        self._made[number] = judging
        if len(self._made) > KEPT_PACKS:
            del self._made[next(iter(self._made))]
        return judging

    def _make(self, number: str) -> Judging | None:
        try:
            return Judging(self._releases[number].load(), judge=self._judge)
        except (KeyError, PackError):
            return None


def rejudge(
    settings: Settings,
    *,
    since: int = 0,
    limit: int | None = None,
    shown: int = 100,
    progress: Callable[[int], object] | None = None,
) -> Rejudged:
    """Judge again what arrived from `since` on (ms since 1970), at most `limit` records; `shown` differences in full.

    Raises:
        Retriable, Fatal: a topic, or the text of an attachment, can't be read.
    """
    judgings = Judgings(read_releases(settings).all, Texts(settings.text_of))
    found = Rejudged()
    for number in range(settings.partitions):
        if limit is not None and found.judged >= limit:
            break
        given = _given(settings, number)
        suspects: dict[str, bytes | None] = {}
        for record in _inputs(settings, number, since):
            if limit is not None and found.judged >= limit:
                break
            _again(found, judgings, given.get(record.origin), record, suspects)
            if progress is not None:
                progress(found.judged)
        _tell(found, settings, number, suspects, shown)
    return found


def _given(settings: Settings, number: int) -> dict[str, _Given]:
    """The first verdict on each record of the partition: an output keeps its input's number."""
    found: dict[str, _Given] = {}
    for record in _verdicts(settings, number):
        value = record.value or b""
        release = h.get(record.headers, h.PACK) or ""
        found.setdefault(_origin(record), _Given(sha256(value).digest(), release, CRASH in value))
    return found


def _again(
    found: Rejudged, judgings: Judgings, given: _Given | None, record: Record, suspects: dict[str, bytes | None]
) -> None:
    if given is None or given.crashed:
        found.without_verdict += given is None
        found.crashed += given is not None
        return
    found.judged += 1
    found.by_release[given.release] += 1
    judging = judgings(given.release)
    value = _verdict_of(judging, record) if judging is not None else None
    if value is None or sha256(value).digest() != given.digest:
        suspects[record.origin] = value


def _verdict_of(judging: Judging, record: Record) -> bytes:
    """The verdict as the stage would send it: a judge that fails makes a dead letter there."""
    outputs: Sequence[Outgoing]
    try:
        outputs = judging(record)
    except GongkaiError:  # an attachment's text that can't be read says nothing of the verdict
        raise
    except Exception:  # noqa: BLE001 - as in the stage
        outputs = judging.dead(record, Reason.ENGINE_FAULT, "")
    return next((each.value or b"" for each in outputs if each.topic == VERDICTS.name), b"")


def _tell(found: Rejudged, settings: Settings, number: int, suspects: dict[str, bytes | None], shown: int) -> None:
    """Of those whose bytes differ, which say something else: another build may write the same in other bytes."""
    if not suspects:
        return
    for record in _verdicts(settings, number):
        origin = _origin(record)
        if origin not in suspects:
            continue
        members = tuple(_differing(record.value or b"", suspects.pop(origin)))
        if members:
            found.differing += 1
            if len(found.differences) < shown:
                found.differences.append(Difference(origin, h.get(record.headers, h.PACK) or "", members))


def _differing(given: bytes, now: bytes | None) -> Iterator[tuple[str, str, str]]:
    if now is None:
        yield NO_RELEASE, "", "can't be loaded"
        return
    try:
        before, after = (VerdictGiven.model_validate_json(value) for value in (given, now))
    except ValidationError as error:
        yield UNREADABLE if now else NO_VERDICT, "", str(error.errors(include_input=False)[0]["msg"])
        return
    old, new = before.data.model_dump(mode="json"), after.data.model_dump(mode="json")
    for name in old:
        if old[name] != new[name]:
            yield name, str(old[name])[:500], str(new[name])[:500]
    if (before.id, before.subject, before.time) != (after.id, after.subject, after.time):
        yield "envelope", f"{before.id} {before.subject} {before.time}", f"{after.id} {after.subject} {after.time}"


def _inputs(settings: Settings, number: int, since: int) -> Iterator[Record]:
    for topic in ROUTED:
        for records in read_to_end(settings, topic, number):
            yield from (record for record in records if record.timestamp >= since)


def _verdicts(settings: Settings, number: int) -> Iterator[Record]:
    for records in read_to_end(settings, VERDICTS, number):
        yield from records


def _origin(record: Record) -> str:
    return h.get(record.headers, h.ORIGIN) or ""
