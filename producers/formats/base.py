"""What all file formats share: where a file came from, its encoding, and how a publication's event is made."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Any

from pydantic import ValidationError

from producers.refusals import Refused
from schemas.events.publications import Publication
from schemas.ids import door_id
from schemas.reasons import Reason

SHANGHAI = timezone(timedelta(hours=8))
"""Days and times without an offset are meant so (DESIGN §2); China has kept no summer time since 1991."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A file of a department: `seen` is when the door first saw it, the events' time where they name none."""

    dept: str
    name: str
    sha256: str
    seen: datetime

    @property
    def source(self) -> str:
        """The CloudEvents source of the department."""
        return f"/departments/{self.dept}"

    def event_id(self, row: int) -> str:
        """The id of the event in `row`, where the file gives none."""
        return door_id(self.source, self.name, self.sha256, f"row-{row}")


def decode_text(value: bytes) -> str:
    """The text of a file in UTF-8 (with or without a byte order mark) or GB18030, which holds GBK and GB2312."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = value.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text.replace("\r\n", "\n").replace("\r", "\n")
    raise Refused(Reason.FILE_ENCODING, detail=f"{len(value)} bytes")


def publication_event(
    origin: Origin, row: int, head: Mapping[str, Any], data: Mapping[str, Any], *, place: str, reason: Reason
) -> bytes:
    """The structured event of a publication: `head` holds id, subject's local part and time as far as given.

    Raises:
        Refused: for `reason`, naming everything that is missing or wrong.
    """
    checked = check_publication(data, place, reason)
    later = checked.version > 1
    event: dict[str, Any] = {
        "specversion": "1.0",
        "id": head.get("id") or origin.event_id(row),
        "source": origin.source,
        "type": f"cn.gongkai.publication.{'updated' if later else 'submitted'}.v1",
        "subject": head["subject"] if "/" in head["subject"] else f"{origin.dept}/{head['subject']}",
        "time": head.get("time") or origin.seen,
        "data": {key: value for key, value in data.items() if value not in (None, "", (), [], {})},
    }
    event["data"].setdefault("body", "")
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"), default=_iso).encode()


def check_publication(data: Mapping[str, Any], place: str, reason: Reason) -> Publication:
    """`data` as the model sees it, or every missing and wrong field at once, for one report."""
    plain = json.loads(json.dumps(data, default=_iso))
    try:
        return Publication.model_validate({k: v for k, v in plain.items() if v is not None})
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        missing = ["/".join(map(str, e["loc"])) for e in found if e["type"] == "missing"]
        wrong = [f"{'/'.join(map(str, e['loc']))}: {e['msg']}" for e in found if e["type"] != "missing"]
        detail = "; ".join([f"缺少(missing): {', '.join(missing)}"] * bool(missing) + wrong)
        raise Refused(reason, place, detail=detail) from error


def local_time(value: object) -> object:
    """A time without an offset, in Asia/Shanghai; anything else as it is."""
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=SHANGHAI)
    return value


def _iso(value: object) -> str:
    if isinstance(value, datetime):
        return str(local_time(value).isoformat())  # type: ignore[attr-defined]
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in an event")
