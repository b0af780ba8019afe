"""What `gongkai publish` and `gongkai import` send: events out of files, attachments beside them first."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any, Protocol

from producers import formats
from producers.formats.table import attachment_names
from producers.forms import Given, Oversize, Unformed
from producers.refusals import Refused
from schemas.base import MAX_EVENT_BYTES
from schemas.events.common import Attachment
from schemas.reasons import Reason


class Uploader(Protocol):
    """Whoever takes a file and says how an event names it."""

    def upload(self, path: Path, name: str = "") -> dict[str, Any]:
        """Upload a file."""
        ...


def events_in(path: Path, dept: str, seen: datetime, uploader: Uploader) -> Iterator[bytes]:
    """The events of a file, whose attachments were uploaded before.

    Raises:
        Refused: the file is not what its name says; nothing of it was sent.
    """
    suffix = path.suffix.lower()
    if suffix == ".ndjson":
        return _lines(path, uploader)
    value = path.read_bytes()
    origin = formats.Origin(dept, path.name, hashlib.sha256(value).hexdigest(), seen)
    if suffix == ".json":
        events = _whole(formats.events_of_json(value), path)
        return iter([_with_files(event, path.parent, uploader) for event in events])
    if suffix == ".csv":
        beside = upload_beside(path.parent, attachment_names(value), uploader)
        return iter(_whole(formats.events_of_csv(value, origin, beside), path))
    if suffix == ".txt":
        return iter([_text(path, value, origin, uploader)])
    raise Refused(Reason.FILE_UNKNOWN, path.name, detail=path.name)


def count(path: Path) -> int | None:
    """How many events a file holds, where that is cheap to say."""
    if path.suffix.lower() != ".ndjson":
        return None
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def history(event: bytes) -> bytes:
    """The event marked as history; what is no event goes as it is, for the door to say so."""
    try:
        told = json.loads(event)
        told["data"]["backfill"] = True
    except (ValueError, KeyError, TypeError, RecursionError):
        return event
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def upload_beside(folder: Path, names: Iterable[str], uploader: Uploader) -> dict[str, Attachment]:
    """The files among `names` that lie in `folder`, uploaded."""
    found = {}
    for name in sorted(names):
        if name == PurePath(name).name and (folder / name).is_file():
            found[name] = Attachment.model_validate(uploader.upload(folder / name))
    return found


def _whole(given: Iterable[Given], path: Path) -> list[bytes]:
    """Every event of a file; one that can't be sent refuses the file, lest it be left out without a word."""
    events: list[bytes] = []
    for number, each in enumerate(given, start=1):
        if isinstance(each, Oversize):
            raise Refused(Reason.SIZE, path.name, detail=f"{number}: {each.length} > {MAX_EVENT_BYTES} bytes")
        if isinstance(each, Unformed):
            raise Refused(Reason(each.code), path.name, detail=each.detail)
        events.append(each or b"")
    if not events:
        raise Refused(Reason.FILE_EMPTY, path.name)
    return events


def _lines(path: Path, uploader: Uploader) -> Iterator[bytes]:
    """Line by line, so that a file of any length is sent in constant memory; a cut last line is refused at the end."""
    empty = True
    with path.open("rb") as file:
        for number, raw in enumerate(file, start=1):
            line = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
            if line.strip():
                formats.check_line(line.strip(b" \t\r\n"), number, cut=not raw.endswith(b"\n"))
                yield _with_files(line.strip(b" \t\r\n"), path.parent, uploader)
                empty = False
    if empty:
        raise Refused(Reason.FILE_EMPTY, path.name)


def _with_files(event: bytes, folder: Path, uploader: Uploader) -> bytes:
    """The event as it is; the files it names that lie beside it go first."""
    upload_beside(folder, formats.attachments_of(event), uploader)
    return event


def _text(path: Path, value: bytes, origin: formats.Origin, uploader: Uploader) -> bytes:
    beside = path.with_name(formats.sidecar_name(path.name))
    if not beside.is_file():
        raise Refused(Reason.META_MISSING, path.name, name=path.stem)
    meta = formats.read_sidecar(beside.read_bytes(), beside.name)
    names = {str(name) for name in meta.get("attachments", ())}
    return formats.event_of_text(value, meta, origin, upload_beside(path.parent, names, uploader))
