"""Rejections of what the rules could not see: a version that another event holds, a number of another document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bus.record import Outgoing
from consumers.assessment.rows import instant
from schemas import headers as h
from schemas.ids import judged_id
from schemas.reasons import Reason, finding
from schemas.records import EventRef, Finding, Origin, Rejection, RejectionIssued
from schemas.topics import REJECTIONS

SOURCE = "/engine/assessment"


def version_taken(outcome: Mapping[str, Any], now: datetime) -> Outgoing:
    """VER-CONFLICT: the event with this row of `outcomes` claimed a version that another holds with another text."""
    return _rejection(outcome, finding(Reason.VER_CONFLICT, "/data/version", version=outcome["version"]), now)


def number_taken(outcome: Mapping[str, Any], other: str, now: datetime) -> Outgoing:
    """DOCNO-TWICE: its document number is that of `other`, another live document of the same organ."""
    found = finding(Reason.DOCNO_TWICE, "/data/docno", docno=outcome["docno"], other=other, excerpt=outcome["docno"])
    return _rejection(outcome, found, now)


def _rejection(outcome: Mapping[str, Any], found: Finding, now: datetime) -> Outgoing:
    """The rejection of an event; its id is the input record's and the rule's alone."""
    origin = Origin(topic=outcome["topic"], partition=outcome["partition"], offset=outcome["offset"])
    gk_id = judged_id(origin.topic, origin.partition, origin.offset, found.rule)
    issued = RejectionIssued(
        specversion="1.0", id=gk_id, source=SOURCE, type="cn.gongkai.rejection.issued.v1",
        subject=outcome["subject"], time=now, data=_data(outcome, origin, found),
    )  # fmt: skip
    key = str(outcome["subject"]).encode()
    headers = ((h.ID, gk_id.encode()), (h.ORIGIN, str(origin).encode()), (h.PACK, outcome["pack"].encode()))
    return Outgoing(REJECTIONS.name, key, issued.model_dump_json().encode(), headers, partition=origin.partition)


def _data(outcome: Mapping[str, Any], origin: Origin, found: Finding) -> Rejection:
    event = EventRef(
        id=outcome["event_id"], source=outcome["source"], type=outcome["type"], subject=outcome["subject"],
        time=outcome["time"],
    )  # fmt: skip
    return Rejection(
        by="assessment", origin=origin, event=event, dept=outcome["dept"], arrival=instant(outcome["arrival"]),
        findings=(found,), corrects=outcome["corrects"], pack=outcome["pack"], value_sha256=outcome["value_sha256"],
    )  # fmt: skip
