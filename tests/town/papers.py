"""Publications of any kind that a department may send, filled in as the row of the catalogue asks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from rules.calendar import day_of
from schemas.city import CatalogueRow
from tests.consumers.portal.feeding import SITE
from tests.support.events import JsonObject, event, publication

_WORDS = {"有效性": "有效", "施行日期": "2026-12-01"}


def paper(
    kind: str, key: str, at: datetime, *, title: str, item: str = "", links: Sequence[tuple[str, str]] = (),
    version: int = 1, **data: Any,
) -> JsonObject:  # fmt: skip
    """A publication of that kind, formed, signed and sent at `at`."""
    row, known = _row(kind, item), SITE.pack.kind[kind]
    day = day_of(at).isoformat()
    counted = {one.trigger for one in SITE.pack.clocks if one.id == row.clock}
    whole = {
        "item": row.code, "kind": kind, "title": title, "five_open": row.five_open, "version": version,
        "elements": {name: _WORDS.get(name, "见正文") for name in row.elements},
        "channels": ["政府网站"], "dates": dict.fromkeys(("formed", "signed", *counted), day),
        "links": [{"rel": rel, "target": target} for rel, target in links], **data,
    }  # fmt: skip
    if known.docno == "required":
        whole |= {"docno": "示政发〔2026〕5号", "channels": ["政府网站", "政府公报"]}
        whole["dates"] |= {"effective": "2026-12-01", "expires": "2031-11-30"}
    verb, dept = "submitted" if version == 1 else "updated", key.partition("/")[0]
    return event("publication", verb, dept, "", publication(dept, at, **whole), at=at, subject=key)


def _row(kind: str, item: str) -> CatalogueRow:
    """The row `item`, or the first of that kind."""
    return next(row for row in SITE.pack.rows if kind in row.kinds and item in {"", row.code})
