"""The door's own records: rejections and dead letters, for what it refused under a valid key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence

from bus.record import Outgoing
from producers.answers import instant
from producers.forms import HEAD_BYTES, Oversize, has_control
from schemas import headers as h
from schemas.base import MAX_EVENT_BYTES
from schemas.ids import door_id
from schemas.records import EventRef, Finding, Rejection, RejectionIssued
from schemas.topics import DEAD_LETTERS, REJECTIONS

SOURCE = "/engine/gateway"
_SUBJECT = re.compile(r"[!-.0-~]+/[!-~]+\Z")


def readable(head: Mapping[str, object]) -> EventRef | None:
    """The event that `head` (members of a refused event) names, or None where it names none one could answer to."""
    names = [head.get(member) for member in ("id", "source", "subject")]
    if not all(isinstance(name, str) and 0 < len(name) <= 200 and not has_control(name) for name in names):
        return None
    event_id, source, subject = map(clean, names)
    if not _SUBJECT.match(subject) or clean(head.get("id")) != head.get("id"):
        return None
    kind, time = clean(head.get("type") or "")[:200], clean(head.get("time") or "")[:200]
    return EventRef(id=event_id, source=source, subject=subject, type=kind, time=time)


def clean(text: object) -> str:
    """Text that any store and any header takes: no lone surrogates, no control characters."""
    plain = str(text).encode("utf-8", "replace").decode()
    return "".join("?" if has_control(character) else character for character in plain) if has_control(plain) else plain


def rejection(
    dept: str,
    ref: EventRef | None,
    findings: Sequence[Finding],
    *,
    arrival: int,
    sha256: str,
    pack: str,
    name: str = "",
) -> Outgoing:
    """A rejection by the door; `name` stands for the event's id where a whole file was refused."""
    source = ref.source if ref else f"/departments/{dept}"
    gk_id = door_id(source, ref.id if ref else name, sha256, "rejection")
    subject = ref.subject if ref else f"{dept}/file-{sha256[:16]}"
    record = RejectionIssued(
        specversion="1.0", id=gk_id, source=SOURCE, type="cn.gongkai.rejection.issued.v1", subject=subject,
        time=instant(arrival),
        data=Rejection(by="door", origin=None, event=ref, dept=dept, arrival=instant(arrival), findings=tuple(findings),
                       pack=pack, value_sha256=sha256),
    )  # fmt: skip
    headers = ((h.ID, gk_id.encode()), (h.PACK, pack.encode()), (h.SENDER, dept.encode()))
    value = record.model_dump_json(exclude_none=True).encode()
    return Outgoing(REJECTIONS.name, subject.encode(), value, headers, arrival)


def dead_letter(
    dept: str, value: bytes | Oversize | None, code: str, *, ref: EventRef | None, arrival: int, sha256: str
) -> Outgoing:
    """A dead letter by the door: the value whole, or above the size limit its head with length and digest."""
    if ref is not None:
        gk_id, key = door_id(ref.source, ref.id, sha256, "dead-letter"), ref.subject
    else:
        gk_id, key = door_id(f"/departments/{dept}", f"@{arrival}", sha256, "dead-letter"), f"{dept}/{sha256[:16]}"
    headers = [(h.ID, gk_id), (h.SENDER, dept), (h.ERROR, code)]
    if isinstance(value, Oversize) or (value is not None and len(value) > MAX_EVENT_BYTES):
        large = value if isinstance(value, Oversize) else Oversize.of(value)
        headers += [(h.LENGTH, str(large.length)), (h.SHA256, large.sha256)]
        value = large.head[:HEAD_BYTES]
    encoded = tuple((name, text.encode()) for name, text in headers)
    return Outgoing(DEAD_LETTERS.name, key.encode(), value, encoded, arrival)


def digest(value: bytes | Oversize | None) -> str:
    """SHA-256 of the whole value as it came; of nothing for a null value."""
    return value.sha256 if isinstance(value, Oversize) else hashlib.sha256(value or b"").hexdigest()
