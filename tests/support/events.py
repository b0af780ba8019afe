"""Valid events, as a department would send them: the whole event, or bytes, or a record as the relay writes it.

Defaults name a row, a kind and a department of the example city; every one is a parameter.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from bus.record import Outgoing
from schemas.content import content_sha256
from schemas.envelope import TypeName
from schemas.topics import TOPIC_OF_FAMILY

NOON = datetime(2026, 9, 21, 4, 0, tzinfo=UTC)
"""A working Monday, 12:00 in Shanghai."""

DEPT = "fgw"
ITEM = "01-06"
KIND = "notice"
ELEMENTS = {"事项": "冬季供暖保障", "发布机关": "示例市发展和改革委员会", "联系方式": "0999-6000000"}
CHANNELS = ("政府网站", "两微一端")

LEVELS = ((1, "审"), (1, "校"), (2, "审"), (2, "校"), (3, "审"), (3, "校"))
"""三审三校."""

JsonObject = dict[str, Any]


def submitted(dept: str = DEPT, local_id: str = "", **data: Any) -> JsonObject:
    """`publication.submitted`: version 1; `data` overrides members of the data, `envelope` those around it."""
    return _publication("submitted", dept, local_id, {"version": 1, **data})


def updated(dept: str = DEPT, local_id: str = "", version: int = 2, **data: Any) -> JsonObject:
    """`publication.updated`: a later version, whole."""
    return _publication("updated", dept, local_id, {"version": version, **data})


def withdrawn(dept: str = DEPT, local_id: str = "", version: int = 1, item: str = ITEM, **data: Any) -> JsonObject:
    """`publication.withdrawn`: all versions up to `version`."""
    envelope = data.pop("envelope", {})
    body = {"item": item, "version": version, "reason": "内容有误", "notice": "该信息已撤回。", **data}
    return event("publication", "withdrawn", dept, local_id, body, **envelope)


def event(
    family: str, verb: str, dept: str, local_id: str, data: Mapping[str, Any], *,
    at: datetime = NOON, event_id: str = "", source: str = "", subject: str = "", version: int = 1,
) -> JsonObject:  # fmt: skip
    """Any event in its CloudEvents envelope; `local_id` is the part of the subject after the department."""
    return {
        "specversion": "1.0",
        "id": event_id or str(uuid.uuid4()),
        "source": source or f"/departments/{dept}",
        "type": str(TypeName(family, verb, version)),
        "subject": subject or f"{dept}/{local_id or uuid.uuid4().hex[:12]}",
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "data": dict(data),
    }


def sign_offs(digest: str, at: datetime = NOON) -> list[JsonObject]:
    """All six sign-offs over a content's hash, an hour apart, by six persons."""
    return [
        {"level": level, "role": role, "person": f"s{number:03}", "content_sha256": digest,
         "at": (at - timedelta(hours=8 - number)).isoformat()}
        for number, (level, role) in enumerate(LEVELS, 1)
    ]  # fmt: skip


def to_bytes(value: Mapping[str, Any]) -> bytes:
    """As it travels."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def to_input(value: Mapping[str, Any], arrival: datetime = NOON) -> Outgoing:
    """As the relay writes it to its input topic."""
    name = TypeName.parse(value["type"])
    assert name is not None
    return Outgoing(
        TOPIC_OF_FAMILY[name.family].name,
        value["subject"].encode(),
        to_bytes(value),
        timestamp=int(arrival.timestamp() * 1000),
    )


def _publication(verb: str, dept: str, local_id: str, data: dict[str, Any]) -> JsonObject:
    envelope = data.pop("envelope", {})
    at = envelope.get("at", NOON)
    return event("publication", verb, dept, local_id, publication(dept, at, **data), **envelope)


def publication(dept: str = DEPT, at: datetime = NOON, **data: Any) -> JsonObject:
    """The data of a whole version, signed off over its own content and reviewed for secrecy; `data` overrides."""
    title = data.get("title", "关于做好冬季供暖保障工作的通知")
    body = data.get("body", "各有关单位：\n现将冬季供暖保障工作有关事项通知如下。")
    attachments: Sequence[Mapping[str, Any]] = data.get("attachments", ())
    digest = content_sha256(title, body, [each["sha256"] for each in attachments])
    day = at.astimezone(UTC).date().isoformat()
    whole: JsonObject = {
        "item": ITEM,
        "kind": KIND,
        "version": 1,
        "title": title,
        "summary": "冬季供暖保障工作安排。",
        "body": body,
        "responsible_dept": dept,
        "disclosure_attr": "主动公开",
        "five_open": "管理",
        "channels": list(CHANNELS),
        "elements": dict(ELEMENTS),
        "dates": {"formed": day, "signed": day},
        "sign_offs": sign_offs(digest, at),
        "secrecy_review": {
            "reviewer": "s007", "dept": dept, "result": "公开", "at": (at - timedelta(hours=1)).isoformat(),
        },
    }  # fmt: skip
    return {**whole, **data, "attachments": list(attachments)}
