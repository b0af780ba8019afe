"""What one input record gives: its verdict, and feed records, a rejection or a dead letter. Pure: no Kafka, no clock.

Reads a record and a pack; arrival is the record's timestamp and the only "now".
Writes nothing: it answers with the records to be sent, the same bytes for the same record in any process.
Fails to whatever the rules raise; the stage makes an `ENGINE-FAULT` of it by asking `dead`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import msgspec
from pydantic import BaseModel

from bus.record import Outgoing, Record
from rules import Judgement, judge, route
from schemas import headers as h
from schemas.base import MAX_EVENT_BYTES
from schemas.city import Pack
from schemas.decode import Unreadable, decode
from schemas.envelope import Envelope, department_of, issuer_of
from schemas.ids import feed_id, judged_id
from schemas.reasons import Reason, finding
from schemas.records import Finding, Routed
from schemas.topics import DEAD_LETTERS, REJECTIONS, VERDICTS

VERDICT_BYTES = 64 * 1024
"""A verdict is never longer; what is cut is counted in it."""
HEAD_BYTES = 64 * 1024
"""Of a value above the size limit, so much is kept in its dead letter."""
KEY_BYTES = 1_000
"""Of a key, likewise; a fair one has at most 200."""
SOURCE = "/engine/router"

_DEAD = frozenset({"NULL-VALUE", "SIZE", "UTF8", "JSON", "NOT-CLOUDEVENT", "UNKNOWN-VERSION"})
_SUBJECT = re.compile(r"[!-.0-~]+/[!-~]+\Z")
_TRACEPARENT_BYTES = 100
_CUTTABLE = ("findings", "links", "overrides")

Judge = Callable[[Pack, Envelope, datetime], Judgement]
Route = Callable[[Pack, Envelope], tuple[Routed, ...]]


class Judging:
    """One release of a pack, ready to judge."""

    def __init__(self, pack: Pack, *, judge: Judge = judge, route: Route = route) -> None:
        self._pack = pack
        self._judge = judge
        self._route = route
        self._stamp = ((h.PACK, pack.release.encode()), (h.ENGINE, version("gongkai").encode()))

    def __call__(self, record: Record) -> Sequence[Outgoing]:
        """All outputs of `record`."""
        try:
            event = decode(record.value)
        except Unreadable as error:
            return self._unreadable(record, error)
        arrival = _instant(record.timestamp)
        judgement = self._judge(self._pack, event, arrival)
        if judgement.outcome == "rejected":
            return self._rejected(record, event, judgement)
        return self._accepted(record, event, judgement)

    def dead(self, record: Record, code: str, detail: str) -> Sequence[Outgoing]:  # noqa: ARG002 - the log has it
        """The dead letter of `record`, and its verdict."""
        return self._dead(record, code, None)

    def _accepted(self, record: Record, event: Envelope, judgement: Judgement) -> list[Outgoing]:
        outlets = self._route(self._pack, event)
        verdict = _verdict(record, "accepted", _ref(event), judgement, outlets)
        common = (*self._common(record), (h.VERDICT, _verdict_id(record).encode()))
        feeds = [
            self._out(record, one.feed, record.value, (
                (h.ID, feed_id(event.source, event.id, one.outlet).encode()), *common,
                (h.OUTLET, msgspec.json.encode(one, enc_hook=_plain)),
            ))
            for one in outlets
        ]  # fmt: skip
        return [*feeds, self._said(record, VERDICTS.name, "verdict.given", event.subject, verdict)]

    def _rejected(self, record: Record, event: Envelope, judgement: Judgement) -> list[Outgoing]:
        ref = _ref(event)
        dept = (judgement.dept or department_of(event.source) or issuer_of(event.subject))[:100]
        return self._refusal(record, ref, dept, judgement)

    def _refusal(self, record: Record, ref: dict[str, str], dept: str, judgement: Judgement) -> list[Outgoing]:
        verdict = _verdict(record, "rejected", ref, judgement, ())
        rejection = {
            "by": "router", "origin": verdict["origin"], "event": ref, "dept": dept, "arrival": verdict["arrival"],
            "findings": judgement.findings, "corrects": judgement.corrects, "pack": self._pack.release,
            "value_sha256": verdict["value_sha256"],
        }  # fmt: skip
        return [
            self._said(record, REJECTIONS.name, "rejection.issued", ref["subject"], rejection),
            self._said(record, VERDICTS.name, "verdict.given", ref["subject"], verdict),
        ]

    def _unreadable(self, record: Record, error: Unreadable) -> list[Outgoing]:
        ref = _readable(error.head)
        dept = (department_of(ref["source"]) or issuer_of(ref["subject"])) if ref else ""
        if error.code in _DEAD or ref is None or not 0 < len(dept) <= 100:
            return self._dead(record, error.code, ref)
        place = error.detail.partition(":")[0] if error.code == "INVALID" else "/type"
        found: Finding = finding(Reason(error.code), place, detail=error.detail, code=error.code)
        known = dept if dept in self._pack.department else None
        return self._refusal(record, ref, dept, Judgement("rejected", (found,), dept=known))

    def _dead(self, record: Record, code: str, ref: dict[str, str] | None) -> list[Outgoing]:
        id_ = judged_id(record.topic, record.partition, record.offset, "dead-letter")
        key, value = (record.key or b"")[:KEY_BYTES], record.value
        headers = (
            (h.ID, id_.encode()), *self._common(record), (h.VERDICT, _verdict_id(record).encode()),
            (h.ERROR, code.encode()), *_cut_headers(value),
        )  # fmt: skip
        if value is not None and len(value) > MAX_EVENT_BYTES:
            value = value[:HEAD_BYTES]
        verdict = _verdict(record, "dead", ref, None, ()) | {"error": code}
        letter = Outgoing(DEAD_LETTERS.name, key, value, headers, record.timestamp, record.partition)
        subject = _subject(record, ref)
        return [letter, self._said(record, VERDICTS.name, "verdict.given", subject, verdict)]

    def _said(self, record: Record, topic: str, what: str, subject: str, data: dict[str, Any]) -> Outgoing:
        """A CloudEvent of our own about `record`; its time is the record's arrival."""
        id_ = judged_id(record.topic, record.partition, record.offset, what.partition(".")[0])
        envelope = {
            "specversion": "1.0", "id": id_, "source": SOURCE, "type": f"cn.gongkai.{what}.v1", "subject": subject,
            "time": data["arrival"], "datacontenttype": "application/json", "data": data,
        }  # fmt: skip
        value = _encode(envelope)
        if topic == VERDICTS.name and len(value) > VERDICT_BYTES:
            value = _encode({**envelope, "data": _shortened(data, VERDICT_BYTES - (len(value) - len(_encode(data))))})
        headers = ((h.ID, id_.encode()), *self._common(record))
        if topic != VERDICTS.name:
            headers = (*headers, (h.VERDICT, _verdict_id(record).encode()))
        return self._out(record, topic, value, headers)

    def _out(self, record: Record, topic: str, value: bytes | None, headers: h.Headers) -> Outgoing:
        return Outgoing(topic, (record.key or b"")[:KEY_BYTES], value, headers, record.timestamp, record.partition)

    def _common(self, record: Record) -> h.Headers:
        trace = next((pair for pair in record.headers if pair[0] == h.TRACEPARENT), None)
        common = ((h.ORIGIN, record.origin.encode()), *self._stamp)
        return (*common, trace) if trace and len(trace[1] or b"") <= _TRACEPARENT_BYTES else common


def run(judging: Callable[[Record], Sequence[Outgoing]], records: Iterable[Record]) -> list[Outgoing]:
    """The outputs of `records` with no broker: byte for byte what the stage would send."""
    return [out for record in records for out in judging(record)]


def _verdict_id(record: Record) -> str:
    return judged_id(record.topic, record.partition, record.offset, "verdict")


def _verdict(
    record: Record, outcome: str, ref: dict[str, str] | None, said: Judgement | None, outlets: tuple[Routed, ...]
) -> dict[str, Any]:
    said = said or _NOTHING_SAID
    return {
        "origin": {"topic": record.topic, "partition": record.partition, "offset": record.offset},
        "outcome": outcome, "arrival": _instant(record.timestamp), "event": ref,
        "dept": said.dept, "item": said.item, "kind": said.kind, "version": said.version, "title": said.title,
        "docno": said.docno, "links": said.links, "dates": said.dates,
        "value_sha256": sha256(record.value or b"").hexdigest(), "content_sha256": said.content_sha256,
        "findings": said.findings, "overrides": said.overrides,
        "outlets": outlets, "dues": said.dues, "backfill": said.backfill, "corrects": said.corrects, "error": None,
    }  # fmt: skip


_NOTHING_SAID = Judgement("rejected")


def _shortened(data: dict[str, Any], room: int) -> dict[str, Any]:
    """`data` with the longest of its lists halved until it fits; `cut` counts what was left out."""
    data = {**data, "cut": {}}
    while len(_encode(data)) > room:
        longest = max(_CUTTABLE, key=lambda name: len(_encode(data[name])))
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


def _ref(event: Envelope) -> dict[str, str]:
    return {
        "id": event.id, "source": event.source, "type": event.type, "subject": event.subject,
        "time": event.time.isoformat(),
    }  # fmt: skip


def _readable(head: dict[str, Any]) -> dict[str, str] | None:
    """Which event it was, where its id, source and subject can be read."""
    names = ("id", "source", "subject")
    if not all(isinstance(head.get(name), str) and 0 < len(head[name]) <= 200 for name in names):
        return None
    if not _SUBJECT.match(head["subject"]):
        return None
    whole = {name: str(head.get(name, ""))[:200] for name in ("id", "source", "type", "subject", "time")}
    return {name: text.encode(errors="replace").decode() for name, text in whole.items()}  # half a surrogate pair


def _subject(record: Record, ref: dict[str, str] | None) -> str:
    """A subject for what is said of a record: the event's, else its key, else its place."""
    if ref:
        return ref["subject"]
    key = (record.key or b"").decode("ascii", "replace")
    if len(key) <= 200 and _SUBJECT.match(key):
        return key
    return f"unreadable/{record.topic}-{record.partition}-{record.offset}"


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def _plain(value: object) -> object:
    """What msgspec does not know: pydantic's models."""
    if isinstance(value, BaseModel):
        return dict(value)
    raise TypeError(f"{type(value).__name__} does not travel")


def _encode(value: object) -> bytes:
    return msgspec.json.encode(value, enc_hook=_plain)
