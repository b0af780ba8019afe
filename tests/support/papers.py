"""Office files as departments attach them, made by libraries or by hand, with whatever is planted in them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from openpyxl import Workbook
from openpyxl.comments import Comment
from pypdf import PdfWriter
from pypdf.annotations import Text
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    PdfObject,
    TextStringObject,
)

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_CORE = (
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{author}</dc:creator>'
    "<cp:lastModifiedBy>{editor}</cp:lastModifiedBy></cp:coreProperties>"
)
_APP = (
    '<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">'
    "<Company>{company}</Company></Properties>"
)
_TYPES = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'

Rows = Sequence[Sequence[object]]


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    """An archive, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 3, 10, 9, 0, 0)), value, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def paragraph(text: str) -> str:
    return f'<w:p><w:r><w:t xml:space="preserve">{escape(text)}</w:t></w:r></w:p>'


def word_table(rows: Rows) -> str:
    cells = "".join(
        "<w:tr>" + "".join(f"<w:tc>{paragraph(str(cell))}</w:tc>" for cell in row) + "</w:tr>" for row in rows
    )
    return f"<w:tbl>{cells}</w:tbl>"


def docx(
    *paragraphs: str, table: Rows = (), header: str = "", footer: str = "", comment: str = "", inserted: str = "",
    deleted: str = "", author: str = "", editor: str = "", company: str = "",
    more: Mapping[str, str | bytes] | None = None,
) -> bytes:  # fmt: skip
    """A Word document."""
    body = "".join(map(paragraph, paragraphs)) + (word_table(table) if table else "")
    if inserted:
        body += f"<w:p><w:ins><w:r><w:t>{escape(inserted)}</w:t></w:r></w:ins></w:p>"
    if deleted:
        body += f"<w:p><w:del><w:r><w:delText>{escape(deleted)}</w:delText></w:r></w:del></w:p>"
    members: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f"<w:document {_W}><w:body>{body}</w:body></w:document>",
    }
    if header:
        members["word/header1.xml"] = f"<w:hdr {_W}>{paragraph(header)}</w:hdr>"
    if footer:
        members["word/footer1.xml"] = f"<w:ftr {_W}>{paragraph(footer)}</w:ftr>"
    if comment:
        members["word/comments.xml"] = f"<w:comments {_W}><w:comment>{paragraph(comment)}</w:comment></w:comments>"
    if author or editor:
        members["docProps/core.xml"] = _CORE.format(author=escape(author), editor=escape(editor))
    if company:
        members["docProps/app.xml"] = _APP.format(company=escape(company))
    return zipped(members | dict(more or {}))


def xlsx(rows: Rows, *, hidden: Rows = (), comment: str = "", author: str = "", header: str = "") -> bytes:
    """A spreadsheet with one sheet, 名单, and perhaps a hidden one."""
    book = Workbook()
    book.properties.creator = author
    sheet = book.active
    assert sheet is not None
    sheet.title = "名单"
    for row in rows:
        sheet.append(list(row))
    if comment:
        sheet["A1"].comment = Comment(comment, "示例")
    if header:
        sheet.oddHeader.center.text = header
    if hidden:
        other = book.create_sheet("底稿")
        other.sheet_state = "hidden"
        for row in hidden:
            other.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(*pages: str, note: str = "", password: str | None = None, **properties: str) -> bytes:
    """A PDF whose pages say these lines, by a font that names each character's code (UTF-16)."""
    writer = PdfWriter()
    font = _font(writer)
    for text in pages:
        page = writer.add_blank_page(595, 842)
        fonts = DictionaryObject({NameObject("/F1"): font})
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
        stream = DecodedStreamObject()
        lines = "".join(f"<{line.encode('utf-16-be').hex()}> Tj T* " for line in text.split("\n"))
        stream.set_data(f"BT /F1 16 Tf 20 TL 50 780 Td {lines}ET".encode())
        page[NameObject("/Contents")] = writer._add_object(stream)
        if note:
            writer.add_annotation(page, Text(text=note, rect=(10, 10, 20, 20)))
    writer.add_metadata({f"/{name}": value for name, value in properties.items()})
    if password is not None:
        writer.encrypt(password, algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _font(writer: PdfWriter) -> IndirectObject:
    """A font of which nothing is embedded: every reader has one for these codes."""
    system = {"/Registry": TextStringObject("Adobe"), "/Ordering": TextStringObject("GB1")}
    below = _named({
        "/Type": NameObject("/Font"), "/Subtype": NameObject("/CIDFontType0"), "/BaseFont": NameObject("/STSong-Light"),
        "/CIDSystemInfo": _named(system),
    })  # fmt: skip
    return writer._add_object(_named({
        "/Type": NameObject("/Font"), "/Subtype": NameObject("/Type0"), "/BaseFont": NameObject("/STSong-Light"),
        "/Encoding": NameObject("/UniGB-UTF16-H"), "/DescendantFonts": ArrayObject([writer._add_object(below)]),
    }))  # fmt: skip


def _named(values: Mapping[str, PdfObject]) -> DictionaryObject:
    return DictionaryObject({NameObject(name): value for name, value in values.items()})
