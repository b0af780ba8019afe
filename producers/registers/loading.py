"""Loads of some hundred records, each an event of its own; what is held already is not sent again.

A load's id is made of what it holds and of the file's own time, so a file that is sent again within the day repeats
its events; later, or in other pieces, the portal notes what it has and publishes nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import httpx
import msgspec

from bus.errors import Retriable
from producers.registers.checking import Line, digest_of
from schemas.ids import door_id

MOST_RECORDS, MOST_BYTES = 250, 300_000
"""Of one load: a verdict and a receipt each, and far below what an event may hold."""
GROUP = 4
"""Loads of one request."""


class Publisher(Protocol):
    """Whoever takes events and answers each."""

    def publish_all(self, events: Iterable[bytes], group: int = ...) -> Iterator[dict[str, Any]]:
        """Send events in order; their answers in order."""
        ...


@dataclass(frozen=True, slots=True)
class Held:
    """What the portal has of one record."""

    version: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Load:
    """Records that go together, and the rows that they stand in."""

    event: bytes
    rows: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Answered:
    """What the door said of a load."""

    load: Load
    answer: dict[str, Any]

    @property
    def taken(self) -> bool:
        """Whether it travels and was not refused."""
        return bool(self.answer["status"] < 300)


def fresh(lines: Iterable[Line], held: Mapping[str, Held]) -> Iterator[Line | None]:
    """The lines that say something new, each with the version that is next; None for one that is held as it is."""
    for line in lines:
        known = held.get(line.entry.record)
        if line.versioned or known is None:
            yield line
        elif known.digest == line.digest:
            yield None
        else:
            entry = line.entry.model_copy(update={"version": known.version + 1})
            yield Line(line.number, entry, line.digest, versioned=True)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who sends whose register, and the file's own time."""

    sender: str
    keeper: str
    register: str
    at: datetime


def loads(lines: Iterable[Line], origin: Origin) -> Iterator[Load]:
    """Lines put together to events."""
    some: list[bytes] = []
    rows: list[int] = []
    size = 0
    for line in lines:
        entry = line.entry.model_dump(mode="json", exclude_none=True)
        value = msgspec.json.encode(entry)
        if some and (len(some) == MOST_RECORDS or size + len(value) > MOST_BYTES):
            yield Load(_event(some, origin), tuple(rows))
            some, rows, size = [], [], 0
        some.append(value)
        rows.append(line.number)
        size += len(value)
    if some:
        yield Load(_event(some, origin), tuple(rows))


def send(publisher: Publisher, given: Iterable[Load]) -> Iterator[Answered]:
    """Send loads in order; what became of each, as it is known."""
    waiting: list[Load] = []

    def events() -> Iterator[bytes]:
        for load in given:
            waiting.append(load)
            yield load.event

    for answer in publisher.publish_all(events(), GROUP):
        yield Answered(waiting.pop(0), answer)


def held_by(portal: str, register: str, dept: str, transport: httpx.BaseTransport | None = None) -> dict[str, Held]:
    """What the portal has of a department's register: code to version and digest.

    Raises:
        Retriable: the portal does not answer.
    """
    found: dict[str, Held] = {}
    try:
        with (
            httpx.Client(base_url=portal, timeout=60, transport=transport) as client,
            client.stream("GET", f"/api/v1/registers/{register}/versions", params={"dept": dept}) as response,
        ):
            response.raise_for_status()
            for line in response.iter_lines():
                one = _HELD.decode(line)
                found[one.record] = Held(one.version, digest_of(one.fields, one.effective_on or ""))
    except (httpx.HTTPError, msgspec.MsgspecError) as error:
        raise Retriable(f"the portal at {portal} does not say what it holds: {error}") from error
    return found


class _Held(msgspec.Struct):
    record: str
    version: int
    fields: dict[str, str]
    effective_on: str | None = None


_HELD = msgspec.json.Decoder(_Held)


def _event(records: list[bytes], origin: Origin) -> bytes:
    data = b'{"register_name":' + msgspec.json.encode(origin.register) + b',"records":[' + b",".join(records) + b"]}"
    source, subject, at = f"/departments/{origin.sender}", f"{origin.keeper}/{origin.register}", origin.at.isoformat()
    digest = hashlib.sha256(data + at.encode()).hexdigest()
    head = {
        "specversion": "1.0", "id": door_id(source, subject, digest, "register-load"), "source": source,
        "type": "cn.gongkai.register.loaded.v1", "subject": subject, "time": at,
        "datacontenttype": "application/json",
    }  # fmt: skip
    return msgspec.json.encode(head)[:-1] + b',"data":' + data + b"}"
