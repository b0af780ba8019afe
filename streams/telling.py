"""How a stage puts into records what it says of an input record: verdict, rejection, dead letter. Pure.

Reads a record and what was found; writes nothing: it answers with records to be sent, the same bytes for the same
record in any process.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import msgspec
from pydantic import BaseModel

from bus.record import Outgoing, Record
from rules import Judgement
from schemas import headers as h
from schemas.base import MAX_EVENT_BYTES
from schemas.city import Pack
from schemas.decode import Unreadable
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.ids import judged_id
from schemas.reasons import Reason, finding
from schemas.records import Finding, Routed
from schemas.topics import DEAD_LETTERS, REJECTIONS, VERDICTS

VERDICT_BYTES = 64 * 1024
"""A verdict is never longer; what is cut is counted in it."""
HEAD_BYTES = 64 * 1024
"""Of a value above the size limit, so much is kept in its dead letter."""
KEY_BYTES = 1_000
"""Of a key, likewise; a fair one has at most 200."""

Ref = dict[str, str]
"""Which event it was, as verdicts and rejections name it."""
SUBJECT = re.compile(r"[!-.0-~]+/[!-~]+\Z")
"""What a subject must be."""

_DEAD = frozenset({"NULL-VALUE", "SIZE", "UTF8", "JSON", "NOT-CLOUDEVENT", "UNKNOWN-VERSION"})
_TRACEPARENT_BYTES = 100
_CUTTABLE = ("findings", "links", "overrides", "sign_offs")


class Telling:
    """What a part says under one release of a pack."""

    def __init__(self, pack: Pack, part: str) -> None:
        self.pack = pack
        self.source = f"/engine/{part}"
        self._part = part
        self._stamp = ((h.PACK, pack.release.encode()), (h.ENGINE, version("gongkai").encode()))

    def given(self, record: Record, subject: str, verdict: dict[str, Any]) -> Outgoing:
        """The verdict on `record`."""
        return self.said(record, VERDICTS.name, "verdict.given", subject, verdict)

    def rejected(self, record: Record, event: Envelope, judgement: Judgement) -> list[Outgoing]:
        """The rejection of an event, and its verdict."""
        dept = (judgement.dept or department_of(event.source) or issuer_of(event.subject))[:100]
        return self.refusal(record, ref_of(event), dept, judgement)

    def refusal(self, record: Record, ref: Ref, dept: str, judgement: Judgement) -> list[Outgoing]:
        """The rejection of what `ref` names, for `dept`, and the verdict."""
        verdict = verdict_of(record, "rejected", ref, judgement, ())
        return [self.rejection(record, ref, dept, judgement), self.given(record, ref["subject"], verdict)]

    def rejection(
        self, record: Record, ref: Ref, dept: str, judgement: Judgement, digest: str | None = None
    ) -> Outgoing:
        """The rejection alone; `digest` is the value's, where `record` is but its place."""
        rejection = {
            "by": self._part, "origin": origin_of(record), "event": ref, "dept": dept,
            "arrival": instant(record.timestamp), "findings": judgement.findings, "corrects": judgement.corrects,
            "pack": self.pack.release, "value_sha256": digest or sha256(record.value or b"").hexdigest(),
        }  # fmt: skip
        return self.said(record, REJECTIONS.name, "rejection.issued", ref["subject"], rejection)

    def unreadable(self, record: Record, error: Unreadable) -> list[Outgoing]:
        """A rejection where somebody can be told, else a dead letter; and the verdict."""
        ref = _readable(error.head)
        dept = (department_of(ref["source"]) or issuer_of(ref["subject"])) if ref else ""
        if error.code in _DEAD or ref is None or not 0 < len(dept) <= 100:
            return self.dead(record, error.code, ref)
        place = error.detail.partition(":")[0] if error.code == "INVALID" else "/type"
        found: Finding = finding(Reason(error.code), place, detail=error.detail, code=error.code)
        known = dept if dept in self.pack.department else None
        return self.refusal(record, ref, dept, Judgement("rejected", (found,), dept=known))

    def dead(self, record: Record, code: str, ref: Ref | None) -> list[Outgoing]:
        """The dead letter of `record`, and its verdict."""
        id_ = judged_id(record.topic, record.partition, record.offset, "dead-letter")
        key, value = (record.key or b"")[:KEY_BYTES], record.value
        headers = (
            (h.ID, id_.encode()), *self.common(record), (h.VERDICT, verdict_id(record).encode()),
            (h.ERROR, code.encode()), *_cut_headers(value),
        )  # fmt: skip
        if value is not None and len(value) > MAX_EVENT_BYTES:
            value = value[:HEAD_BYTES]
        verdict = verdict_of(record, "dead", ref, None, ()) | {"error": code}
        letter = Outgoing(DEAD_LETTERS.name, key, value, headers, record.timestamp, record.partition)
        return [letter, self.given(record, _subject(record, ref), verdict)]

    def said(self, record: Record, topic: str, what: str, subject: str, data: dict[str, Any]) -> Outgoing:
        """A CloudEvent of our own about `record`; its time is the record's arrival."""
        id_ = judged_id(record.topic, record.partition, record.offset, what.partition(".")[0])
        envelope = {
            "specversion": "1.0", "id": id_, "source": self.source, "type": f"cn.gongkai.{what}.v1",
            "subject": subject, "time": data["arrival"], "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        value = encode(envelope)
        if topic == VERDICTS.name and len(value) > VERDICT_BYTES:
            value = encode({**envelope, "data": _shortened(data, VERDICT_BYTES - (len(value) - len(encode(data))))})
        headers = ((h.ID, id_.encode()), *self.common(record))
        if topic != VERDICTS.name:
            headers = (*headers, (h.VERDICT, verdict_id(record).encode()))
        return out(record, topic, value, headers)

    def common(self, record: Record) -> h.Headers:
        """The headers of whatever follows from `record`, but its own id."""
        trace = next((pair for pair in record.headers if pair[0] == h.TRACEPARENT), None)
        common = ((h.ORIGIN, record.origin.encode()), *self._stamp)
        return (*common, trace) if trace and len(trace[1] or b"") <= _TRACEPARENT_BYTES else common


def out(record: Record, topic: str, value: bytes | None, headers: h.Headers) -> Outgoing:
    """A record for `topic` under the key, arrival and partition number of `record`."""
    return Outgoing(topic, (record.key or b"")[:KEY_BYTES], value, headers, record.timestamp, record.partition)


def verdict_id(record: Record) -> str:
    """Id of the verdict on `record`."""
    return judged_id(record.topic, record.partition, record.offset, "verdict")


def origin_of(record: Record) -> dict[str, object]:
    """The place of `record`, as verdicts name it."""
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def verdict_of(
    record: Record, outcome: str, ref: Ref | None, said: Judgement | None, outlets: tuple[Routed, ...]
) -> dict[str, Any]:
    """The data of a verdict."""
    said = said or _NOTHING_SAID
    return {
        "origin": origin_of(record),
        "outcome": outcome, "arrival": instant(record.timestamp), "event": ref,
        "dept": said.dept, "item": said.item, "kind": said.kind, "version": said.version, "title": said.title,
        "docno": said.docno, "links": said.links, "dates": said.dates,
        "value_sha256": sha256(record.value or b"").hexdigest(), "content_sha256": said.content_sha256,
        "findings": said.findings, "overrides": said.overrides,
        "outlets": outlets, "dues": said.dues, "backfill": said.backfill, "corrects": said.corrects, "error": None,
        "five_open": said.five_open, "sign_offs": said.sign_offs,
    }  # fmt: skip


def ref_of(event: Envelope) -> Ref:
    """Which event it was."""
    return {
        "id": event.id, "source": event.source, "type": event.type, "subject": event.subject,
        "time": event.time.isoformat(),
    }  # fmt: skip


def instant(milliseconds: int) -> datetime:
    """A record's timestamp."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def encode(value: object) -> bytes:
    """JSON of dicts with models in them."""
    return msgspec.json.encode(value, enc_hook=plain)


def plain(value: object) -> object:
    """What msgspec does not know: pydantic's models."""
    if isinstance(value, BaseModel):
        return value.__dict__
    raise TypeError(f"{type(value).__name__} does not travel")


_NOTHING_SAID = Judgement("rejected")


def _shortened(data: dict[str, Any], room: int) -> dict[str, Any]:
    """`data` with the longest of its lists halved until it fits; `cut` counts what was left out."""
    data = {**data, "cut": {}}
    while len(encode(data)) > room:
        longest = max(_CUTTABLE, key=lambda name: len(encode(data[name])))
        members, kept = data[longest], len(data[longest]) // 2
        if not members:
            break
        data["cut"] = {**data["cut"], longest: data["cut"].get(longest, 0) + len(members) - kept}
        data[longest] = members[:kept]
    return data


def _cut_headers(value: bytes | None) -> h.Headers:
    if value is None or len(value) <= MAX_EVENT_BYTES:
        return ()
    return ((h.LENGTH, str(len(value)).encode()), (h.SHA256, sha256(value).hexdigest().encode()))


def _readable(head: dict[str, Any]) -> dict[str, str] | None:
    """Which event it was, where its id, source and subject can be read."""
    names = ("id", "source", "subject")
    if not all(isinstance(head.get(name), str) and 0 < len(head[name]) <= 200 for name in names):
        return None
    if not SUBJECT.match(head["subject"]):
        return None
    whole = {name: str(head.get(name, ""))[:200] for name in ("id", "source", "type", "subject", "time")}
    return {name: text.encode(errors="replace").decode() for name, text in whole.items()}  # half a surrogate pair


def _subject(record: Record, ref: dict[str, str] | None) -> str:
    """A subject for what is said of a record: the event's, else its key, else its place."""
    if ref:
        return ref["subject"]
    key = (record.key or b"").decode("ascii", "replace")
    if len(key) <= 200 and SUBJECT.match(key):
        return key
    return f"unreadable/{record.topic}-{record.partition}-{record.offset}"
