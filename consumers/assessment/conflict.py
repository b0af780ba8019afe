"""The rejection VER-CONFLICT: an event claimed a version that another event already holds with another text."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bus.record import Outgoing
from consumers.assessment.rows import instant
from schemas import headers as h
from schemas.ids import judged_id
from schemas.reasons import Reason, finding
from schemas.records import EventRef, Origin, Rejection, RejectionIssued
from schemas.topics import REJECTIONS

SOURCE = "/engine/assessment"


def rejection(outcome: Mapping[str, Any], now: datetime) -> Outgoing:
    """The rejection of the event with this row of `outcomes`; its id is the input record's and the rule's alone."""
    origin = Origin(topic=outcome["topic"], partition=outcome["partition"], offset=outcome["offset"])
    gk_id = judged_id(origin.topic, origin.partition, origin.offset, Reason.VER_CONFLICT)
    issued = RejectionIssued(
        specversion="1.0", id=gk_id, source=SOURCE, type="cn.gongkai.rejection.issued.v1",
        subject=outcome["subject"], time=now, data=_rejection(outcome, origin),
    )  # fmt: skip
    key = str(outcome["subject"]).encode()
    headers = ((h.ID, gk_id.encode()), (h.ORIGIN, str(origin).encode()), (h.PACK, outcome["pack"].encode()))
    return Outgoing(REJECTIONS.name, key, issued.model_dump_json().encode(), headers, partition=origin.partition)


def _rejection(outcome: Mapping[str, Any], origin: Origin) -> Rejection:
    event = EventRef(
        id=outcome["event_id"], source=outcome["source"], type=outcome["type"], subject=outcome["subject"],
        time=outcome["time"],
    )  # fmt: skip
    found = finding(Reason.VER_CONFLICT, "/data/version", version=outcome["version"])
    return Rejection(
        by="assessment", origin=origin, event=event, dept=outcome["dept"], arrival=instant(outcome["arrival"]),
        findings=(found,), corrects=outcome["corrects"], pack=outcome["pack"], value_sha256=outcome["value_sha256"],
    )  # fmt: skip
