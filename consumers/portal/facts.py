"""From an event to what the portal holds of it: facts for lists, fingerprints for conflicts and change lists."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import cast

import msgspec

from bus.store import storable
from consumers.portal.merge import Facts, Place, Version, Withdrawal
from schemas.envelope import Envelope, TypeName
from schemas.events.publications import Publication
from schemas.events.publications import Withdrawal as WithdrawalData

PARTS = {
    "title": "标题",
    "body": "正文",
    "attachments": "附件",
    "elements": "公开要素",
    "dates": "日期",
    "docno": "发文字号",
    "links": "关联信息",
    "filing": "分类与属性",
}
"""Part to the word that a change list shows for it."""


def is_withdrawal(event: Envelope) -> bool:
    """Whether the event takes an item back."""
    name = TypeName.parse(event.type)
    return name is not None and name.verb == "withdrawn"


def version_of(event: Envelope, carried: bool, origin: Place, entry: Place) -> Version:
    """The version that a submitted or updated event brings."""
    data = cast("Publication", event.data)  # type: ignore[attr-defined]
    parts = {name: _digest(value) for name, value in _parts(data).items()}
    facts = Facts(
        title=storable(data.title), dept=data.responsible_dept, row=data.item, kind=data.kind, five_open=data.five_open,
        docno=data.docno and storable(data.docno), given_index_no=data.index_no and storable(data.index_no),
        backfill=data.backfill, parts=parts,
        links=tuple(dict.fromkeys((storable(link.rel), storable(link.target)) for link in data.links)),
        published_on=data.published_on.isoformat() if data.backfill and data.published_on else None,
    )  # fmt: skip
    return Version(data.version, carried, _digest(list(parts.values())), origin, entry, facts)


def withdrawal_of(event: Envelope, origin: Place, at: int) -> Withdrawal:
    """The withdrawal that a withdrawn event brings."""
    data = cast("WithdrawalData", event.data)  # type: ignore[attr-defined]
    fingerprint = _digest([data.reason, data.notice, data.substitute])
    substitute = data.substitute and storable(data.substitute)
    return Withdrawal(data.version, fingerprint, origin, storable(data.reason), storable(data.notice), substitute, at)


def changes(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The words of the parts that differ, in the order of `PARTS`."""
    return [word for part, word in PARTS.items() if old.get(part) != new.get(part)]


def _parts(data: Publication) -> dict[str, object]:
    return {
        "title": data.title,
        "body": data.body,
        "attachments": [(a.sha256, a.name, a.type) for a in data.attachments],
        "elements": sorted(data.elements.items()),
        "dates": sorted((name, day.isoformat()) for name, day in data.dates.items()),
        "docno": data.docno,
        "links": [(link.rel, link.target) for link in data.links],
        "filing": (
            data.item, data.kind, data.responsible_dept, data.five_open, data.disclosure_attr, data.audience,
            data.topic, data.summary, data.index_no, data.backfill,
            data.published_on.isoformat() if data.published_on else None,
        ),
    }  # fmt: skip


def _digest(value: object) -> str:
    """Short, for it tells apart two versions of one item; nothing for nothing."""
    if not value:
        return ""
    return hashlib.blake2b(msgspec.json.encode(value), digest_size=8).hexdigest()
