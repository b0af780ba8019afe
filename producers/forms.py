"""The forms an event may come in, each made the structured JSON that travels from here on.

Source: CloudEvents 1.0.2, HTTP protocol binding (structured, binary, batched) and Kafka binding (`ce_` headers).
A form that can't be made an event is kept as it came, with the code of what is wrong, for the dead letters.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

import msgspec

from schemas.base import MAX_EVENT_BYTES

HEAD_BYTES = 64 * 1024
"""What is kept of a value above the size limit."""
MAX_BATCH = 1_000
"""Events in one batch; a longer row of events comes as NDJSON."""

_BOM = b"\xef\xbb\xbf"
_ATTRIBUTE = re.compile(r"[a-z0-9]{1,20}\Z")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Oversize:
    """A value above the size limit, of which only the head was kept."""

    head: bytes
    length: int
    sha256: str

    @classmethod
    def of(cls, value: bytes) -> Oversize:
        """The same for a value that was read whole."""
        return cls(value[:HEAD_BYTES], len(value), hashlib.sha256(value).hexdigest())


@dataclass(frozen=True, slots=True)
class Unformed:
    """Bytes that could not be made a structured event: `code` names why, `detail` where."""

    value: bytes
    code: str
    detail: str


Given = bytes | Oversize | Unformed | None
"""What a way hands to the intake; None is a Kafka record without a value."""


def structured(value: bytes) -> Given:
    """A structured event without the blanks around it, the same by any way; or the head of one that is too long."""
    value = value.strip(b" \t\r\n")
    return value if len(value) <= MAX_EVENT_BYTES else Oversize.of(value)


def lines(value: bytes) -> list[bytes]:
    """The events of an NDJSON text, without blank lines and a byte order mark."""
    return [line for raw in value.removeprefix(_BOM).split(b"\n") if (line := raw.strip(b" \t\r"))]


def batch(body: bytes) -> list[Given]:
    """The events of a JSON array, each with its own bytes untouched."""
    try:
        members = _ARRAY.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        return [Unformed(body[:MAX_EVENT_BYTES], "JSON", f"no JSON array of events: {str(error)[:200]}")]
    if len(members) > MAX_BATCH:
        detail = f"{len(members)} events in one batch, more than {MAX_BATCH}"
        return [Unformed(body[:MAX_EVENT_BYTES], "SIZE", detail)]
    return [structured(bytes(member)) for member in members]


def binary(headers: Iterable[tuple[str, str]], body: bytes, prefix: str = "ce-") -> Given:
    """The structured event of a binary one: attributes from `headers`, `data` from the body's own bytes."""
    try:
        data = _RAW.decode(body)
    except (msgspec.MsgspecError, RecursionError) as error:
        return Unformed(body[:MAX_EVENT_BYTES], "JSON", str(error)[:200])
    try:
        attributes = _attributes(headers, prefix)
    except ValueError as error:
        return Unformed(body[:MAX_EVENT_BYTES], "NOT-CLOUDEVENT", str(error)[:200])
    text = json.dumps(attributes, ensure_ascii=False, separators=(",", ":")).encode()
    return structured(text[:-1] + b',"data":' + bytes(data) + b"}")


def has_control(text: str) -> bool:
    """Whether `text` holds characters that CloudEvents forbids in an attribute (and a header could smuggle)."""
    return _CONTROL.search(text) is not None


def _attributes(headers: Iterable[tuple[str, str]], prefix: str) -> dict[str, str]:
    """The attributes in `headers`, percent-decoded as the HTTP binding says."""
    found: dict[str, str] = {}
    for header, value in headers:
        name = header.lower()
        if not name.startswith(prefix):
            continue
        name = name.removeprefix(prefix)
        if name in found or name in ("data", "datacontenttype") or not _ATTRIBUTE.match(name):
            raise ValueError(f"header {header[:40]!r} comes twice or is no attribute")
        text = unquote(value, errors="strict") if prefix == "ce-" else value
        if has_control(text):
            raise ValueError(f"header {header[:40]!r} holds control characters")
        found[name] = text
    if not found:
        raise ValueError(f"no {prefix} headers")
    return found


_ARRAY: msgspec.json.Decoder[list[msgspec.Raw]] = msgspec.json.Decoder(list[msgspec.Raw])
_RAW: msgspec.json.Decoder[msgspec.Raw] = msgspec.json.Decoder(msgspec.Raw)
