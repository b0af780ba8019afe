"""Words about duties, as `matters` tells them, and as records of topic `duties`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from bus.record import Record
from schemas import headers as h
from schemas.ids import duty_word_id
from schemas.records import DutyNoticed
from schemas.topics import DUTIES

DUE = datetime(2026, 9, 22, 16, 0, tzinfo=UTC)
"""The end of Tuesday, 22 September, in Shanghai."""


def word(number: int = 1, version: int = 1, *, dept: str = "fgw", **data: Any) -> dict[str, Any]:
    """A word as a CloudEvent; `data` overrides members of the notice."""
    subject = data.pop("subject", f"{dept}/letter-{number}")
    duty = data.pop("duty", f"{subject}#reply#1")
    due_at = data.pop("due_at", DUE + timedelta(days=number))
    depts = data.pop("depts", (dept,))
    notice = {
        "duty": duty, "clock": "reply", "dept": depts[0], "depts": list(depts), "subject": subject,
        "due": (due_at + timedelta(hours=7)).date().isoformat(), "due_at": due_at.isoformat(), "version": version,
        "name": "答复来信", "rule": "CMP-03", "basis": "信访工作条例", "lifecycle": "letter", "title": "路灯不亮",
        "since": (due_at - timedelta(days=10)).isoformat(), "at": (due_at - timedelta(days=9)).isoformat(), **data,
    }  # fmt: skip
    event = {
        "specversion": "1.0", "id": duty_word_id(f"{duty}#{version}"), "source": "/engine/matters",
        "type": "cn.gongkai.duty.noticed.v1", "subject": subject, "time": notice["at"],
        "datacontenttype": "application/json", "data": notice,
    }  # fmt: skip
    DutyNoticed.model_validate(event)
    return event


def record(event: dict[str, Any], partition: int = 0, offset: int = 0) -> Record:
    """As it lies on the topic."""
    headers = ((h.ID, str(event["id"]).encode()),)
    key, value = event["subject"].encode(), msgspec.json.encode(event)
    return Record(DUTIES.name, partition, offset, 1_790_000_000_000, key, value, headers)
