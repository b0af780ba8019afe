"""What a file is by its bytes, and who reads it; its name is nobody's proof."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from typing import BinaryIO

from bus.extracting import archive, pdf, plain, sheets, word
from bus.extracting.gathering import Gathering, Unopenable
from schemas.extracts import Extract, Form

_HEAD = 1024
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED = "EncryptedPackage".encode("utf-16-le")
"""Names the stream in which an office program keeps a document behind a password."""

Reader = Callable[[BinaryIO, Gathering], Extract]


def read(file: BinaryIO) -> Extract:
    """The extract of an open file. Whatever is wrong with the file, it is an answer."""
    head = file.read(_HEAD)
    file.seek(0)
    form, reader = _who_reads(head)
    try:
        return reader(file, Gathering())
    except Unopenable as found:
        return Extract(form, found.trouble)
    except MemoryError:
        return Extract(form, "limits")
    except BaseException:  # noqa: BLE001 - libraries fail on strangers' bytes in any way, Rust's panics too
        return Extract(form, "damaged")


def _who_reads(head: bytes) -> tuple[Form, Reader]:
    if b"%PDF-" in head:
        return "pdf", pdf.read
    if head.startswith(b"PK"):
        return "other", _archive
    if head.startswith(_COMPOUND):
        return "other", _compound
    return "other", plain.read


def _archive(file: BinaryIO, gathered: Gathering) -> Extract:
    """An office document, or an archive of which nothing is read."""
    try:
        opened = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unopenable("damaged") from error
    with opened:
        whole = archive.Archive(opened)
        if whole.holds("word/"):
            return word.read(whole, gathered)
        if whole.holds("xl/"):
            return sheets.read(file, whole, gathered)
    return gathered.extract("other")


def _compound(file: BinaryIO, gathered: Gathering) -> Extract:
    if _LOCKED in file.read(1024 * 1024):
        raise Unopenable("encrypted")
    return gathered.extract("other")
