"""PDF: the text of each page, what readers wrote on it, and the document's properties; a scan has no text."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from pypdf import PageObject, PdfReader
from pypdf.errors import DependencyError, PdfReadError

from bus.extracting.gathering import Full, Gathering, Unopenable, clean
from schemas.extracts import Extract, Properties

MOST_PAGES = 1_000
MOST_NOTES = 1_000
_TURNED = re.compile(r"(?m)^([^\n]{20,}[\u3400-\u9fff，、])[ \t]*\n(?=[\u3400-\u9fff])")
"""Where a line of a paragraph goes on in the next: it is nearly full, and stops within a sentence."""


def read(file: BinaryIO, gathered: Gathering) -> Extract:
    """The extract of a PDF."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = PdfReader(file, strict=False)
    if reader.is_encrypted and not _opens(reader):
        raise Unopenable("encrypted")
    try:
        notes = _tell(reader, gathered)
    except Full:
        notes = 0
    return gathered.extract("pdf", _properties(reader, notes))


def _opens(reader: PdfReader) -> bool:
    """Whether it opens without a password: what is locked against printing alone may be read by all."""
    try:
        return bool(reader.decrypt(""))
    except (DependencyError, NotImplementedError, PdfReadError):
        return False


def _tell(reader: PdfReader, gathered: Gathering) -> int:
    """All pages; how many notes stand on them."""
    if not reader.pages:
        raise Unopenable("damaged")
    count = 0
    for number, page in enumerate(reader.pages, start=1):
        if number > MOST_PAGES:
            gathered.cut = True
            break
        gathered.words(f"第{number}页", unwrapped(page.extract_text()))
        for note in _notes(page):
            count += 1
            gathered.words(f"第{number}页批注{count}", note)
    return count


def unwrapped(text: str) -> str:
    """A page's lines with those joined that are one paragraph, so that no word is cut in two."""
    while (joined := _TURNED.sub(r"\1", text)) != text:
        text = joined
    return text


def _notes(page: PageObject) -> Iterator[str]:
    for annotation in list(page.annotations or ())[:MOST_NOTES]:
        contents = annotation.get_object().get("/Contents")
        if isinstance(contents, str) and contents.strip():
            yield contents


def _properties(reader: PdfReader, notes: int) -> Properties:
    said: Mapping[str, object] = reader.metadata or {}

    def of(name: str) -> str:
        value = said.get(name)
        return clean(str(value)).strip()[:200] if value is not None else ""

    return Properties(of("/Author"), "", of("/Company"), of("/Producer"), comments=notes)
