"""Files that events name by digest: sniffed, stored once by SHA-256 under `home/files/<first two>/<digest>`.

Reads:    bytes from `POST /v1/files`, or files beside an event in a drop folder.
Writes:   nothing to Kafka.
Keeps:    the bytes; beside them what `bus.extracting` found in them; a row each with name, type, size and the
          digest of the text.
Fails to: `Refused` with UPLOAD-TYPE or UPLOAD-SIZE; `Fatal` where the disk is full; `Retriable` where a file could
          not be examined.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import tempfile
from datetime import timedelta
from pathlib import Path, PurePath
from typing import BinaryIO, cast

import puremagic
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bus.clock import Clock
from bus.errors import Fatal
from bus.extracting import UNKEPT, Texts, examine_into
from bus.settings import Settings
from bus.store import Store
from producers.answers import milliseconds
from producers.refusals import Refused
from producers.tables import FILES, GIVERS
from schemas.events.common import Attachment
from schemas.extracts import Extract, Extracts
from schemas.reasons import Reason

MAX_BYTES = 200_000_000
UNFINISHED = timedelta(days=1)
"""No upload takes so long: what is older and unfinished is nobody's."""
INCOMING = ".incoming-"
_HEAD = 256 * 1024
_CHUNK = 1024 * 1024

TYPES: dict[str, str] = {
    ".pdf": "application/pdf", ".ofd": "application/ofd",
    ".doc": "application/msword", ".xls": "application/vnd.ms-excel",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".ppt": "application/vnd.ms-powerpoint", ".wps": "application/vnd.ms-works", ".et": "application/vnd.ms-excel",
    ".zip": "application/zip", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif",
    ".webp": "image/webp", ".tif": "image/tiff", ".tiff": "image/tiff", ".mp3": "audio/mpeg", ".mp4": "video/mp4",
    ".txt": "text/plain; charset=utf-8", ".csv": "text/csv; charset=utf-8",
}  # fmt: skip
"""What a department may attach, by the ending of its name, and the type it is served as."""

_ZIPPED = {".docx", ".xlsx", ".pptx", ".ofd", ".zip"}
_COMPOUND = {".doc", ".xls", ".ppt", ".wps", ".et"}
_FAMILIES = (_ZIPPED, _COMPOUND, {".jpg", ".jpeg", ".jfif"}, {".tif", ".tiff"}, {".mp4", ".m4a", ".m4v", ".mov"})
"""Endings whose contents begin alike; within one family the name decides."""
_TEXTS = {".txt", ".csv"}
_ACTIVE = re.compile(rb"\s*(?:#!|<\?php|<!doctype html|<html|<script|<svg)", re.IGNORECASE)


class Uploads:
    """The files of one door."""

    def __init__(self, settings: Settings, store: Store, clock: Clock) -> None:
        self.folder = settings.home / "files"
        self._settings = settings
        self._store = store
        self._clock = clock
        self._texts = Texts(settings.text_of)

    def begin(self, name: str) -> Incoming:
        """A file that begins to come in under `name`, of which only the last part counts."""
        clean = safe_name(name)
        if PurePath(clean).suffix.lower() not in TYPES:
            raise Refused(Reason.UPLOAD_TYPE, "/name", detail=clean[-100:] or "-")
        self.folder.mkdir(parents=True, exist_ok=True)
        return Incoming(self, clean)

    def sweep(self) -> int:
        """Remove what doors that were killed left half-taken, a day after its last byte; how many there were."""
        before = (self._clock() - UNFINISHED).timestamp()
        half = (*self.folder.glob(f"{INCOMING}*"), *self.folder.glob(f"??/{UNKEPT}*"))
        return sum(_removed(path, before) for path in half)

    def keep(self, dept: str, name: str, source: BinaryIO) -> Attachment:
        """A file that is at hand."""
        incoming = self.begin(name)
        try:
            while chunk := source.read(_CHUNK):
                incoming.write(chunk)
            return incoming.finish(dept)
        finally:
            incoming.discard()

    def place(self, sha256: str) -> Path:
        """Where the bytes of a digest lie."""
        return self._settings.file_of(sha256)

    def text(self, sha256: str) -> Extract | None:
        """What stands in the file with that digest; None where there is no such file.

        One that came before files were examined is examined now.
        """
        place = self.place(sha256)
        if not place.exists():
            return None
        return self.examine(place, sha256)

    def examine(self, source: Path, sha256: str) -> Extract:
        """What stands in the bytes of a digest, which lie at `source`; they are opened once for ever."""
        kept = self._settings.text_of(sha256)
        if not kept.exists():
            _on_disk(examine_into, source, kept)
        return self._texts(sha256)

    def find(self, sha256: str) -> Attachment | None:
        """The file with that digest."""
        with self._store.read() as conn:
            row = conn.execute(sa.select(FILES).where(FILES.c.sha256 == sha256)).first()
        if row is None:
            return None
        return Attachment(sha256=row.sha256, name=row.name, type=row.type, size=row.size, text_sha256=row.text_sha256)

    def register(self, dept: str, attachment: Attachment) -> Attachment:
        """Remember a file whose bytes are in place; the first name it came under stays."""
        insert = postgresql.insert if self._store.is_postgres else sqlite.insert
        row = {**attachment.model_dump(), "dept": dept, "arrival": milliseconds(self._clock())}
        with self._store.begin() as conn:
            conn.execute(insert(FILES).values(**row).on_conflict_do_nothing())
            conn.execute(insert(GIVERS).values(sha256=attachment.sha256, dept=dept).on_conflict_do_nothing())
        return attachment


def texts_of(settings: Settings) -> Extracts:
    """What stands in files that a door took, for whoever judges beside it; None of a file that none took."""
    texts = Texts(settings.text_of)
    return lambda sha256: texts(sha256) if settings.file_of(sha256).exists() else None


class Incoming:
    """A file on its way in: nothing is known of it until `finish`."""

    def __init__(self, uploads: Uploads, name: str) -> None:
        self._uploads = uploads
        self._name = name
        self._hash = hashlib.sha256()
        self._size = 0
        self._head = b""
        descriptor, path = tempfile.mkstemp(prefix=INCOMING, dir=uploads.folder)
        self._path = Path(path)
        self._file = cast("BinaryIO", os.fdopen(descriptor, "wb"))

    def write(self, chunk: bytes) -> None:
        """Take the next bytes."""
        self._size += len(chunk)
        if self._size > MAX_BYTES:
            raise Refused(Reason.UPLOAD_SIZE, limit=MAX_BYTES)
        if len(self._head) < _HEAD:
            self._head += chunk[: _HEAD - len(self._head)]
        self._hash.update(chunk)
        _on_disk(self._file.write, chunk)

    def finish(self, dept: str) -> Attachment:
        """Sniff, put in place, remember."""
        _on_disk(self._file.flush)
        _on_disk(os.fsync, self._file.fileno())
        kind = sniff(self._name, self._head)
        sha256 = self._hash.hexdigest()
        place = self._uploads.place(sha256)
        place.parent.mkdir(exist_ok=True)
        text = self._uploads.examine(self._path, sha256).text_sha256
        self._file.close()
        self._path.replace(place)
        found = Attachment(sha256=sha256, name=self._name, type=kind, size=self._size, text_sha256=text)
        return self._uploads.register(dept, found)

    def discard(self) -> None:
        """Forget what was not finished."""
        self._file.close()
        self._path.unlink(missing_ok=True)


def _removed(path: Path, before: float) -> bool:
    """Whether it was older and is removed; another copy may finish it, or sweep it, at the same moment."""
    try:
        if path.stat().st_mtime >= before:
            return False
        path.unlink()
    except FileNotFoundError:
        return False
    return True


def safe_name(name: str) -> str:
    """The last part of a file's name, without what could lead elsewhere or break a header."""
    last = PurePath(name.replace("\\", "/")).name
    return "".join(c for c in last if c.isprintable() and c not in '<>:"|?*/')[-200:].lstrip(".")


def sniff(name: str, head: bytes) -> str:
    """The media type of a file by its name, where its first bytes agree.

    Raises:
        Refused: UPLOAD-TYPE where they do not, or where it is a program, a script or a web page.
    """
    suffix = PurePath(name).suffix.lower()
    if suffix not in TYPES or not head or _ACTIVE.match(head.removeprefix(b"\xef\xbb\xbf")):
        raise Refused(Reason.UPLOAD_TYPE, detail=f"{name} ({'empty' if not head else suffix or '-'})")
    likely, possible = _magic(head)
    agrees = not likely and _is_text(head) if suffix in _TEXTS else bool(possible & _alike(suffix))
    if not agrees:
        raise Refused(Reason.UPLOAD_TYPE, detail=f"{name} ≠ {', '.join(sorted(possible)[:5]) or '?'}")
    return TYPES[suffix]


def _magic(head: bytes) -> tuple[set[str], set[str]]:
    """Endings that the first bytes speak for: those that are likely, and all."""
    try:
        matches = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        return set(), set()
    likely = {match.extension for match in matches if match.confidence >= 0.4}
    return likely, {match.extension for match in matches if match.extension}


def _alike(suffix: str) -> set[str]:
    return next((family for family in _FAMILIES if suffix in family), {suffix})


def _is_text(head: bytes) -> bool:
    """Whether a file's beginning is text; its end may cut a character in two."""
    if b"\x00" in head:
        return False
    for encoding in ("utf-8", "gb18030"):
        for cut in range(4):
            try:
                head[: len(head) - cut].decode(encoding)
            except UnicodeDecodeError:
                continue
            return True
    return False


def _on_disk(action: object, *arguments: object) -> None:
    try:
        action(*arguments)  # type: ignore[operator]
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise Fatal(
                "no space left on the disk for files: free some under GONGKAI_HOME, then start again"
            ) from error
        raise
