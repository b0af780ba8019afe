"""What a scan found, as events that open a matter for each: the pack says of which kind, the lead office sends them.

The key is made of what was found and where, so that the same finding, found again, opens nothing twice.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from typing import Any

from consumers.portal.rescan.scanning import Scanned
from consumers.portal.web.resources import WholeItem
from schemas.city import Pack
from schemas.city.matters import FromFindings, Lifecycle
from schemas.records import Finding


def orders_of(pack: Pack, scanned: Scanned, now: datetime) -> Iterator[bytes]:
    """A line of NDJSON for each finding that nobody answered for."""
    for lifecycle in pack.lifecycles:
        for found in scanned.findings:
            if scanned.item is None or lifecycle.findings is None or found.overridden:
                continue
            if found.severity in lifecycle.findings.weights:
                event = _event(pack, lifecycle, scanned.item, found, now)
                yield json.dumps(event, ensure_ascii=False).encode() + b"\n"


def _event(pack: Pack, lifecycle: Lifecycle, item: WholeItem, found: Finding, now: datetime) -> dict[str, Any]:
    assert lifecycle.findings is not None
    lead, at = pack.lead_office, now.isoformat()
    subject = f"{lead}/found-{_digest(lifecycle, item, found)}"
    return {
        "specversion": "1.0", "id": str(uuid.uuid4()), "source": f"/departments/{lead}",
        "type": f"cn.gongkai.{lifecycle.family}.opened.v1", "subject": subject,
        "time": at, "datacontenttype": "application/json",
        "data": {
            "lifecycle": lifecycle.id, "title": f"{found.rule} {item.title}"[:200], "lead_dept": item.department.code,
            "at": at, "fields": _fields(lifecycle.findings, item, found),
        },
    }  # fmt: skip


def _fields(asked: FromFindings, item: WholeItem, found: Finding) -> dict[str, str]:
    return {
        asked.dept: item.department.code, asked.rule: found.rule, asked.place: f"{item.url} {found.place}"[:200],
        asked.weight: asked.weights[found.severity],
    }  # fmt: skip


def _digest(lifecycle: Lifecycle, item: WholeItem, found: Finding) -> str:
    said = (lifecycle.id, item.subject, str(item.version), found.rule, found.place, str(found.span), found.excerpt)
    return sha256("\0".join(map(str, said)).encode()).hexdigest()[:20]
