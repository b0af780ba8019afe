"""Events for the benchmark: 2.4 KB each, always the same from the same numbers, one in a hundred to be refused."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import msgspec

SIZE = 2_400
"""Bytes of an event, give or take a character."""

_START = datetime(2026, 3, 2, 9, tzinfo=UTC)
_TEXT = "经研究决定，现将本年度重点工作安排公布如下，请各单位结合实际认真组织实施，并于每季度末报送进展情况。"


def events(count: int) -> Iterator[tuple[bytes, bytes]]:
    """`count` pairs of key and value; the number of an event is in its id and key."""
    for number in range(count):
        yield key(number), value(number)


def key(number: int) -> bytes:
    """The Kafka key: issuer and local id."""
    return f"ZF{number % 52:02d}/{number:08d}".encode()


def number_of(key_: bytes) -> int:
    """The number that a key names."""
    return int(key_[-8:])


def value(number: int) -> bytes:
    """A whole publication; every 100th names a row that is not there, every 100th + 50 lacks its title."""
    event = _event(number)
    data = event["data"]
    assert isinstance(data, dict)
    room = SIZE - len(msgspec.json.encode(event))
    data["body"] = (_TEXT * (room // len(_TEXT.encode()) + 1)).encode()[: max(0, room)].decode(errors="ignore")
    if number % 100 == 50:
        del data["title"]
    return msgspec.json.encode(event)


def _event(number: int) -> dict[str, object]:
    at = (_START + timedelta(seconds=number)).isoformat()
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    signs = [
        {"level": level, "role": role, "person": f"P{level}{role}", "at": at, "content_sha256": digest}
        for level in (1, 2, 3)
        for role in ("审", "校")
    ]
    return {
        "specversion": "1.0",
        "id": f"e-{number:08d}",
        "source": f"/departments/ZF{number % 52:02d}",
        "type": "cn.gongkai.publication.submitted.v1",
        "subject": key(number).decode(),
        "time": at,
        "datacontenttype": "application/json",
        "data": {
            "item": "99-9" if number % 100 == 0 else f"{number % 19 + 1:02d}-{number % 5 + 1}",
            "kind": "notice",
            "version": 1,
            "title": f"关于第{number}号事项的公告",
            "body": "",
            "responsible_dept": f"ZF{number % 52:02d}",
            "disclosure_attr": "主动公开",
            "five_open": "管理",
            "channels": ["政府网站", "两微一端"],
            "elements": {"文号": f"示政发〔2026〕{number}号", "成文日期": "2026-03-02"},
            "dates": {"formed": "2026-03-02", "signed": "2026-03-02"},
            "sign_offs": signs,
            "secrecy_review": {"reviewer": "P9", "dept": f"ZF{number % 52:02d}", "result": "公开", "at": at},
        },
    }
