"""What the door answers to one submission: the same facts whatever way it came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

import msgspec

from schemas.reasons import Reason
from schemas.records import Finding

Outcome = Literal["forwarded", "rejected", "dead", "repeated", "refused", "held", "cancelled"]
"""Forwarded to the stream; rejected or dead by the door's own record; seen before; not taken at all (send again);
held until its minute; cancelled before it, or a withdrawal that did so."""

STATUS: dict[str, int] = {
    Reason.SOURCE_WRONG: 403, Reason.REJ_AUTHORITY: 403, Reason.BACKFILL_KEY: 403, Reason.ID_REUSED: 409,
    Reason.SIZE: 413, Reason.OUTBOX_FULL: 503, Reason.ERASED: 410, Reason.UTF8: 400, Reason.JSON: 400,
    Reason.NULL_VALUE: 400, Reason.NOT_CLOUDEVENT: 400, Reason.UNKNOWN_VERSION: 400, Reason.UNKNOWN_TYPE: 400,
}  # fmt: skip
"""HTTP status of a refusal by its code; any other is 422."""

_SENTENCES: dict[Outcome, tuple[str, str]] = {
    "forwarded": ("已接收,正在办理。", "Taken; the verdict follows."),
    "rejected": ("未通过,已记入退回清单。", "Refused; it stands among the rejections."),
    "dead": ("无法识别,已记入死信。", "Not readable; it is kept among the dead letters."),
    "repeated": ("此前已接收,以首次答复为准。", "Seen before; this is the first answer again."),
    "refused": ("本次未接收,请稍后以同一id重新发送。", "Not taken; send it again later under the same id."),
    "held": ("已接收,到指定时间发布;此前只有本单位可见。", "Taken, and held until its minute."),
    "cancelled": ("已撤回,不会发布。", "Withdrawn before its minute; it will never be seen."),
}
_FAILING = ("已接收,但预审未通过,将被退回。", "Taken, but the preliminary judgement refuses it.")


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one submission; `findings` is their JSON array, kept as bytes so that a repeat is the same."""

    status: int
    outcome: Outcome
    sha256: str
    arrival: int
    id: str | None = None
    source: str | None = None
    findings: bytes = b"[]"

    @property
    def refused_here(self) -> bool:
        """Whether the door itself did not let it through."""
        return self.outcome in {"rejected", "dead", "refused"}

    @property
    def code(self) -> str | None:
        """The rule that refuses it, where one does."""
        found = _CODES.decode(self.findings) if self.findings != b"[]" and self.status >= 400 else []
        return next((finding.rule for finding in found if finding.severity != "warn"), None)

    def again(self) -> Answer:
        """The same answer for a repeat."""
        return replace(self, outcome="repeated")

    def to_json(self, line: int | None = None, portal: str = "") -> bytes:
        """The answer as a JSON object; `line` is its place in a stream.

        `portal`: its address, which is put before the pages that findings name.
        """
        zh, en = _FAILING if self.outcome in {"forwarded", "held"} and self.status >= 400 else _SENTENCES[self.outcome]
        numbered = {} if line is None else {"line": line}
        return _ENCODER.encode({
            **numbered, "status": self.status, "outcome": self.outcome, "id": self.id, "source": self.source,
            "code": self.code, "message": {"zh": zh, "en": en}, "findings": msgspec.Raw(_led(self.findings, portal)),
            "arrival": instant(self.arrival).isoformat(), "sha256": self.sha256,
        })  # fmt: skip


def _led(findings: bytes, portal: str) -> bytes:
    """Findings whose pages are whole addresses. Within a JSON text a quote is escaped, so this is the member alone."""
    return findings.replace(b'"page":"/', b'"page":' + msgspec.json.encode(f"{portal}/")[:-1]) if portal else findings


class _Code(msgspec.Struct):
    rule: str
    severity: str


_CODES = msgspec.json.Decoder(list[_Code])
_ENCODER = msgspec.json.Encoder()


def status_of(code: str) -> int:
    """The HTTP status of a refusal for `code`."""
    return STATUS.get(code, 422)


def to_json(findings: Sequence[Finding]) -> bytes:
    """Findings as a JSON array."""
    if not findings:
        return b"[]"
    return b"[" + b",".join(finding.model_dump_json(exclude_none=True).encode() for finding in findings) + b"]"


def instant(milliseconds: int) -> datetime:
    """A Kafka timestamp as a time."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


def milliseconds(moment: datetime) -> int:
    """A time as a Kafka timestamp; the part below a millisecond is dropped."""
    return int(moment.timestamp() * 1000)
